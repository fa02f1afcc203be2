"""PNG files with hard limits, and digests of pixels."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

MAX_BYTES = 4 << 20
MAX_SIDE = 1024
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def _checked(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape:
        raise ValueError("an image is a uint8 array (height, width, 3)")
    return np.ascontiguousarray(rgb)


def png(rgb: NDArray[np.uint8]) -> bytes:
    """PNG file of uint8 (height, width, 3), without metadata; ValueError for other arrays."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(_checked(rgb), "RGB").save(out, format="PNG", optimize=False, compress_level=6)
    return out.getvalue()


def thumbnail(rgb: NDArray[np.uint8], side: int) -> bytes:
    """JPEG file of uint8 (height, width, 3), shrunk to a square of so many pixels; ValueError for other arrays."""
    from PIL import Image

    out = io.BytesIO()
    small = Image.fromarray(_checked(rgb), "RGB").resize((side, side), Image.Resampling.LANCZOS)
    small.save(out, format="JPEG", quality=85)
    return out.getvalue()


def decode(data: bytes) -> NDArray[np.uint8]:
    """Pixels of a PNG file as uint8 (height, width, 3).

    Raises ValueError unless `data` is an 8-bit RGB PNG of at most MAX_BYTES and MAX_SIDE x MAX_SIDE with pixels and
    nothing else; header and chunks are checked before anything is decompressed. An animation, a colour profile or a
    transparent colour could make a browser show something else than the pixels that are compared.
    """
    if len(data) > MAX_BYTES:
        raise ValueError(f"the image has {len(data)} bytes, more than {MAX_BYTES}")
    if len(data) < 33 or data[:8] != _SIGNATURE or data[8:16] != b"\x00\x00\x00\x0dIHDR":
        raise ValueError("the image is not a PNG file")
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise ValueError(f"the image is {width} x {height}, more than {MAX_SIDE} x {MAX_SIDE}")
    if data[24:26] != b"\x08\x02":
        raise ValueError("the image is not 8-bit RGB")
    for kind in _chunks(data):
        if kind not in (b"IHDR", b"IDAT", b"IEND"):
            raise ValueError(f"the image has a chunk {kind.decode('latin-1')!a} beside its pixels")
    from PIL.PngImagePlugin import PngImageFile

    try:
        with PngImageFile(io.BytesIO(data)) as image:
            if image.size != (width, height) or image.mode != "RGB":
                raise ValueError("the image contradicts its header")
            return np.array(image, dtype=np.uint8)
    except (OSError, SyntaxError, EOFError) as error:
        raise ValueError(f"the image is damaged: {error}") from error


def _chunks(data: bytes) -> Iterator[bytes]:
    """Types of the chunks of a PNG file, of which IEND is the last and ends the file."""
    position, kind = len(_SIGNATURE), b""
    while kind != b"IEND":
        kind = data[position + 4 : position + 8]
        if len(kind) < 4:
            raise ValueError("the image is cut off")
        yield kind
        position += 12 + int.from_bytes(data[position : position + 4], "big")
    if position != len(data):
        raise ValueError("the image does not end with its last chunk")


def rgb_digest(rgb: NDArray[np.uint8]) -> str:
    """SHA-256 (hex) of the raw pixel bytes, row by row, red first."""
    return hashlib.sha256(_checked(rgb).tobytes()).hexdigest()
