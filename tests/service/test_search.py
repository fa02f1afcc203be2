"""A search says what `compare` says, of every bundle that is kept, however it is asked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

import huref as package
from huref.artefacts import bundle as bundles
from huref.artefacts import commitment as commitments
from huref.artefacts import fingerprint as fingerprints
from huref.artefacts.bundle import Bundle
from huref.artefacts.fingerprint import Fingerprint
from huref.serve import search as module
from huref.serve.settings import Settings
from huref.serve.store.database import Database, beside
from huref.serve.store.tables import vectors as rows
from huref.similarity.database import common
from tests.service.conftest import serving
from tests.service.test_answers import OPENAPI, fits, problem
from tests.support import postgres
from tests.support.bundles import listed, robust
from tests.support.cli import Here

JSON = {"Content-Type": "application/json"}
#: A model, the same under another commitment, and strangers: over its list, over one that shares most, over another.
MINE, SAME, STRANGER, NEAR, FAR = listed(), listed(secret=7), listed(seed=2), listed(seed=3, start=8), robust()


@pytest.fixture(scope="module", params=["folder", "pgvector"])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """One that keeps all five, in its folder or in PostgreSQL with pgvector."""
    with ExitStack() as stack:
        given = {"data": tmp_path_factory.mktemp("data"), "writing": "anyone"}
        if request.param == "pgvector":
            address = postgres.database(stack.enter_context(postgres.server()))
            database = Database(address)
            with database.writing() as connection:
                connection.execute(sa.text("CREATE EXTENSION vector"))
            database.close()
            given["database"] = SecretStr(address)
        port = stack.enter_context(serving(Settings(**given)))
        client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60))
        for bundle in (MINE, SAME, STRANGER, NEAR, FAR):
            keep(client, bundle)
        yield client


def keep(client: httpx.Client, bundle: Bundle) -> None:
    assert client.post("/v1/bundles", content=bundles.dump(bundle), headers=JSON).status_code == 201


def found(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    fits(
        answer.json(),
        OPENAPI["paths"]["/v1/search"]["get"]["responses"]["200"]["content"]["application/json"]["schema"],
    )
    content: dict[str, Any] = answer.json()
    return content


def ask(client: httpx.Client, data: bytes, **query: Any) -> dict[str, Any]:
    return found(client.post("/v1/search", content=data, headers=JSON, params=query))


def fingerprint(bundle: Bundle = MINE) -> Fingerprint:
    made = common(bundle)
    assert made is not None
    return made


def plain(made: Fingerprint, **changed: Any) -> bytes:
    fields = {
        "profile": made.profile,
        "tokens": made.token_digest,
        "layers": list(made.layers),
        "vectors": [list(vector) for vector in made.vectors],
    }
    return json.dumps(fields | changed).encode()


def test_a_kept_bundle_and_its_neighbours(service: httpx.Client) -> None:
    answer = found(service.get("/v1/search", params={"digest": MINE.digest}))
    assert (answer["bundles"], answer["method"], answer["missProbability"], answer["more"]) == (3, "exact", 0, 0)
    (one,) = answer["neighbours"]
    entry = service.get(f"/v1/entries/{SAME.digest}").json()
    assert {name: one[name] for name in ("sha256", "accepted", "position", "location", "commitment")} == {
        name: entry[name] for name in ("sha256", "accepted", "position", "location", "commitment")
    }
    assert one["contested"] is True
    said = package.compare(MINE, SAME).to_json()
    for name in ("verdict", "cosine", "pValue", "correctedPValue", "layers", "tokensShared", "reason"):
        assert one[name] == json.loads(json.dumps(said[name])), name
    (apart,) = answer["leftOut"]
    assert apart["bundles"] == 1
    assert "verdict needs" in apart["why"]
    assert "1 more could not be compared" in answer["reason"]
    assert {entry["what"] for entry in answer["notChecked"]} >= {"order", "owner", "own"}


def test_every_way_to_ask_finds_the_same(service: httpx.Client) -> None:
    whole = ask(service, bundles.dump(MINE))
    assert [one["sha256"] for one in whole["neighbours"]] == [MINE.digest, SAME.digest]
    assert whole["bundles"] == 4
    for data in (fingerprints.dump(fingerprint()), plain(fingerprint())):
        other = ask(service, data)
        assert other["neighbours"] == whole["neighbours"]
        assert other["least"] == whole["least"]
    first = ask(service, bundles.dump(MINE), limit=1)
    assert ([one["sha256"] for one in first["neighbours"]], first["more"]) == ([MINE.digest], 1)


def test_a_moved_layer_hides_nothing(service: httpx.Client) -> None:
    """Any layer is compared with any."""
    made = fingerprint()
    swapped = plain(made, vectors=[list(made.vectors[1]), [1 + n % 7 for n in range(512)]])
    answer = ask(service, swapped)
    assert {one["sha256"] for one in answer["neighbours"]} == {MINE.digest, SAME.digest}
    assert answer["neighbours"][0]["layers"][0] | {"cosine": 1} == {"a": 1, "b": 3, "cosine": 1}


def test_nothing_is_said_only_after_an_exact_scan(
    service: httpx.Client, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(module, "MANY", 0)
    by_signs = ask(service, plain(fingerprint()))
    if request.node.callspec.params["service"] == "pgvector":
        assert (by_signs["method"], by_signs["missProbability"]) == ("exact", 0)
        return
    assert (by_signs["method"], by_signs["missProbability"], by_signs["least"]) == ("signs", 0.001, 0.4)
    assert {one["sha256"] for one in by_signs["neighbours"]} == {MINE.digest, SAME.digest}
    assert "missed with a probability" in by_signs["reason"]
    random = np.random.default_rng(5)
    strange = plain(fingerprint(), vectors=random.integers(-9000, 9000, (2, 512)).tolist())
    nothing = ask(service, strange)
    assert (nothing["method"], nothing["missProbability"], nothing["neighbours"]) == ("exact", 0, [])
    assert nothing["least"] < 0.3
    assert nothing["reason"].startswith("none of the 4 bundles is alike: all their layers were compared")


def test_lists_of_tokens_that_are_not_known(service: httpx.Client) -> None:
    made = fingerprint()
    answer = ask(service, plain(made, tokens="0" * 64))
    assert (answer["bundles"], answer["neighbours"]) == (0, [])
    assert answer["reason"].startswith("nothing here could be compared")
    assert all("send a fingerprint" in apart["why"] for apart in answer["leftOut"])
    foreign = replace(made, tokens=tuple(b"\xff" + token for token in made.tokens))
    assert ask(service, fingerprints.dump(foreign))["bundles"] == 0
    other = ask(service, plain(made, profile="toy-2", vectors=[[1] * 8] * 2))
    assert {apart["why"] for apart in other["leftOut"]} == {
        "they are of profile robust-2, and what was asked for of toy-2"
    }


def test_what_is_refused(service: httpx.Client) -> None:
    made = fingerprint()

    def post(data: bytes) -> httpx.Response:
        return service.post("/v1/search", content=data, headers=JSON)

    flipped = bytearray(MINE.proof)
    flipped[5000] ^= 1
    refused = problem(post(bundles.dump(replace(MINE, proof=bytes(flipped)))), "proof-rejected")
    assert refused["report"]["ok"] is False
    for data in (
        b"{}",
        b"",
        b"[]",
        plain(made, vectors=[[0] * 512] * 2),
        plain(made, vectors=[[1] * 511] * 2),
        plain(made, vectors=[[1 << 22] * 512] * 2),
        plain(made, layers=[3, 1]),
        plain(made, layers=[1]),
        plain(made, tokens="x"),
        plain(made, more=1),
        fingerprints.dump(made)[:-9],
    ):
        problem(post(data), "malformed-input")
    problem(post(plain(made, profile="other")), "unsupported-version")
    problem(service.post("/v1/search", content=b"x", headers={"Content-Type": "text/plain"}), "unsupported-media-type")
    problem(service.get("/v1/search", params={"digest": "0" * 64}), "not-found")
    for query in ({}, {"digest": "x"}, {"digest": "0" * 64, "limit": 0}, {"digest": "0" * 64, "limit": 101}):
        problem(service.get("/v1/search", params=query), "usage")
    with serving(Settings()) as port:
        address = f"http://127.0.0.1:{port}/v1/search"
        problem(httpx.post(address, content=plain(made), headers=JSON), "not-found")
        problem(httpx.get(address, params={"digest": MINE.digest}), "not-found")


@pytest.mark.parametrize("lost", ["index", "rows", "changed"])
def test_what_is_lost_is_made_again(tmp_path: Path, lost: str) -> None:
    """Files of the index, also while the service runs; rows of an older release; an index of another database."""
    settings = Settings(data=tmp_path, writing="anyone")
    with serving(settings) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        for bundle in (STRANGER, MINE, SAME):
            keep(client, bundle)
        before = found(client.get("/v1/search", params={"digest": MINE.digest}))
        if lost == "index":
            shutil.rmtree(tmp_path / "index")
            assert found(client.get("/v1/search", params={"digest": MINE.digest})) == before
    if lost == "index":
        shutil.rmtree(tmp_path / "index")
    else:
        engine = sa.create_engine(beside(tmp_path))
        with engine.begin() as connection:
            if lost == "rows":
                connection.execute(rows.delete())
            else:  # as after a restore, when others were kept in another order
                connection.execute(rows.delete().where(rows.c.sha256 != MINE.digest))
                connection.execute(rows.update().values(number=3))
        engine.dispose()
    with serving(settings) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        for _ in range(100):
            answer = client.get("/v1/search", params={"digest": MINE.digest})
            if answer.status_code == 200 and not answer.json()["leftOut"]:
                break
            if answer.status_code == 200:
                assert "not read yet" in answer.json()["leftOut"][0]["why"]
        assert found(answer) == before


def test_fsck_finds_vectors_and_an_index_that_are_others(tmp_path: Path, huref: Here) -> None:
    settings = Settings(data=tmp_path, writing="anyone")
    with serving(settings) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        referring = replace(MINE, by_reference=True)
        sent = commitments.dump(MINE.statement.commitment)
        assert client.post("/v1/commitments", content=sent, headers=JSON).status_code == 201
        for bundle in (referring, STRANGER):
            keep(client, bundle)
        found(client.get("/v1/search", params={"digest": MINE.digest}))

    def faults() -> list[str]:
        faults: list[str] = huref("serve", "fsck", "--data", tmp_path, "--json").json["faults"]
        return faults

    assert faults() == []
    (file,) = (tmp_path / "index").glob("*.rows")
    right = file.read_bytes()
    file.write_bytes(right[:-1] + bytes([right[-1] ^ 1]))
    assert [("index does not belong" in one) for one in faults()] == [True]
    file.write_bytes(right[: 2 * 512])  # the rest is not taken in yet
    assert faults() == []
    engine = sa.create_engine(beside(tmp_path))
    with engine.begin() as connection:
        connection.execute(rows.update().where(rows.c.sha256 == STRANGER.digest).values(layers=[0, 1]))
    engine.dispose()
    assert [STRANGER.digest in one and "remove its row" in one for one in faults()] == [True]
