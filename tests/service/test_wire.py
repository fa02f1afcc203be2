"""The service against clients that do not keep to the rules, over real sockets."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from huref.artefacts import bundle
from huref.serve.settings import Settings
from tests.service.conftest import serving
from tests.support.bundles import toy

LIMITS = Settings(body_bytes=1 << 20, body_seconds=1.5, held_bytes=3 << 20, workers=1, waiting=2)
HEAD = b"POST /verify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(LIMITS) as number:
        yield number


@pytest.fixture(autouse=True)
def still_there(port: int) -> Iterator[None]:
    """Whatever a client does, the next one is served, and nothing of the former one is held."""
    yield
    assert httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
    answer = httpx.post(
        f"http://127.0.0.1:{port}/verify", content=bundle.dump(toy()), headers={"Content-Type": "application/json"}
    )
    assert answer.json()["code"] == "policy-not-met"


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def no_more(client: socket.socket) -> None:
    """Nothing more will be sent; the server may have left before."""
    with contextlib.suppress(OSError):
        client.shutdown(socket.SHUT_WR)


def answer(client: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the next answer, up to the end of the connection or of the body."""
    data = b""
    while b"\r\n\r\n" not in data:
        block = client.recv(1 << 16)
        if not block:
            return 0, {}, data
        data += block
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {key.lower(): value for key, value in (line.split(": ", 1) for line in lines[1:])}
    length = int(headers.get("content-length", 0))
    while len(body) < length:
        body += client.recv(1 << 16)
    return int(lines[0].split()[1]), headers, body[:length]


def code(body: bytes) -> str:
    return str(json.loads(body)["code"])


def test_declared_length_over_the_limit_is_refused_before_it_comes(port: int) -> None:
    with connect(port) as client:
        client.sendall(HEAD + b"Content-Length: 1048577\r\n\r\n")
        status, headers, body = answer(client)
        assert (status, code(body), headers["connection"]) == (413, "bundle-too-large", "close")
        assert client.recv(1) == b""


def test_chunks_beyond_the_limit_are_refused(port: int) -> None:
    with connect(port) as client:
        client.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b" " * (1 << 16) + b"\r\n"
        with contextlib.suppress(ConnectionError):
            client.sendall(chunk * 40)  # and no end: cut off after twice the limit
        status, _, body = answer(client)
        assert (status, code(body)) == (413, "bundle-too-large")


def test_chunks_within_the_limit_are_read(port: int) -> None:
    with connect(port) as client:
        data = bundle.dump(toy())
        parts = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (data[:7], data[7:5000], data[5000:]))
        client.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + parts + b"0\r\n\r\n")
        status, _, body = answer(client)
        assert (status, code(body)) == (422, "policy-not-met")


def test_slow_bodies_are_given_up(port: int) -> None:
    with connect(port) as client:
        start = time.monotonic()
        client.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
        for _ in range(4):
            client.sendall(b" ")
            time.sleep(0.2)
        status, headers, body = answer(client)
        assert (status, code(body), headers["connection"]) == (408, "request-timeout", "close")
        assert time.monotonic() - start >= LIMITS.body_seconds


def test_declared_length_longer_than_the_body(port: int) -> None:
    with connect(port) as client:
        client.sendall(HEAD + b"Content-Length: 1000\r\n\r\n{}")
        no_more(client)
        status, _, _ = answer(client)
        assert status in (0, 400, 408)


def test_declared_length_shorter_than_the_body(port: int) -> None:
    with connect(port) as client:
        client.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}" + b"surplus" * 20 + b"\r\n\r\n")
        status, _, body = answer(client)
        assert (status, code(body)) == (400, "malformed-bundle")  # the surplus is another request, and no good one


@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: abc\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 1\r\nContent-Length: 2\r\n",
        b"Content-Length: 99999999999999999999999\r\n",
        b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip\r\n",
    ],
)
def test_impossible_lengths(port: int, lines: bytes) -> None:
    with connect(port) as client:
        client.sendall(HEAD + lines + b"\r\n{}")
        no_more(client)
        status, _, body = answer(client)
        assert status in (0, 400, 408, 413, 501), body
        assert b"Traceback" not in body


