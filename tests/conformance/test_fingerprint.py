"""The core against plain Python: the same small integers give the same sketches, z, e, a, c and bit string."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from huref import _native, profile
from huref.artefacts.challenge import Challenge
from huref.artefacts.shape import Shape
from huref.stages import sketch
from huref.stages.quantise import Quantised
from tests.conformance import plain

#: hidden, heads, kv_heads, head_dim, ffn, layers, tokens
SHAPES = {
    "multi-head": (8, 4, 4, 2, 12, (0, 1), 16),
    "grouped": (6, 4, 2, 2, 12, (3, 7), 16),
    "one key head": (6, 4, 1, 3, 5, (0, 1), 20),
    "one of everything": (2, 1, 1, 1, 1, (5,), 6),
    "wider than the tokens are many": (24, 2, 1, 4, 7, (0, 2, 4), 9),
}


def build(case: str, largest: int = 2047, seed: int = 1) -> tuple[plain.Model, Shape, list[np.ndarray]]:
    hidden, heads, kv_heads, head_dim, ffn, layers, count = SHAPES[case]
    tokens = tuple(f"token-{i}".encode() for i in range(count))
    shape = Shape(hidden, heads, kv_heads, head_dim, ffn, layers, tokens)
    queries, keys = heads * head_dim, kv_heads * head_dim
    names = {"q": queries, "k": keys, "v": keys, "oT": queries, "up": ffn, "downT": ffn}
    generator = np.random.default_rng(seed)

    def draw(rows: int) -> np.ndarray:
        return generator.integers(-largest, largest, (rows, hidden), dtype=np.int16, endpoint=True)

    embedding = draw(count)
    drawn = [{name: draw(rows) for name, rows in names.items()} for _ in layers]
    model = plain.Model(
        heads,
        kv_heads,
        head_dim,
        list(tokens),
        embedding.tolist(),
        [{name: matrix.tolist() for name, matrix in layer.items()} for layer in drawn],
    )
    return model, shape, [embedding, *(matrix for layer in drawn for matrix in layer.values())]


def quantised(name: str, shape: Shape, matrices: list[np.ndarray]) -> Quantised:
    weights = _native.Weights.from_integers(name, shape, matrices)
    return Quantised(profile.named(name), shape, weights)


@pytest.mark.parametrize("largest", [2047, 30])
@pytest.mark.parametrize("case", SHAPES)
def test_core_equals_plain_python(case: str, largest: int) -> None:
    model, shape, matrices = build(case, largest)
    expected = plain.sketches(model, plain.TOY_1)
    assert sketch.sketch(quantised("toy-1", shape, matrices), "cpu") == expected
    result = plain.fingerprint(expected, plain.TOY_1)
    public = _native.encode("toy-1", expected)
    assert public == (result.z, result.e, result.a, result.c)
    bits = _native.bit_string("toy-1", shape, expected)
    assert list(bits) == plain.bit_string(expected, result, plain.TOY_1)


CHALLENGE = Challenge(("0a" * 32, "b0" * 32), bytes(range(32)))


@pytest.mark.parametrize(("name", "rules"), [("toy-1", plain.TOY_1), ("robust-1", plain.ROBUST_1)])
def test_core_and_torch_equal_plain_python_under_a_challenge(name: str, rules: plain.Rules) -> None:
    model, shape, matrices = build("grouped")
    integers = quantised(name, shape, matrices)
    expected = plain.sketches(model, rules, CHALLENGE.seed)
    assert sketch.sketch(integers, "cpu", challenge=CHALLENGE) == expected
    assert sketch.on_torch(integers, torch.device("cpu"), challenge=CHALLENGE) == expected
    result = plain.fingerprint(expected, rules, CHALLENGE.seed)
    public = _native.encode(name, expected, CHALLENGE.seed)
    assert public == (result.z, result.e, result.a, result.c)
    assert expected != plain.sketches(model, rules)
    assert public[0] != _native.encode(name, expected)[0]


def test_models_without_a_fingerprint_are_refused() -> None:
    model, _, _ = build("one of everything", 12)
    tiny = plain.sketches(model, plain.TOY_1)
    with pytest.raises(ValueError, match="term b of layer number 0 is too small to be normalised"):
        _native.encode("toy-1", tiny)
    with pytest.raises(ValueError, match="term f of layer number 0 is zero"):
        _native.encode("toy-1", [[s << 20 for s in tiny[0]], [s << 20 for s in tiny[1]], [0] * 16])


def test_core_equals_plain_python_at_full_size() -> None:
    """robust-1: 32 x 32 sketches and 512 numbers, over a small model."""
    model, shape, matrices = build("wider than the tokens are many")
    expected = plain.sketches(model, plain.ROBUST_1)
    assert sketch.sketch(quantised("robust-1", shape, matrices), "cpu") == expected
    result = plain.fingerprint(expected, plain.ROBUST_1)
    public = _native.encode("robust-1", expected)
    assert public == (result.z, result.e, result.a, result.c)
    assert abs(sum(result.z)) <= 256
    assert sum(z * z for z in result.z) == pytest.approx(512 * 4096**2, rel=1e-3)


@pytest.mark.parametrize("name", ["toy-1", "robust-1"])
@pytest.mark.parametrize("case", SHAPES)
def test_torch_gives_the_same_integers(case: str, name: str) -> None:
    _, shape, matrices = build(case)
    model = quantised(name, shape, matrices)
    assert sketch.on_torch(model, torch.device("cpu")) == _native.sketches(model.weights)


def test_torch_cuts_long_products(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of rows and of positions give the same integers as one piece."""
    _, shape, matrices = build("grouped")
    model = quantised("toy-1", shape, matrices)
    monkeypatch.setattr(sketch, "POSITIONS", 3)
    monkeypatch.setattr(sketch, "ENTRIES", 2 * shape.hidden)
    assert sketch.on_torch(model, torch.device("cpu")) == _native.sketches(model.weights)


