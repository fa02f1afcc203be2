"""`huref tokens` and `huref terms`, from a corpus to the terms of the authors' definition."""

import json
from pathlib import Path

import numpy as np

from tests.support import models
from tests.support.cli import Here, assert_sentence
from tests.support.schemas import validate, validated


def test_from_corpus_to_terms(huref: Here, tmp_path: Path) -> None:
    folder = models.network("llama").write(tmp_path / "model")
    (tmp_path / "text").write_text("\n".join(models.sentences()[:50]), encoding="utf-8")
    ran = huref("tokens", folder, "--corpus", tmp_path / "text", "-o", tmp_path / "ids", "--json")
    assert ran.code == 0, ran
    ids = [int(line) for line in (tmp_path / "ids").read_text().splitlines()]
    assert ran.json["tokens"] == len(ids)
    ran = huref(
        *("terms", folder, "--profile", "paper", "--tokens", tmp_path / "ids"),
        *("--layers", "0,1", "-o", tmp_path / "terms.npz", "--json"),
    )
    assert ran.code == 0, ran
    assert ran.json["terms"] == [f"layer{layer}.M_{kind}" for layer in (0, 1) for kind in "abf"]
    with np.load(tmp_path / "terms.npz") as file:
        assert file["layer1.M_f"].shape == (len(ids), len(ids))


def test_default_profile_needs_no_list(huref: Here, tmp_path: Path) -> None:
    folder = models.network("bert").write(tmp_path / "model")
    ran = huref("terms", folder, "-o", tmp_path / "terms.npz")
    assert ran.code == 0, ran
    assert "layer2.M_f" in ran.out


def test_paper_without_a_list(huref: Here, tmp_path: Path) -> None:
    folder = models.network("bert").write(tmp_path / "model")
    ran = huref("terms", folder, "--profile", "paper", "-o", tmp_path / "terms.npz")
    assert_sentence(ran, 2, "--tokens", "huref tokens")
    assert not (tmp_path / "terms.npz").exists()


def test_the_list_that_a_profile_selects(tmp_path: Path, huref: Here) -> None:
    """It is that of a fingerprint, and other verbs take it."""
    folder, file = models.network("llama", layers=2).write(tmp_path / "m"), tmp_path / "tokens.json"
    ran = huref("tokens", folder, "-o", file, "--json")
    assert (ran.code, ran.json["profile"]) == (0, "robust-2")
    validated(ran.out)
    validate("tokens", file.read_bytes())
    fingerprint = huref("fingerprint", folder, "--json").json
    assert json.loads(file.read_bytes())["tokens"] == fingerprint["tokens"]
    assert ran.json["digest"] == fingerprint["tokens"]["digest"]
    assert huref("fingerprint", folder, "--tokens", file, "--json").json == fingerprint
