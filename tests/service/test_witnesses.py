"""A service whose log is cosigned: by a real witness, and while that is away."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from huref.artefacts.bundle import dump
from huref.errors import LogError
from huref.registry import proof as proofs
from huref.registry import tree, witnessing
from huref.registry.entry import Entry
from huref.registry.policy import read
from huref.registry.witness import Witness
from huref.serve.settings import Settings
from huref.serve.store import Store, fsck, log_of
from tests.service.conftest import serving
from tests.service.test_answers import problem
from tests.service.test_faults import JSON, commitment, keep
from tests.support import http, logs
from tests.support.bundles import robust
from tests.support.private import stored


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[str]:
    """The address of a witness of the log."""
    running = Witness(tmp_path / "witness.sqlite", [logs.witness(1)], logs.policy())
    with http.application(witnessing.app(running)) as address:
        yield address
    running.close()


def given(folder: Path, address: str) -> Settings:
    """Settings of a service with a key that the witness knows."""
    (folder / "policy").write_text(logs.policy_text([logs.witness(1)], addresses=[address]))
    key = stored(folder / "key", logs.LOG.dump())
    return Settings(data=folder / "data", log_key=key, log_policy=folder / "policy", writing="anyone")


def dated(folder: Path, address: str, number: int) -> proofs.Found:
    """What the proof of a commitment shows to somebody who demands the witness."""
    sha256 = commitment(number).id
    answer = httpx.get(f"{address}/v1/entries/{sha256}/proof")
    leaf = tree.leaf(Entry("commitment", sha256).data)
    return proofs.check(proofs.parse(answer.content), [leaf], read(folder / "policy"))[1]


def test_what_is_accepted_is_cosigned_at_once(tmp_path: Path, witness: str) -> None:
    with serving(given(tmp_path, witness)) as port:
        address = f"http://127.0.0.1:{port}"
        assert [keep(address, number).status_code for number in range(2)] == [201, 201]
        found = [dated(tmp_path, address, number) for number in range(2)]
        assert [shown.index for shown in found] == [0, 1]
        assert all(shown.witnesses == ("witness1.example",) and shown.time for shown in found)


def test_a_page_says_no_less_of_a_date_than_it_shows(tmp_path: Path, witness: str) -> None:
    """Since when the commitment exists was not checked by the proof; that witnesses date the bundle is said beside."""
    settings = given(tmp_path, witness)
    alone = settings.model_copy(update={"data": tmp_path / "alone", "log_policy": None})
    for one, words in ((settings, "existed by (.{20}), 1 of 1 witness whom this service asks"), (alone, "")):
        with serving(one) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            sent = client.post("/v1/bundles", content=dump(robust()), headers=JSON)
            text = client.get(f"/entries/{sent.json()['sha256']}").text
        said = re.search(r"<dd>since when the commitment exists(?:; the log below says: the bundle (.*))?; use: ", text)
        assert said is not None
        assert re.fullmatch(words, said[1] or "")
        dates = re.findall("existed by (.{20}), 1 of 1 witness", text)
        assert len(set(dates)) == (1 if words else 0), "both places have one date"


def test_a_witness_that_is_away_and_comes_back(tmp_path: Path, witness: str, caplog: pytest.LogCaptureFixture) -> None:
    """Things are accepted meanwhile; the next start, or the next entry, has the log cosigned."""
    with serving(given(tmp_path, "http://127.0.0.1:1")) as port:
        address = f"http://127.0.0.1:{port}"
        assert keep(address, 0).status_code == 201
        assert "lacks cosignatures" in caplog.text
        with pytest.raises(LogError, match="witness"):
            dated(tmp_path, address, 0)
    back = given(tmp_path, witness)
    with serving(back) as port:
        address = f"http://127.0.0.1:{port}"
        assert dated(tmp_path, address, 0).witnesses == ("witness1.example",)
        assert keep(address, 1).status_code == 201
    store = Store.of(back)
    assert store is not None
    assert store.is_cosigned()
    assert list(fsck.faults(store, log_of(back))) == []
    store.close()


def test_nothing_is_accepted_into_an_old_copy(tmp_path: Path, witness: str, caplog: pytest.LogCaptureFixture) -> None:
    """A service restored from a back-up whose log the witness saw grow: it reads, and says why it writes not."""
    settings = given(tmp_path, witness)
    with serving(settings) as port:
        assert keep(f"http://127.0.0.1:{port}", 0).status_code == 201
    shutil.copytree(tmp_path / "data", tmp_path / "copy")
    with serving(settings) as port:
        assert keep(f"http://127.0.0.1:{port}", 1).status_code == 201
    shutil.rmtree(tmp_path / "data")
    (tmp_path / "copy").rename(tmp_path / "data")
    with serving(settings) as port:
        address = f"http://127.0.0.1:{port}"
        problem(keep(address, 2), "store-failed")
        assert "witness w0 knows this log with 2 entries, and here it has 1" in caplog.text
        assert keep(address, 0).status_code == 200
        assert httpx.get(f"{address}/v1/entries/{commitment(2).id}").status_code == 404
        assert httpx.get(f"{address}/log/checkpoint").text.splitlines()[1] == "1"
    with pytest.raises(LogError, match="knows this log with 2 entries"):
        Store.of(settings)
