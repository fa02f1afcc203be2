"""Whoever has bundles and wants weights finds none in them."""

import itertools
import struct

import numpy as np
import pytest

from huref import _native
from huref.artefacts import bundle
from huref.artefacts.bundle import Bundle
from huref.artefacts.commitment import Commitment
from huref.artefacts.context import NOBODY
from huref.artefacts.draw import COMMON, OWN
from huref.artefacts.outputs import Outputs
from huref.artefacts.statement import Statement
from tests.support import toys
from tests.support.bundles import CLAIMS, CONTEXT

RUN = 4
"""Weights in a row that are searched for."""


@pytest.fixture(scope="module")
def matrices() -> list[np.ndarray]:
    return toys.matrices(toys.SHAPE)


@pytest.fixture(scope="module")
def made(matrices: list[np.ndarray]) -> Bundle:
    weights = _native.Weights.from_integers("toy-2", toys.SHAPE, matrices)
    seed = bytes(range(32))
    commitment = toys.rows("toy-2", toys.SHAPE, weights, seed)
    draws = (COMMON, OWN)
    public, proof = _native.prove(weights, seed, commitment, draws, CONTEXT)
    statement = Statement(Commitment("toy-2", toys.SHAPE, commitment), draws, tuple(map(Outputs.of, public)), CONTEXT)
    return Bundle(statement, CLAIMS, proof, image=None)


def published(made: Bundle) -> bytes:
    """The file, and what its base64 stands for."""
    return bundle.dump(made) + made.statement.commitment.rows + made.proof


def encodings(run: np.ndarray) -> dict[str, bytes]:
    """Ways in which a run of weights could be written."""
    texts = {separator: separator.join(map(str, run)).encode() for separator in (",", ", ", " ", "\n")}
    types = {name: run.astype(name).tobytes() for name in ("<i2", ">i2", "<i4", ">i4", "<i8", "<f2", "<f4", "<f8")}
    return texts | types


def test_a_bundle_contains_no_run_of_weights(made: Bundle, matrices: list[np.ndarray]) -> None:
    data = published(made)
    for matrix in matrices:
        rows = itertools.chain(matrix, matrix.T)
        for row in rows:
            for start in range(len(row) - RUN + 1):
                for how, pattern in encodings(row[start : start + RUN]).items():
                    assert pattern not in data, f"weights as {how!r}"


def test_the_search_finds_what_is_there(made: Bundle) -> None:
    z = np.array(made.statement.outputs[1].vectors[0][:RUN])
    assert any(pattern in published(made) for pattern in encodings(z).values())
    assert struct.pack(">i", -1) not in published(made)[:4]


def test_a_bundle_does_not_contain_the_seed(made: Bundle) -> None:
    seed = bytes(range(32))
    assert seed not in published(made)
    assert seed.hex().encode() not in published(made)


def test_a_proof_is_shorter_than_its_witness() -> None:
    shape = toys.Shape(64, 2, 2, 32, 512, layers=(0,), tokens=tuple(b"token-%d" % i for i in range(64)))
    matrices = toys.matrices(shape)
    weights = _native.Weights.from_integers("toy-2", shape, matrices)
    _, proof = _native.prove(weights, bytes(32), toys.rows("toy-2", shape, weights, bytes(32)), (COMMON, OWN), NOBODY)
    assert len(proof) < sum(matrix.nbytes for matrix in matrices) / 10
