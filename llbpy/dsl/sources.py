"""Where files come from: a function for each kind of source."""

from __future__ import annotations

from llbpy.dsl import checks
from llbpy.dsl.state import State, fresh
from llbpy.errors import GraphError
from llbpy.graph import giturl, references
from llbpy.graph.caps import caps, caps_of
from llbpy.graph.constraints import UNCONSTRAINED, constraints
from llbpy.graph.definition import Definition
from llbpy.graph.facts import NOTHING, inherited
from llbpy.graph.modes import check_mode
from llbpy.graph.ops.frontend import FrontendOp
from llbpy.graph.ops.source import Attrs, GitOp, ImageOp, SourceOp, local_op
from llbpy.graph.ops.verbatim import read_back
from llbpy.graph.sourcemap import here
from llbpy.graph.tokens import refuse_token
from llbpy.graph.values import NOT_GIVEN, NotGiven

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Literal, Unpack

    from llbpy.graph.constraints import OpOptions
    from llbpy.graph.ops.op import Output

_RESOLVE_MODES = ("default", "pull", "local")
_DIFFERS = ("none", "metadata")
_MTIMES = ("checkout", "commit")


def scratch() -> State:
    """The empty filesystem.

    >>> scratch().marshal().ops
    ()
    """
    return State(None, NOTHING)


def image(
    ref: str,
    *,
    inherit: bool = True,
    resolve: Literal["default", "pull", "local"] = "default",
    layer_limit: int | None = None,
    checksum: str | None = None,
    internal: bool = False,
    **options: Unpack[OpOptions],
) -> State:
    """An image of a registry: `alpine` is `docker.io/library/alpine:latest`.

    It passes its config on (env, dir, user, shell, entrypoint, …), as FROM does, so its config must be known before the build;
    `inherit=False` starts with nothing set, as Go's `llb.Image` does. `resolve` says who knows what a tag means: the daemon
    (`default`), the registry each time (`pull`), or what is there already (`local`). `layer_limit` takes only the first layers,
    `checksum` is the digest that the manifest must have, `internal` keeps it out of the usage listing.
    Raises GraphError for a bad reference.

    >>> image("alpine", inherit=False).marshal(platform="linux/amd64").digests[0][:19]
    'sha256:a7f9733e307d'
    """
    full = references.normalize(ref)
    if layer_limit is not None and layer_limit < 0:
        raise GraphError(f"image({ref!r}) layer_limit={layer_limit}; give a number of layers")
    attrs, needed = _NO_ATTRS, _IMAGE
    if resolve != "default" or layer_limit is not None or checksum or internal:
        found = Attrs("source.image")
        mode = checks.choice("resolve", resolve, _RESOLVE_MODES)
        found.put("image.resolvemode", mode if mode != "default" else None, _RESOLVE_CAP if mode == "pull" else None)
        found.put("image.recordtype", "internal" if internal else None)
        found.put("image.layerlimit", None if layer_limit is None else str(layer_limit), "source.image.layerlimit")
        found.put("image.checksum", checksum, "source.image.checksum")
        attrs, needed = found.attrs, found.caps
    limits = constraints(options, image) if options else UNCONSTRAINED
    op = ImageOp(full, resolve, attrs, needed, limits, here())
    if inherit:
        return State((op, 0), inherited(op))
    return State((op, 0), NOTHING) if limits.platform is None else fresh((op, 0))


_NO_ATTRS: dict[str, str] = {}
_IMAGE = caps("source.image")
_RESOLVE_CAP = "source.image.resolvemode"


def local(
    name: str,
    /,
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    follow: Sequence[str] = (),
    shared_key: str | None = None,
    session: str | None = None,
    differ: Literal["none", "metadata"] | None = None,
    differ_required: bool = False,
    metadata_only: bool | Sequence[str] = False,
    unique_id: str | None = None,
    **options: Unpack[OpOptions],
) -> State:
    """A folder of the client, by the name under which it is offered (`--local NAME=DIR`).

    `include`, `exclude` and `follow` are patterns and paths to send; `shared_key` lets builds with one key reuse what was sent;
    `session` pins one client. `differ` says how changes are found (`metadata` by default, `none`: send all). `metadata_only` sends
    names and sizes without content, but for the patterns that it lists. `unique_id` takes the place of the marshal's.
    """
    for what, patterns in (("include", include), ("exclude", exclude), ("follow", follow)):
        checks.texts(f"local() {what}", patterns)
    if differ is not None:
        checks.choice("differ", differ, _DIFFERS)
    op = local_op(
        name,
        include=include,
        exclude=exclude,
        follow=follow,
        shared_key=shared_key,
        session=session,
        differ=differ,
        differ_required=differ_required,
        metadata_only=metadata_only,
        unique_id=unique_id,
        constraints=constraints(options, local),
        site=here(),
    )
    return fresh((op, 0))


