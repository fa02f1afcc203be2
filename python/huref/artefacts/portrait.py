"""Image: the picture of a proved vector, as a bundle carries it. It is the portrait, or drawn by a generator."""

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
    """PNG file, SHA-256 (hex) of its raw RGB bytes, and the name of the renderer that drew it.

    `generator`: SHA-256 (hex) of the file that this renderer drew with, if it needs one.
    """

    png: bytes
    rgb_sha256: str
    renderer: str
    generator: str | None = None


def portrayed(statement: Statement) -> Vector | None:
    """The vector of a statement's portrait; None without common vectors of 512 numbers that do not cancel."""
    vector = statement.vector
    return vector if vector is not None and len(vector) == OUTPUTS else None


def draw(statement: Statement, by: image.Renderer = image.PORTRAIT) -> Portrait | None:
    """The image of a statement; None for one that has none."""
    vector = portrayed(statement)
    if vector is None:
        return None
    rgb = by.draw(vector)
    return Portrait(image.png(rgb), image.rgb_digest(rgb), by.name, by.generator)


def to_fields(portrait: Portrait) -> dict[str, Any]:
    """The object of a portrait in a bundle."""
    fields = {
        "png": base64.b64encode(portrait.png).decode(),
        "rgbSha256": portrait.rgb_sha256,
        "renderer": portrait.renderer,
    }
    return fields if portrait.generator is None else fields | {"generatorSha256": portrait.generator}


def from_fields(fields: strict.Fields) -> Portrait:
    """The portrait of such an object. That it is the right picture, the verifier checks."""
    generator = fields.hexadecimal("generatorSha256", 32).hex() if fields.has("generatorSha256") else None
    digest = fields.hexadecimal("rgbSha256", 32).hex()
    portrait = Portrait(fields.base64("png"), digest, printable(fields, "renderer"), generator)
    if not portrait.renderer.isascii():
        fields.refuse("field 'renderer' must be ASCII")
    if (generator is not None) != (portrait.renderer == image.STYLEGAN2):
        fields.refuse(
            f"field 'generatorSha256' must be there where 'renderer' is {image.STYLEGAN2!r}, and nowhere else"
        )
    fields.done()
    return portrait
