"""Faults: whatever ends when it should not, what was accepted is there, and nothing half done is seen."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from huref.artefacts import bundle as bundles
from huref.artefacts import commitment as commitments
from huref.artefacts.commitment import Commitment
from huref.serve.settings import Settings
from huref.serve.store import Store, fsck, log_of
from tests.service.conftest import serving
from tests.service.test_answers import problem
from tests.support import postgres, s3
from tests.support.bundles import robust, unproved

JSON = {"Content-Type": "application/json"}


def commitment(number: int) -> Commitment:
    """One of several commitments to the same weights."""
    return unproved(100 + number)


def keep(address: str, number: int) -> httpx.Response:
    data = commitments.dump(commitment(number))
    return httpx.post(f"{address}/v1/commitments", content=data, headers=JSON, timeout=60)


def whole(address: str) -> list[str]:
    """Everything that is kept: each entry can be read and is in the log, and the log has no other."""
    entries = httpx.get(f"{address}/v1/entries?limit=100").json()["entries"]
    for position, entry in enumerate(entries):
        assert entry["position"] == position
        assert httpx.get(f"{address}{entry['location']}").status_code == 200
        assert httpx.get(f"{address}/v1/entries/{entry['sha256']}/proof").status_code == 200
    assert httpx.get(f"{address}/log/checkpoint").text.splitlines()[1] == str(len(entries))
    return [entry["sha256"] for entry in entries]


@contextlib.contextmanager
def process(data: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A service in a process of its own, that can be killed; its address."""
    log = data.parent / "log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "huref", "serve", "--open", "--port", "0", "--data", str(data)]
        with subprocess.Popen(command, stderr=output) as running:
            while (found := re.search(r"http://[\d.:]+", log.read_text())) is None:
                assert running.poll() is None, log.read_text()
                time.sleep(0.05)
            try:
                yield running, found[0]
            finally:
                running.kill()


def test_a_service_that_is_killed(tmp_path: Path) -> None:
    """At any moment: those who had an answer find what they sent, and the next start finishes the rest."""
    accepted: set[str] = set()
    numbers = iter(range(1000))
    for _ in range(3):
        with process(tmp_path / "data") as (running, address), concurrent.futures.ThreadPoolExecutor(3) as threads:
            assert httpx.get(f"{address}/healthz", timeout=60).status_code == 200
            sent = {threads.submit(keep, address, number): number for number in (next(numbers), next(numbers))}
            next(concurrent.futures.as_completed(sent))
            late = threads.submit(keep, address, next(numbers))
            time.sleep(0.02)
            os.kill(running.pid, signal.SIGKILL)
            for answer, number in sent.items():
                with contextlib.suppress(httpx.HTTPError):
                    assert answer.result().status_code == 201
                    accepted.add(commitment(number).id)
            late.exception()
    with process(tmp_path / "data") as (_, address):
        assert keep(address, 0).status_code in (200, 201)
        assert accepted | {commitment(0).id} <= set(whole(address))


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    with process(tmp_path / "data") as (running, address):
        assert keep(address, 0).status_code == 201
        no_more = (1 << 10, resource.RLIM_INFINITY)
        resource.prlimit(running.pid, resource.RLIMIT_FSIZE, no_more)
        problem(keep(address, 1), "store-failed")
        data = bundles.dump(robust())
        assert httpx.post(f"{address}/verify", content=data, headers=JSON, timeout=60).status_code == 200
        assert httpx.get(f"{address}/v1/entries/{commitment(0).id}").status_code == 200
        assert httpx.get(f"{address}/v1/entries/{commitment(1).id}").status_code == 404
        assert httpx.get(f"{address}/readyz").status_code == 200  # what is kept can be read
        resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert keep(address, 1).status_code == 201
        assert whole(address) == [commitment(0).id, commitment(1).id]


def test_a_database_that_goes_and_comes_back(tmp_path: Path) -> None:
    with postgres.server() as running:
        given = Settings(data=tmp_path, database=SecretStr(postgres.database(running)), writing="anyone")
        with serving(given) as port:
            address = f"http://127.0.0.1:{port}"
            assert keep(address, 0).status_code == 201
            running.stop()
            problem(keep(address, 1), "store-failed")
            problem(httpx.get(f"{address}/v1/entries"), "store-failed")
            problem(httpx.get(f"{address}/readyz"), "store-failed")
            assert httpx.get(f"{address}/healthz").status_code == 200
            data = bundles.dump(robust())
            assert httpx.post(f"{address}/verify", content=data, headers=JSON, timeout=60).status_code == 200
            running.start()
            assert httpx.get(f"{address}/readyz").status_code == 200
            assert keep(address, 1).status_code == 201
            assert whole(address) == [commitment(0).id, commitment(1).id]


def test_a_store_that_goes_and_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the bytes and the log."""
    with contextlib.ExitStack() as running:
        place = running.enter_context(s3.store())
        for name, value in s3.environment(place).items():
            monkeypatch.setenv(name, value)
        given = Settings(data=tmp_path, objects=f"s3://{s3.bucket(place)}/prefix", writing="anyone")
        with serving(given) as port:
            address = f"http://127.0.0.1:{port}"
            assert keep(address, 0).status_code == 201
            running.close()
            problem(keep(address, 1), "store-failed")
            problem(httpx.get(f"{address}/v1/commitments/{commitment(0).id}", timeout=60), "store-failed")
            problem(httpx.get(f"{address}/log/checkpoint", timeout=60), "store-failed")
            problem(httpx.get(f"{address}/readyz", timeout=60), "store-failed")
            assert httpx.get(f"{address}/healthz").status_code == 200
            data = bundles.dump(robust())
            assert httpx.post(f"{address}/verify", content=data, headers=JSON, timeout=60).status_code == 200
            running.enter_context(s3.store(int(place.rpartition(":")[2])))
            assert httpx.get(f"{address}/readyz").status_code == 200
            assert keep(address, 1).status_code == 201
            assert whole(address) == [commitment(0).id, commitment(1).id]
        store = Store.of(given)
        assert store is not None
        assert list(fsck.faults(store, log_of(given))) == []
        store.close()


def test_a_folder_that_is_emptied(tmp_path: Path) -> None:
    """Nothing is accepted that would be lost; verifying goes on."""
    data = tmp_path / "data"
    with process(data) as (_, address):
        assert keep(address, 0).status_code == 201
        shutil.rmtree(data)
        problem(keep(address, 1), "store-failed")
        body = bundles.dump(robust())
        assert httpx.post(f"{address}/verify", content=body, headers=JSON, timeout=60).status_code == 200
    with process(data) as (_, address):
        assert keep(address, 1).status_code == 201
        assert whole(address) == [commitment(1).id]


def test_two_services_on_one_folder(tmp_path: Path) -> None:
    given = Settings(data=tmp_path, writing="anyone")
    with serving(given) as first, serving(given) as second, concurrent.futures.ThreadPoolExecutor(4) as threads:
        addresses = [f"http://127.0.0.1:{port}" for port in (first, second)]
        sent = [(address, number) for number in range(4) for address in addresses]
        answers: list[Any] = list(threads.map(lambda given: keep(*given), sent))
        assert sorted(answer.status_code for answer in answers) == [200] * 4 + [201] * 4
        assert sorted(whole(addresses[0])) == sorted(commitment(number).id for number in range(4))
        assert whole(addresses[0]) == whole(addresses[1])
