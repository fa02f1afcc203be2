"""Proof jobs: over HTTP, with a real prover in a process of its own, which is killed on the way."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from huref.artefacts import opening as openings
from huref.errors import InputError, NotFoundError, UsageError
from huref.serve.proofs import folder
from huref.serve.settings import Settings
from huref.serve.store import Store
from tests.service.conftest import serving
from tests.service.test_answers import problem
from tests.service.test_faults import process
from tests.support import models, postgres
from tests.support.cli import Here

SECONDS = 240


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The operator's folder: a model, and ways out."""
    place = tmp_path_factory.mktemp("mounted")
    root = place / "models"
    (root / "team").mkdir(parents=True)
    models.network("llama", 1).write(root / "team" / "one")
    models.network("llama", 2).write(place / "outside")
    (root / "away").symlink_to(place / "outside")
    inside = root / "linked"
    inside.mkdir()
    for file in (place / "outside").iterdir():
        (inside / file.name).symlink_to(file)
    (root / "alias").symlink_to(root / "team" / "one")
    (root / "file").write_text("{}")
    return root


@contextlib.contextmanager
def proving(data: Path, root: Path, **more: Any) -> Iterator[str]:
    """The address of a service that proves."""
    with serving(Settings(data=data, models=root, writing="anyone", **more)) as port:
        yield f"http://127.0.0.1:{port}"


def begin(address: str, name: str = "team/one", key: str | None = None, **more: Any) -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    return httpx.post(f"{address}/v1/proofs", json={"folder": name, **more}, headers=headers, timeout=60)


def job(address: str, name: str) -> dict[str, Any]:
    answer = httpx.get(f"{address}/v1/proofs/{name}", timeout=60)
    assert answer.status_code == 200
    assert ("retry-after" in answer.headers) == (answer.json()["state"] in ("waiting", "running"))
    return dict(answer.json())


