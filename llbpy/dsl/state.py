"""State: a filesystem of the graph, and what the next command on it sees."""

from __future__ import annotations

from llbpy.dsl import checks, copying
from llbpy.dsl.paths import Glob, StatePath
from llbpy.errors import GraphError
from llbpy.graph.config import NO_DELTA, Healthcheck, command
from llbpy.graph.constraints import UNCONSTRAINED, constraints
from llbpy.graph.facts import NOTHING, Facts, Ulimit
from llbpy.graph.fileactions import FileAction, Mkdir, Mkfile, Rm, Symlink
from llbpy.graph.marshal import Marshaller, marshal
from llbpy.graph.modes import check_mode, check_permissions
from llbpy.graph.ops.build import BuildOp
from llbpy.graph.ops.exec import ExecOp, shown
from llbpy.graph.ops.file import FileOp
from llbpy.graph.ops.merge import MergeOp
from llbpy.graph.ops.passthrough import PassthroughOp
from llbpy.graph.paths import clean
from llbpy.graph.platforms import as_platform, default, normalize
from llbpy.graph.sourcemap import SourceFiles, here
from llbpy.graph.values import NOT_GIVEN, NotGiven
from llbpy.identity import new_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from os import PathLike
    from typing import Literal, NoReturn, TypeAlias, Unpack

    from llbpy.dsl.copying import Source
    from llbpy.graph.constraints import Constraints, OpOptions
    from llbpy.graph.definition import Definition
    from llbpy.graph.expand import Expand
    from llbpy.graph.fileactions import Owner, Time
    from llbpy.graph.mounts import Mount
    from llbpy.graph.ops.exec import Proxy
    from llbpy.graph.ops.op import Output
    from llbpy.graph.platforms import Platform
    from llbpy.graph.questions import Answers
    from llbpy.graph.sourcemap import Site

    Network: TypeAlias = Literal["sandbox", "host", "none"]
    Security: TypeAlias = Literal["sandbox", "insecure"]

_script_files = SourceFiles()
"""The files of the running script: read once, as they were when their code was."""
_NETWORKS = ("sandbox", "host", "none")
_SECURITIES = ("sandbox", "insecure")


