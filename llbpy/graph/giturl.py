"""Git remotes: what `git()` makes of a URL, and how a build context says that it is a git repository.

Both forms that git knows are read: `protocol://[user[:password]@]host[:port]/path` and `user@host:path`. Decoding and
writing back follow Go's `net/url`, so that identifiers and remotes are BuildKit's own.
"""

from __future__ import annotations

from llbpy.errors import GraphError, near
from llbpy.graph import gourl
from llbpy.graph.gourl import ALPHANUMERIC
from llbpy.graph.paths import join
from llbpy.graph.values import Value, set_field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from llbpy.graph.gourl import Pairs

PROTOCOLS = ("https", "ssh", "git", "http")

_SCP_USER = ALPHANUMERIC | frozenset("-_")
_SCP_HOST = ALPHANUMERIC | frozenset("-.")


class GitURL(Value):
    """A parsed remote.

    `host` includes the port; `user` and `password` are None where absent; `query` has the decoded pairs in order.
    `remote` is what git fetches from: the URL without query and fragment.
    """

    __slots__ = ("scheme", "host", "path", "user", "password", "query", "fragment", "remote")

    scheme: str
    host: str
    path: str
    user: str | None
    password: str | None
    query: Pairs
    fragment: str
    remote: str

    def __init__(
        self,
        scheme: str,
        host: str,
        path: str,
        user: str | None,
        password: str | None,
        query: Pairs,
        fragment: str,
        remote: str,
    ) -> None:
        set_field(self, "scheme", scheme)
        set_field(self, "host", host)
        set_field(self, "path", path)
        set_field(self, "user", user)
        set_field(self, "password", password)
        set_field(self, "query", query)
        set_field(self, "fragment", fragment)
        set_field(self, "remote", remote)

    @property
    def is_ssh(self) -> bool:
        """Whether git goes through ssh, which needs host keys and an agent."""
        return self.scheme == "ssh"

    def identifier(self, ref: str = "", subdir: str = "") -> str:
        """The source's identifier. It is the same for every protocol; the URL's own fragment does not count."""
        fragment = f"#{ref}:{subdir}" if subdir else f"#{ref}" if ref else ""
        return f"git://{self.host}{join('/', self.path)}{fragment}"

    def __repr__(self) -> str:
        return f"GitURL({shown(self.remote)!r}, query={self.query!r}, fragment={self.fragment!r})"


def parse_remote(url: str) -> GitURL:
    """Read `protocol://…` with one of PROTOCOLS, or `user@host:path`. Raises GraphError for anything else."""
    protocol = _protocol(url)
    if protocol in PROTOCOLS:
        try:
            return GitURL(*gourl.split(url))
        except ValueError as error:
            raise GraphError(f"git URL {shown(url)!r}: {error}") from error
    if protocol:
        advice = near(protocol, PROTOCOLS) or f"; git has {', '.join(PROTOCOLS)}"
        raise GraphError(f"git URL {shown(url)!r}: unknown protocol {protocol!r}{advice}")
    remote = _parse_scp(url)
    if remote is None:
        raise GraphError(f"git URL {shown(url)!r}: no protocol; did you mean {'https://' + shown(url)!r}?")
    return remote


def parse_source(url: str) -> GitURL:
    """As `parse_remote`, for the URL of a git source: without a protocol it is https, and it must have a host."""
    bare = not _protocol(url) and _parse_scp(url) is None
    remote = parse_remote("https://" + url if bare else url)
    if not remote.host:
        raise GraphError(f"git URL {shown(url)!r}: no host; write host/path, e.g. github.com/moby/buildkit.git")
    return remote


def split_fragment(fragment: str) -> tuple[str, str]:
    """`ref[:subdir]`, the folder cleaned and relative to the root of the repository (empty: the root)."""
    ref, _, subdir = fragment.partition(":")
    return ref, join("/", subdir)[1:]


def shown(url: str) -> str:
    """The URL for messages: a password, and what stands for one, is hidden."""
    protocol, separator, rest = url.partition("://") if "://" in url else ("", "", url)
    authority, slash, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    is_secret = at and (separator or ":" in user)
    return f"{protocol}{separator}***@{host}{slash}{path}" if is_secret else url


def _protocol(url: str) -> str:
    protocol, separator, _ = url.partition("://")
    return protocol.lower() if separator and protocol and ALPHANUMERIC.issuperset(protocol) else ""


def _parse_scp(text: str) -> GitURL | None:
    user, at, rest = text.partition("@")
    host, colon, rest = rest.partition(":")
    if not (at and colon and user and host and _SCP_USER.issuperset(user) and _SCP_HOST.issuperset(host)):
        return None
    rest, _, fragment = rest.partition("#")
    path, _, query = rest.partition("?")
    pairs, is_clean = gourl.pairs(query)
    if not is_clean or "\n" in rest + fragment:
        return None
    return GitURL("ssh", host, path, user, None, pairs, fragment, f"{user}@{host}:{path}")


