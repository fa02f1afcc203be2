"""The database of a running service, mirrored and searched: what is found is what its folder has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

import huref as package
from huref.artefacts import bundle as bundles
from huref.artefacts import commitment as commitments
from huref.registry.keys import read_secret
from tests.support import disguises, http, models
from tests.support.cli import Here, assert_sentence, running
from tests.support.schemas import validated

JSON = {"Content-Type": "application/json"}


def net() -> models.Network:
    return models.network("llama", seed=1, layers=3)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def address(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that keeps the bundle of a model, and one of a stranger with its commitment."""
    nets = tmp_path_factory.mktemp("nets")
    mine = package.prove(net().write(nets / "mine"), image=None)
    other = package.prove(models.network("llama", seed=9).write(nets / "other"), image=None, own=False)
    with running("serve", "--data", data, "--open", "--port", "0") as program:
        assert program.stderr is not None
        said = re.search(rb"http://127\.0\.0\.1:\d+", program.stderr.readline())
        assert said is not None
        place = said[0].decode()
        with httpx.Client(base_url=place, timeout=60, headers=JSON) as client:
            sent = [("commitments", commitments.dump(other.statement.commitment))]
            sent += [("bundles", bundles.dump(bundle)) for bundle in (mine, other)]
            for kind, file in sent:
                assert client.post(f"/v1/{kind}", content=file).status_code == 201
        yield place


@pytest.fixture
def policy(data: Path, address: str, tmp_path: Path) -> Path:
    path = tmp_path / "log.policy"
    path.write_text(f"log {read_secret(data / 'log.key').key.text}\nquorum none\n")
    return path


def test_a_disguised_copy_is_found_in_the_mirror_of_a_service(
    address: str, data: Path, policy: Path, huref: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suspect = disguises.all_together(net(), np.random.default_rng(2), disguises.EXTREME).write(tmp_path / "suspect")
    pull = ("registry", "pull", address, tmp_path / "mirror", "--log-policy", policy, "--json")
    first, second = huref(*pull), huref(*pull)
    for ran, new in ((first, 3), (second, 0)):
        assert ran.code == 0, ran
        validated(ran.out)
        assert (ran.json["files"], ran.json["new"], ran.json["size"]) == (3, new, 3)
    copies = {path.name: path.read_bytes() for path in (tmp_path / "mirror" / "objects").rglob("*") if path.is_file()}
    assert copies == {path.name: path.read_bytes() for path in (data / "objects").rglob("*") if path.is_file()}
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    by_address = huref("scan", suspect, "--database", address, "--log-policy", policy, "--json")
    by_folder = huref("scan", suspect, "--database", tmp_path / "mirror", "--json")
    assert by_address.code == by_folder.code == 0, by_address
    one, other = by_address.json["found"], by_folder.json["found"]
    assert [found["comparison"] for found in one] == [found["comparison"] for found in other]
    assert [found["comparison"]["verdict"] for found in one] == ["related"]
    assert Path(one[0]["file"]).is_relative_to(tmp_path / "cache")
    assert by_address.json["entries"] == 2
    shown = huref("registry", "pull", address, tmp_path / "mirror", "--log-policy", policy)
    assert "3 files in" in shown.out


def test_what_is_withheld_is_said_and_the_rest_is_searched(
    address: str, policy: Path, huref: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def without(path: str, _: bytes) -> tuple[int, bytes]:
        if path.startswith("v1/commitments/"):
            return 404, b""
        answer = httpx.get(f"{address}/{path}")
        return answer.status_code, answer.content

    with http.answering(without) as place:
        ran = huref("registry", "pull", place, tmp_path / "mirror", "--log-policy", policy, "--json")
        found = huref("scan", net().write(tmp_path / "suspect"), "--database", place, "--log-policy", policy, "--json")
    assert (ran.code, ran.json["ok"], ran.json["new"]) == (7, False, 2)
    (withheld,) = ran.json["withheld"]
    assert withheld.startswith("commitment ")
    assert found.code == 0
    assert [left["file"] for left in found.json["leftOut"]] == [withheld]
    assert [one["comparison"]["verdict"] for one in found.json["found"]] == ["related"]


def test_what_cannot_be_pulled(address: str, policy: Path, huref: Here, tmp_path: Path) -> None:
    suspect = net().write(tmp_path / "suspect")
    assert_sentence(huref("scan", suspect, "--database", address), 2, "policy")
    assert_sentence(huref("scan", suspect, "--database", tmp_path, "--log-policy", policy), 2, "folder")
    assert_sentence(huref("scan", suspect, "--database", "ftp://x", "--log-policy", policy), 2, "https://")
    folder = tmp_path / "mirror"
    closed = "http://127.0.0.1:1"
    assert_sentence(huref("registry", "pull", closed, folder, "--log-policy", policy), 7, "cannot be reached")
    assert_sentence(huref("registry", "pull", address, folder, "--log-policy", tmp_path / "none"), 4, "none")
    assert_sentence(huref("registry", "pull", address, folder), 2, "--log-policy")
    (tmp_path / "file").write_bytes(b"")
    assert_sentence(huref("registry", "pull", address, tmp_path / "file", "--log-policy", policy), 6, "file")
