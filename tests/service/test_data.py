"""`--data`: verified reports are kept, nothing else is; and the service as a whole, started and stopped."""

from __future__ import annotations

import re
import signal
import socket
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from huref.artefacts import bundle
from huref.errors import OutputError, UsageError
from huref.serve import run
from huref.serve.settings import Settings
from tests.service.conftest import serving
from tests.support.bundles import CLAIMS, robust, toy

JSON = {"Content-Type": "application/json"}


def test_a_verified_file_is_not_verified_twice(tmp_path: Path) -> None:
    with serving(Settings(data=tmp_path)) as port:
        address = f"http://127.0.0.1:{port}/verify"
        first = httpx.post(address, content=bundle.dump(robust()), headers=JSON, timeout=60)
        assert first.status_code == 200
        again = httpx.post(address, content=bundle.dump(robust()), headers=JSON, timeout=60)
        assert again.json() == first.json()  # to the microsecond: it was not verified again
        httpx.post(address, content=bundle.dump(toy()), headers=JSON)
        other = replace(robust(), claims=replace(CLAIMS, model_name="another name"))
        named = httpx.post(address, content=bundle.dump(other), headers=JSON, timeout=60)
        assert named.json()["claimed"]["modelName"] == "another name"
        spaced = httpx.post(address, content=bundle.dump(robust()) + b" ", headers=JSON, timeout=60)
        assert spaced.json()["bundle"] == first.json()["bundle"]
        with sqlite3.connect(tmp_path / "huref.sqlite3") as database:
            assert database.execute("SELECT count(*) FROM reports").fetchone() == (2,)


def test_folders_that_cannot_be_used(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    with pytest.raises(OutputError):
        run(port=0, data=file)


def test_addresses_that_cannot_be_used() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for host, port in (("127.0.0.1", taken.getsockname()[1]), ("127.0.0.1", 99999), ("no such host", 0)):
            with pytest.raises(UsageError):
                run(host, port)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_service_as_a_whole(stop: signal.Signals) -> None:
    program = "from huref.serve import run; run(port=0)"
    with subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stderr.readline())
        assert found is not None
        response = httpx.post(f"{found[0]}/verify", content=bundle.dump(robust()), headers=JSON, timeout=60)
        assert response.status_code == 200
        process.send_signal(stop)
        process.communicate(timeout=20)
        assert process.returncode in (0, -stop, 1)
