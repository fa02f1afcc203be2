"""Layers that do next to nothing in every family of transformers; and a thief who appends some."""

from pathlib import Path

import numpy as np
import pytest

import huref
from huref.model import open_model
from tests.integration.test_families import CASES, Theirs
from tests.integration.test_invariance_layouts import PARTS, Rng, wide, write
from tests.support import disguises, further, models
from tests.support.layouts import Layout
from tests.unit.model.test_idle import noise, with_idle

TINY = 1e-7
#: What o and down make is brought to the size that the norm behind it says.
NORM_BEHIND = {
    *("gemma2", "gemma3", "olmo2", "olmo3", "glm4", "exaone4", "flex_olmo", "afmoe"),
    *("t5gemma", "lfm3", "hyperclovax", "olmo_hybrid", "kolibri1", "beam", "muse_glimmer"),
}
#: Encoder and decoder, each with layers of its own.
TWO_STACKS = {
    *("t5", "t5, gated", "mt5", "umt5", "bart", "plbart", "mbart"),
    *("marian", "m2m_100", "pegasus", "blenderbot", "blenderbot-small"),
}


def quiet(model: Layout, _rng: Rng, _strength: float) -> None:
    """The last layer writes next to nothing."""
    last = model.layers[-1]
    last.o *= TINY
    for ffn in last.ffns:
        ffn.down *= TINY


def quiet_norms(model: Layout, _rng: Rng, _strength: float) -> None:
    """The norms behind the halves of the last layer leave next to nothing."""
    for weight in model.layers[-1].rest:
        weight[...] = TINY - model.gamma


@pytest.mark.parametrize("name", [name for name in PARTS if name not in TWO_STACKS])
def test_in_every_family(name: str, tmp_path: Path) -> None:
    theirs = Theirs(wide(name, CASES[name]))
    plain, _ = write(theirs, name, tmp_path / "plain", None, 1)
    both = open_model(plain).readable
    assert len(both) == 2
    assert open_model(plain).working_layers() == both
    silenced, _ = write(theirs, name, tmp_path / "quiet", quiet, 1)
    assert open_model(silenced).working_layers() == (both if name in NORM_BEHIND else both[:1])
    if name in NORM_BEHIND - further.FAMILIES.keys():
        silenced, _ = write(theirs, name, tmp_path / "norms", quiet_norms, 1)
        assert open_model(silenced).working_layers() == both[:1]


def test_a_copy_with_layers_appended_is_recognised_by_default(tmp_path: Path) -> None:
    """The same integers, so the same vector to the last digit; and in disguise."""
    net = models.network("llama", layers=5)
    copied = with_idle(net, noise, [5, 5])
    assert disguises.same(net, copied) < 1e-5
    hidden = disguises.all_together(copied, np.random.default_rng(3), disguises.EXTREME)
    folders = [one.write(tmp_path / name) for name, one in (("net", net), ("copied", copied), ("hidden", hidden))]
    prints = [huref.fingerprint(folder) for folder in folders]
    assert [one.layers for one in prints] == [(3, 4)] * 3
    assert prints[0].vector == prints[1].vector
    for one in prints[1:]:
        found = huref.compare(prints[0], one)
        assert found.verdict == "alike"
        assert found.cosine > 0.999
    assert huref.compare(folders[0], folders[2]).verdict == "related"
