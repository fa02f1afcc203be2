"""Portraits: determinism, nearness, PNG limits."""

from __future__ import annotations

import hashlib
import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from huref.image import MAX_BYTES, decode, png, render, rgb_digest

FIXED = "10e9b351eb1f122fb03c8387cc149d439bbdf0267044d8a70963ba91498a6711"


def vector(values: NDArray[np.float64]) -> list[int]:
    values = values - values.mean()
    return [int(v) for v in np.rint(values / values.std() * 4096)]


def fixed_vector() -> list[int]:
    """512 integers that depend on no random generator: sums of twelve bytes of SHAKE-256, about normal."""
    data = hashlib.shake_256(b"huref test vector").digest(512 * 12)
    return [(sum(data[12 * i : 12 * i + 12]) - 1530) * 16 for i in range(512)]


@pytest.fixture(scope="module")
def picture() -> NDArray[np.uint8]:
    return render(fixed_vector())


def difference(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    return float(np.abs(a.astype(np.int16) - b.astype(np.int16)).mean())


def test_pixels_are_pinned(picture: NDArray[np.uint8]) -> None:
    assert picture.shape == (512, 512, 3)
    assert picture.dtype == np.uint8
    assert rgb_digest(picture) == FIXED
    assert rgb_digest(render(np.array(fixed_vector(), dtype=np.int32))) == FIXED


def test_near_vectors_give_near_portraits() -> None:
    rng = np.random.default_rng(5)
    near, far = [], []
    for _ in range(4):
        v, w = rng.standard_normal(512), rng.standard_normal(512)
        base = render(vector(v))
        near.append(difference(base, render(vector(0.999 * v + np.sqrt(1 - 0.999**2) * w))))
        far.append(difference(base, render(vector(w))))
    assert max(near) < 12
    assert min(far) > 25
    assert sum(far) > 5 * sum(near)


def test_extreme_vectors_render() -> None:
    for value in (0, 1 << 20, -(1 << 20)):
        assert render([value] * 512).shape == (512, 512, 3)


@pytest.mark.parametrize("bad", [[0] * 511, [0.5] * 512, [1 << 21] + [0] * 511, [[0] * 512]])
def test_bad_vectors_are_refused(bad: list[int]) -> None:
    with pytest.raises(ValueError):
        render(bad)


def test_other_sizes_are_refused() -> None:
    with pytest.raises(ValueError):
        render(fixed_vector(), size=256)


def test_png_round_trip(picture: NDArray[np.uint8]) -> None:
    data = png(picture)
    assert np.array_equal(decode(data), picture)
    assert data == png(picture)
    assert [data[i : i + 4] for i in (12, 37)] == [b"IHDR", b"IDAT"]


def test_png_of_other_arrays_is_refused() -> None:
    for array in (np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((0, 4, 3), np.uint8)):
        with pytest.raises(ValueError):
            png(array)


def saved(mode: str, size: tuple[int, int], kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, format=kind)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n" + bytes(40),
        saved("RGB", (1025, 4)),
        saved("RGB", (4, 1025)),
        saved("RGBA", (4, 4)),
        saved("L", (4, 4)),
        saved("RGB", (4, 4), "BMP"),
        saved("RGB", (64, 64))[:-30],
        saved("RGB", (4, 4)) + bytes(MAX_BYTES),
    ],
)
def test_bad_files_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        decode(data)


def test_largest_image_is_read() -> None:
    assert decode(saved("RGB", (1024, 1024))).shape == (1024, 1024, 3)
