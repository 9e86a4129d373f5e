"""Takes the place of llbpy.frontends.main in the image, and writes how it was started."""

from __future__ import annotations

import gc
import json
import os
import sys
import sysconfig

import llbpy


def refused(path: str) -> bool:
    try:
        with open(path, "w"):
            return False
    except PermissionError:
        return True


def main() -> None:
    import extra  # type: ignore[import-not-found]  # beside llbpy in the image of the test

    with open("/proc/self/status") as status, open("/tmp/told.json", "w") as file:
        lines = dict(line.split(":\t", 1) for line in status.read().splitlines() if ":\t" in line)
        told = {
            "status": lines,
            "environ": dict(os.environ),
            "flags": {
                name: getattr(sys.flags, name)
                for name in ("safe_path", "no_user_site", "no_site", "hash_randomization")
            },
            "path": sys.path,
            "argv": sys.argv,
            "collects": gc.isenabled(),
            "set aside": gc.get_freeze_count(),
            "encoding": file.encoding,
            "soabi": sysconfig.get_config_var("SOABI"),
            "extra": extra.VALUE,
            "llbpy": llbpy.__file__,
            "refused": [path for path in ("/new", "/usr/lib/llbpy/new", "/etc/passwd") if refused(path)],
        }
        json.dump(told, file)
    os._exit(0)
