"""The core against plain Python: the same small integers give the same sketches, outputs and bit string."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from huref import _native, profile
from huref.artefacts.commitment import commitment_id
from huref.artefacts.shape import Shape
from huref.stages import sketch
from huref.stages.quantise import Quantised
from huref.verifier import reference
from tests.conformance import plain
from tests.support import toys

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


def numbers(result: plain.Fingerprint) -> tuple[list[int], list[int], list[int], list[int]]:
    """What the core gives of one draw."""
    return result.z, result.e, result.a, result.c


@pytest.mark.parametrize("largest", [2047, 30])
@pytest.mark.parametrize("case", SHAPES)
def test_core_equals_plain_python(case: str, largest: int) -> None:
    model, shape, matrices = build(case, largest)
    expected = plain.sketches(model, plain.TOY_2)
    assert sketch.sketch(quantised("toy-2", shape, matrices), "cpu") == [expected]
    result = plain.fingerprint(expected, plain.TOY_2)
    assert _native.encode("toy-2", expected) == [numbers(result)]
    bits = _native.bit_string("toy-2", shape, expected)
    assert list(bits) == plain.bit_string(expected, result, plain.TOY_2)


SEED, OTHER, BEACON = bytes(range(32)), bytes(range(1, 33)), bytes(range(40))


@pytest.mark.parametrize(("name", "rules"), [("toy-2", plain.TOY_2), ("robust-2", plain.ROBUST_2)])
def test_core_and_torch_equal_plain_python_under_every_draw(name: str, rules: plain.Rules) -> None:
    """Sketches of one draw after those of the other, outputs by draw, a vector for each layer."""
    model, shape, matrices = build("grouped")
    integers = quantised(name, shape, matrices)
    seeds = (None, SEED)
    by_draw = [plain.sketches(model, rules, seed or b"") for seed in seeds]
    both = by_draw[0] + by_draw[1]
    assert sketch.sketch(integers, "cpu", seeds=seeds) == by_draw
    assert sketch.on_torch(integers, torch.device("cpu"), seeds=seeds) == by_draw
    expected = [
        numbers(plain.fingerprint(of_draw, rules, seed or b"")) for of_draw, seed in zip(by_draw, seeds, strict=True)
    ]
    assert _native.encode(name, both, list(seeds)) == expected
    assert _native.encode(name, by_draw[1], [SEED]) == expected[1:]
    assert by_draw[0] != by_draw[1] != plain.sketches(model, rules, OTHER)
    # the encoder's matrix has the seed too
    assert _native.encode(name, by_draw[0], [SEED])[0][0] != expected[0][0]


def test_what_is_proved_is_the_plain_fingerprint() -> None:
    """Outputs of a proof under the common and the own draw; the own seed is a hash of the commitment's id."""
    model, shape, matrices = build("wider than the tokens are many")
    weights = quantised("toy-2", shape, matrices).weights
    rows = toys.rows("toy-2", shape, weights, bytes(32))
    draws, context = (reference.Draw("common"), reference.Draw("own", BEACON)), reference.Context("", "", b"")
    outputs, proof = _native.prove(weights, bytes(32), rows, draws, context)
    seed = hashlib.sha256(b"huref/own-seed/v1" + bytes.fromhex(commitment_id("toy-2", shape, rows)) + BEACON).digest()
    for found, drawn in zip(outputs, (b"", seed), strict=True):
        assert found == numbers(plain.fingerprint(plain.sketches(model, plain.TOY_2, drawn), plain.TOY_2, drawn))
    stated = reference.Statement(
        "toy-2", shape, rows, draws, tuple(reference.Outputs(*map(tuple, found)) for found in outputs), context
    )
    _native.verify(stated, proof)


@pytest.mark.parametrize(("name", "rules"), [("toy-2", plain.TOY_2), ("robust-2", plain.ROBUST_2)])
def test_a_layers_vector_is_its_own(name: str, rules: plain.Rules) -> None:
    model, _, _ = build("wider than the tokens are many")
    expected = plain.sketches(model, rules)
    together = _native.encode(name, expected)[0]
    for layer in range(3):
        z, e, a, c = _native.encode(name, expected[3 * layer : 3 * layer + 3])[0]
        m, terms = slice(layer * rules.outputs, (layer + 1) * rules.outputs), slice(3 * layer, 3 * layer + 3)
        assert (together[0][m], together[1][terms], together[2][terms], together[3][layer]) == (z, e, a, c[0])


