"""Heads of two layers: value channels and heads under the same number, heads that find the same partner twice."""

from pathlib import Path

import numpy as np
import pytest

from huref.model import open_model
from huref.similarity import heads
from huref.similarity.frames import RAW, Plain
from tests.support import disguises, models
from tests.support.models import Network


def layers(a: Network, b: Network, folder: Path) -> tuple[Plain, Plain]:
    one, other = (Plain.of(open_model(net.write(folder / str(i))), 0) for i, net in enumerate((a, b)))
    return one, other


def wide(seed: int) -> Network:
    return models.network("llama", seed, layers=1, hidden=128, heads=8, kv_heads=4)


def test_a_copy_has_every_channel_and_head_under_its_number(tmp_path: Path) -> None:
    both = layers(wide(1), wide(1), tmp_path)
    found = heads.channels(*both)
    assert found is not None
    assert (found.agreeing, found.matched, found.smaller) == (64, 64, 64)
    counted = heads.heads(*both, (RAW, RAW))
    assert (counted.numbered, counted.twice, counted.smaller) == (8, 8, 8)


@pytest.mark.parametrize(
    "disguise", [disguises.mix_queries, disguises.mix_values, disguises.rescale_heads, disguises.permute_heads]
)
def test_what_happens_inside_heads_does_not_count(disguise: disguises.Disguise, tmp_path: Path) -> None:
    """Partners are found through every disguise of heads; numbers only where they were kept."""
    hidden = disguise(wide(1), np.random.default_rng(3), disguises.EXTREME)
    counted = heads.heads(*layers(wide(1), hidden, tmp_path), (RAW, RAW))
    assert counted.twice == 8
    assert counted.numbered == 8 or disguise is disguises.permute_heads


def test_strangers(tmp_path: Path) -> None:
    both = layers(wide(1), wide(2), tmp_path)
    found, counted = heads.channels(*both), heads.heads(*both, (RAW, RAW))
    assert found is not None
    assert found.p > np.log(1e-3)
    assert counted.twice <= 3


def test_other_numbers_of_heads(tmp_path: Path) -> None:
    few = models.network("llama", 2, layers=1, hidden=128, heads=4, kv_heads=2)
    both = layers(wide(1), few, tmp_path)
    assert heads.channels(*both) is None
    counted = heads.heads(*both, (RAW, RAW))
    assert (counted.numbered, counted.smaller, counted.larger) == (None, 4, 8)
