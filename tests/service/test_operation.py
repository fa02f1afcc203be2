"""What operators see and set: settings, rates, readiness, metrics, log lines, and a service that cannot start."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from huref.errors import RateLimitedError, UsageError
from huref.serve.rates import Rates, client
from huref.serve.settings import Settings, load
from tests.service.conftest import serving
from tests.service.test_answers import problem


def free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number: int = listener.getsockname()[1]
        return number


def test_where_settings_come_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "settings"
    file.write_text("HUREF_SERVE_WORKERS=3\nHUREF_SERVE_WAITING=7\nHUREF_SERVE_SECONDS=2.5\n")
    monkeypatch.setenv("HUREF_SERVE_WAITING", "8")
    found = load(file, seconds=1.5, data=None)
    assert (found.workers, found.waiting, found.seconds, found.data) == (3, 8, 1.5, None)


@pytest.mark.parametrize(
    "line",
    ["WORKERS=x", "WORKERS=0", "RATE=often", "WRITING=nobody", "METRICS_PORT=65536", "NOTHING=1", "DATABASE=mysql://x"],
)
def test_settings_that_are_none(tmp_path: Path, line: str) -> None:
    file = tmp_path / "settings"
    file.write_text(f"HUREF_SERVE_{line}\nHUREF_SERVE_DATA={tmp_path}\n")
    with pytest.raises(UsageError) as why, serving(load(file)):
        pytest.fail("it started")
    assert "mysql" not in str(why.value)  # an address holds a password
    with pytest.raises(UsageError):
        load(tmp_path / "missing")


def test_no_password_is_shown() -> None:
    assert "hidden" not in repr(Settings(database="postgresql://user:hidden@host/name"))


def test_clients_are_counted_apart() -> None:
    rates = Rates(Settings(rate="2/minute", write_rate="1/minute"))
    for host in ("192.0.2.1", "192.0.2.2"):
        for _ in range(2):
            rates.ask(host)
        with pytest.raises(RateLimitedError) as why:
            rates.ask(host)
        assert 1 <= why.value.seconds <= 120
    rates.write("token")
    with pytest.raises(RateLimitedError):
        rates.write("token")
    assert client("2001:db8:1:2:3::4") == client("2001:db8:1:2::1") != client("2001:db8:1:3::1")


def test_too_many_requests() -> None:
    with serving(Settings(rate="3/minute")) as port:
        address = f"http://127.0.0.1:{port}"
        answers = [httpx.get(f"{address}/v1/profiles") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        problem(answers[3], "rate-limited")
        assert int(answers[3].headers["retry-after"]) > 0
        assert httpx.get(f"{address}/healthz").status_code == 200


def test_ready_only_while_the_store_answers(tmp_path: Path) -> None:
    with serving(Settings(data=tmp_path)) as port:
        address = f"http://127.0.0.1:{port}"
        assert httpx.get(f"{address}/readyz").json() == {"status": "ready"}
        (tmp_path / "log" / "checkpoint").unlink()
        problem(httpx.get(f"{address}/readyz"), "store-failed")
        assert httpx.get(f"{address}/healthz").status_code == 200


def test_metrics_on_a_port_of_their_own() -> None:
    with serving(Settings(metrics_port=(metrics := free()))) as port:
        httpx.get(f"http://127.0.0.1:{port}/v1/profiles")
        httpx.get(f"http://127.0.0.1:{port}/a-path-of-a-stranger")
        text = httpx.get(f"http://127.0.0.1:{metrics}/metrics").text
        assert 'huref_requests_total{path="/v1/profiles",status="200"} 1.0' in text
        assert 'huref_verdicts_total{code="not-found"} 1.0' in text
        assert "huref_workers 1.0" in text
        assert "stranger" not in text
        problem(httpx.get(f"http://127.0.0.1:{port}/metrics"), "not-found")


def test_each_request_has_one_line_in_the_log(tmp_path: Path) -> None:
    """Whatever a client sends, it cannot write a line, and its token is not in one."""
    program = f"from huref.serve import run; import pathlib; run(port=0, data=pathlib.Path({str(tmp_path)!r}))"
    with subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stderr.readline())
        assert found is not None
        answer = httpx.get(f"{found[0]}/x%0a%7B%22event%22%3A%22forged%22%7D%1b[2J\u2028?secret=1", timeout=60)
        token = {"Authorization": "Bearer huref_hidden", "Content-Type": "application/json"}
        httpx.post(f"{found[0]}/v1/bundles", content=b"{}", headers=token, timeout=60)
        process.send_signal(signal.SIGTERM)
        _, text = process.communicate(timeout=20)
    lines = [json.loads(line) for line in text.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["status"], line["verdict"]) for line in requests] == [(404, "not-found"), (401, "not-authorised")]
    assert requests[0]["id"] == answer.headers["x-request-id"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", requests[0]["timestamp"])
    assert requests[0]["seconds"] >= 0
    assert text.isascii()
    assert "secret" not in text
    assert "hidden" not in text


def test_a_service_whose_workers_cannot_start_says_so() -> None:
    given = os.environ | {"HUREF_SERVE_MEMORY_BYTES": "50000000"}
    command = [sys.executable, "-m", "huref", "serve", "--port", "0"]
    done = subprocess.run(command, env=given, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 6
    last = done.stderr.splitlines()[-1]
    assert last.startswith("huref: no verifier can be started")
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
