"""Builds the graph of a conformance case with the public API, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import llbpy
from llbpy import ExecState, State, files

Case = Mapping[str, Any]


def marshal(case: Case) -> llbpy.Definition:
    """The definition of a case. Raises LLBError if llbpy refuses it."""
    states: dict[str | None, State] = {None: llbpy.scratch()}
    for node in case["nodes"]:
        states[node["id"]] = _NODES[node["op"]](node, states)
    return states[case["target"]].marshal(platform=case["platform"], unique_id="conformance")


States = Mapping[str | None, State]


def _options(node: Case) -> dict[str, Any]:
    given = node.get("opts", {})
    options = {key: given[key] for key in ("platform", "description", "ignore_cache", "export_cache") if key in given}
    if "custom_name" in given:
        options["name"] = given["custom_name"]
    if "require" in given:
        options["worker_filters"] = given["require"]
    if "progress_group" in given:
        options["progress_group"] = llbpy.ProgressGroup(**given["progress_group"])
    if "resources" in given:
        options["resources"] = llbpy.Resources(**given["resources"])
    return options


def _given(node: Case, **names: str) -> dict[str, Any]:
    """The node's fields under the names of our parameters."""
    return {ours: node[theirs] for ours, theirs in names.items() if theirs in node}


def _scratch(node: Case, states: States) -> State:
    return llbpy.scratch()


def _image(node: Case, states: States) -> State:
    given = _given(node, resolve="resolve_mode", layer_limit="layer_limit", checksum="checksum", internal="internal")
    return llbpy.image(node["ref"], inherit=False, **given, **_options(node))


def _oci_layout(node: Case, states: States) -> State:
    given = _given(node, session="session_id", store="store_id", layer_limit="layer_limit")
    return llbpy.oci_layout(node["ref"], **given, **_options(node))


def _local(node: Case, states: States) -> State:
    given = _given(
        node,
        include="include",
        exclude="exclude",
        follow="follow_paths",
        shared_key="shared_key_hint",
        session="session_id",
    )
    if "differ" in node:
        given |= {"differ": node["differ"]["type"], "differ_required": node["differ"]["required"]}
    if "metadata_only" in node:
        given["metadata_only"] = node["metadata_only"] or True
    unique = node.get("opts", {}).get("local_unique_id")
    return llbpy.local(node["name"], unique_id=unique, **given, **_options(node))


def _git(node: Case, states: States) -> State:
    given = _given(
        node,
        ref="git_ref",
        subdir="subdir",
        keep_git_dir="keep_git_dir",
        auth_token_secret="auth_token_secret",
        auth_header_secret="auth_header_secret",
        known_hosts="known_ssh_hosts",
        ssh="ssh_sock",
        checksum="checksum",
        mtime="mtime",
        fetch_by_commit="fetch_by_commit",
    )
    url = f"{node['url']}#{node['fragment']}" if "fragment" in node else node["url"]
    return llbpy.git(url, submodules=not node.get("skip_submodules"), **given, **_options(node))


def _http(node: Case, states: States) -> State:
    given = _given(
        node,
        checksum="checksum",
        filename="filename",
        mode="mode",
        uid="uid",
        gid="gid",
        auth_header_secret="auth_header_secret",
    )
    return llbpy.http(node["url"], **given, **node.get("header", {}), **_options(node))


def _env(node: Case, states: States) -> State:
    state = states[node["base"]]
    for name, value in node["env"]:
        state = state.env({name: value})
    return state


def _fact(field: str, verb: Callable[[State, Any], State]) -> Callable[[Case, States], State]:
    return lambda node, states: verb(states[node["base"]], node[field])


def _extra_hosts(state: State, hosts: Sequence[Sequence[str]]) -> State:
    for host, ip in hosts:
        state = state.extra_host(host, ip)
    return state


def _ulimits(state: State, limits: Sequence[Case]) -> State:
    for limit in limits:
        state = state.ulimit(**limit)
    return state


def _reset(node: Case, states: States) -> State:
    return states[node["base"]].reset(states[node["target"]])


def _run(node: Case, states: States) -> State:
    command = llbpy.words(node["shlex"], strict=False) if "shlex" in node else node.get("args", [])
    given = _given(
        node,
        dir="path",
        user="user",
        hostname="hostname",
        network="network",
        security="security",
        cgroup_parent="cgroup_parent",
        exit_codes="valid_exit_codes",
        readonly_root="readonly_root",
    )
    if "env" in node:
        given["env"] = dict(node["env"])
    if "extra_hosts" in node:
        given["extra_hosts"] = [tuple(host) for host in node["extra_hosts"]]
    if "ulimits" in node:
        given["ulimits"] = [llbpy.Ulimit(**limit) for limit in node["ulimits"]]
    if "proxy" in node:
        given["proxy"] = llbpy.Proxy(**{name.removesuffix("_proxy"): value for name, value in node["proxy"].items()})
    mounts = [_mount(mount, states) for mount in node.get("mounts", ())]
    mounts += [_secret(secret) for secret in node.get("secrets", ())]
    mounts += [_ssh(socket) for socket in node.get("ssh", ())]
    mounts += [llbpy.device(**device) for device in node.get("devices", ())]
    return states[node["base"]].run(command, mounts=mounts, **given, **_options(node))


