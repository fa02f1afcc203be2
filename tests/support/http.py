"""Applications and folders over HTTP on this machine, in threads of the test."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import uvicorn
from starlette.applications import Starlette

#: path, or "POST path" with its body -> status, body.
Answers = Callable[[str, bytes], tuple[int, bytes]]


@contextmanager
def application(app: Starlette) -> Iterator[str]:
    """The address of an application."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def answering(answers: Answers) -> Iterator[str]:
    """The address of a server that answers what a function says."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            status, data = answers(self.path.lstrip("/"), body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def files(get: Callable[[str], bytes | None]) -> Answers:
    """Files by their names."""

    def answer(path: str, _: bytes) -> tuple[int, bytes]:
        data = get(path)
        return (404, b"") if data is None else (200, data)

    return answer
