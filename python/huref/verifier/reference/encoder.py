"""The encoder's public matrix R, entries +1 and -1 (specification, "encoder")."""

import hashlib

from .draw import Streams
from .poly import chunks, combine, unpack
from .profile import Profile


def columns(profile: Profile, streams: Streams, weights: list[int]) -> list[tuple[int, int]]:
    """For each column j of R, m x 3 r^2: `sum_k weights[k] R[k][j]` and `sum_k R[k][j]`, both mod P.

    R is bit (row x columns + column) of SHAKE-128 of the beginning of the draw's stream, little-endian within a byte; 1
    means -1.
    """
    rows, width = profile.outputs, 3 * profile.entries
    bits = unpack(hashlib.shake_128(streams.encoder).digest(-(-rows * width // 8)), 1)
    matrix = list(chunks(bits, width, rows))
    return list(zip(combine(matrix, (1, -1), weights), combine(matrix, (1, -1), [1] * rows), strict=True))
