"""PCS against all shared parameters strung together in float64."""

from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from huref.model import open_model
from huref.similarity.equal import BLOCK, pcs, tensors
from tests.support import models


def strung(net: models.Network, names: list[str]) -> models.Array:
    tensors = net.tensors()
    return np.concatenate([tensors[name].ravel() for name in names])


def test_all_parameters_of_equal_name_and_shape(tmp_path: Path) -> None:
    """Of two vocabularies the embedding is left out, once for each model; shards and types do not matter."""
    one, other = models.network("llama", 1).stored(), models.network("llama", 2).stored()
    other.words = other.words[:-7]
    rounded = {name: tensor.astype(ml_dtypes.bfloat16) for name, tensor in other.tensors().items()}
    other.write(tmp_path / "other", shards=3, dtype=ml_dtypes.bfloat16)
    a, b = open_model(one.write(tmp_path / "one")), open_model(tmp_path / "other")
    names = [name for name in one.tensors() if "embed_tokens" not in name]
    x = strung(one, names)
    y = np.concatenate([rounded[name].astype(np.float64).ravel() for name in names])
    reports: list[tuple[str, int, int]] = []
    found = pcs(a, b, lambda *report: reports.append(report))
    assert reports == [("parameters", done, len(names)) for done in range(1, len(names) + 1)]
    assert found.value == pytest.approx(x @ y / np.linalg.norm(x) / np.linalg.norm(y), abs=1e-12)
    assert (found.tensors, found.parameters, found.left_out) == (len(names), len(x), 2)


def test_a_model_without_its_prefix_is_itself(tmp_path: Path) -> None:
    """Tensors longer than a block, too."""
    net = models.network("gpt2", 1, hidden=288, heads=4, ffn=1200, layers=1)
    assert net.blocks[0].up.size > BLOCK
    a = open_model(net.write(tmp_path / "a"))
    b = open_model(net.write(tmp_path / "b", prefix=False))
    found = pcs(a, b)
    assert found.value == pytest.approx(1, abs=1e-14)
    assert found.left_out == 0


def test_a_permutation_destroys_it(tmp_path: Path) -> None:
    net = models.network("llama", 1, layers=1)
    disguised = net.copy()
    order = np.random.default_rng(0).permutation(net.hidden)
    disguised.words = net.words[:, order]
    for block in disguised.blocks:
        for name in ("q", "k", "v", "up", "gate"):
            setattr(block, name, getattr(block, name)[:, order])
        block.o, block.down = block.o[order], block.down[order]
    found = pcs(open_model(net.write(tmp_path / "a")), open_model(disguised.write(tmp_path / "b")))
    assert abs(found.value) < 0.2


def test_nothing_in_common(tmp_path: Path) -> None:
    a = open_model(models.network("llama").write(tmp_path / "a"))
    b = open_model(models.network("gpt2").write(tmp_path / "b"))
    found = pcs(a, b)
    assert (found.value, found.tensors, found.parameters) == (0.0, 0, 0)


def test_tensors_with_nan_are_left_out(tmp_path: Path) -> None:
    net = models.network("llama")
    a = open_model(net.write(tmp_path / "a"))
    net.norm.weight[3] = np.nan
    found = pcs(a, open_model(net.write(tmp_path / "b")))
    assert found.value == pytest.approx(1, abs=1e-14)
    assert found.left_out == 2


def sinusoids(places: int, hidden: int) -> models.Array:
    angle = np.arange(places)[:, None] / 10000 ** (2 * (np.arange(hidden) // 2) / hidden)
    return np.where(np.arange(hidden) % 2, np.cos(angle), np.sin(angle))


def test_equal_tensors_are_counted_if_they_can_tell_models_apart(tmp_path: Path) -> None:
    """Of two independent models with one table of positions by formula, one matrix in common, and equal norms: the
    table and the norms decide nothing.
    """
    one, other = models.network("gpt2", 1, layers=2), models.network("gpt2", 2, layers=2)
    one.positions = other.positions = 0.3 * sinusoids(64, 64)
    for mine, theirs in zip(one.norms(), other.norms(), strict=True):
        theirs.weight = mine.weight
    other.blocks[0].up = one.blocks[0].up
    found, _ = tensors(open_model(one.write(tmp_path / "a")), open_model(other.write(tmp_path / "b")))
    equal = {pairing.name for pairing in found if pairing.equal}
    assert {pairing.name for pairing in found if pairing.equal and pairing.counts} == {"h.0.mlp.c_fc.weight"}
    assert "wpe.weight" in equal
    assert "h.0.ln_1.weight" in equal


def test_the_same_up_to_scale_and_rounding(tmp_path: Path) -> None:
    net = models.network("llama", 1, layers=1)
    scaled = net.copy()
    scaled.blocks[0].up, scaled.blocks[0].down = -4 * net.blocks[0].up, net.blocks[0].down + 0.05
    a = open_model(net.write(tmp_path / "a"))
    b = open_model(scaled.write(tmp_path / "b", dtype=ml_dtypes.bfloat16))
    found = {pairing.name: pairing for pairing in tensors(a, b)[0]}
    up, down, q = (found[f"layers.0.{name}.weight"] for name in ("mlp.up_proj", "mlp.down_proj", "self_attn.q_proj"))
    assert [one.same for one in (up, down, q)] == [False, False, False]
    assert [one.equal for one in (up, down, q)] == [True, False, True]
    assert down.correlation > 0.99


def test_of_large_tensors_a_part_is_looked_at_unless_it_is_equal(tmp_path: Path) -> None:
    """A single number that differs, in a row that is not looked at: no longer the same."""
    net = models.network("gpt2", 1, hidden=288, heads=4, ffn=1200, layers=1)
    changed = net.copy()
    changed.blocks[0].up[-1, -1] += 1
    a, b = open_model(net.write(tmp_path / "a")), open_model(changed.write(tmp_path / "b"))
    found = {pairing.name: pairing for pairing in tensors(a, b, most=1 << 14)[0]}
    assert not found["h.0.mlp.c_fc.weight"].same
    assert found["h.0.mlp.c_proj.weight"].same
