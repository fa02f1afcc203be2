"""The filter by signs misses as seldom as it says, and lets hardly a stranger through."""

import numpy as np
import pytest
from numpy.typing import NDArray

from huref.similarity.signs import MISS, Signs, most
from huref.similarity.verdict import DESCENT

LENGTH = 512


def related(random: np.random.Generator, wanted: NDArray[np.float64], cosine: float, count: int) -> NDArray[np.float64]:
    """Vectors with that cosine."""
    other = random.standard_normal((count, LENGTH))
    unit = wanted / np.linalg.norm(wanted)
    other -= np.outer(other @ unit, unit)
    other /= np.linalg.norm(other, axis=1, keepdims=True)
    found: NDArray[np.float64] = np.rint(1e5 * (cosine * unit + np.sqrt(1 - cosine**2) * other))
    return found


@pytest.mark.parametrize("least", [0.4, 0.5, 0.7, 0.95])
def test_misses_are_as_seldom_as_stated_and_strangers_are_kept_out(least: float) -> None:
    random = np.random.default_rng(1)
    wanted = random.standard_normal(LENGTH)
    copies = Signs.of(related(random, wanted, least, 20_000))
    missed = 20_000 - len(copies.near(wanted[None], least))
    assert missed <= 20_000 * MISS + 5 * np.sqrt(20_000 * MISS)
    strangers = Signs.of(random.standard_normal((20_000, LENGTH)))
    assert len(strangers.near(wanted[None], least)) < 200


def test_the_filter_is_worth_something_from_the_least_cosine_of_relatives_on() -> None:
    """A threshold so low that half of all strangers pass would filter nothing."""
    strangers = 0.5 * LENGTH - 2.5 * np.sqrt(LENGTH / 4)
    assert most(DESCENT, LENGTH) < strangers < most(0.2, LENGTH)