def git(
    url: str,
    ref: str | None = None,
    *,
    subdir: str | None = None,
    keep_git_dir: bool = False,
    checksum: str | None = None,
    submodules: bool = True,
    auth_token_secret: str | NotGiven | None = NOT_GIVEN,
    auth_header_secret: str | NotGiven | None = NOT_GIVEN,
    known_hosts: str | None = None,
    ssh: str | None = None,
    mtime: Literal["checkout", "commit"] | None = None,
    fetch_by_commit: bool = False,
    **options: Unpack[OpOptions],
) -> State:
    """A commit of a git repository: `https://…`, `ssh://…`, `git://…`, `user@host:path`, or `host/path` for https.

    `ref` is a branch, tag or commit (default: the remote's HEAD); `subdir` the folder that becomes the root. Both may stand in the
    URL: `…#ref:subdir`, or `?branch=main&subdir=app`. `checksum` is the commit, or its beginning, that must come out. Secrets are
    ids (default `GIT_AUTH_TOKEN` and `GIT_AUTH_HEADER` if the client has them; None: none). For ssh remotes `known_hosts` has the
    host's keys (None: ask the host; `""`: do not check) and `ssh` the agent's id. `mtime="commit"` gives files the commit's time.
    Raises GraphError for a URL that is none, and for a token in the place of a secret's id.
    """
    remote = giturl.parse_source(url)
    said = giturl.read_options(url, remote)
    ref = giturl.agreed(url, "ref", said.ref, ref)
    subdir = giturl.agreed(url, "subdir", said.subdir, subdir and giturl.split_fragment(f":{subdir}")[1])
    found = Attrs("source.git")
    found.put("git.fullurl", remote.remote, "source.git.fullurl")
    found.put("git.keepgitdir", "true" if keep_git_dir or said.keep_git_dir else None, "source.git.keepgitdir")
    for kind, given in (("token", auth_token_secret), ("header", auth_header_secret)):
        refuse_token(f"auth_{kind}_secret", given if isinstance(given, str) else "", f"GIT_AUTH_{kind.upper()}")
        cap = None if given is NOT_GIVEN else "source.git.httpauth"
        found.put(f"git.auth{kind}secret", f"GIT_AUTH_{kind.upper()}" if isinstance(given, NotGiven) else given, cap)
    if remote.is_ssh:
        found.caps |= caps("source.git.knownsshhosts", "source.git.mountsshsock")
        found.put("git.knownsshhosts", known_hosts and known_hosts.removesuffix("\n") + "\n")
        found.put("git.mountsshsock", ssh or "default")
    found.put("git.checksum", giturl.agreed(url, "checksum", said.checksum, checksum), "source.git.checksum")
    skip = not submodules or said.submodules is False
    found.put("git.skipsubmodules", "true" if skip else None, "source.git.skipsubmodules")
    chosen = mtime and checks.choice("mtime", mtime, _MTIMES)
    found.put("git.mtime", giturl.agreed(url, "mtime", said.mtime, chosen), "source.git.mtime")
    by_commit = fetch_by_commit or said.fetch_by_commit
    found.put("git.fetchbycommit", "true" if by_commit else None, "source.git.fetchbycommit")
    limits = constraints(options, git)
    asks = remote.host if remote.is_ssh and known_hosts is None else None
    return fresh((GitOp(remote.identifier(ref, subdir), found.attrs, found.caps, asks, limits, here()), 0))


