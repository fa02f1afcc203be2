"""The witness over HTTP: paths, statuses and media types; a real log asks it."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from huref.registry import request, witnessing
from huref.registry.checkpoint import Checkpoint, digest
from huref.registry.note import Note
from huref.registry.witness import Witness
from tests.support import http, logs

SIGNED = Note(Checkpoint(logs.ORIGIN, 1, logs.whole([b"a"])).text).signed(logs.LOG, 1)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    witness = Witness(tmp_path / "witness.sqlite", [logs.witness(1)], logs.policy())
    with http.application(witnessing.app(witness)) as address:
        yield address
    witness.close()


def asked(address: str, path: str, body: bytes | None = None) -> tuple[int, str, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{address}/{path}", body)) as answer:
            return answer.status, answer.headers["content-type"], answer.read()
    except urllib.error.HTTPError as refused:
        return refused.status or 0, refused.headers["content-type"], refused.read()


def test_paths_statuses_and_media_types(address: str, tmp_path: Path) -> None:
    last = f"{digest(logs.ORIGIN)}/checkpoint"
    assert asked(address, last)[0] == 404
    good = request.dump(0, [], SIGNED)
    status, kind, body = asked(address, "add-checkpoint", good)
    assert (status, kind) == (200, "text/plain; charset=utf-8")
    assert body.decode().startswith("— witness1.example ")
    assert asked(address, last) == (200, "text/plain; charset=utf-8", SIGNED.data + body)
    assert asked(address, "add-checkpoint", good) == (409, "text/x.tlog.size", b"1\n")
    assert asked(address, "add-checkpoint", b"nothing")[0] == 400
    assert asked(address, "add-checkpoint", bytes(request.MAX_BYTES + 1))[0] == 413
    assert asked(address, "add-checkpoint")[0] == 405
    assert asked(address, "elsewhere")[0] == 404
    (tmp_path / "witness.sqlite").write_bytes(b"no table at all, but some text" * 999)
    assert asked(address, "add-checkpoint", request.dump(1, [], SIGNED))[0] == 503
    assert asked(address, last)[0] == 503