def _mount(mount: Case, states: States) -> Any:
    source: Any = states[mount.get("from")]
    if "source_path" in mount:
        source = source[mount["source_path"]]
    readonly = mount.get("readonly", False)
    if mount["type"] == "tmpfs":
        return llbpy.tmpfs(mount["target"], size=mount.get("size"))
    if mount["type"] == "cache":
        seed = None if mount.get("from") is None and "source_path" not in mount else source
        return llbpy.cache(
            mount["target"],
            id=mount["cache_id"],
            sharing=mount.get("sharing", "shared"),
            source=seed,
            writable=not readonly,
        )
    content = {"on": True, "off": False}.get(mount.get("content_cache"))
    no_output = mount.get("no_output", False)
    return llbpy.bind(source, mount["target"], writable=not readonly, no_output=no_output, content_cache=content)


def _secret(secret: Case) -> Any:
    given = _given(secret, target="target", env="env", mode="mode", optional="optional")
    return llbpy.secret(secret["id"], owner=(secret.get("uid", 0), secret.get("gid", 0)), **given)


def _ssh(socket: Case) -> Any:
    given = _given(socket, target="target", mode="mode", optional="optional")
    return llbpy.ssh(socket.get("id", ""), owner=(socket.get("uid", 0), socket.get("gid", 0)), **given)


def _mount_output(node: Case, states: States) -> State:
    run = states[node["run"]]
    assert isinstance(run, ExecState)
    return run.output(node["target"])


def _file(node: Case, states: States) -> State:
    actions = [_action(action, states) for action in node["actions"]]
    return states[node["base"]].file(*actions, **_options(node))


def _action(action: Case, states: States) -> Any:
    times = _given(action, created_time="created_time")
    if "owner" in action:
        owner = action["owner"]
        times["owner"] = owner["user"] if "user" in owner else (owner["uid"], owner["gid"])
    if action["op"] == "mkdir":
        return files.mkdir(action["path"], action["mode"], parents=action.get("make_parents", False), **times)
    if action["op"] == "mkfile":
        return files.mkfile(action["path"], action["mode"], action.get("data", ""), **times)
    if action["op"] == "symlink":
        return files.symlink(action["old"], action["new"], **times)
    if action["op"] == "rm":
        return files.rm(
            action["path"], **_given(action, allow_not_found="allow_not_found", allow_wildcard="allow_wildcard")
        )
    return _copy(action, states, times)


_COPY_FLAGS = (
    *("follow_symlinks", "contents_only", "include", "exclude", "required_paths", "attempt_unpack", "create_dest_path"),
    *("allow_wildcard", "allow_empty_wildcard", "always_replace", "mode"),
)


def _copy(action: Case, states: States, times: dict[str, Any]) -> Any:
    given = {name: action[name] for name in _COPY_FLAGS if name in action}
    if "mode_str" in action:
        given["mode"] = action["mode_str"]
    source: Any = states[action.get("from")]
    if "from_actions" in action:
        source = files.on(source, *[_action(inner, states) for inner in action["from_actions"]])
    return files.copy(source, action["src"], action["dest"], **given, **times)


def _merge(node: Case, states: States) -> State:
    return llbpy.merge(*[states[each] for each in node["inputs"]], **_options(node))


def _diff(node: Case, states: States) -> State:
    return llbpy.diff(states[node["lower"]], states[node["upper"]], **_options(node))


_NODES: Mapping[str, Callable[[Case, States], State]] = {
    "scratch": _scratch,
    "image": _image,
    "oci_layout": _oci_layout,
    "local": _local,
    "git": _git,
    "http": _http,
    "env": _env,
    "dir": _fact("path", State.dir),
    "user": _fact("user", State.user),
    "hostname": _fact("hostname", State.hostname),
    "network": _fact("network", State.network),
    "security": _fact("security", State.security),
    "platform": _fact("platform", State.platform),
    "extra_host": _fact("extra_hosts", _extra_hosts),
    "ulimit": _fact("ulimits", _ulimits),
    "cgroup_parent": _fact("cgroup_parent", State.cgroup_parent),
    "reset": _reset,
    "run": _run,
    "mount_output": _mount_output,
    "file": _file,
    "merge": _merge,
    "diff": _diff,
}