def until(address: str, name: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The job, once that holds."""
    end = time.monotonic() + SECONDS
    while not holds(found := job(address, name)):
        assert time.monotonic() < end, found
        time.sleep(0.1)
    return found


def ended(found: dict[str, Any]) -> bool:
    return found["state"] not in ("waiting", "running")


def is_kept(address: str, found: dict[str, Any]) -> dict[str, Any]:
    """The entry of the bundle that a job made."""
    assert found["state"] == "done", found
    assert httpx.get(f"{address}{found['location']}").status_code == 200
    entry = httpx.get(f"{address}/v1/entries/{found['bundle']}").json()
    assert entry["commitment"] == found["commitment"]
    return dict(entry)


def prover(pid: int) -> int:
    """The prover of the service in that process."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in children.read_text().split():
                if "huref.serve.proofs.prover" in Path(f"/proc/{child}/cmdline").read_text():
                    return int(child)
        time.sleep(0.1)
    raise AssertionError("there is no prover")


def events(address: str, name: str) -> list[tuple[str, dict[str, Any]]]:
    """All events of a job."""
    with httpx.stream("GET", f"{address}/v1/proofs/{name}/events", timeout=SECONDS) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        text = "".join(answer.iter_text())
    found = [event.split("\n") for event in text.split("\n\n") if event.startswith("event: ")]
    return [(event.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for event, data in found]


def test_off_unless_a_folder_is_named(tmp_path: Path, root: Path) -> None:
    with serving(Settings(data=tmp_path, writing="anyone")) as port:
        address = f"http://127.0.0.1:{port}"
        problem(begin(address), "forbidden")
        problem(httpx.get(f"{address}/v1/proofs/{'0' * 32}"), "forbidden")
    assert not (tmp_path / "proofs").exists()
    with pytest.raises(UsageError, match="--data"), serving(Settings(models=root)):
        pass
    with pytest.raises(UsageError, match="no folder"), serving(Settings(data=tmp_path, models=root / "file")):
        pass


def test_without_the_extra(tmp_path: Path, root: Path) -> None:
    """The service runs without it; and says what it lacks where proofs are asked for."""
    program = """
import sys
sys.modules["dbos"] = sys.modules["psycopg"] = None
import importlib.machinery as machinery
find = machinery.PathFinder.find_spec
machinery.PathFinder.find_spec = lambda name, *more: None if name == "dbos" else find(name, *more)
from huref.errors import UsageError
from huref.serve.app import create_app
from huref.serve.settings import Settings
create_app(Settings(data=sys.argv[1]))
del sys.modules["dbos"]
try:
    create_app(Settings(data=sys.argv[1], models=sys.argv[2]))
except UsageError as why:
    print(why)
"""
    command = [sys.executable, "-c", program, str(tmp_path), str(root)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert 'pip install "huref[jobs]"' in done.stdout


def test_the_whole_road(tmp_path: Path, root: Path) -> None:
    """Waiting, running, done: the bundle is kept like any other one, and the opening stays on the operator's disk."""
    with proving(tmp_path, root) as address:
        answer = begin(address, key="key", layers=[1])
        assert answer.status_code == 202
        assert int(answer.headers["retry-after"]) > 0
        name = answer.json()["id"]
        assert answer.headers["location"] == f"/v1/proofs/{name}"
        assert begin(address, key="key", layers=[1]).json()["id"] == name
        problem(begin(address, key="key", layers=[2]), "usage")
        seen = events(address, name)
        states = [state for state, _ in seen]
        assert (
            states == [shown["state"] for _, shown in seen] == sorted(states, key=["waiting", "running", "done"].index)
        )
        assert "prove" in {shown.get("stage") for _, shown in seen}
        last = seen[-1][1]
        assert last == job(address, name)
        assert last["done"] == last["total"] > 0
        entry = is_kept(address, last)
        assert entry["about"]["layers"] == [1]
        assert entry["about"]["modelName"] == "one"
        assert begin(address, key="key", layers=[1]).json()["state"] == "done"
        assert [len(events(address, name)), httpx.delete(f"{address}/v1/proofs/{name}").json()["state"]] == [1, "done"]
        own = tmp_path / "proofs" / name
        assert sorted(file.name for file in own.iterdir()) == ["commitment.json", "opening.json"]
        opening = openings.read(own / "opening.json")  # which demands that nobody else may read it
        assert opening.commitment == last["commitment"]
        assert (tmp_path / "proofs").stat().st_mode & 0o077 == own.stat().st_mode & 0o077 == 0
        for path in ("opening", "opening.json", f"../../proofs/{name}/opening.json"):
            assert httpx.get(f"{address}/v1/proofs/{name}/{path}").status_code == 404
    rows = sqlite3.connect(tmp_path / "huref.sqlite3")
    forms = rows.execute(
        "SELECT DISTINCT serialization FROM workflow_status UNION SELECT serialization FROM operation_outputs"
    )
    assert set(forms) == {("portable_json",)}, "nothing is pickled"
    kept = "".join(rows.iterdump())
    assert opening.seed.reveal().hex() not in kept
    assert str(root) not in kept


def test_a_server_that_is_killed_goes_on_where_it_stood(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was committed to: that commitment is proved, and no other one is made."""
    monkeypatch.setenv("HUREF_SERVE_MODELS", str(root))
    data = tmp_path / "data"
    with process(data) as (running, address):
        name = begin(address).json()["id"]
        until(address, name, lambda found: found.get("stage") == "prove" and found["done"] > 1)
        opening = data / "proofs" / name / "opening.json"
        before = opening.stat()
        second = prover(running.pid)
        assert os.getpriority(os.PRIO_PROCESS, second) >= 10
        running.kill()
        running.wait()
        for _ in range(100):
            if not Path(f"/proc/{second}").exists() or "Z" in Path(f"/proc/{second}/stat").read_text().split()[2]:
                break
            time.sleep(0.1)
        else:
            pytest.fail("the prover goes on without its service")
    with process(data) as (running, address):
        is_kept(address, until(address, name, ended))
        after = opening.stat()
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
        assert len(httpx.get(f"{address}/v1/entries").json()["entries"]) == 1


def test_a_prover_that_is_killed_is_started_again(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUREF_SERVE_MODELS", str(root))
    with process(tmp_path / "data") as (running, address):
        name = begin(address).json()["id"]
        until(address, name, lambda found: found["state"] == "running")
        os.kill(prover(running.pid), signal.SIGKILL)
        assert httpx.get(f"{address}/healthz").status_code == 200
        is_kept(address, until(address, name, ended))


def test_cancelling_and_waiting(tmp_path: Path, root: Path) -> None:
    """What is cancelled leaves nothing, and makes room for the next one."""
    with proving(tmp_path, root, proofs=2) as address:
        first, second = (begin(address).json()["id"] for _ in range(2))
        refused = begin(address)
        problem(refused, "rate-limited")
        assert int(refused.headers["retry-after"]) > 0
        until(address, first, lambda found: found.get("stage") == "prove")
        assert (tmp_path / "proofs" / first / "opening.json").exists()
        for name in (first, second):
            answer = httpx.delete(f"{address}/v1/proofs/{name}")
            assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
        third = begin(address, "alias").json()["id"]
        is_kept(address, until(address, third, ended))
        assert job(address, first)["state"] == job(address, second)["state"] == "cancelled"
        assert sorted(path.name for path in (tmp_path / "proofs").iterdir() if path.is_dir()) == [third]
        assert len(httpx.get(f"{address}/v1/entries").json()["entries"]) == 1


def test_what_cannot_be_proved(tmp_path: Path, root: Path) -> None:
    """The job says why, as the command line does, and not where the operator has their files."""
    with proving(tmp_path, root) as address:
        found = until(address, begin(address, "team").json()["id"], ended)
        assert (found["state"], found["problem"]["code"]) == ("failed", "malformed-model")
        assert found["problem"]["detail"].startswith("team")
        assert str(root) not in json.dumps(found)
        found = until(address, begin(address, layers=[7]).json()["id"], ended)
        assert (found["state"], found["problem"]["code"]) == ("failed", "malformed-model")
        assert "layer 7" in found["problem"]["detail"]


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../outside", "team/../../outside", "/etc", "team/", "/team/one", "team//one", "team/./one",
     "./team", "~", "team\\one", "one\0", "one\n", "hf:owner/name", "team/one+team/one", "%2e%2e", "x" * 513, ".hidden",
     "é"],
)  # fmt: skip
def test_names_that_are_none(name: str, root: Path) -> None:
    with pytest.raises(InputError):
        folder.below(root, name)


@pytest.mark.parametrize("name", ["missing", "away", "away/more", "linked", "file", "file/more", "team/one/missing"])
def test_folders_that_are_none(name: str, root: Path) -> None:
    """A link that leads away is as if it were not there."""
    with pytest.raises(NotFoundError, match="no such folder"):
        folder.below(root, name)


def test_requests_that_are_none(tmp_path: Path, root: Path) -> None:
    with proving(tmp_path, root) as address:
        problem(begin(address, "../outside"), "malformed-input")
        problem(begin(address, "away"), "not-found")
        for more in ({"layers": []}, {"layers": [-1]}, {"layers": "none"}, {"opening": "x"}, {"folder": 1}):
            problem(httpx.post(f"{address}/v1/proofs", json={"folder": "team/one", **more}), "malformed-input")
        problem(httpx.post(f"{address}/v1/proofs", json={"folder": "team/one", "x": "y" * 20_000}), "bundle-too-large")
        problem(begin(address, key="\x7f"), "usage")
        problem(begin(address, key="k" * 201), "usage")
        problem(httpx.get(f"{address}/v1/proofs/{'0' * 32}"), "not-found")
        problem(httpx.get(f"{address}/v1/proofs/{'0' * 32}/events"), "not-found")
        problem(httpx.delete(f"{address}/v1/proofs/{'0' * 32}"), "not-found")


def test_who_may_have_proofs_made(tmp_path: Path, root: Path, huref: Here) -> None:
    """A scope of its own, which no token has unless it is named; and everyone sees their own jobs alone."""

    def token(*scopes: str) -> dict[str, str]:
        given = [word for scope in scopes for word in ("--scope", scope)]
        made = huref("serve", "token", "create", "name", *given, "--data", tmp_path, "--json").json["token"]
        return {"Authorization": f"Bearer {made}"}

    first, second, other = token("proof"), token("proof"), token()
    with serving(Settings(data=tmp_path, models=root)) as port:
        address = f"http://127.0.0.1:{port}/v1/proofs"
        asked = {"folder": "team/one"}
        problem(httpx.post(address, json=asked), "not-authorised")
        problem(httpx.post(address, json=asked, headers=other), "forbidden")
        name = httpx.post(address, json=asked, headers=first | {"Idempotency-Key": "k"}).json()["id"]
        assert httpx.post(address, json=asked, headers=second | {"Idempotency-Key": "k"}).json()["id"] != name
        for method, path in (("GET", name), ("GET", f"{name}/events"), ("DELETE", name)):
            problem(httpx.request(method, f"{address}/{path}"), "not-authorised")
            problem(httpx.request(method, f"{address}/{path}", headers=second), "not-found")
        assert httpx.delete(f"{address}/{name}", headers=first).json()["state"] == "cancelled"


def test_on_postgresql(tmp_path: Path, root: Path) -> None:
    with postgres.server() as running:
        given = Settings(
            data=tmp_path, models=root, database=SecretStr(postgres.database(running)), writing="anyone", proofs=1
        )
        with serving(given) as port:
            address = f"http://127.0.0.1:{port}"
            name = begin(address, key="key").json()["id"]
            until(address, name, lambda found: found.get("stage") == "prove")
        with serving(given) as port:  # ended and begun again on the way
            address = f"http://127.0.0.1:{port}"
            assert begin(address, key="key").json()["id"] == name
            problem(begin(address), "rate-limited")
            is_kept(address, until(address, name, ended))
        store = Store.of(given)
        assert store is not None
        store.close()
