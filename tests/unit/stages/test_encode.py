"""From sketches to a vector."""

from dataclasses import replace

import pytest

from huref.artefacts.fingerprint import Fingerprint
from huref.errors import ModelError
from huref.stages.encode import encode
from huref.stages.sketch import sketch
from tests.support.toys import SHAPE, quantised


@pytest.fixture(scope="module")
def made() -> Fingerprint:
    model = quantised()
    return encode(model, *sketch(model, "cpu"))


def test_a_fingerprint_has_mean_0_and_deviation_1(made: Fingerprint) -> None:
    assert (made.profile, made.layers, made.tokens, made.units) == ("toy-2", SHAPE.layers, SHAPE.tokens, 4096)
    assert made.vector is not None
    assert len(made.vectors) == 2
    for vector in (*made.vectors, made.vector):
        assert abs(sum(vector)) <= len(vector) / 2
        assert sum(z * z for z in vector) == pytest.approx(len(vector) * made.units**2, rel=1e-3)


def test_each_layer_has_a_vector_of_its_own() -> None:
    """So a layer beside it changes nothing: that of layer 0 alone is the first of two."""
    model = quantised()
    (sketches,) = sketch(model, "cpu")
    alone = replace(model, shape=replace(SHAPE, layers=(0,)))
    both, one = encode(model, sketches), encode(alone, sketches[:3])
    assert one.vectors == both.vectors[:1]
    assert both.vectors[0] != both.vectors[1]
    outputs = both.outputs
    assert (len(outputs.shifts), len(outputs.scales), len(outputs.vector_scales)) == (6, 6, 2)


def test_a_draw_with_a_seed_has_other_vectors() -> None:
    model, seed = quantised(), bytes(32)
    common, fresh = sketch(model, "cpu", seeds=(None, seed))
    assert encode(model, fresh, seed).vectors != encode(model, common).vectors
    assert encode(model, fresh, seed).seed == seed
    assert encode(model, common).seed is None


def test_degenerate_models_have_no_fingerprint() -> None:
    model = quantised()
    (sketches,) = sketch(model, "cpu")
    with pytest.raises(ModelError, match="term b of layer number 1 is zero"):
        encode(model, [*sketches[:4], [0] * 16, sketches[5]])
