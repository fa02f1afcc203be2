"""Embeddings up to a rotation."""

import numpy as np
import pytest

from huref.similarity import rotation
from huref.similarity.chance import gaussian
from huref.similarity.mutual import Array

TEXT = np.random.default_rng(0).standard_normal((400, 6))


def embedding(seed: int, width: int = 48) -> Array:
    """Rows of 400 tokens: a few long directions that the text dictates, the rest the model's own."""
    rng = np.random.default_rng(seed)
    own = rng.standard_normal((400, width)) * rng.uniform(0.5, 1.5, (400, 1))
    found: Array = (own + 3 * TEXT @ rng.standard_normal((6, width)) + 4 * rng.standard_normal(width)).astype(
        np.float32
    )
    return found


def turned(x: Array, width: int, seed: int = 5) -> Array:
    """Rotated, into a wider space perhaps."""
    basis = np.linalg.qr(np.random.default_rng(seed).standard_normal((width, width)))[0][: x.shape[1]]
    found: Array = (x @ basis).astype(np.float32)
    return found


@pytest.fixture(params=["fitted", "kernel"])
def form(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "kernel":
        monkeypatch.setattr(rotation, "WIDE", 16)
        monkeypatch.setattr(rotation, "KERNEL_TOKENS", 200)
    return str(request.param)


@pytest.mark.parametrize("width", [48, 64])
def test_a_rotated_copy_is_recognised(width: int, form: str) -> None:
    x = embedding(1)
    for one, other in ((x, turned(x, width)), (turned(x, width), x)):
        found = rotation.compare(one, other)
        assert found is not None
        assert found.likeness > 0.98
        assert found.p < -9 * np.log(10)


def test_half_a_copy_is_between() -> None:
    x = embedding(1)
    found = rotation.compare(x, turned(x + embedding(2), 48))
    assert found is not None
    assert 0.4 < found.likeness < 0.95


@pytest.mark.parametrize("seed", range(2, 8))
def test_strangers_that_learnt_one_text_are_not(seed: int, form: str) -> None:
    found = rotation.compare(embedding(1), embedding(seed))
    assert found is not None
    assert found.likeness < 0.2, form
    assert found.p > np.log(0.3)


def test_too_few_tokens_say_nothing() -> None:
    assert rotation.compare(embedding(1)[:100], embedding(2)[:100]) is None
    found = rotation.compare(embedding(1), embedding(1))
    assert found is not None
    assert found.tokens == 192


def test_thresholds_as_the_documentation_states_them() -> None:
    assert gaussian((0.54 - rotation.MEAN) / rotation.WIDTH) < np.log(1e-11)
    assert gaussian((0.35 - rotation.MEAN) / rotation.WIDTH) > np.log(1e-3)