class State:
    """An immutable filesystem of the graph. Each method returns a new State; nothing is built until it is marshalled.

    >>> from llbpy import image
    >>> base = image("golang:1.26", inherit=False).dir("/src").env(CGO_ENABLED="0")
    >>> base.run(["go", "version"], name="version").facts.dir
    '/src'
    """

    __slots__ = ("facts", "vertex")

    path = ""
    """Where it is mounted from: the whole."""

    def __init__(self, vertex: Output | None, facts: Facts) -> None:
        self.vertex = vertex
        """The vertex and the number of its output that hold the files; None is scratch."""
        self.facts = facts
        """What was set on it so far, for recipes to ask: env, dir, user, shell, platform, network and the rest."""

    # Facts

    def env(self, mapping: Mapping[str, str | Expand | None] | None = None, /, **values: str | Expand | None) -> State:
        """With environment variables, for later commands and the image's config; None unsets, `expand("…$NAME")` reads.

        Raises GraphError for a name that cannot be a variable, or for an `expand()` of one that nothing sets.
        """
        return State(self.vertex, self.facts.setting(checks.environment(mapping, values)))

    def dir(self, path: str) -> State:
        """With a working directory: an absolute path as it is, a relative one joined to the one before."""
        return State(self.vertex, self.facts.within(checks.text("dir()", path)))

    def user(self, name: str | int) -> State:
        """With the user of later commands: `user`, `uid`, `user:group` or `uid:gid`, looked up in the filesystem."""
        return State(
            self.vertex, self.facts.having(user=str(name) if isinstance(name, int) else checks.text("user()", name))
        )

    def shell(self, *argv: str) -> State:
        """With the shell that commands given as text run in, such as `shell("/bin/bash", "-c")`. Default `/bin/sh -c`."""
        if not argv:
            raise GraphError("shell() needs the words before the command's text, such as shell('/bin/bash', '-c')")
        return State(self.vertex, self.facts.having(shell=argv))

    def platform(self, platform: Platform | str) -> State:
        """With the platform that later commands run on. Raises PlatformError for an unknown one."""
        return State(self.vertex, self.facts.on(as_platform(platform)))

    def network(self, mode: Network) -> State:
        """With the network of later commands: `sandbox` (default), `host` (needs --allow network.host) or `none`."""
        return State(self.vertex, self.facts.having(network=checks.choice("network", mode, _NETWORKS)))

    def security(self, mode: Security) -> State:
        """With the rights of later commands: `sandbox` (default) or `insecure` (needs --allow security.insecure)."""
        return State(self.vertex, self.facts.having(security=checks.choice("security", mode, _SECURITIES)))

    def hostname(self, name: str) -> State:
        """With the host name that later commands see."""
        return State(self.vertex, self.facts.having(hostname=checks.text("hostname()", name)))

    def extra_host(self, host: str, ip: str) -> State:
        """With one more line in the /etc/hosts of later commands. Raises GraphError for what is no IP address."""
        return State(self.vertex, self.facts.having(extra_hosts=(*self.facts.extra_hosts, checks.address(host, ip))))

    def ulimit(self, name: str, soft: int, hard: int) -> State:
        """With one more resource limit for later commands, such as `ulimit("nofile", 1024, 4096)`."""
        checks.numbers(f"ulimit({name!r})", soft, hard)
        return State(self.vertex, self.facts.having(ulimits=(*self.facts.ulimits, Ulimit(name, soft, hard))))

    def cgroup_parent(self, path: str) -> State:
        """With the cgroup below which later commands run."""
        return State(self.vertex, self.facts.having(cgroup_parent=checks.text("cgroup_parent()", path)))

    def reset(self, other: State) -> State:
        """The same filesystem with all facts of another state.

        As in Go's client, dir starts at `/` again, unless the filesystem was made for a platform of its own, which stays.
        """
        platform = self.vertex and self.vertex[0].platform
        facts = other.facts.having(dir="/") if platform is None else other.facts.on(platform)
        return State(self.vertex, facts)

    def config(
        self,
        *,
        entrypoint: Sequence[str] | str | NotGiven | None = NOT_GIVEN,
        cmd: Sequence[str] | str | NotGiven | None = NOT_GIVEN,
        labels: Mapping[str, str | None] | NotGiven | None = NOT_GIVEN,
        expose: Iterable[int | str] | NotGiven | None = NOT_GIVEN,
        volumes: Iterable[str] | NotGiven | None = NOT_GIVEN,
        stop_signal: str | NotGiven | None = NOT_GIVEN,
        healthcheck: Healthcheck | NotGiven | None = NOT_GIVEN,
        onbuild: Iterable[str] | NotGiven | None = NOT_GIVEN,
        author: str | NotGiven | None = NOT_GIVEN,
    ) -> State:
        """With changes to the config of the image that is exported.

        Labels, expose and volumes add, the rest replaces, None unsets. A new entrypoint drops an inherited cmd. Text instead of
        a list runs in the state's shell. Raises GraphError for a port that is none.
        """
        changes = {
            "entrypoint": entrypoint if isinstance(entrypoint, NotGiven) else command(entrypoint),
            "cmd": cmd if isinstance(cmd, NotGiven) else command(cmd),
            "labels": labels,
            "expose": _listed("expose", expose),
            "volumes": _listed("volumes", volumes),
            "stop_signal": stop_signal,
            "healthcheck": healthcheck,
            "onbuild": _listed("onbuild", onbuild),
            "author": author,
        }
        given = {name: value for name, value in changes.items() if value is not NOT_GIVEN}
        return State(self.vertex, self.facts.having(config=(self.facts.config or NO_DELTA).having(given)))

    # Commands

    def run(
        self,
        command: Sequence[str | PathLike[str]] | str,
        *,
        mounts: Sequence[Mount] = (),
        env: Mapping[str, str | Expand | None] | None = None,
        dir: str | None = None,
        user: str | int | None = None,
        network: Network | None = None,
        security: Security | None = None,
        hostname: str | None = None,
        extra_hosts: Iterable[tuple[str, str]] = (),
        ulimits: Iterable[Ulimit] = (),
        cgroup_parent: str | None = None,
        readonly_root: bool = False,
        exit_codes: Iterable[int] | None = None,
        proxy: Proxy | None = None,
        **options: Unpack[OpOptions],
    ) -> ExecState:
        """Runs a command on this filesystem.

        A list is an argv; text runs in the state's shell; text that starts on a new line is a script that stops at its first
        failing line. `env`, `dir`, `user` and the other facts are for this command only, on top of the state's. `exit_codes`
        are those that count as success (default: 0). With `readonly_root` the state after the command is the one before it: read
        what it made with `.output()`. Raises GraphError or MountError for what can be seen to be wrong.
        """
        facts = self.facts
        if env is not None or dir is not None or user is not None or network is not None or security is not None:
            facts = _for_one_command(self, env, dir, user, network, security)
        if hostname is not None or extra_hosts or ulimits or cgroup_parent is not None:
            hosts = (*facts.extra_hosts, *[checks.address(host, ip) for host, ip in extra_hosts])
            facts = facts.having(extra_hosts=hosts, ulimits=(*facts.ulimits, *ulimits))
            changed = {"hostname": hostname, "cgroup_parent": cgroup_parent}
            facts = facts.having(**{name: value for name, value in changed.items() if value is not None})
        words = checks.command(command)
        if self.vertex is None and not isinstance(words, tuple):
            checks.shell_on_scratch(words, facts, mounts)
        codes = () if exit_codes is None else checks.exit_codes(exit_codes)
        limits = constraints(options, State.run) if options else UNCONSTRAINED
        op = ExecOp(self.vertex, facts, words, mounts, readonly_root, codes, proxy, limits, here())
        left = self.vertex if readonly_root else (op, 0)
        return ExecState(left, self.facts if limits.platform is None else self._facts_on(left), op)

    def build(self, filename: str | None = None, **options: Unpack[OpOptions]) -> State:
        """Builds the LLB definition that a file of this state holds, and is its result (BuildKit's BuildOp).

        `filename` defaults to BuildKit's own, `/buildkit.llb.definition`. Raises GraphError on scratch, which has no file.
        """
        if self.vertex is None:
            raise GraphError("build() reads a definition from a file of the state, and scratch() has none")
        op = BuildOp(self.vertex, filename, constraints(options, State.build), here())
        return State((op, 0), self._facts_on((op, 0)))

    # Files

    def copy(
        self,
        source: Source | Sequence[Source],
        dest: str,
        *,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        required: Sequence[str] = (),
        owner: Owner | None = None,
        mode: int | str | None = None,
        follow_symlinks: bool = True,
        contents: bool = True,
        unpack: bool = False,
        keep_parents: bool = False,
        link: bool = False,
        replace: bool = False,
        created: Time | None = None,
        **options: Unpack[OpOptions],
    ) -> State:
        """Copies files of other states in, as a Dockerfile's COPY does.

        `source` is a state, a path in one (`state["/app"]`), a `state.glob("*.whl")`, or a list of them. `dest` ending in `/` is a
        folder; its ancestors are made. Of a folder its `contents` are copied (False: the folder itself). `include`, `exclude` and
        `required` are patterns below the source. `mode` is octal, or symbolic such as `"u+rwx,go-w"`. `unpack` extracts archives,
        `keep_parents` keeps the source's folders, `link` makes a layer that stays valid when those below it change, `replace`
        puts files in the place of what stands at the destination. Raises PathError and GraphError for what cannot work.
        """
        check_mode(mode)
        for what, patterns in (("include", include), ("exclude", exclude), ("required", required)):
            checks.texts(f"copy() {what}", patterns)
        base = None if link else self.vertex
        checks.check_owner("copy", owner, base, link)
        how = {
            "include": include,
            "exclude": exclude,
            "required_paths": required,
            "owner": owner,
            "mode": mode,
            "follow_symlinks": follow_symlinks,
            "contents_only": contents,
            "attempt_unpack": unpack,
            "create_dest_path": True,
            "always_replace": replace,
            "created_time": created,
        }
        actions = copying.copies(source, checks.text("copy() destination", dest), keep_parents, how)
        limits = constraints(options, State.copy)
        op = FileOp(base, self.facts, actions, limits, here())
        if not link or self.vertex is None:
            return State((op, 0), self.facts)
        return State((MergeOp((self.vertex, (op, 0)), limits, here()), 0), self.facts)

    def mkdir(
        self,
        path: str,
        *,
        mode: int = 0o755,
        parents: bool = True,
        owner: Owner | None = None,
        created: Time | None = None,
        **options: Unpack[OpOptions],
    ) -> State:
        """Makes a folder, and by default its ancestors. Raises GraphError for a decimal mode or an owner nobody can look up."""
        check_permissions("mkdir", mode)
        checks.check_owner("mkdir", owner, self.vertex)
        path = checks.text("mkdir()", path)
        return self._file((Mkdir(path, mode, parents, owner, created),), constraints(options, State.mkdir), here())

    def write(
        self,
        path: str,
        data: str | bytes,
        *,
        mode: int = 0o644,
        owner: Owner | None = None,
        created: Time | None = None,
        **options: Unpack[OpOptions],
    ) -> State:
        """Writes a file; text is written as UTF-8, and ancestors are made. Raises GraphError for a decimal mode."""
        check_permissions("write", mode)
        checks.check_owner("write", owner, self.vertex)
        path = checks.text("write()", path)
        content = data.encode() if isinstance(data, str) else bytes(data)
        actions = (*_ancestors(path), Mkfile(path, mode, content, owner, created))
        return self._file(actions, constraints(options, State.write), here())

    def symlink(
        self,
        target: str,
        path: str,
        *,
        owner: Owner | None = None,
        created: Time | None = None,
        **options: Unpack[OpOptions],
    ) -> State:
        """Makes a symbolic link at `path` to `target`, which is kept as written; ancestors of the link are made."""
        checks.check_owner("symlink", owner, self.vertex)
        target, path = checks.text("symlink() target", target), checks.text("symlink()", path)
        actions = (*_ancestors(path), Symlink(target, path, owner, created, joined=True))
        return self._file(actions, constraints(options, State.symlink), here())

    def remove(
        self, path: str, *, missing_ok: bool = False, wildcard: bool = False, **options: Unpack[OpOptions]
    ) -> State:
        """Removes a file or folder; with `wildcard`, all that match the pattern."""
        return self._file(
            (Rm(checks.text("remove()", path), missing_ok, wildcard),), constraints(options, State.remove), here()
        )

    def file(self, *actions: FileAction, **options: Unpack[OpOptions]) -> State:
        """Several actions of `llbpy.files` in turn, in one vertex. Raises GraphError if there is none."""
        if not actions:
            raise GraphError("file() needs at least one action of llbpy.files, such as files.mkdir('/out')")
        for action in actions:
            if not isinstance(action, FileAction):
                raise GraphError(f"file() was given {action!r}, which is no action of llbpy.files")
        limits = constraints(options, State.file) if options else UNCONSTRAINED
        return State((FileOp(self.vertex, self.facts, actions, limits, here()), 0), self.facts)

    # The graph

    def requires(self, *states: State, id: str = "requires", **options: Unpack[OpOptions]) -> State:
        """The same files, once the other states have been built too; they add nothing. Raises GraphError on scratch."""
        for state in states:
            if isinstance(state, ExecState):
                state.check_awaitable()
        needed = [state.vertex for state in states if state.vertex is not None]
        if not needed:
            return self
        if self.vertex is None:
            raise GraphError("scratch() cannot require other states; there is no vertex that could wait for them")
        limits = constraints(options, State.requires)
        return State((PassthroughOp(id, (self.vertex, *needed), limits, here()), 0), self.facts)

    def apply(self, recipe: Callable[[State], State]) -> State:
        """`recipe(self)`, to be read from left to right."""
        return recipe(self)

    def glob(self, pattern: str, *, missing_ok: bool = False) -> Glob:
        """The files that match a pattern, as a source of `copy`; none at all is an error unless `missing_ok`."""
        return Glob(self, pattern, missing_ok)

    def __getitem__(self, path: str) -> StatePath:
        return StatePath(self, str(path))

    def marshal(
        self,
        *,
        platform: Platform | str | None = None,
        unique_id: str | None = None,
        caps: Iterable[str] | None = None,
        answers: Answers | None = None,
    ) -> Definition:
        """The graph as BuildKit takes it, the same bytes as Go's client makes.

        `platform` is the one being built (default: this machine's). `unique_id` marks local folders as this client's (default: a
        fresh id each time, as daemons share vertices between clients). `caps` are the capabilities of the daemon (default:
        unknown). `answers` has the configs of inheriting images. Raises UnresolvedError if some are missing, GraphError for what
        only the whole graph shows.
        """
        return marshal(self.vertex, _marshaller(platform, unique_id, caps, answers))

    def _file(self, actions: tuple[FileAction, ...], limits: Constraints, site: Site) -> State:
        op = FileOp(self.vertex, self.facts, actions, limits, site)
        return State((op, 0), self.facts)

    def _facts_on(self, left: Output | None) -> Facts:
        platform = left and left[0].platform
        return self.facts if platform is None else self.facts.on(platform)

    # What a State is not

    def __iter__(self) -> NoReturn:
        raise TypeError(
            "a State is no sequence of files; state['/path'] names one, and build.list() of a target lists them"
        )

    def __contains__(self, path: object) -> NoReturn:
        raise TypeError("what a State has is known once it is built; build.list() of a target can look")

    def __bool__(self) -> NoReturn:
        raise TypeError("a State is neither true nor false: its files exist once it is built; compare with `is None`")

    def __copy__(self) -> State:
        return self

    def __deepcopy__(self, memo: object) -> State:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a State is not pickled; marshal it: state.marshal().to_bytes()")

    def __repr__(self) -> str:
        if self.vertex is None:
            return "<State scratch>"
        op = self.vertex[0]
        return f"<{type(self).__name__} {op.constraints.name or op.KIND}>"


