"""Contexts: where a build's files come from, in all the forms that builders send.

The main context is a folder of the client, a git repository, a download, or a graph that came with the build. Named contexts are
all that, and images besides. The rules are dockerui's (`frontend/dockerui/context.go`, `namedcontext.go`).
"""

from __future__ import annotations

from llbpy.dsl.sources import definition, git, http, image, local, scratch, source
from llbpy.dsl.state import State
from llbpy.errors import GraphError, OptionError, near
from llbpy.gateway import bridge as calls
from llbpy.gateway.folders import IGNORE_FILE, MAIN, ignore_file, ignored, solvable
from llbpy.graph import references
from llbpy.graph.constraints import UNCONSTRAINED
from llbpy.graph.facts import inherited
from llbpy.graph.giturl import parse_git_ref, shown
from llbpy.graph.questions import ImageQuestion, ResolvedImage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any, Literal

    from llbpy.gateway.inquiry import Inquiry
    from llbpy.gateway.options import Options
    from llbpy.graph.platforms import Platform
    from llbpy.graph.sourcemap import Site

HEAD = 1024
"""Bytes that tell an archive from another file."""
_ARCHIVES = (b"BZh", b"\x1f\x8b\x08", b"\xfd7zXZ\x00")


def git_context(url: str, *, keep_git_dir: bool = False, commit_times: bool = False) -> State | None:
    """The repository that a context names, or None if it names none. `commit_times` unless it says itself which times files get.

    Raises GraphError for options that are wrong.
    """
    said = parse_git_ref(url)
    if said is None:
        return None
    times: Literal["commit"] | None = "commit" if commit_times and not said.mtime else None
    return git(url, keep_git_dir=keep_git_dir, mtime=times, name=f"[internal] load git source {shown(url)}")


def download(url: str) -> State:
    """A file from the web, called `context`."""
    return http(url, filename=MAIN, name="[internal] load remote build context")


def is_archive(head: bytes) -> bool:
    """Whether a file that begins so is an archive which BuildKit unpacks."""
    if head.startswith(_ARCHIVES):
        return True
    import tarfile

    try:
        tarfile.TarInfo.frombuf(head[:512], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def unpacked(archive: State) -> State:
    return scratch().copy(archive[f"/{MAIN}"], "/", unpack=True)


def below(context: State, folder: str) -> State:
    """A folder of a context as one of its own (`contextsubdir`)."""
    return scratch().copy(context[folder], "/") if folder else context


class NamedContexts:
    """The contexts that were given, by name or by `name::platform`; `usual` are those that the target brings along.

    Each is made when it is first asked for, and may ask the daemon.
    """

    def __init__(
        self,
        options: Options,
        inquiry: Inquiry,
        inputs: Mapping[str, bytes],
        platform: Platform,
        usual: Mapping[str, str] | None = None,
    ) -> None:
        self.options = options
        self.inquiry = inquiry
        self.inputs = inputs
        self.platform = platform
        self._specs = {_familiar(key): spec for key, spec in (usual or {}).items()} | options.contexts
        self._made: dict[str, State] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._specs)

    def __contains__(self, key: str) -> bool:
        return _familiar(key) in self._specs

    def __getitem__(self, key: str) -> State:
        """Raises KeyError, OptionError for what cannot be a context, and what the daemon says."""
        key = _familiar(key)
        if key not in self._made:
            self._made[key] = self._make(key, self._specs[key])
        return self._made[key]

    def _make(self, key: str, spec: str) -> State:
        scheme, _, rest = spec.partition(":")
        make = _git if spec.startswith("git@") else _SCHEMES.get(scheme)
        if make is None:
            raise _unusable(key, f"{spec!r} begins with none of {', '.join(_SCHEMES)}{near(scheme, _SCHEMES)}")
        try:
            return make(self, key, spec, rest.removeprefix("//"))
        except GraphError as error:
            raise _unusable(key, error.message) from error


def _image(build: NamedContexts, key: str, spec: str, ref: str) -> State:
    return scratch() if ref == "scratch" else image(ref, name=f"[context {key}] {ref}")


def _git(build: NamedContexts, key: str, spec: str, rest: str) -> State:
    found = git_context(spec)
    if found is None:
        raise _unusable(key, f"{shown(spec)!r} is no git repository")
    return found


