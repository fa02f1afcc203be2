"""Canonical bytes: the statement as the transcript absorbs it; the reader of proofs (specification, "encodings")."""

import hashlib
from collections.abc import Sequence

from .context import Context
from .curve import POINT, SCALAR, Point, decode, decode_scalar
from .draw import KINDS, Draw
from .error import Rejected, ensure
from .profile import Profile
from .statement import Nearness, Public, Shape, Statement

VERSION = 2
"""Version of the statement's encoding."""


def u32(x: int) -> bytes:
    """Four bytes."""
    return x.to_bytes(4, "big")


def i32(x: int) -> bytes:
    """Four bytes, in two's complement."""
    return x.to_bytes(4, "big", signed=True)


def _text(text: bytes) -> bytes:
    return u32(len(text)) + text


def token_digest(selected: Sequence[bytes]) -> bytes:
    """SHA-256 over the tokens in order, each as its length (u32, big-endian) and its bytes."""
    return hashlib.sha256(b"".join(u32(len(token)) + token for token in selected)).digest()


def profile_bytes(profile: Profile) -> bytes:
    """Name and numbers of a profile, the curve, its generators."""
    numbers = b"".join(number.to_bytes(8, "big") for number in profile.numbers())
    return _text(profile.name.encode()) + numbers + _text(b"secp256k1") + profile.generators


def _draw_bytes(profile: Profile, draw: Draw) -> bytes:
    """The sources of its seed, not the seed: that follows from what is absorbed."""
    texts = (draw.labels(profile).sketch, draw.encoder(profile), draw.beacon, draw.other)
    return bytes([KINDS.index(draw.kind)]) + b"".join(map(_text, texts))


def _shape_bytes(shape: Shape) -> bytes:
    sizes = (shape.hidden, shape.heads, shape.kv_heads, shape.head_dim, shape.ffn, len(shape.layers), *shape.layers)
    return b"".join(map(u32, (*sizes, len(shape.tokens)))) + token_digest(shape.tokens)


def rows_bytes(statement: Public) -> bytes:
    """Shape and commitment rows of a checked statement."""
    return _shape_bytes(statement.shape) + u32(len(statement.commitment) // POINT) + statement.commitment


def committed_bytes(statement: Statement | Nearness, profile: Profile) -> bytes:
    """Draws, shape and commitment rows of a checked statement that has draws."""
    draws = bytes([len(statement.draws)]) + b"".join(_draw_bytes(profile, draw) for draw in statement.draws)
    return draws + rows_bytes(statement)


def context_bytes(context: Context) -> bytes:
    """Whom a proof is for."""
    return b"".join(map(_text, (context.owner.encode(), context.audience.encode(), context.nonce)))


def statement_bytes(statement: Statement, profile: Profile) -> bytes:
    """Canonical bytes of a checked statement: the first thing that the transcript absorbs."""
    z = b"".join(map(i32, statement.all("z")))
    scales = b"".join(map(u32, (*statement.all("e"), *statement.all("a"))))
    c = b"".join(c.to_bytes(8, "big") for c in statement.all("c"))
    circuit = u32(VERSION) + profile_bytes(profile) + committed_bytes(statement, profile)
    return circuit + z + scales + c + context_bytes(statement.context)


def commitment_id(statement: Public, profile: Profile) -> bytes:
    """What the commitment of a checked statement is called by: it has no outputs, no draws and no context."""
    named = _text(profile.name.encode()) + _shape_bytes(statement.shape)
    return hashlib.sha256(b"huref/commitment/v1" + named + statement.commitment).digest()


def read_points(data: bytes) -> list[Point]:
    """Points of a commitment from their concatenated encodings."""
    ensure(len(data) % POINT == 0, "commitment rows", f"{len(data)} bytes are not a multiple of 33")
    return [_point(data[i : i + POINT]) for i in range(0, len(data), POINT)]


def _point(data: bytes) -> Point:
    point = decode(data)
    if point is None:
        raise Rejected("point", f"{data.hex()} is not the encoding of a point of the curve")
    return point


class Reader:
    """Reads a proof from its first byte to its last."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def _take(self, count: int) -> bytes:
        data = self._data[self._at : self._at + count]
        ensure(len(data) == count, "proof length")
        self._at += count
        return data

    def point(self) -> tuple[Point, bytes]:
        """The next point and its bytes."""
        data = self._take(POINT)
        return _point(data), data

    def scalar(self) -> tuple[int, bytes]:
        """The next scalar and its bytes."""
        data = self._take(SCALAR)
        scalar = decode_scalar(data)
        if scalar is None:
            raise Rejected("scalar", f"{data.hex()} is not below the order of the group")
        return scalar, data

    def end(self) -> None:
        """Nothing may follow."""
        ensure(self._at == len(self._data), "proof length")
