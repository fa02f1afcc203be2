"""Portrait: the picture of a proved vector, as a bundle carries it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from .. import image
from . import strict
from .claims import printable
from .statement import Statement

#: Portraits take vectors of this length; a profile with another one has no image.
OUTPUTS = 512


@dataclass(frozen=True)
class Portrait:
    """PNG file, SHA-256 (hex) of its raw RGB bytes, and the name of the renderer that drew it."""

    png: bytes
    rgb_sha256: str
    renderer: str


def has_portrait(statement: Statement) -> bool:
    """Whether a vector has a portrait: it is a fingerprint of 512 numbers, not the answer to a challenge."""
    return len(statement.outputs.vector) == OUTPUTS and statement.challenge is None


def draw(statement: Statement) -> Portrait | None:
    """The portrait of a vector; None for one that has none."""
    if not has_portrait(statement):
        return None
    rgb = image.render(statement.outputs.vector)
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
