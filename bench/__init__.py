"""Side by side with BuildKit's own client/llb: the same graphs, byte for byte, in Go (bench/go) and with llbpy.

`python -m bench` measures and writes bench/RESULTS.md; `--help` has the other ways.
"""