class ExecState(State):
    """The root filesystem after a command, and the way to what it left in its mounts."""

    __slots__ = ("_exec",)

    def __init__(self, vertex: Output | None, facts: Facts, exec: ExecOp) -> None:
        self.vertex = vertex
        self.facts = facts
        self._exec = exec

    def check_awaitable(self) -> None:
        """Raises GraphError if nothing would wait for the command: it has no root of its own that another vertex could use."""
        if self._exec.readonly_root:
            raise GraphError(
                f"requires() would not wait for run {shown(self._exec.command)!r}: its root is read-only, so the state after it "
                "is the one before; add output('/out') to its mounts= and require .output('/out')"
            )

    def output(self, mount: str | Mount) -> State:
        """What the command left in a mount, by its target or the mount itself; of a read-only bind, what was mounted.

        The state starts with fresh facts, dir `/`. Raises MountError if there is none, or if it keeps nothing.
        """
        target = mount if isinstance(mount, str) else mount.target or ""
        return fresh(self._exec.output(target))


def _listed(what: str, values: Iterable[object] | NotGiven | None) -> tuple[object, ...] | NotGiven | None:
    if values is None or isinstance(values, NotGiven):
        return values
    if isinstance(values, (str, int)):
        raise GraphError(f"config() {what}={values!r} is {type(values).__name__}; give a list: [{values!r}]")
    return tuple(values)


