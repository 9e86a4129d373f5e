"""What runs in the image: the standard library, llbpy, and the entry point, on both platforms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.bed import Bed, Named
from tests.frontend_image.conftest import CONTEXT, PLATFORMS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600), pytest.mark.parametrize("platform", PLATFORMS)]

PROBES = Path(__file__).parent / "probes.py"
NOBODY = "\t".join(["65534"] * 4)


def found(bed: Bed, target: str, platform: str) -> dict[str, Any]:
    """What a probe wrote."""
    built = bed.build(Named(PROBES, target), CONTEXT, platform=platform)
    (name,) = built.names
    answer: dict[str, Any] = json.loads(built.text(name))
    return answer


def test_all_of_the_standard_library_is_there_but_what_is_left_out(bed: Bed, platform: str) -> None:
    base = found(bed, "base_modules", platform)
    own = found(bed, "own_modules", platform)
    wanted = [name for name, problem in base.items() if not problem]
    assert {name: own.get(name, "no such file") for name in wanted if own.get(name) != ""} == {}
    assert len(wanted) > 500


def test_every_module_of_llbpy_that_is_there_can_be_imported(bed: Bed, platform: str) -> None:
    modules = found(bed, "llbpy_modules", platform)
    assert {name: problem for name, problem in modules.items() if problem} == {}
    assert {"llbpy", "llbpy.buildfile", "llbpy.dsl.state", "llbpy.graph.ops.exec"} < set(modules)


def test_the_entry_point_leaves_no_privilege(bed: Bed, platform: str) -> None:
    told = found(bed, "told", platform)
    status = told["status"]
    assert (status["Uid"], status["Gid"], status["Groups"].strip()) == (NOBODY, NOBODY, "")
    assert {
        name: int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
    } == dict.fromkeys(("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"), 0)
    assert status["NoNewPrivs"] == "1"
    assert told["refused"] == ["/new", "/usr/lib/llbpy/new", "/etc/passwd"]


def test_the_interpreter_is_isolated_and_fixed_in_its_order_and_its_encoding(bed: Bed, platform: str) -> None:
    told = found(bed, "told", platform)
    assert told["flags"] == {"safe_path": True, "no_user_site": 1, "no_site": 1, "hash_randomization": 0}
    assert told["encoding"].lower() == "utf-8"
    assert told["environ"]["PYTHONDONTWRITEBYTECODE"] == "1"
    assert told["argv"] == ["/usr/lib/llbpy/start.pyc"]
    assert told["soabi"].startswith("cpython-311-")


def test_modules_are_set_aside_from_collections_which_run_again(bed: Bed, platform: str) -> None:
    told = found(bed, "told", platform)
    assert told["collects"]
    assert told["set aside"] > 1000


def test_what_is_put_beside_llbpy_can_be_imported_and_comes_last(bed: Bed, platform: str) -> None:
    told = found(bed, "told", platform)
    assert (told["extra"], told["path"][-1]) == ("more", "/usr/lib/llbpy")
    assert told["llbpy"] == "/usr/lib/llbpy/llbpy/__init__.py"
