"""`huref serve`: starts, answers, and ends in good order."""

from __future__ import annotations

import json
import re
import signal
import socket
import time
import urllib.error
import urllib.request

import pytest

from tests.cli import Here, assert_sentence, running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serves_on_a_free_port_until_it_is_stopped(number: signal.Signals) -> None:
    with running("serve", "--port", "0") as service:
        assert service.stderr is not None
        address = re.search(r"http://127\.0\.0\.1:\d+", service.stderr.readline().decode())
        assert address is not None
        assert _health(address[0]) == {"status": "ok"}
        service.send_signal(number)
        assert service.wait(timeout=20) == 0
        assert b"Traceback" not in service.stderr.read()


def _health(address: str) -> object:
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=10) as answer:
                return json.load(answer)
        except urllib.error.URLError:  # it says its address a moment before it listens
            time.sleep(0.1)
    return None


def test_a_port_that_is_taken(huref: Here) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert_sentence(huref("serve", "--port", port), 2, f"port {port}")
