"""Encoder files: canonical bytes of networks that belong to no release."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

#: out, in, kernel, stride, shift.
Sizes = tuple[int, int, int, int, int]


def encoded(convolutions: Sequence[tuple[Sizes, bytes, Iterable[int]]]) -> bytes:
    """The file of convolutions: sizes, weights as bytes, biases."""
    parts = [b"huref/cnn/v1", bytes([len(convolutions)])]
    for sizes, weights, bias in convolutions:
        parts += [number.to_bytes(4, "big") for number in sizes]
        parts += [weights, *(number.to_bytes(4, "big", signed=True) for number in bias)]
    return b"".join(parts)


def drawn(convolutions: Sequence[Sizes]) -> bytes:
    """Convolutions of these sizes, with weights that the sizes determine."""

    def weights(sizes: Sizes) -> bytes:
        out, fan, kernel, *_ = sizes
        return hashlib.shake_128(repr(sizes).encode()).digest(out * fan * kernel**2)

    return encoded([(sizes, weights(sizes), range(sizes[0])) for sizes in convolutions])


#: For the toys: 3 x 4 x 4 numbers go in, 8 come out.
TOY = drawn([(5, 3, 3, 1, 9), (2, 5, 1, 1, 0)])
#: For the profiles of full size: 3 x 32 x 32 numbers go in, 512 come out.
WHOLE = drawn([(8, 3, 4, 4, 12), (8, 8, 1, 1, 0)])
