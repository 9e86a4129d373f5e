"""Mounts: one vocabulary, and what each comes to on the wire."""

from __future__ import annotations

from typing import Any

import pytest

from llbpy import (
    MountError,
    PathError,
    State,
    bind,
    cache,
    device,
    output,
    scratch,
    secret,
    ssh,
    tmpfs,
)
from tests.dsl.decoded import BASE, FOLDER, Fields, caps, command, mounts, op, titles, variables

BIND, SECRET, SSH, CACHE, TMPFS = range(5)


def made(mount: Any) -> Fields:
    """The one mount of a command."""
    [found] = mounts(BASE.run(["x"], mounts=[mount])).values()
    return found


def test_a_bind_is_read_only_unless_writable() -> None:
    assert made(bind(FOLDER, "/src")) == {"input": 1, "dest": "/src", "output": -1, "readonly": True}
    assert made(bind(FOLDER, "/src", writable=True)) == {"input": 1, "dest": "/src", "output": 1}


def test_a_bind_without_an_output_is_a_copy_to_throw_away() -> None:
    assert made(bind(FOLDER, "/src", writable=True, no_output=True)) == {"input": 1, "dest": "/src", "output": -1}


def test_a_bind_of_a_path_selects_it_verbatim() -> None:
    assert made(bind(FOLDER["/a/../b"], "/src"))["selector"] == "/a/../b"


def test_a_bind_of_scratch_has_no_input() -> None:
    assert made(bind(scratch(), "/empty"))["input"] == -1


@pytest.mark.parametrize(("given", "number"), [(True, 1), (False, 2)])
def test_a_bind_may_say_whether_content_counts_for_the_cache(given: bool, number: int) -> None:
    assert made(bind(FOLDER, "/src", content_cache=given))["contentCache"] == number


def test_a_relative_path_is_refused_where_the_dir_is_not_the_root() -> None:
    with pytest.raises(PathError, match="'app' is relative; mounts take it from the root"):
        bind(BASE.dir("/src")["app"], "/app")
    assert made(bind(BASE["app"], "/app"))["selector"] == "app"


@pytest.mark.parametrize("mount", [bind, output, cache, tmpfs])
def test_a_relative_target_is_refused_with_the_absolute_one(mount: Any) -> None:
    given = (BASE, "out") if mount is bind else ("out",)
    with pytest.raises(MountError, match=rf"{mount.__name__}\(\) target 'out' is relative.*'/out'"):
        mount(*given)


def test_targets_of_windows_are_absolute() -> None:
    assert made(output(r"C:\out"))["dest"] == r"C:\out"


def test_an_output_is_a_writable_scratch() -> None:
    assert made(output("/out")) == {"input": -1, "dest": "/out", "output": 1}


def test_a_cache_is_named_by_its_target() -> None:
    assert made(cache("/go")) == {
        "input": -1,
        "dest": "/go",
        "output": -1,
        "mountType": CACHE,
        "cacheOpt": {"ID": "/go"},
    }


@pytest.mark.parametrize(("sharing", "number"), [("private", 1), ("locked", 2)])
def test_a_cache_may_have_an_id_and_say_who_shares_it(sharing: Any, number: int) -> None:
    assert made(cache("/go", id="mod", sharing=sharing))["cacheOpt"] == {"ID": "mod", "sharing": number}


def test_a_cache_may_be_read_only_and_seeded() -> None:
    found = made(cache("/go", source=FOLDER["/seed"], writable=False))
    assert (found["input"], found["selector"], found["readonly"]) == (1, "/seed", True)


def test_an_owned_cache_is_seeded_from_a_made_folder() -> None:
    state = BASE.run(["x"], mounts=[cache("/go", owner="1000:1000", mode=0o700)])
    assert mounts(state)["/go"]["selector"] == "/cache"
    assert "mkdir /cache" in titles(state)


@pytest.mark.parametrize("seed", [{"owner": (1, 1)}, {"mode": 0o700}])
def test_a_cache_takes_one_seed(seed: Any) -> None:
    with pytest.raises(MountError, match="takes a source, or owner and mode of a new folder, not both"):
        cache("/go", source=BASE, **seed)