@pytest.mark.parametrize(("name", "rules"), [("toy-2", plain.TOY_2), ("robust-2", plain.ROBUST_2)])
def test_the_vector_of_a_portrait_is_the_sum_made_standard(name: str, rules: plain.Rules) -> None:
    model, _, _ = build("wider than the tokens are many")
    z = _native.encode(name, plain.sketches(model, rules))[0][0]
    layers = np.split(np.array(z), 3)
    assert _native.portrait_vector(name, z) == plain.standard([int(x) for x in sum(layers)], rules)[0]
    assert _native.portrait_vector(name, np.concatenate(layers[::-1]).tolist()) == _native.portrait_vector(name, z)
    assert _native.portrait_vector(name, [*layers[0].tolist(), *(-layers[0]).tolist()]) is None


def test_models_without_a_fingerprint_are_refused() -> None:
    model, _, _ = build("one of everything", 12)
    tiny = plain.sketches(model, plain.TOY_2)
    with pytest.raises(ValueError, match="term a of layer number 0 is too small to be normalised"):
        _native.encode("toy-2", tiny)
    with pytest.raises(ValueError, match="term f of layer number 0 is zero"):
        _native.encode("toy-2", [[s << 20 for s in tiny[0]], [s << 20 for s in tiny[1]], [0] * 16])


def test_core_equals_plain_python_at_full_size() -> None:
    """robust-2: 32 x 32 sketches and 512 numbers, over a small model."""
    model, shape, matrices = build("wider than the tokens are many")
    expected = plain.sketches(model, plain.ROBUST_2)
    assert sketch.sketch(quantised("robust-2", shape, matrices), "cpu") == [expected]
    result = plain.fingerprint(expected, plain.ROBUST_2)
    assert _native.encode("robust-2", expected) == [numbers(result)]
    assert len(result.z) == 512 * len(shape.layers)
    for of_layer in np.split(np.array(result.z), len(shape.layers)):
        assert abs(of_layer.sum()) <= 256
        assert (of_layer**2).sum() == pytest.approx(512 * 4096**2, rel=1e-3)


@pytest.mark.parametrize("name", ["toy-2", "robust-2"])
@pytest.mark.parametrize("case", SHAPES)
def test_torch_gives_the_same_integers(case: str, name: str) -> None:
    _, shape, matrices = build(case)
    model = quantised(name, shape, matrices)
    assert sketch.on_torch(model, torch.device("cpu")) == [_native.sketches(model.weights)]


def test_torch_cuts_long_products(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of rows and of positions give the same integers as one piece."""
    _, shape, matrices = build("grouped")
    model = quantised("toy-2", shape, matrices)
    monkeypatch.setattr(sketch, "POSITIONS", 3)
    monkeypatch.setattr(sketch, "ENTRIES", 2 * shape.hidden)
    assert sketch.on_torch(model, torch.device("cpu")) == [_native.sketches(model.weights)]


def test_sides_without_a_token_are_refused_alike() -> None:
    _, shape, matrices = build("one of everything")
    alone = Shape(
        *(getattr(shape, field) for field in ("hidden", "heads", "kv_heads", "head_dim", "ffn", "layers")), (b"x",)
    )
    model = quantised("toy-2", alone, [matrices[0][:1], *matrices[1:]])
    for compute in (lambda: sketch.sketch(model, "cpu"), lambda: sketch.on_torch(model, torch.device("cpu"))):
        with pytest.raises(Exception, match="a side of the sketch has no token") as caught:
            compute()
        assert caught.value.code == "malformed-model"


INTEGERS = """
from huref import _native
from tests.support import toys
from tests.conformance.test_fingerprint import build
_, shape, matrices = build("wider than the tokens are many")
weights = _native.Weights.from_integers("toy-2", shape, matrices)
sketches = _native.sketches(weights)
print(sketches, _native.encode("toy-2", sketches), toys.rows("toy-2", shape, weights, bytes(32)).hex())
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
    model, rules = open_model(network.write(Path(folder))), profile.named("robust-2")
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