def test_sides_without_a_token_are_refused_alike() -> None:
    _, shape, matrices = build("one of everything")
    alone = Shape(
        *(getattr(shape, field) for field in ("hidden", "heads", "kv_heads", "head_dim", "ffn", "layers")), (b"x",)
    )
    model = quantised("toy-1", alone, [matrices[0][:1], *matrices[1:]])
    for compute in (lambda: sketch.sketch(model, "cpu"), lambda: sketch.on_torch(model, torch.device("cpu"))):
        with pytest.raises(Exception, match="a side of the sketch has no token") as caught:
            compute()
        assert caught.value.code == "malformed-model"


INTEGERS = """
from huref import _native
from tests.support import toys
from tests.conformance.test_fingerprint import build
_, shape, matrices = build("wider than the tokens are many")
weights = _native.Weights.from_integers("toy-1", shape, matrices)
sketches = _native.sketches(weights)
print(sketches, _native.encode("toy-1", sketches), toys.rows("toy-1", shape, weights, bytes(32)).hex())
"""
FILES = """
import hashlib, sys, tempfile
from pathlib import Path
from huref import profile
from huref.model import open_model
from huref.stages import tokens
from huref.stages.quantise import quantise
from tests.support import models
with tempfile.TemporaryDirectory() as folder:
    network = models.network("llama", 3, hidden=96, ffn=300)
    model, rules = open_model(network.write(Path(folder))), profile.named("robust-1")
    made = quantise(model, tokens.select(model, rules), model.default_layers(2), rules)
print([hashlib.sha256(made.weights.matrix(i).tobytes()).hexdigest() for i in range(13)])
"""


@pytest.mark.parametrize("program", [INTEGERS, FILES], ids=["integers", "files"])
def test_threads_change_nothing(program: str) -> None:
    answers = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "RAYON_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "2", "3")
    ]
    assert len(set(answers)) == 1
    assert len(answers[0]) >= 13 * 64
