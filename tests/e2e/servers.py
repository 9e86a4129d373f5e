"""Servers for sources, on this machine alone: files over http, repositories over git's own protocol."""

from __future__ import annotations

import os
import subprocess
from base64 import b64encode
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseRequestHandler, TCPServer, ThreadingTCPServer
from threading import Thread


class _Files(SimpleHTTPRequestHandler):
    """Files of a folder: below /private/ with the header `Authorization: Bearer open` only, below /ageless/ without their times."""

    def do_GET(self) -> None:
        if self.path.startswith("/private/") and self.headers["Authorization"] != "Bearer open":
            self.send_error(401)
        else:
            super().do_GET()

    def send_header(self, keyword: str, value: str) -> None:
        if not (keyword == "Last-Modified" and self.path.startswith("/ageless/")):
            super().send_header(keyword, value)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: what was asked is no part of a test's output."""


class _Git(BaseRequestHandler):
    """One fetch, served by git itself."""

    def __init__(self, root: Path, *args: object) -> None:
        self._root = root
        super().__init__(*args)  # type: ignore[arg-type]

    def handle(self) -> None:
        daemon = ("git", "daemon", "--inetd", "--export-all", f"--base-path={self._root}")
        subprocess.run(daemon, stdin=self.request, stdout=self.request, stderr=subprocess.DEVNULL, check=False)


class _PrivateGit(BaseHTTPRequestHandler):
    """Repositories over http, served by git itself to whom has the token."""

    def __init__(self, root: Path, token: str, *args: object) -> None:
        self._root = root
        self._wanted = f"basic {b64encode(f'x-access-token:{token}'.encode()).decode()}"
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        if self.headers["Authorization"] != self._wanted:
            self.send_error(401)
            return
        path, _, query = self.path.partition("?")
        asked = self.rfile.read(int(self.headers["Content-Length"] or 0))
        env = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self._root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": self.headers["Git-Protocol"] or "",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers["Content-Type"] or "",
            "HTTP_CONTENT_ENCODING": self.headers["Content-Encoding"] or "",
        }
        said = subprocess.run(("git", "http-backend"), input=asked, env=env, check=True, stdout=subprocess.PIPE).stdout
        head, _, body = said.partition(b"\r\n\r\n")
        headers = dict([line.split(": ", 1) for line in head.decode().splitlines()])
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Nothing, as above."""


class _GitServer(ThreadingTCPServer):
    daemon_threads = True


def files(root: Path) -> Generator[str]:
    """The URL of a folder over http."""
    with _running(ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(root)))) as port:
        yield f"http://127.0.0.1:{port}"


def repositories(root: Path) -> Generator[str]:
    """The URL of a folder of repositories over git's protocol."""
    with _running(_GitServer(("127.0.0.1", 0), partial(_Git, root))) as port:
        yield f"git://127.0.0.1:{port}"


def private_repositories(root: Path, token: str) -> Generator[str]:
    """The URL of a folder of repositories over http, which are there for whom has the token."""
    with _running(ThreadingHTTPServer(("127.0.0.1", 0), partial(_PrivateGit, root, token))) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _running(server: TCPServer) -> Generator[int]:
    """The port of a server that runs in a thread of its own for as long as it is needed."""
    with server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server.socket.getsockname()[1]
        server.shutdown()
        thread.join()


class Repository:
    """A git repository with commits that tests make."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *words: str) -> str:
        who = ("-c", "user.name=e2e", "-c", "user.email=e2e@llbpy.example", "-c", "commit.gpgsign=false")
        return subprocess.run(
            ("git", *who, *words), cwd=self.folder, check=True, capture_output=True, text=True
        ).stdout.strip()

    def commit(self, texts: Mapping[str, str]) -> str:
        """A commit that writes files; its id."""
        for name, text in texts.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "a change")
        return self.git("rev-parse", "HEAD")
