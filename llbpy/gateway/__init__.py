"""What a build asks a daemon: the LLBBridge service, and what clients and frontends make of its options.

messages.py      the service's messages
bridge.py        the calls, as many as possible at once
options.py       what a user passed, read and checked
folders.py       the build file and ignore files of a client's folders
entry.py         the build file and its ignore file, out of whatever holds them
beside.py        modules beside the build file, when they are imported
wanted.py        which of them those are, and where links among them lead
contexts.py      the main context and the named ones
epoch.py         SOURCE_DATE_EPOCH
capabilities.py  what a daemon must be able to do
inquiry.py       a build's questions: images, files, definitions to be solved
nested.py        other frontends, run for what they make
attest.py        the scan for an SBOM
denials.py       sources that a policy denies
result.py        refs, image configs and platforms as exporters want them
"""
