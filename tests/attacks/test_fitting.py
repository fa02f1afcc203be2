"""Weights are made that have the common vectors of somebody else, from a public bundle alone.

Their proof holds, because it is true. What gives them away is their own draw: it follows from their commitment, so it
was not known when they were made.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import huref
from huref import Bundle, profile
from huref._native import Weights
from huref.artefacts import portrait
from huref.artefacts.draw import COMMON, OWN, Draw
from huref.artefacts.outputs import Vector
from huref.artefacts.policy import DEFAULT
from huref.similarity import cosine
from huref.stages.commit import commit_whole
from huref.stages.prove import prove
from huref.stages.quantise import Quantised
from huref.stages.sketch import matrices
from tests.support import models
from tests.support.models import Array

RULES = profile.named("robust-2")
LARGEST = 2047


def encoder() -> Array:
    """R of the common draw: 512 x 3 * 1024 signs."""
    count = RULES.outputs * 3 * RULES.sketch**2
    stream = hashlib.shake_128(RULES.common.encoder.encode()).digest(count // 8)
    bits = np.unpackbits(np.frombuffer(stream, dtype=np.uint8), bitorder="little")
    return (1.0 - 2.0 * bits).reshape(RULES.outputs, -1)


def wanted(vector: Vector, signs: Array) -> Array:
    """Three sketches of one norm whose sum under the encoder is that vector: 3 x r x r."""
    z, inverse = np.array(vector, dtype=np.float64), np.linalg.pinv(signs)
    found = inverse @ z
    for _ in range(30):
        terms = found.reshape(3, -1)
        terms = terms / np.linalg.norm(terms, axis=1, keepdims=True) * np.linalg.norm(found) / np.sqrt(3)
        found = terms.ravel() + inverse @ (z - signs @ terms.ravel())
    return found.reshape(3, RULES.sketch, RULES.sketch)


def rounded(matrix: Array) -> np.ndarray:
    return np.rint(matrix * (LARGEST / np.abs(matrix).max())).astype(np.int16)


#: Largest entry of the rows that write what rounding left of the sketch.
FINE = 4


def fitted(sketch: Array, sides: tuple[Array, Array], rows: int, random: np.random.Generator) -> list[np.ndarray]:
    """Reads and writes, rows x d integers each, whose sketch is a multiple of that one, to a part in a million.

    Reads are solved for and rounded; rows with small writes then take what rounding left, a hundred times finer.
    """
    left, right = np.linalg.pinv(sides[0]), sides[1]
    size = right.shape[1]
    coarse = rounded(random.standard_normal((rows // 2, size)))
    fine = random.integers(-FINE, FINE + 1, (rows - rows // 2, size), dtype=np.int16)
    solved = (left @ sketch @ np.linalg.pinv(right @ coarse.T).T).T
    scale = LARGEST / np.abs(solved).max()
    reads = np.rint(solved * scale)
    rest = sketch * scale - (sides[0] @ reads.T) @ (right @ coarse.T).T
    finer = np.rint((left @ rest @ np.linalg.pinv(right @ fine.T).T).T)
    assert np.abs(finer).max() <= LARGEST
    return [np.concatenate([reads, finer]).astype(np.int16), np.concatenate([coarse, fine])]


def forged(bundle: Bundle, draws: tuple[Draw, ...]) -> Bundle:
    """A bundle with the common vectors of another one. Nothing but the public bundle goes in."""
    shape, signs, random = bundle.statement.shape, encoder(), np.random.default_rng(1)
    shape = replace(shape, hidden=192, heads=12, kv_heads=12, ffn=192)  # of any size: nothing ties it to the vectors
    p, q = (side.astype(np.float64) for side in matrices(shape.tokens, RULES))
    x = rounded(random.standard_normal((len(shape.tokens), shape.hidden)))
    sides, neurons = (p @ x, q @ x), (shape.heads * shape.head_dim,) * 2 + (shape.ffn,)
    parts = [x]
    for vector in bundle.statement.outputs[0].vectors:
        for sketch, rows in zip(wanted(vector, signs), neurons, strict=True):
            parts += fitted(sketch, sides, rows, random)
    quantised = Quantised(RULES, shape, Weights.from_integers(RULES.name, shape, parts))
    commitment, opening = commit_whole(quantised)
    statement, proof, _ = prove(quantised, opening, commitment, draws)
    return Bundle(statement, bundle.claims, proof, None)


@pytest.fixture(scope="module")
def alice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return models.network("llama", seed=1).write(tmp_path_factory.mktemp("alice") / "model")


@pytest.fixture(scope="module")
def public(alice: Path) -> Bundle:
    return huref.prove(alice)


@pytest.fixture(scope="module")
def copied(public: Bundle) -> Bundle:
    return forged(public, (COMMON, OWN))


def test_the_forged_bundle_has_the_vectors_and_verifies(public: Bundle, copied: Bundle) -> None:
    for ours, theirs in zip(public.statement.outputs[0].vectors, copied.statement.outputs[0].vectors, strict=True):
        assert ours == theirs
    assert public.statement.vector_digest == copied.statement.vector_digest
    assert portrait.draw(copied.statement) == public.image
    for ours, theirs in zip(public.statement.outputs[1].vectors, copied.statement.outputs[1].vectors, strict=True):
        assert abs(cosine(ours, theirs)) < 0.25
    report = huref.verify(copied)
    assert report.ok
    left = {entry.what: entry for entry in report.not_checked}
    assert "weights can be made that have these vectors and this portrait" in left["fitted"].why
    assert left["fitted"].how == "huref compare MODEL BUNDLE"


def test_two_bundles_are_at_most_alike(public: Bundle, copied: Bundle) -> None:
    found = huref.compare(public, copied)
    assert (found.verdict, found.cosine > 0.99) == ("alike", True)
    assert "weights can be made to have public vectors" in found.reason
    left = {entry.what: entry.why for entry in found.not_checked}
    assert left["fitted"] == "either side, by somebody who could see the other's public vectors"
    # nor is an honest bundle more than alike to one of the same model: nobody can tell the two cases apart
    assert huref.compare(public, public).verdict == "alike"


def test_the_owners_folder_shows_what_was_fitted(alice: Path, public: Bundle, copied: Bundle) -> None:
    found = huref.compare(alice, copied)
    assert (found.verdict, found.decided_by) == ("fitted", "own vectors")
    assert "weights were made to have these common vectors" in found.reason
    assert found.cosine > 0.99
    assert found.own is not None
    assert found.own.verdict == "nothing"
    honest = huref.compare(alice, public)
    assert (honest.verdict, honest.decided_by) == ("related", "own vectors")
    assert (honest.cosine, honest.own is not None and honest.own.mean) == (1.0, 1.0)
    # what is left to say of the honest one: a folder that is younger could be a copy of the bundle's vectors
    assert "fitted" in {entry.what for entry in honest.not_checked}


def test_without_own_vectors_nothing_more_than_alike_is_said(alice: Path, public: Bundle) -> None:
    bare = forged(public, (COMMON,))
    assert huref.compare(alice, bare).verdict == "alike"
    report = huref.verify(bare, policy=replace(DEFAULT, own_vectors=True))
    assert report.code == "policy-not-met"