def http(
    url: str,
    *,
    checksum: str | None = None,
    filename: str | None = None,
    mode: int | None = None,
    uid: int | None = None,
    gid: int | None = None,
    auth_header_secret: str | None = None,
    accept: str | None = None,
    user_agent: str | None = None,
    **options: Unpack[OpOptions],
) -> State:
    """A file from the web, alone in its filesystem.

    `checksum` is the digest (`sha256:…`) that it must have; `filename` its name (default: the server's or the URL's), `mode`,
    `uid` and `gid` its permissions and owner (default 0o600, 0, 0). `auth_header_secret` is the id of a secret that is sent as
    Authorization.
    Raises GraphError for another scheme than http or https, a decimal mode, or a token in the place of a secret's id.
    """
    if not url.startswith(("http://", "https://")):
        raise GraphError(f"http({url!r}) is no http:// or https:// URL")
    check_mode(mode)
    refuse_token("auth_header_secret", auth_header_secret or "", "HTTP_AUTH_HEADER")
    found = Attrs("source.http")
    found.put("http.checksum", checksum, "source.http.checksum")
    found.put("http.filename", filename)
    found.put("http.perm", f"0{mode & 0o777:o}" if mode else None, "source.http.perm")
    found.put("http.uid", str(uid) if uid else None, "soruce.http.uidgid")
    found.put("http.gid", str(gid) if gid else None, "soruce.http.uidgid")
    found.put("http.authheadersecret", auth_header_secret, "source.http.auth")
    found.put("http.header.accept", accept, "source.http.header")
    found.put("http.header.user-agent", user_agent, "source.http.header")
    limits = constraints(options, http)
    return fresh((SourceOp(url, found.attrs, found.caps, limits, here()), 0))


def oci_layout(
    ref: str,
    *,
    store: str | None = None,
    session: str | None = None,
    layer_limit: int | None = None,
    **options: Unpack[OpOptions],
) -> State:
    """An image in an OCI layout that the client serves: `name@sha256:…`, in the `store` of a `session`.

    It goes to the daemon as it is written, and that wants a name with a slash or a host: `example.com/app@sha256:…`.

    Raises GraphError for a reference without a digest, which a daemon could not find.
    """
    if "@" not in ref:
        raise GraphError(f"oci_layout({ref!r}) has no digest; a layout is read by digest: {ref}@sha256:…")
    found = Attrs("source.ocilayout")
    found.put("oci.session", session)
    found.put("oci.store", store)
    found.put("oci.layerlimit", None if layer_limit is None else str(layer_limit))
    limits = constraints(options, oci_layout)
    return fresh((SourceOp(f"oci-layout://{ref}", found.attrs, found.caps, limits, here()), 0))


def source(
    identifier: str, attrs: Mapping[str, str], *, caps: Sequence[str] = (), **options: Unpack[OpOptions]
) -> State:
    """Any source that BuildKit has or will have, as it stands on the wire: `scheme://…`, attributes, needed capabilities."""
    if "://" not in checks.text("source()", identifier):
        raise GraphError(f"source({identifier!r}) has no scheme; an identifier is scheme://…")
    limits = constraints(options, source)
    return fresh((SourceOp(identifier, dict(attrs), caps_of(checks.texts("source() caps", caps)), limits, here()), 0))


def frontend(
    source: str,
    *,
    inputs: Mapping[str, State] | None = None,
    opts: Mapping[str, str] | None = None,
    **options: Unpack[OpOptions],
) -> State:
    """What another frontend makes, with its image's config: a Dockerfile's target, say, as a filesystem among others.

    `source` is the image of a frontend, or the name of one that daemons have built in (`dockerfile.v0`). `opts` are what clients
    send, as `{"target": "app", "build-arg:VERSION": "1"}`; `inputs` are what it finds instead of folders of the client, as
    `context` and `dockerfile`. The daemon is asked before the graph is made, so `llbpy dump` alone cannot have one.

    >>> from llbpy import frontend, scratch
    >>> dockerfile = scratch().write("/Dockerfile", "FROM busybox")
    >>> frontend("dockerfile.v0", inputs={"dockerfile": dockerfile, "context": scratch()})
    <State frontend>
    """
    given: dict[str, Output | None] = {}
    for name, state in (inputs or {}).items():
        if not isinstance(state, State):
            raise GraphError(f"frontend() input {name!r} is {type(state).__name__}; give a State")
        given[name] = state.vertex
    op = FrontendOp(checks.text("frontend()", source), dict(opts or {}), given, constraints(options, frontend), here())
    return State((op, 0), inherited(op))


def definition(data: bytes | Definition) -> State:
    """The state that a definition means, whoever marshalled it: its vertices keep their bytes and digests.

    Raises GraphError if it is none.
    """
    if not isinstance(data, (bytes, Definition)):
        raise GraphError(f"definition() was given {type(data).__name__}; give the bytes of a definition")
    return fresh(read_back(data if isinstance(data, Definition) else Definition.from_bytes(data)))
