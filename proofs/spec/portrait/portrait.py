"""Portrait of an animal: 512 public numbers -> 512 x 512 pixels.

Everything is continuous in the vector.  Kinds of ears, scenery, markings and accessories fade or morph into one another
instead of switching, so that fingerprints that are near give portraits that are near.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from . import coat, face, scene, wear
from .animal import Animal
from .canvas import Frame, length, rise
from .traits import Traits


def render(vector: Sequence[int] | NDArray[np.integer]) -> NDArray[np.uint8]:
    """Portrait of a vector of 512 integers in units of 2^-12, as uint8 (512, 512, 3).

    Raises ValueError for another length or another type.
    """
    return draw(Traits(vector))


def draw(traits: Traits) -> NDArray[np.uint8]:
    """The portrait with these traits, as uint8 (512, 512, 3)."""
    canvas = scene.draw(traits)
    who = Animal(traits)
    coat.draw_body(canvas, who)
    wear.draw_neck(canvas, who)
    coat.draw_head(canvas, who)
    face.draw(canvas, who)
    wear.draw_extras(canvas, who)

    # lamp from one side, dusk in the corners
    frame = Frame(256.0, 240.0)
    canvas.scale(1.0 + (frame.x * who.lamp - frame.y * 0.35) * np.float32(0.13 / 256.0))
    canvas.scale(1.0 - 0.42 * rise(215.0, 400.0, length(frame.x, frame.y)))
    return canvas.pixels()