def test_a_cache_with_an_empty_id_or_an_unknown_sharing_is_refused() -> None:
    with pytest.raises(MountError, match="has an empty id"):
        cache("/go", id="")
    with pytest.raises(MountError, match="sharing='exclusive'; it is one of shared, private, locked"):
        cache("/go", sharing="exclusive")  # type: ignore[arg-type]


def test_a_tmpfs_has_a_size_in_bytes_or_no_limit() -> None:
    assert made(tmpfs("/tmp"))["TmpfsOpt"] == {}
    assert made(tmpfs("/tmp", size=1 << 20))["TmpfsOpt"] == {"size": 1 << 20}
    with pytest.raises(MountError, match="give bytes above 0"):
        tmpfs("/tmp", size=0)


def test_a_secret_is_a_file_below_run_secrets() -> None:
    expected = {"input": -1, "dest": "/run/secrets/npm", "mountType": SECRET, "secretOpt": {"ID": "npm", "mode": 0o400}}
    assert made(secret("npm")) == expected


def test_a_secret_may_be_placed_owned_and_missing() -> None:
    found = made(secret("npm", target="/root/.npmrc", owner=(1000, 1001), mode=0o440, optional=True))
    options = {"ID": "npm", "uid": 1000, "gid": 1001, "mode": 0o440, "optional": True}
    assert (found["dest"], found["secretOpt"]) == ("/root/.npmrc", options)


def test_a_secret_in_a_variable_is_no_file() -> None:
    found = command(BASE.run(["x"], mounts=[secret("npm", env="TOKEN", optional=True)]))
    assert found["secretenv"] == [{"ID": "npm", "name": "TOKEN", "optional": True}]
    assert [mount["dest"] for mount in found["mounts"]] == ["/"]


def test_a_secret_may_be_both_a_variable_and_a_file() -> None:
    state = BASE.run(["x"], mounts=[secret("npm", env="TOKEN", target="/t")])
    assert "/t" in mounts(state)
    assert command(state)["secretenv"] == [{"ID": "npm", "name": "TOKEN"}]


def test_a_secret_needs_an_id() -> None:
    with pytest.raises(MountError, match="needs an id: the name that --secret id=… gives it"):
        secret("")


def test_the_first_ssh_socket_is_where_the_variable_points() -> None:
    state = BASE.run(["x"], mounts=[ssh(), ssh("deploy")])
    assert variables(state) == ["SSH_AUTH_SOCK=/run/buildkit/ssh_agent.0"]
    ids = {target: mount["SSHOpt"]["ID"] for target, mount in mounts(state).items()}
    assert ids == {"/run/buildkit/ssh_agent.0": "default", "/run/buildkit/ssh_agent.1": "deploy"}


def test_a_variable_that_is_set_is_left_alone() -> None:
    assert variables(BASE.env(SSH_AUTH_SOCK="/mine").run(["x"], mounts=[ssh()])) == ["SSH_AUTH_SOCK=/mine"]


def test_an_ssh_socket_may_be_placed_owned_and_missing() -> None:
    found = made(ssh("deploy", target="/agent", owner=(1, 2), mode=0o660, optional=True))
    options = {"ID": "deploy", "uid": 1, "gid": 2, "mode": 0o660, "optional": True}
    assert (found["dest"], found["mountType"], found["SSHOpt"]) == ("/agent", SSH, options)


def test_an_empty_ssh_id_is_not_on_the_wire() -> None:
    assert "ID" not in made(ssh(""))["SSHOpt"]


def test_an_ssh_owner_by_name_is_refused() -> None:
    with pytest.raises(MountError, match="ssh 'default' owner='node': names are not looked up for ssh sockets"):
        ssh(owner="node")  # type: ignore[arg-type]


