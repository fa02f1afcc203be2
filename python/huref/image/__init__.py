"""Images of fingerprints: a table of renderers, PNG files with hard limits, and digests of pixels.

portrait      the face of an animal, drawn with five operations: exact, without any further file
stylegan2     the generator of the HuRef paper, with weights in a file that everybody brings
training      of such a generator, on portraits
"""

from .files import MAX_BYTES, MAX_SIDE, decode, png, rgb_digest, thumbnail
from .portrait import SIZE, render
from .renderers import PORTRAIT, RENDERERS, STYLEGAN2, Renderer, renderer

__all__ = [
    "MAX_BYTES",
    "MAX_SIDE",
    "PORTRAIT",
    "RENDERERS",
    "SIZE",
    "STYLEGAN2",
    "Renderer",
    "decode",
    "png",
    "render",
    "renderer",
    "rgb_digest",
    "thumbnail",
]
