"""Small generators with random weights."""

from __future__ import annotations

from functools import cache

import numpy as np

from huref.image.stylegan2.design import Design
from huref.image.stylegan2.generator import Generator

SMALL = Design((12, 8, 6), latent=10, layers=3)


def made(design: Design = SMALL, seed: int = 1) -> Generator:
    """A generator whose every tensor matters: noise too."""
    rng = np.random.default_rng(seed)
    weights = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in design.shapes().items()}
    for name, weight in weights.items():
        if name.startswith("mapping."):
            weights[name] = weight * np.float32(100)
    weights = {name: np.asarray(weight, np.float32) for name, weight in weights.items()}
    return Generator(design, weights, {"made": "at random"})


@cache
def file(seed: int = 1) -> bytes:
    """The file of a small one."""
    return made(seed=seed).to_bytes()
