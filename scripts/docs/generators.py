"""docs/generators.png: 24 random vectors and eight steps between two, by the generator of the release.

python -m scripts.docs.generators     writes it, and prints how far images of near vectors are apart
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from huref.image import png, render
from huref.image.stylegan2 import drawing
from huref.image.stylegan2.generator import Generator, read

from .portraits import vector

ROOT = Path(__file__).parents[2]
GENERATOR, SHEET = ROOT / "examples/generators/portraits-64.safetensors", ROOT / "docs/generators.png"
COLUMNS, SAMPLES, STEPS, ENLARGED = 8, 24, 8, 2
#: Cosine of vectors that should look like one animal; pairs that are measured.
NEAR, PAIRS = 0.95, 200


def turned(first: NDArray[np.float64], other: NDArray[np.float64], cosine: float) -> NDArray[np.float64]:
    """A vector of that cosine with the first one, towards the other one, which is about orthogonal to it."""
    return cosine * first + math.sqrt(1 - cosine**2) * other


def sheet(generator: Generator) -> bytes:
    """The sheet as PNG: three rows of samples, then the steps."""
    rng = np.random.default_rng(7)
    vectors = [rng.standard_normal(512) for _ in range(SAMPLES)]
    angles = np.linspace(0.0, math.pi / 2, STEPS)
    vectors += [math.cos(angle) * vectors[0] + math.sin(angle) * vectors[1] for angle in angles]
    images = drawing.draw(generator, np.array([vector(v) for v in vectors]))
    rows = [np.concatenate(images[i : i + COLUMNS], 1) for i in range(0, len(images), COLUMNS)]
    return png(np.concatenate(rows).repeat(ENLARGED, 0).repeat(ENLARGED, 1))


def distances(images: NDArray[np.uint8]) -> tuple[NDArray[np.float64], float]:
    """Of images of vectors, then of as many neighbours: mean absolute differences of vector and neighbour, and how
    often a neighbour's image is nearer to its vector's image than those of all strangers are.
    """
    first, near = (half.reshape(len(images) // 2, -1).astype(np.int16) for half in np.split(images, 2))
    table = np.array([[np.abs(a - b).mean() for b in near] for a in first])
    own = table.diagonal()
    strangers = table[~np.eye(len(table), dtype=bool)].reshape(len(table), -1)
    return np.array([own.mean(), strangers.mean()]), float((own < strangers.min(1)).mean())


def main() -> None:
    """Write the sheet; print what the page says of it."""
    generator = read(GENERATOR)
    SHEET.write_bytes(sheet(generator))
    rng = np.random.default_rng(11)
    firsts = [rng.standard_normal(512) for _ in range(PAIRS)]
    vectors = [vector(v) for v in (*firsts, *(turned(v, rng.standard_normal(512), NEAR) for v in firsts))]
    for name, images in (
        (
            "generator",
            np.concatenate([drawing.draw(generator, np.array(part)) for part in np.split(np.array(vectors), 20)]),
        ),
        ("portrait", np.stack([small(render(v)) for v in vectors])),
    ):
        (near, far), share = distances(images)
        print(f"{name}: neighbours {near:.1f}, strangers {far:.1f} of 255; neighbour nearest: {100 * share:.0f} %")


def small(pixels: NDArray[np.uint8], side: int = 64) -> NDArray[np.uint8]:
    """A portrait, made smaller."""
    cell = len(pixels) // side
    return np.rint(pixels.reshape(side, cell, side, cell, 3).mean((1, 3))).astype(np.uint8)


if __name__ == "__main__":
    main()