def _web(build: NamedContexts, key: str, spec: str, rest: str) -> State:
    found = git_context(spec)
    return http(spec, filename=MAIN, name=f"[context {key}] {shown(spec)}") if found is None else found


def _layout(build: NamedContexts, key: str, spec: str, ref: str) -> State:
    digest = references.parse(ref).digest
    if not digest:
        raise _unusable(key, f"{ref!r} has no digest; a layout is read by NAME@sha256:…")
    folder, slash, last = ref.removesuffix(f"@{digest}").rpartition("/")
    stand_in = references.parse(key.partition("::")[0])
    identifier = f"oci-layout://{stand_in}@{digest}"
    attrs = {"oci.session": build.options.session, "oci.store": folder + slash + last.partition(":")[0]}
    build.inquiry.attrs[identifier] = attrs
    made = source(identifier, attrs, caps=["source.ocilayout"], name=f"[context {key}] OCI load from client")
    return State(made.vertex, inherited(_Config(identifier, made)))


def _folder(build: NamedContexts, key: str, spec: str, name: str) -> State:
    inquiry, options, label = build.inquiry, build.options, f"[context {key}]"
    (ref,) = inquiry.solve([solvable(ignore_file(name, options, f"context:{key}-{IGNORE_FILE}", label))])
    (reply,) = inquiry.bridge.ask_each([calls.read_file(ref, IGNORE_FILE)])
    shared_key = f"context:{key}-{options.given.get(f'sharedkey:localdir:{key}', '')}"
    session = options.local_session(name) or None
    return local(name, exclude=ignored(reply), shared_key=shared_key, session=session, name=f"{label} load from client")


def _input(build: NamedContexts, key: str, spec: str, name: str) -> State:
    if name not in build.inputs:
        raise _unusable(key, f"input {name!r} did not come with the build")
    made = definition(build.inputs[name])
    config = _input_config(build.options.given.get(f"input-metadata:{name}", ""), name)
    if config is None:
        return made
    given = _Config(f"input:{name}", made, build.platform)
    build.inquiry.answers[given.question(build.platform)] = ResolvedImage("", config)
    return State(made.vertex, inherited(given))


_SCHEMES: Mapping[str, Callable[[NamedContexts, str, str, str], State]] = {
    "docker-image": _image,
    "git": _git,
    "http": _web,
    "https": _web,
    "ssh": _git,
    "oci-layout": _layout,
    "local": _folder,
    "input": _input,
}


def _unusable(key: str, problem: str) -> OptionError:
    return OptionError(f"context {key!r}: {problem}", f"context:{key}")


class _Config:
    """What passes on the config of files that are no registry's image; with a `platform` it is the same for all."""

    def __init__(self, ref: str, made: State, platform: Platform | None = None) -> None:
        self._ref = ref
        self._platform = platform
        self.site: Site = made.vertex[0].site if made.vertex else ()
        self.constraints = made.vertex[0].constraints if made.vertex else UNCONSTRAINED

    def question(self, platform: Platform) -> ImageQuestion:
        return ImageQuestion(self._ref, self._platform or self.constraints.platform or platform)


def _familiar(key: str) -> str:
    """A context's name as builders send it: an image's short form, without `latest`; `::platform` stays."""
    name, colons, platform = key.partition("::")
    try:
        return references.parse(name).familiar.removesuffix(":latest") + colons + platform
    except GraphError:  # then it is no image's name, and stands for itself
        return key


def _input_config(metadata: str, name: str) -> Mapping[str, Any] | None:
    """The image config in an input's metadata, if there is any."""
    if not metadata:
        return None
    from base64 import b64decode

    from llbpy.graph.jsontext import loads

    try:
        encoded = loads(metadata.encode()).get("containerimage.config")
        config: Mapping[str, Any] | None = None if encoded is None else loads(b64decode(encoded, validate=True))
    except (ValueError, AttributeError, TypeError) as error:
        raise OptionError(f"input-metadata:{name} is no JSON of base64: {error}", f"input-metadata:{name}") from error
    if not isinstance(config, dict | None):
        raise OptionError(f"input-metadata:{name} has an image config that is no JSON object", f"input-metadata:{name}")
    return config
