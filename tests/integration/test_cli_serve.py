"""`huref serve`: starts, answers, and ends in good order."""

from __future__ import annotations

import json
import re
import signal
import socket
import urllib.request

import pytest

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
