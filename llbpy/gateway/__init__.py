"""What a build asks a daemon: the LLBBridge service, and what clients and frontends make of its options.

messages.py   the service's messages
bridge.py     the calls, as many as possible at once
options.py    what a user passed, read and checked
contexts.py   the main context and the named ones
entry.py      the build file and its ignore file, out of whatever holds them
result.py     refs, image configs and platforms as exporters want them
"""
