"""What draws the image of a vector, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import UsageError
from . import portrait
from .portrait import SIZE

#: Name in bundles of images by a generator, whose digest stands beside it.
STYLEGAN2 = "huref/stylegan2/v1"


@dataclass(frozen=True)
class Renderer:
    """What draws images: `name` in bundles, where a change of any pixel of any image needs a new one.

    `side`: pixels along a side of an image. `draw`: uint8 (side, side, 3) of 512 integers in units of 2^-12.
    `generator`: SHA-256 (hex) of the file that it draws with, None for one that needs none.
    """

    name: str
    side: int
    draw: Callable[[Sequence[int]], NDArray[np.uint8]]
    generator: str | None = None


PORTRAIT = Renderer("huref/portrait/v1", SIZE, portrait.render)


def _portrait(generator: Path | None) -> Renderer:
    if generator is not None:
        raise UsageError("a portrait is drawn without a generator; leave it out, or choose images by stylegan2")
    return PORTRAIT


def _stylegan2(generator: Path | None) -> Renderer:
    if generator is None:
        raise UsageError("images by stylegan2 are drawn with a generator; name its file: --generator FILE")
    from ..extras import require

    require("torch")
    from .stylegan2 import drawing
    from .stylegan2.generator import read

    found = read(generator)

    def draw(vector: Sequence[int]) -> NDArray[np.uint8]:
        (image,) = drawing.draw(found, np.array([vector], np.int64))
        return np.asarray(image, np.uint8)

    return Renderer(STYLEGAN2, found.design.resolution, draw, found.sha256)


#: How to get each renderer, given the file of a generator or None, by the name that people give.
RENDERERS: dict[str, Callable[[Path | None], Renderer]] = {"portrait": _portrait, "stylegan2": _stylegan2}


def renderer(by: str, generator: Path | None = None) -> Renderer:
    """The renderer of that name.

    Raises:
        UsageError: there is none; a generator is missing or too much; torch or safetensors is not installed.
        NotFoundError, InputError: the generator's file is missing, or is not one.

    """
    if by not in RENDERERS:
        raise UsageError(f"images are drawn by {' or '.join(RENDERERS)}, not by {by[:40]!a}")
    return RENDERERS[by](generator)