def test_a_device_is_no_mount() -> None:
    state = BASE.run(["x"], mounts=[device("vendor.com/gpu=0", optional=True)])
    assert command(state)["cdiDevices"] == [{"name": "vendor.com/gpu=0", "optional": True}]
    assert mounts(state) == {}
    assert "exec.meta.cdi" in caps(state)


def test_mounts_are_ordered_by_target() -> None:
    state = BASE.run(["x"], mounts=[output("/z"), cache("/a"), tmpfs("/m")])
    assert list(mounts(state)) == ["/a", "/m", "/z"]


@pytest.mark.parametrize("other", [output("/out"), output("/out/"), cache("/a/../out"), secret("s", target="/out")])
def test_one_mount_a_target(other: Any) -> None:
    with pytest.raises(MountError, match=r"run 'make': mounts '.*out.?' over another mount; one mount a target"):
        BASE.run(["make"], mounts=[output("/out"), other])


def test_no_mount_goes_over_the_root() -> None:
    with pytest.raises(MountError, match="mounts '/' over the root filesystem"):
        BASE.run(["make"], mounts=[output("/")])


def test_the_same_secret_twice_is_one() -> None:
    assert list(mounts(BASE.run(["x"], mounts=[secret("s"), secret("s")]))) == ["/run/secrets/s"]


# What is left in them


def test_an_output_is_read_back_by_target_or_mount() -> None:
    out = output("/out")
    ran = BASE.dir("/src").run(["make"], mounts=[out])
    for left in (ran.output("/out"), ran.output("/out/"), ran.output(out)):
        assert left.vertex == ran.output("/out").vertex
        assert (left.facts.dir, dict(left.facts.env)) == ("/", {})


def test_a_writable_bind_is_read_back() -> None:
    left = BASE.run(["make"], mounts=[bind(FOLDER, "/src", writable=True)]).output("/src")
    assert op(left)["exec"]["meta"]["args"] == ["make"]


def test_of_a_read_only_bind_it_is_what_was_mounted() -> None:
    assert BASE.run(["make"], mounts=[bind(FOLDER, "/src")]).output("/src").vertex == FOLDER.vertex


@pytest.mark.parametrize("mount", [cache("/m"), tmpfs("/m"), bind(BASE, "/m", writable=True, no_output=True)])
def test_a_mount_that_keeps_nothing_is_not_read_back(mount: Any) -> None:
    with pytest.raises(MountError, match="at '/m' keeps nothing to read back; those that keep files: '/out'"):
        BASE.run(["make"], mounts=[mount, output("/out")]).output("/m")


def test_a_secret_is_no_folder_of_files() -> None:
    with pytest.raises(MountError, match="the secret at '/run/secrets/s' is no folder of files"):
        BASE.run(["make"], mounts=[secret("s")]).output("/run/secrets/s")


def test_a_missing_mount_names_those_there_are() -> None:
    with pytest.raises(MountError, match=r"no mount at '/ou' \(those that keep files: '/out'\); add output\('/ou'\)"):
        BASE.run(["make"], mounts=[output("/out")]).output("/ou")


def test_a_missing_mount_beside_caches_says_that_none_keeps_files() -> None:
    with pytest.raises(MountError, match="none of its mounts keeps files"):
        BASE.run(["make"], mounts=[cache("/c")]).output("/out")


def test_outputs_of_one_command_are_told_apart() -> None:
    ran = BASE.run(["make"], mounts=[output("/b"), output("/a")])
    both: State = scratch().copy([ran.output("/a")["/x"], ran.output("/b")["/y"]], "/")
    assert [each.get("index", 0) for each in op(both)["inputs"]] == [1, 2]


def test_a_bind_of_text_says_that_a_path_needs_its_filesystem() -> None:
    with pytest.raises(PathError, match=r"bind\(\) source 'src' is a str; a path needs its filesystem"):
        bind("src", "/src")  # type: ignore[arg-type]


def test_a_mount_outside_a_list_is_refused_as_such() -> None:
    with pytest.raises(MountError, match="mounts="):
        BASE.run(["x"], mounts=output("/out"))  # type: ignore[arg-type]