class GitRef(Value):
    """A build context that is a git repository.

    `checksum` is the commit that must come out; `keep_git_dir` and `submodules` are None where the text does not say;
    `mtime` is `checkout`, `commit` or empty. `looks_local` marks the old form `github.com/…`, which could be a folder,
    and `unencrypted` a connection that anybody on the way can read.
    """

    __slots__ = (
        "remote",
        "short_name",
        "ref",
        "subdir",
        "checksum",
        "keep_git_dir",
        "submodules",
        "mtime",
        "fetch_by_commit",
        "looks_local",
        "unencrypted",
    )

    remote: str
    short_name: str
    ref: str
    subdir: str
    checksum: str
    keep_git_dir: bool | None
    submodules: bool | None
    mtime: str
    fetch_by_commit: bool
    looks_local: bool
    unencrypted: bool

    def __init__(
        self,
        remote: str,
        short_name: str,
        ref: str = "",
        subdir: str = "",
        checksum: str = "",
        keep_git_dir: bool | None = None,
        submodules: bool | None = None,
        mtime: str = "",
        fetch_by_commit: bool = False,
        looks_local: bool = False,
        unencrypted: bool = False,
    ) -> None:
        set_field(self, "remote", remote)
        set_field(self, "short_name", short_name)
        set_field(self, "ref", ref)
        set_field(self, "subdir", subdir)
        set_field(self, "checksum", checksum)
        set_field(self, "keep_git_dir", keep_git_dir)
        set_field(self, "submodules", submodules)
        set_field(self, "mtime", mtime)
        set_field(self, "fetch_by_commit", fetch_by_commit)
        set_field(self, "looks_local", looks_local)
        set_field(self, "unencrypted", unencrypted)

    def __repr__(self) -> str:
        return f"GitRef({shown(self.remote)!r}, ref={self.ref!r}, subdir={self.subdir!r})"


def parse_git_ref(text: str) -> GitRef | None:
    """The git repository that a build context names, or None if it names none.

    What counts: `git://`, `ssh://`, `user@host:path`, an http(s) URL whose path ends in `.git`, and `github.com/…`.
    Ref and folder stand in the fragment (`#ref:subdir`) or the query, where options are too:
    `?branch=main&subdir=app&keep-git-dir=1`. Raises GraphError for options that are unknown, bad or in conflict.
    """
    url = _git_remote(text)
    if url is None:
        return None
    return read_options(text, url)


def read_options(text: str, url: GitURL) -> GitRef:
    """What fragment and query of a git URL (`text` as it was written) say. Raises GraphError as `parse_git_ref`."""
    options = _options(text, url.query)
    ref, subdir = split_fragment(url.fragment)
    looks_local = text.startswith(_LOCAL_LOOKING)
    remote = url.remote.partition("://")[2] if looks_local else url.remote
    return GitRef(
        remote,
        remote.rpartition("/")[2].removesuffix(".git"),
        agreed(text, "ref", ref, options.get("ref"), *_tag_or_branch(text, options)),
        agreed(text, "subdir", subdir, options.get("subdir")),
        agreed(text, "checksum", options.get("checksum"), options.get("commit")),
        _flag(text, options, "keep-git-dir"),
        _flag(text, options, "submodules"),
        options.get("mtime", ""),
        bool(_flag(text, options, "fetch-by-commit")),
        looks_local,
        url.scheme in ("http", "git"),
    )


_LOCAL_LOOKING = "github.com/"
_FLAGS = ("keep-git-dir", "submodules", "fetch-by-commit")
_OPTIONS = ("ref", "tag", "branch", "subdir", "checksum", "commit", "mtime", *_FLAGS)
_MTIMES = ("checkout", "commit")
_BOOLS = {
    **dict.fromkeys(("", "1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}


def _git_remote(text: str) -> GitURL | None:
    looks_local = text.startswith(_LOCAL_LOOKING)
    try:
        url = parse_remote("https://" + text if looks_local else text)
    except GraphError:  # not git's, then; what it is instead is not for us to say
        return None
    is_download = url.scheme in ("http", "https") and not url.path.endswith(".git")
    return None if is_download and not looks_local else url


def _options(text: str, query: Pairs) -> dict[str, str]:
    options: dict[str, str] = {}
    for name, value in query:
        if name not in _OPTIONS:
            advice = near(name, _OPTIONS) or f"; there are {', '.join(_OPTIONS)}"
            raise _error(text, f"unknown option {name!r}{advice}")
        if name in options:
            raise _error(text, f"option {name!r} is given twice")
        if not value and name not in _FLAGS:
            raise _error(text, f"option {name!r} has no value; write {name}=…")
        options[name] = value
    if options.get("mtime", "commit") not in _MTIMES:
        raise _error(text, f"option 'mtime' is {options['mtime']!r}; it can be checkout or commit")
    return options


def _flag(text: str, options: dict[str, str], name: str) -> bool | None:
    if name not in options:
        return None
    if options[name] not in _BOOLS:
        raise _error(text, f"option {name!r} is {options[name]!r}; it can be true or false")
    return _BOOLS[options[name]]


def _tag_or_branch(text: str, options: dict[str, str]) -> list[str]:
    if "tag" in options and "branch" in options:
        raise _error(text, "options 'tag' and 'branch' exclude each other")
    places = {"tag": "refs/tags/", "branch": "refs/heads/"}
    return [place + options[name].removeprefix(place) for name, place in places.items() if name in options]


def agreed(text: str, what: str, *values: str | None) -> str:
    """The one value that the places which give one agree on; empty if none does. Raises GraphError if they do not."""
    given = list(dict.fromkeys([value for value in values if value]))
    if len(given) > 1:
        raise _error(text, f"two values for the {what}: {given[0]!r} and {given[1]!r}")
    return given[0] if given else ""


def _error(text: str, problem: str) -> GraphError:
    return GraphError(f"git context {shown(text)!r}: {problem}")
