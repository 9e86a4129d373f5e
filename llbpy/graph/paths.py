"""Slash-separated paths, as Go's `path` package and BuildKit's file actions read them."""

from __future__ import annotations


def clean(path: str) -> str:
    """The shortest equal path: no empty, `.` or inner `..` parts; `""` is `"."` (Go's `path.Clean`)."""
    if path == "/" or (path[:1] not in ("", ".") and path[-1] != "/" and "//" not in path and "/." not in path):
        return path
    from posixpath import normpath  # and `os`, which is a millisecond that most paths do not need

    cleaned = normpath(path)
    # POSIX leaves two leading slashes alone; to BuildKit they are one.
    return cleaned[1:] if cleaned[:2] == "//" else cleaned


def join(*parts: str) -> str:
    """The parts with slashes between, cleaned; empty ones do not count, and nothing but empty ones is `""`."""
    joined = "/".join([part for part in parts if part])
    return clean(joined) if joined else ""


def normalize(parent: str, path: str, keep_slash: bool = False) -> str:
    """`path` as a file action writes it: absolute and clean, a relative one below the folder `parent`.

    With `keep_slash` (destinations of copies) a trailing `/` or `/.` survives: there it says "into this folder".
    """
    cleaned = clean(path)
    if cleaned[0] != "/":
        cleaned = clean(f"/{parent}/{cleaned}")
    return cleaned + _ending(cleaned, path) if keep_slash and cleaned != path else cleaned


def _ending(cleaned: str, path: str) -> str:
    slash = "" if cleaned == "/" else "/"
    if path[-1:] == "/":
        return slash
    return slash + "." if path[-2:] == "/." else ""
