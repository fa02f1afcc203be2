"""Layers that do next to nothing are passed over, however they are made; real ones never are."""

import copy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from huref.model import Model, open_model
from huref.model.idle import runs, spread
from tests.support import disguises, models
from tests.support.models import Block, Network

TINY = 1e-7


def noise(block: Block, rng: np.random.Generator) -> None:
    """Fresh random o and down, far too small to be felt."""
    for name in ("o", "down"):
        getattr(block, name)[...] = TINY * rng.standard_normal(getattr(block, name).shape)


def small_readers(block: Block, _rng: np.random.Generator) -> None:
    """The same by what v and up read."""
    block.v *= TINY
    block.up *= TINY


def small_norms(block: Block, _rng: np.random.Generator) -> None:
    """The same by the norms before them."""
    block.attention_norm.weight *= TINY
    block.ffn_norm.weight *= TINY


def closed_gates(block: Block, rng: np.random.Generator) -> None:
    """Feed-forward blocks whose gates hardly open."""
    noise(block, rng)
    assert block.gate is not None
    block.down /= TINY
    block.gate *= TINY


def scaled_apart(block: Block, rng: np.random.Generator) -> None:
    """Noise again, hidden in the scales that heads and neurons are free to have."""
    noise(block, rng)
    for into, out in ((block.v, block.o), (block.up, block.down)):
        into /= TINY**0.5
        out *= TINY**0.5
    neurons = np.exp(rng.uniform(-9, 9, len(block.up)))
    block.up *= neurons[:, None]
    block.down /= neurons


def giant_dead_neurons(block: Block, rng: np.random.Generator) -> None:
    """Noise, and a few neurons of giant size."""
    noise(block, rng)
    block.up[::10] *= 1e6
    block.down[:, ::10] *= 1e6


def constant(block: Block, _rng: np.random.Generator) -> None:
    """What every LayerNorm takes away: one number added to all hidden units."""
    for name in ("o", "down"):
        matrix = getattr(block, name)
        matrix[...] = matrix.mean(axis=0)


MADE = [noise, small_readers, scaled_apart, giant_dead_neurons]
CASES = [
    *((family, made) for family in models.FAMILIES for made in MADE),
    *((family, small_norms) for family in ("llama", "gpt2")),
    ("llama", closed_gates),
    ("gpt2", constant),
    ("bert", constant),
]


def with_idle(net: Network, made: Callable[[Block, np.random.Generator], None], places: list[int]) -> Network:
    """A copy with such layers before the layers of those numbers; biases as if the layer were not there."""
    real, net, rng = net.blocks, net.copy(), np.random.default_rng(9)
    for place in sorted(places, reverse=True):
        block = copy.deepcopy(real[min(place, len(real) - 1)])
        made(block, rng)
        block.v_bias[...] = block.o_bias[...] = block.up_bias[...] = block.down_bias[...] = 0
        net.blocks.insert(place, block)
    return net


def opened(net: Network, folder: Path) -> Model:
    return open_model(net.write(folder))


@pytest.mark.parametrize(("family", "made"), CASES, ids=lambda case: getattr(case, "__name__", case))
def test_idle_layers_are_passed_over(
    family: str, made: Callable[[Block, np.random.Generator], None], tmp_path: Path
) -> None:
    net = models.network(family, layers=5)
    appended = opened(with_idle(net, made, [5, 5]), tmp_path / "appended")
    assert appended.working_layers() == (0, 1, 2, 3, 4)
    assert appended.default_layers(2) == (3, 4)
    between = opened(with_idle(net, made, [1, 4]), tmp_path / "between")
    assert between.working_layers() == (0, 2, 3, 4, 6)
    assert between.whole_layers() == (0, 2, 3, 4, 6)


def test_an_idle_layer_changes_no_answer() -> None:
    net = models.network("llama", layers=5)
    assert disguises.same(net, with_idle(net, noise, [5, 5])) < 1e-5
    assert disguises.same(net, with_idle(net, scaled_apart, [5, 5])) < 1e-5


@pytest.mark.parametrize("family", models.FAMILIES)
@pytest.mark.parametrize("strength", [disguises.MILD, disguises.EXTREME], ids=["mild", "extreme"])
def test_no_layer_of_a_model_is_idle_in_any_disguise(family: str, strength: float, tmp_path: Path) -> None:
    net = models.network(family, layers=4, seed=3)
    hidden = disguises.all_together(net, np.random.default_rng(2), strength)
    assert opened(net, tmp_path / "plain").working_layers() == (0, 1, 2, 3)
    assert opened(hidden, tmp_path / "hidden").working_layers() == (0, 1, 2, 3)


def test_half_a_layer_is_enough(tmp_path: Path) -> None:
    """Attention without feed-forward, feed-forward without attention, and one head and a few neurons of each."""
    net = models.network("gpt2", layers=5)
    net.blocks[1].o *= TINY
    net.blocks[2].down *= TINY
    net.blocks[3].o[:, net.head_dim :] = 0
    net.blocks[3].down[:, 5:] = 0
    assert opened(net, tmp_path / "m").working_layers() == (0, 1, 2, 3, 4)


def test_weak_layers_count(tmp_path: Path) -> None:
    net = models.network("gpt2", layers=5)
    net.blocks[4].o *= 0.05
    net.blocks[4].down *= 0.05
    assert opened(net, tmp_path / "m").default_layers(2) == (3, 4)


@pytest.mark.parametrize(("count", "most"), [(1, 9), (7, 512), (511, 512), (4096, 64), (11008, 512), (700, 4), (9, 1)])
def test_runs(count: int, most: int) -> None:
    """Different numbers below the count, at least half as many as asked for, in few runs."""
    found = runs(count, most)
    assert len(set(found.tolist())) == len(found) <= max(most, 1)
    assert found.min() == 0
    assert found.max() < count
    assert len(found) * 2 > min(count, most)
    assert (np.diff(found) != 1).sum() <= most // 8


def test_spread() -> None:
    assert spread(3, 9).tolist() == [0, 1, 2]
    assert spread(9, 3).tolist() == [0, 3, 6]
    assert spread(80, 9).tolist() == [0, 8, 17, 26, 35, 44, 53, 62, 71]