def fresh(vertex: Output | None) -> State:
    """A state with nothing set but the platform that its files are known to be for."""
    platform = vertex and vertex[0].platform
    return State(vertex, NOTHING if platform is None else NOTHING.on(platform))


def _marshaller(
    platform: Platform | str | None, unique_id: str | None, caps: Iterable[str] | None, answers: Answers | None
) -> Marshaller:
    chosen = default() if platform is None else as_platform(platform)
    known = None if caps is None else frozenset(caps)
    return Marshaller(normalize(chosen), unique_id or new_id(), known, answers or {}, _script_files)


def _for_one_command(
    state: State,
    env: Mapping[str, str | Expand | None] | None,
    dir: str | None,
    user: str | int | None,
    network: Network | None,
    security: Security | None,
) -> Facts:
    if env is not None:
        state = state.env(env)
    if dir is not None:
        state = state.dir(dir)
    if user is not None:
        state = state.user(user)
    if network is not None:
        state = state.network(network)
    if security is not None:
        state = state.security(security)
    return state.facts


def _ancestors(path: str) -> tuple[Mkdir, ...]:
    """The folder above a path, to be made if it is missing; the root is always there."""
    parent = clean(path).rpartition("/")[0]
    if not parent and path.startswith("/"):
        return ()
    return (Mkdir(parent or ".", 0o755, True, None, None),)
