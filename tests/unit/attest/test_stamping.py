"""Asking authorities: what is sent, and servers that do not behave."""

import contextlib
import hashlib
import socket
import subprocess
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from huref.attest import stamping
from huref.attest.authorities import Authorities
from huref.errors import InputError, ServiceError, TimestampError, UsageError
from tests.support.authority import NOW, Authority, served, serving

DATA = b"commitment"


def test_every_authority_answers() -> None:
    one, two = Authority("One"), Authority("Two")
    with served(one, two) as addresses:
        made = stamping.stamped(DATA, addresses)
        assert made.sha256 == hashlib.sha256(DATA).hexdigest()
        found = Authorities((one.root, two.root)).dated("file", made.sha256, made.tokens, "tokens")
        assert len(found.authorities) == 2
        with pytest.raises(TimestampError, match="no token"):
            stamping.stamped(DATA, addresses, Authorities((one.root,)))


def test_openssl_accepts_what_is_kept(tmp_path: Path) -> None:
    one = Authority()
    with served(one) as addresses:
        (token,) = stamping.stamped(DATA, addresses).tokens
    for name, data in (("token", token), ("data", DATA), ("root", one.pem)):
        (tmp_path / name).write_bytes(data)
    command = ["openssl", "ts", "-verify", "-in", "token", "-data", "data", "-CAfile", "root"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done


@pytest.mark.parametrize(
    ("status", "media_type", "body", "words"),
    [
        (200, "application/timestamp-reply", b"", "cannot be read"),
        (200, "text/html", b"<html>", "cannot be read"),
        (200, "application/timestamp-reply", bytes(70_000), "larger than"),
        (503, "text/plain", b"later", "answered with 503"),
        (302, "file:///etc/passwd", b"", "points to another address"),
        (307, "http://127.0.0.1:1/", b"", "points to another address"),
    ],
)
def test_other_answers(status: int, media_type: str, body: bytes, words: str) -> None:
    with serving(lambda path, request, headers: (status, media_type, body)) as address:
        with pytest.raises(ServiceError, match=words) as caught:
            stamping.stamped(DATA, [address])
        assert address in str(caught.value)


def test_answers_to_other_requests() -> None:
    one = Authority()
    for answer in (one.stamp(b"other"), one.stamp(DATA)):  # another file; another nonce
        with (
            serving(lambda path, request, headers, answer=answer: (200, "", answer)) as address,
            pytest.raises(ServiceError, match="was not made"),
        ):
            stamping.stamped(DATA, [address])


def test_clocks_that_are_apart() -> None:
    for clock in (NOW + timedelta(hours=1), NOW - timedelta(hours=1)):
        with served(Authority(clock=clock)) as addresses, pytest.raises(ServiceError, match="one of them is wrong"):
            stamping.stamped(DATA, addresses)


def test_nobody_there_and_broken_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    with pytest.raises(ServiceError, match="cannot be reached"):
        stamping.stamped(DATA, [f"http://127.0.0.1:{port}/"])
    monkeypatch.setattr(stamping, "SECONDS", 0.5)

    head = b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n"
    _refused(b"", 0, "broke off|cannot be reached")
    _refused(b"x\r\n", 0, "broke off")
    _refused(head, 0, "broke off|cannot be read")
    _refused(head + b"x" * 30, 0.05, "no answer within")


def _refused(data: bytes, pause: float, words: str) -> None:
    """What becomes of an answer that comes byte by byte, with pauses between."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with contextlib.suppress(OSError), server.accept()[0] as connection:  # the other side may leave
                connection.recv(4096)
                for byte in data:
                    connection.sendall(bytes([byte]))
                    time.sleep(pause)

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(ServiceError, match=words):
            stamping.stamped(DATA, [f"http://127.0.0.1:{server.getsockname()[1]}/"])


@pytest.mark.parametrize(
    "addresses", [[], ["http://a"] * 2, ["file:///etc/passwd"], ["ftp://a/"], ["a"], ["https://"], ["http://a"] * 17]
)
def test_addresses_that_are_not_asked(addresses: list[str]) -> None:
    with pytest.raises(UsageError):
        stamping.stamped(DATA, addresses)


def test_nothing_to_stamp() -> None:
    with pytest.raises(InputError, match="empty"):
        stamping.stamped(b"", ["http://127.0.0.1:1/"])
