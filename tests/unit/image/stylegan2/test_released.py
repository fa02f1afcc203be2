"""The generator that releases carry: its size, its pixels, what the docs say of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from huref.image import rgb_digest
from huref.image.stylegan2 import drawing
from huref.image.stylegan2.generator import read
from scripts.docs.generators import GENERATOR, NEAR, distances, turned
from scripts.docs.portraits import vector

PAGE = Path(__file__).parents[4] / "docs" / "generators.md"
PIXELS = "2518e1e8b1cd18754e04ed261be565d38c17813f490c016fc3fa6ec67ea05fcd"


def fixed() -> list[int]:
    """512 integers that depend on no random generator: sums of twelve bytes of SHAKE-256, about normal."""
    data = hashlib.shake_256(b"huref test vector").digest(512 * 12)
    return [(sum(data[12 * i : 12 * i + 12]) - 1530) * 16 for i in range(512)]


def test_its_file() -> None:
    found = read(GENERATOR)
    assert GENERATOR.stat().st_size <= 10_000_000
    assert found.design.resolution == 64
    assert found.sha256 in PAGE.read_text("utf-8")


def test_pixels_are_pinned() -> None:
    """On every machine: no value lies nearer to the border of a level than sums in other orders move it."""
    vectors = np.array([fixed()])
    levels = drawing.levels(read(GENERATOR), vectors)
    assert rgb_digest(drawing.draw(read(GENERATOR), vectors)[0]) == PIXELS
    inside = levels[(levels > 0) & (levels < 255)]
    assert np.abs(inside - np.rint(inside)).min() > 1e-9


def test_near_vectors_give_near_images() -> None:
    rng = np.random.default_rng(3)
    firsts = [rng.standard_normal(512) for _ in range(24)]
    near = [turned(first, rng.standard_normal(512), NEAR) for first in firsts]
    (own, strangers), share = distances(drawing.draw(read(GENERATOR), np.array([vector(v) for v in (*firsts, *near)])))
    assert own < 0.4 * strangers
    assert share > 0.9
