"""A server on loopback that answers as the Hub does: lists of files, pointers that lead elsewhere, parts of files.

Files named in `lfs` are stored with Git LFS: asked for, they lead to another address. `fail` says what goes wrong with
parts: a status, or "broken" (the connection ends early), "whole" (no parts), so many times.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = (".safetensors", ".gguf", ".bin")


@dataclass
class Hub:
    """What is on the server, what it was asked for, and what goes wrong."""

    folders: dict[str, Path] = field(default_factory=dict)
    token: str | None = None
    fail: list[int | str] = field(default_factory=list)
    wait: str = "0"
    #: What the Hub itself answers to certain addresses: (part of an address, status, headers).
    refusals: list[tuple[str, int, dict[str, str]]] = field(default_factory=list)
    #: Models that have another name now.
    moved: dict[str, str] = field(default_factory=dict)
    #: Further headers of files that lead elsewhere.
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)
    sent: int = 0
    address: str = ""
    elsewhere: str = ""

    def changed(self, document: dict[str, Any]) -> dict[str, Any]:
        """The list of files as it is sent."""
        return document

    def parts(self) -> list[str]:
        """The ranges of weights that were asked for."""
        return [part for _, path, part in self.asked if part and path.startswith("/cdn/")]


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_HEAD(self) -> None:
            _answer(hub, self, body=False)

        def do_GET(self) -> None:
            _answer(hub, self, body=True)

    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(2)]
    hub.address, hub.elsewhere = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    threads = [threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True) for server in servers]
    for server, thread in zip(servers, threads, strict=True):
        server.daemon_threads = True
        thread.start()
    try:
        yield hub
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join()


def _send(handler: Any, status: int, data: bytes, headers: dict[str, str], body: bool, short: bool = False) -> None:
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(data)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    if body:
        handler.wfile.write(data[: len(data) // 2] if short else data)
        if short:
            handler.close_connection = True


def _answer(hub: Hub, handler: Any, body: bool) -> None:
    path, part = handler.path.partition("?")[0], handler.headers.get("Range")
    hub.asked.append((handler.command, path, part))
    if hub.token is not None and not path.startswith("/cdn/"):
        if handler.headers.get("Authorization") != f"Bearer {hub.token}":
            code = {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"}
            _send(handler, 401, b"{}", code, body)
            return
    elif path.startswith("/cdn/"):
        assert "Authorization" not in handler.headers  # a token is for the Hub alone
    refusal = next((one for one in hub.refusals if one[0] in path), None)
    old = next((name for name in hub.moved if f"/{name}/" in f"{path}/"), None)
    if refusal:
        _send(handler, refusal[1], b"{}", refusal[2], body)
    elif old:
        _send(handler, 307, b"", {"Location": path.replace(old, hub.moved[old])}, body)
    elif found := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/revision/(.+))?", path):
        _list(hub, handler, found[1], found[2], body)
    elif found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
        _file(hub, handler, hub.folders.get(found[1]), found[3], body)
    elif found := re.fullmatch(r"/cdn/([^/]+/[^/]+)/(.+)", path):
        _part(hub, handler, hub.folders[found[1]] / found[2], part, body)
    else:
        _send(handler, 404, b"", {}, body)


def _list(hub: Hub, handler: Any, name: str, revision: str | None, body: bool) -> None:
    folder = hub.folders.get(name)
    if folder is None:
        _send(handler, 404, b"{}", {"X-Error-Code": "RepoNotFound", "X-Error-Message": "none"}, body)
        return
    if revision not in (None, "main", "v1", COMMIT):
        _send(handler, 404, b"{}", {"X-Error-Code": "RevisionNotFound", "X-Error-Message": "none"}, body)
        return
    files = []
    for path in sorted(folder.iterdir()):
        entry: dict[str, Any] = {"rfilename": path.name, "size": path.stat().st_size, "blobId": "b"}
        if path.name.endswith(LARGE):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            entry["lfs"] = {"sha256": digest, "size": entry["size"], "pointerSize": 134}
        files.append(entry)
    document = {"id": name, "modelId": name, "sha": COMMIT, "private": False, "siblings": files, "tags": []}
    data = json.dumps(hub.changed(document)).encode()
    _send(handler, 200, data, {"Content-Type": "application/json"}, body)


def _file(hub: Hub, handler: Any, folder: Path | None, file: str, body: bool) -> None:
    if folder is None or not (folder / file).is_file():
        _send(handler, 404, b"", {"X-Error-Code": "EntryNotFound", "X-Error-Message": "none"}, body)
        return
    data = (folder / file).read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{digest}"'}
    if file.endswith(LARGE):
        name = next(name for name, one in hub.folders.items() if one == folder)
        headers |= {"X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(data)), **hub.headers}
        _send(handler, 302, b"", {**headers, "Location": f"{hub.elsewhere}/cdn/{name}/{file}"}, body)
    else:
        _send(handler, 200, data, headers, body)


def _part(hub: Hub, handler: Any, path: Path, part: str | None, body: bool) -> None:
    data, fail = path.read_bytes(), hub.fail.pop(0) if hub.fail else None
    if isinstance(fail, int):
        _send(handler, fail, b"", {"Retry-After": hub.wait}, body)
        return
    found = re.fullmatch(r"bytes=(\d+)-(\d+)", part or "")
    if found is None or fail == "whole":
        hub.sent += len(data)
        _send(handler, 200, data, {}, body)
        return
    start, end = int(found[1]), int(found[2]) + 1
    hub.sent += end - start
    headers = {"Content-Range": f"bytes {start}-{end - 1}/{len(data)}"}
    _send(handler, 206, data[start:end], headers, body, short=fail == "broken")
