"""Steering: an owner moves the public vector by changing some embedding rows, and is recognised by everything else.

The sketches that a vector is made of are S = (P X) A (Q X)^T with public P of r rows. Whoever may change more than r
rows of X can make P X what he likes, at the smallest cost by least squares.
"""

from pathlib import Path

import numpy as np

import huref
from huref import profile
from huref.model import open_model
from huref.similarity import blocks, embedding
from huref.similarity.blocks import Sketch
from huref.similarity.embedding import shared_tokens
from huref.stages import sketch, tokens
from tests.support import models

RULES = profile.named("robust-2")
#: Tokens whose rows are changed. The share that is needed falls with the number of tokens: here 1000, by default 4096.
CHANGED = 160


def steered(net: models.Network, folder: Path) -> models.Network:
    """The network with rows changed such that P X becomes something unrelated, of half its size."""
    model = open_model(net.write(folder / "original"))
    selection = tokens.select(model, RULES)
    p, _ = sketch.matrices(selection.tokens, RULES)
    x = net.words[selection.ids]
    rng = np.random.default_rng(1)
    chosen = rng.choice(np.flatnonzero(p.any(axis=0)), CHANGED, replace=False)
    now = p @ (x - x.mean(0))
    wanted = rng.standard_normal(now.shape) * now.std() / 2
    net = net.copy()
    net.words[selection.ids[chosen]] += np.linalg.pinv(p[:, chosen].astype(float)) @ (wanted - now)
    return net


def test_a_steered_vector_is_moved_and_nothing_else(tmp_path: Path) -> None:
    original = models.network("llama", seed=1)
    moved = steered(original, tmp_path).write(tmp_path / "moved")
    base = original.write(tmp_path / "base")
    vectors = [huref.fingerprint(folder) for folder in (base, moved)]
    assert huref.compare(*vectors).verdict == "no relation shown"
    found = huref.compare(base, moved)
    assert found.verdict == "related"
    assert found.evidence is not None
    for pair in found.evidence.layers:
        assert pair.a == pair.b
        assert pair.ics > 0.5


def test_sketches_that_nobody_knew_are_not_moved(tmp_path: Path) -> None:
    """What a sketch under another seed sees: most of the terms as they were."""
    original = models.network("llama", seed=1)
    folders = original.write(tmp_path / "base"), steered(original, tmp_path).write(tmp_path / "moved")
    opened = [open_model(folder) for folder in folders]
    selections = shared_tokens(*opened, RULES)
    frames = embedding.read(*opened, selections).frames
    assert frames is not None
    seen = []
    for model, frame in zip(opened, frames, strict=True):
        assert frame.basis is not None
        seen += blocks.signatures(model, [1, 2], [Sketch.over_tokens(frame.basis)])
    similarity = blocks.similarities(*seen)
    assert similarity[[0, 1], [0, 1]].min() > 0.5
    assert np.abs(similarity[[0, 1], [1, 0]]).max() < 0.1