def test_bad_requests(port: int) -> None:
    for data in (b"\0" * 100, b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\nx" + b"y" * 200_000):
        with connect(port) as client:
            client.sendall(data)
            no_more(client)
            status, _, body = answer(client)
            assert status in (0, 400, 431), data[:20]
            assert b"Traceback" not in body


def test_all_bodies_together_have_a_budget(port: int) -> None:
    clients = [connect(port) for _ in range(4)]
    try:
        for client in clients:
            client.sendall(HEAD + b"Content-Length: 1048576\r\n\r\n" + b" " * 1_000_000)
        first, _, _ = select.select(clients, [], [], 20)
        status, headers, body = answer(first[0])
        assert (status, code(body)) == (503, "verifier-busy")
        assert int(headers["retry-after"]) > 0
    finally:
        for client in clients:
            client.close()
    time.sleep(0.2)


def closed_within(client: socket.socket, seconds: float) -> bool:
    client.settimeout(seconds)
    try:
        return client.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


@pytest.mark.parametrize(
    "request_",
    [
        HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        HEAD.replace(b"\r\n", b"\n") + b"Content-Length: 2\n\n{}",
        b"GET /healthz HTTP/1.1\nHost: x\n\n",
        HEAD + b"Transfer-Encoding: gzip\r\n\r\n{}",
        HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n{}",
        HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        HEAD.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"GET /healthz\r\n\r\n",
        b"GET /healthz HTTP/2.0\r\nHost: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET /healthz HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n2;a\n{}\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n{}",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}surplus\r\n0\r\n\r\n",
    ],
)
def test_what_two_parsers_could_understand_differently_ends_the_connection(port: int, request_: bytes) -> None:
    with connect(port) as client:
        client.sendall(request_)
        status, headers, body = answer(client)
        assert (status, code(body), headers["connection"]) == (400, "usage", "close")
        assert headers["content-type"] == "application/problem+json"
        assert closed_within(client, 5)


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nX: " + b"y" * 20_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"y" * 200_000,
        b"GET /" + b"y" * 20_000,
        b"GET / HTTP/1.1\r\n" + b"".join(b"X%d: y\r\n" % number for number in range(2000)) + b"\r\n",
    ],
    ids=["long", "endless", "line", "many"],
)
def test_heads_are_bounded(port: int, head: bytes) -> None:
    with connect(port) as client:
        client.sendall(head)
        status, headers, body = answer(client)
        assert (status, code(body), headers["connection"]) == (431, "headers-too-large", "close")
        assert closed_within(client, 5)


@pytest.mark.parametrize("sent", [b"", b"\r\n", b"GET /healthz HTTP/1.1\r\nHost: x\r\n"])
def test_silence_has_an_end(sent: bytes) -> None:
    with serving(LIMITS.model_copy(update={"header_seconds": 0.5})) as number, connect(number) as client:
        client.sendall(sent)
        start = time.monotonic()
        status, _, body = answer(client) if sent.startswith(b"GET") else (0, {}, client.recv(1))
        assert (status, body and code(body)) in ((0, b""), (408, "request-timeout"))
        assert closed_within(client, 5)
        assert time.monotonic() - start >= 0.4


def test_a_body_that_nobody_wanted_is_not_waited_for() -> None:
    with serving(LIMITS.model_copy(update={"header_seconds": 0.5})) as number, connect(number) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        assert answer(client)[0] == 200
        with contextlib.suppress(ConnectionError):
            for _ in range(20):
                client.sendall(b" ")
                time.sleep(0.1)
        assert closed_within(client, 1)


def test_silent_connections_keep_nobody_out() -> None:
    """As many as there may be, and more: those who ask are answered."""
    with serving(LIMITS.model_copy(update={"connections": 20, "header_seconds": 60})) as number:
        silent = [connect(number) for _ in range(100)]
        try:
            for path in ("/healthz", "/v1/profiles") * 3:
                assert httpx.get(f"http://127.0.0.1:{number}{path}").status_code == 200
        finally:
            for client in silent:
                client.close()


def test_busy_connections_leave_room_for_health() -> None:
    with serving(LIMITS.model_copy(update={"connections": 3, "body_seconds": 60})) as number:
        busy = [connect(number) for _ in range(3)]
        try:
            for client in busy:
                client.sendall(HEAD + b"Content-Length: 1000\r\n\r\n{")
            time.sleep(0.2)
            assert httpx.get(f"http://127.0.0.1:{number}/healthz").status_code == 200
            refused = httpx.get(f"http://127.0.0.1:{number}/v1/profiles")
            assert (refused.status_code, refused.json()["code"]) == (503, "verifier-busy")
            assert int(refused.headers["retry-after"]) > 0
        finally:
            for client in busy:
                client.close()
