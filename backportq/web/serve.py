"""A look at the report on this machine: a server on the loopback address that tells pages when something moved.

The pages themselves are those of the folder; what reloads them is added while they are served, so that nothing of it is
in the files. Nobody else on the network can reach it, and only files of the folder are answered.
"""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote, urlsplit

from backportq.errors import BackportqError
from backportq.git.refs import read_refs
from backportq.services.project import Project
from backportq.web.folder import FolderError

_HOST = "127.0.0.1"
_EVERY = 2.0  # seconds between two looks at the refs
_RELOAD = b"""const told = new EventSource("/-/moved"); told.onmessage = () => location.reload();\n"""
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".atom": "application/atom+xml; charset=utf-8",
}


class _Moves:
    """How often the report was made anew; pages wait for the next time."""

    def __init__(self) -> None:
        self.count = 0
        self.changed = threading.Condition()

    def tell(self) -> None:
        with self.changed:
            self.count += 1
            self.changed.notify_all()

    def wait(self, seen: int, seconds: float) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: self.count != seen, seconds)


def serve(
    folder: Path,
    port: int,
    make: Callable[[], object],
    project: Project,
    tell: Callable[[str], None],
    warn: Callable[[BackportqError], None],
) -> None:
    """Serve the folder until interrupted; whenever a ref moves, `make` it anew and have open pages load again.

    `tell` is given the address, `warn` a failure after which the old pages stay. Raise `FolderError` where the port is
    taken.
    """
    moves = _Moves()
    try:
        server = http.server.ThreadingHTTPServer((_HOST, port), partial(_Handler, folder.resolve(), moves))
    except OSError as error:
        raise FolderError(
            f"cannot listen on port {port}: {error.strerror}", hints=("--port 0 takes any that is free",)
        ) from error
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    tell(f"http://{_HOST}:{server.server_address[1]}/")
    try:
        seen = read_refs(project.repository).oids
        while True:
            time.sleep(_EVERY)
            now = read_refs(project.repository).oids
            if now != seen:
                seen = now
                try:
                    make()
                except BackportqError as failure:
                    warn(failure)
                else:
                    moves.tell()
    finally:
        server.shutdown()
        server.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    server_version = "backportq"
    sys_version = ""
    protocol_version = "HTTP/1.0"

    def __init__(self, folder: Path, moves: _Moves, *args: object) -> None:
        self._folder = folder
        self._moves = moves
        super().__init__(*args)  # type: ignore[arg-type]  # what the server passes on

    def do_GET(self) -> None:
        """Answer one request."""
        if self.headers.get("Host", "").rpartition(":")[0] not in (_HOST, "localhost"):
            self.send_error(HTTPStatus.FORBIDDEN)  # a page of somewhere else that had its name point here
            return
        path = unquote(urlsplit(self.path).path)
        if path == "/-/moved":
            self._wait()
        elif path == "/-/reload.js":
            self._answer(_RELOAD, _TYPES[".js"])
        else:
            self._file(path.lstrip("/") or "index.html")

    def _file(self, name: str) -> None:
        target = (self._folder / name).resolve()
        kind = _TYPES.get(target.suffix)
        if not target.is_relative_to(self._folder) or kind is None or not target.is_file():
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        content = target.read_bytes()
        if target.suffix == ".html":
            content = content.replace(b"base-uri 'none'", b"connect-src 'self'; base-uri 'none'", 1)
            content = content.replace(b"</head>", b'<script src="/-/reload.js" defer></script>\n</head>', 1)
        self._answer(content, kind)

    def _answer(self, content: bytes, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(content)

    def _wait(self) -> None:
        """Keep the connection open, and write one event when the report was made anew."""
        seen = self._moves.count
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        try:
            while not self._moves.wait(seen, 15.0):
                self.wfile.write(b": still here\n\n")
                self.wfile.flush()
            self.wfile.write(b"data: moved\n\n")
        except OSError:  # the page was closed
            return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Say nothing: whoever looks at the pages sees them."""
