"""What the tokens determine: the sketch matrices P and Q (specification, "sketch matrices")."""

import hashlib
from collections.abc import Sequence

from .draw import Streams
from .error import ensure
from .poly import combine, unpack
from .profile import Profile

SIGNS = (0, 0, 1, -1)
"""Values of the two-bit codes."""


class SketchMatrix:
    """P or Q, r x K: ternary signs of the tokens of one side, centred so that every row sums to zero exactly.

    `P = n_P P0 - rowsum(P0)` on the `n_P` tokens of its side, 0 elsewhere.
    """

    def __init__(self, codes: list[bytes], here: list[bool]) -> None:
        ensure(any(here), "shape", "shape: a side of the sketch has no token")
        self._here = here
        nothing = bytes(len(codes[0]))
        columns = [code if mine else nothing for code, mine in zip(codes, here, strict=True)]
        self._rows = list(map(bytes, zip(*columns, strict=True)))

    def combine(self, weights: Sequence[int]) -> list[int]:
        """`weights^T P`, one value for each token."""
        plain = combine(self._rows, SIGNS, weights)
        count, total = sum(self._here), sum(plain)
        return [count * x - total if here else 0 for x, here in zip(plain, self._here, strict=True)]


def sketch_matrices(profile: Profile, streams: Streams, tokens: Sequence[bytes]) -> tuple[SketchMatrix, SketchMatrix]:
    """P and Q. SHAKE-128 of what the draw's streams begin with and a token's bytes gives its side and its r signs."""
    length = 1 + -(-profile.sketch // 4)
    digests = [hashlib.shake_128(streams.sketch + token).digest(length) for token in tokens]
    codes = [unpack(digest[1:], 2)[: profile.sketch] for digest in digests]
    right = [bool(digest[0] & 1) for digest in digests]
    return SketchMatrix(codes, [not r for r in right]), SketchMatrix(codes, right)
