"""The wire: every message and RPC that passes between llbpy and BuildKit.

- `NAME.proto` describes one file of the original API each; `NAME_pb2.py` and `NAME_pb2.pyi` are generated from it by
  `python tools/protoc.py` and never edited. Only code off the hot path imports them: they load protobuf.
- `rpc` is the table of all RPCs. It imports nothing, so anyone may use it.

All packages carry the prefix `llbpy.` (`pb.Op` is `llbpy.pb.Op` here). Message packages do not travel on the wire, and
without the prefix a second library that declares `pb.Op` could not live in the same process. Service names do travel:
take them from `rpc`, which spells them without the prefix.
"""
