"""The core draws the pixels of the plain program, proofs/spec/portrait, and knows the traits that it looks at."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from huref import _native, image
from proofs.spec.portrait import portrait as plain
from proofs.spec.portrait.traits import Traits, signs

LARGEST = 1 << 20
#: Vectors of each width; enough of width 1 that every kind of scenery and every accessory shows.
WIDTHS = {0.1: 2, 1.0: 36, 4.0: 4, 30.0: 4}


def normal(width: float, index: int) -> NDArray[np.int64]:
    """512 integers about as normal as those of fingerprints, of that standard deviation in units of 4096."""
    data = hashlib.shake_256(b"portrait %d" % index).digest(512 * 12)
    entries = (np.frombuffer(data, np.uint8).reshape(512, 12).sum(1, dtype=np.int64) - 1530) * 16
    return np.rint(entries * width).clip(-LARGEST, LARGEST).astype(np.int64)


def vectors() -> Iterator[tuple[str, NDArray[np.int64]]]:
    for width, count in WIDTHS.items():
        for index in range(count):
            yield f"{width}-{index}", normal(width, index)
    for value in (0, LARGEST, -LARGEST):
        yield f"all {value}", np.full(512, value)
    corners = np.frombuffer(hashlib.shake_256(b"corners").digest(512), np.uint8) & 1
    yield "corners", np.where(corners == 1, LARGEST, -LARGEST)


@pytest.mark.parametrize("vector", [pytest.param(vector, id=name) for name, vector in vectors()])
def test_every_pixel(vector: NDArray[np.int64]) -> None:
    assert np.array_equal(image.render(vector), plain.render(vector))


def test_the_traits() -> None:
    seen: set[str] = set()
    for _, vector in vectors():
        traits = Traits(vector)
        plain.draw(traits)
        seen |= traits.names
    expected = np.stack([signs(name) == -1 for name in sorted(seen)])
    assert np.array_equal(_native.portrait_patterns(), expected)
