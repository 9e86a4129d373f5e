"""llbpy: write build.py instead of a Dockerfile.

Layers, each importing only those before it (a test holds them to it):

    errors, proto   every exception; the wire's messages; identity, which is all that is random
    graph           the pure core: vertices, mounts, file actions, marshalling
    dsl             what build files are written in: State, sources, targets
    buildfile       loading a build.py; neighbours beside it, mistakes in it
    explain         views of definitions
    transport       gRPC over any byte stream
    gateway         what a build asks a daemon
    frontends       the process in a frontend's container
    cli             the command

This file is the only door for users, but for `llbpy.files`. What it offers is in `facade`, which is loaded when it is first needed:
a frontend talks to its daemon before that.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from llbpy.facade import *
else:

    def __getattr__(name):
        if name.startswith("_") and name != "__all__":
            raise AttributeError(f"module 'llbpy' has no attribute {name!r}", name=name, obj=_module())
        if "__all__" not in globals():
            import llbpy.facade

            offered = {
                each: value for each, value in vars(llbpy.facade).items() if each[0] != "_" and each != "annotations"
            }
            globals().update(offered, __all__=[*offered])
        if name not in globals():
            raise AttributeError(f"module 'llbpy' has no attribute {name!r}", name=name, obj=_module())
        return globals()[name]

    def __dir__():
        return __getattr__("__all__")

    def _module():
        import sys

        return sys.modules[__name__]
