"""Generators by hash to curve, and their cache (specification, "generators").

Deriving the 32 770 generators of robust-2 takes about ten seconds here, so they are kept in the user's cache directory.
A cache is data from outside: it counts only if every point lies on the curve and the digest of all of them is the one
that the profile pins; otherwise it is derived and written again.
"""

import functools
import hashlib
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..curve import Point, decode, encode, on_curve
from ..error import ensure

LABEL = b"huref/generators/v1/"


@dataclass(frozen=True)
class Generators:
    """`G_0 .. G_{n-1}` for the columns of a row, H for blinds, U for the inner product."""

    g: tuple[Point, ...]
    h: Point
    u: Point


def _generator(label: bytes, index: int) -> Point:
    """Try and increment: x is the first SHA-256(LABEL || label || index || counter) on the curve; y is even."""
    counter = 0
    while True:
        suffix = index.to_bytes(4, "big") + counter.to_bytes(4, "big")
        point = decode(b"\x02" + hashlib.sha256(LABEL + label + suffix).digest())
        if point is not None:
            return point
        counter += 1


def derive(log_n: int) -> list[Point]:
    """`G_0 .. G_{n-1}, H, U`."""
    return [_generator(b"G", i) for i in range(1 << log_n)] + [_generator(b"H", 0), _generator(b"U", 0)]


def digest(points: Sequence[Point]) -> bytes:
    """SHA-256 over the encodings of the points."""
    return hashlib.sha256(b"".join(map(encode, points))).digest()


def cache_file(log_n: int) -> Path | None:
    """Where the generators of a row length are kept; None for a user without a home, as in some containers."""
    home = os.environ.get("XDG_CACHE_HOME")
    try:
        folder = Path(home) if home else Path.home() / ".cache"
    except RuntimeError:
        return None
    return folder / "huref" / f"generators-v1-{log_n}.bin"


def read_cache(path: Path, log_n: int, expected: bytes) -> list[Point] | None:
    """The generators of a cache file; None if there is none, or if it is not exactly what it should be."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if len(data) != 64 * ((1 << log_n) + 2):
        return None
    numbers = [int.from_bytes(data[i : i + 32], "big") for i in range(0, len(data), 32)]
    points = list(zip(numbers[0::2], numbers[1::2], strict=True))
    return points if all(map(on_curve, points)) and digest(points) == expected else None


def write_cache(path: Path, points: Sequence[Point]) -> None:
    """Writes a cache file whole or not at all. Where it cannot be written, the next run derives again."""
    data = b"".join(x.to_bytes(32, "big") + y.to_bytes(32, "big") for x, y in points)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


@functools.cache
def generators(log_n: int, expected: bytes) -> Generators:
    """The generators with this digest: from memory, from the cache, or derived. Rejected if they are others."""
    path = cache_file(log_n)
    points = read_cache(path, log_n, expected) if path else None
    if points is None:
        points = derive(log_n)
        ensure(digest(points) == expected, "generators", "the derived generators are not those of the profile")
        if path:
            write_cache(path, points)
    return Generators(tuple(points[:-2]), points[-2], points[-1])
