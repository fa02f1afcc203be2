"""Neurons matched by numbers that no rotation changes, and the rotation that they fix."""

from pathlib import Path

import numpy as np
import pytest

from huref.model import open_model
from huref.similarity import invariants
from huref.similarity.frames import Plain
from huref.similarity.invariants import Units
from tests.support import disguises, models
from tests.support.models import Network


def sides(a: Network, b: Network, folder: Path) -> tuple[tuple[Plain, Plain], tuple[Units, Units]]:
    layers = tuple(Plain.of(open_model(net.write(folder / str(i))), 0) for i, net in enumerate((a, b)))
    one, other = layers
    return (one, other), (Units.of(one, 0), Units.of(other, 0))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("family", ["llama", "gpt2"])
@pytest.mark.parametrize("dead", [0, 12])
def test_a_disguise_changes_nothing(family: str, dead: int, tmp_path: Path) -> None:
    """Also with neurons that do nothing."""
    net = models.network(family, 1, layers=1, ffn=128)
    net.blocks[0].up[:dead] = 0
    hidden = disguises.all_together(net, np.random.default_rng(2), disguises.EXTREME)
    found = invariants.compare(*sides(net, hidden, tmp_path))
    assert found.agreement.agreeing == 128 - dead


@pytest.mark.filterwarnings("error")
def test_strangers_have_nothing_in_common(tmp_path: Path) -> None:
    nets = (models.network("llama", seed, layers=1, ffn=128) for seed in (1, 2))
    assert invariants.compare(*sides(*nets, tmp_path)).agreement.agreeing <= 2


@pytest.mark.filterwarnings("error")
def test_a_block_of_zeros_is_like_nothing(tmp_path: Path) -> None:
    net = models.network("llama", 1, layers=2, ffn=128)
    empty = net.copy()
    empty.blocks[0].up[:] = 0
    assert invariants.compare(*sides(net, empty, tmp_path)).agreement.agreeing == 0


def test_the_rotation_is_found(tmp_path: Path) -> None:
    net = models.network("llama", 1, layers=1, ffn=128)
    turned = disguises.rotate_hidden(net, np.random.default_rng(2), disguises.EXTREME)
    layers, units = sides(net, turned, tmp_path)
    found = invariants.compare(layers, units)
    turn = invariants.basis(*units, found.pairs)
    assert np.allclose(turn @ turn.T, np.eye(64), atol=1e-4)
    assert np.abs(units[0].reads @ turn - units[1].reads).max() < 1e-3
