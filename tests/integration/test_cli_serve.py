"""`huref serve`: starts, answers, and ends in good order."""

from __future__ import annotations

import json
import re
import signal
import socket
import urllib.request
from pathlib import Path

import pytest

from huref.serve.settings import Settings
from huref.serve.store import Store
from tests.support.cli import Here, assert_sentence, running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serves_on_a_free_port_until_it_is_stopped(number: signal.Signals) -> None:
    with running("serve", "--port", "0") as service:
        assert service.stderr is not None
        address = re.search(r"http://127\.0\.0\.1:\d+", service.stderr.readline().decode())
        assert address is not None
        with urllib.request.urlopen(f"{address[0]}/healthz", timeout=60) as answer:  # at once: it listens already
            assert json.load(answer) == {"status": "ok"}
        service.send_signal(number)
        assert service.wait(timeout=20) == 0
        assert b"Traceback" not in service.stderr.read()


def test_a_port_that_is_taken(huref: Here) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert_sentence(huref("serve", "--port", port), 2, f"port {port}")


def test_tokens_of_those_who_may_write(huref: Here, tmp_path: Path) -> None:
    data = ("--data", tmp_path / "data")
    made = huref("serve", "token", "create", "laptop", "--scope", "bundle", "--days", 3, *data, "--json").json
    assert re.fullmatch(r"huref_[0-9a-f]{16}_[0-9a-f]{64}", made["token"])
    assert made["kept"]["scopes"] == ["bundle"]
    second = huref("serve", "token", "create", "desk", *data)
    assert second.out.startswith("huref_")
    listed = huref("serve", "token", "list", *data, "--json").json["tokens"]
    assert {token["name"] for token in listed} == {"laptop", "desk"}  # in one second no order
    assert made["token"] not in json.dumps(listed)
    gone = huref("serve", "token", "revoke", made["kept"]["id"], *data, "--json").json["tokens"]
    assert "revoked" in gone[0]
    assert_sentence(huref("serve", "token", "revoke", "none", *data), 4, "there is no token")
    assert_sentence(huref("serve", "token", "list"), 2, "--data DIR")


def test_what_is_kept_can_be_checked(huref: Here, tmp_path: Path) -> None:
    store = Store.of(Settings(data=tmp_path))
    assert store is not None
    assert huref("serve", "fsck", "--data", tmp_path, "--json").json["faults"] == []
    found = {"sha256": "a" * 64, "commitment": "a" * 64, "vector": None, "about": {}}
    store.keep("commitment", found, b"bytes")
    store.close()
    (tmp_path / "objects" / "commitment" / "aa" / ("a" * 64)).write_bytes(b"other bytes")
    said = huref("serve", "fsck", "--data", tmp_path, "--json")
    assert (said.code, len(said.json["faults"])) == (1, 1)
    (tmp_path / "log").rename(tmp_path / "elsewhere")
    assert_sentence(huref("serve", "fsck", "--data", tmp_path), 4, "restore its log")


def test_only_this_machine_may_be_open(huref: Here, tmp_path: Path) -> None:
    said = huref("serve", "--open", "--host", "0.0.0.0", "--port", 0, "--data", tmp_path)
    assert_sentence(said, 2, "this machine alone")
