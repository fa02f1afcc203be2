"""Images by a generator: the forward pass against one in numpy, and the same pixels whatever computes them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from huref.errors import InputError
from huref.image.stylegan2 import drawing
from huref.image.stylegan2.design import Design
from huref.image.stylegan2.generator import Generator
from tests.support import generators

from . import plain

VECTORS = np.rint(np.random.default_rng(3).standard_normal((8, 512)) * 4096).astype(np.int64)


@pytest.fixture
def threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    "design",
    [
        generators.SMALL,
        Design((9,), latent=5, layers=1),
        Design((6, 5, 4, 3), latent=8, layers=8, clamp=0.9),
        Design((6, 5), latent=512, layers=2, clamp=256.0),
    ],
)
def test_the_same_as_in_numpy(design: Design) -> None:
    generator = generators.made(design)
    found = drawing.levels(generator, VECTORS[:2])
    for row, vector in zip(found, VECTORS, strict=False):
        image = plain.image(generator.weights, list(design.sides), design.layers, design.clamp, vector / 4096)
        expected = np.clip(image.transpose(1, 2, 0) * 127.5 + 128.0, 0.0, 255.0)
        assert np.abs(row - expected).max() < 1e-9 * 127.5
        assert np.mean((expected > 0) & (expected < 255)) > 0.05  # not all of it is black or white


@pytest.mark.usefixtures("threads")
def test_the_same_pixels_with_any_threads_and_any_batch() -> None:
    generator = generators.made(Design((32, 24, 16, 8, 8), latent=32, layers=4), seed=2)
    torch.set_num_threads(1)
    alone = np.concatenate([drawing.draw(generator, vector[None]) for vector in VECTORS])
    for count in (1, 2):
        torch.set_num_threads(count)
        together = np.concatenate([drawing.draw(generator, VECTORS[:4]), drawing.draw(generator, VECTORS[4:])])
        assert together.dtype == np.uint8
        assert together.shape == (8, 64, 64, 3)
        assert np.array_equal(together, alone)
    assert not np.array_equal(alone[0], alone[1])


def test_every_number_of_the_vector_matters() -> None:
    generator = generators.made()
    first = drawing.levels(generator, VECTORS[:1])
    for index in (0, 255, 511):
        moved = VECTORS[:1].copy()
        moved[0, index] += 2048
        assert np.abs(drawing.levels(generator, moved) - first).max() > 1e-3


def test_numbers_that_grow_without_bound_are_no_image() -> None:
    design = Design((4,), latent=4, layers=16)
    weights = {name: np.full(shape, 3e38, np.float32) for name, shape in design.shapes().items()}
    with pytest.raises(InputError, match="without bound"):
        drawing.draw(Generator(design, weights, {}), np.full((1, 512), 4096))
