"""From sketches to a vector."""

import pytest

from huref.artefacts.fingerprint import Fingerprint
from huref.errors import ModelError
from huref.stages.encode import encode
from huref.stages.sketch import sketch
from tests.support.toys import SHAPE, quantised


@pytest.fixture(scope="module")
def made() -> Fingerprint:
    model = quantised()
    return encode(model, sketch(model, "cpu"))


def test_a_fingerprint_has_mean_0_and_deviation_1(made: Fingerprint) -> None:
    assert (made.profile, made.layers, made.tokens, made.units) == ("toy-2", SHAPE.layers, SHAPE.tokens, 4096)
    assert abs(sum(made.vector)) <= len(made.vector) / 2
    assert sum(z * z for z in made.vector) == pytest.approx(len(made.vector) * made.units**2, rel=1e-3)


def test_degenerate_models_have_no_fingerprint() -> None:
    model = quantised()
    sketches = sketch(model, "cpu")
    with pytest.raises(ModelError, match="term b of layer number 1 is zero"):
        encode(model, [*sketches[:4], [0] * 16, sketches[5]])
