"""Portrait: the picture of a proved vector, as a bundle carries it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from .. import image
from . import strict
from .claims import printable
from .outputs import Vector
from .statement import Statement

#: Portraits take vectors of this length; a profile with another one has no image.
OUTPUTS = 512


@dataclass(frozen=True)
class Portrait:
    """PNG file, SHA-256 (hex) of its raw RGB bytes, and the name of the renderer that drew it."""

    png: bytes
    rgb_sha256: str
    renderer: str


def portrayed(statement: Statement) -> Vector | None:
    """The vector of a statement's portrait; None without common vectors of 512 numbers that do not cancel."""
    vector = statement.vector
    return vector if vector is not None and len(vector) == OUTPUTS else None


def draw(statement: Statement) -> Portrait | None:
    """The portrait of a statement; None for one that has none."""
    vector = portrayed(statement)
    if vector is None:
        return None
    rgb = image.render(vector)
    return Portrait(image.png(rgb), image.rgb_digest(rgb), image.RENDERER)


def to_fields(portrait: Portrait) -> dict[str, Any]:
    """The object of a portrait in a bundle."""
    return {
        "png": base64.b64encode(portrait.png).decode(),
        "rgbSha256": portrait.rgb_sha256,
        "renderer": portrait.renderer,
    }


def from_fields(fields: strict.Fields) -> Portrait:
    """The portrait of such an object. That it is the right picture, the verifier checks."""
    portrait = Portrait(fields.base64("png"), fields.hexadecimal("rgbSha256", 32).hex(), printable(fields, "renderer"))
    if not portrait.renderer.isascii():
        fields.refuse("field 'renderer' must be ASCII")
    fields.done()
    return portrait
