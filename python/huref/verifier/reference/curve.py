"""secp256k1, `y^2 = x^3 + 7` over the integers mod Q, in plain integers (specification, "encodings").

The group has prime order P and cofactor 1, so a point on the curve is a point of the group. A point is a pair `(x, y)`
with both coordinates in `[0, Q)`; the identity is None and has no encoding.
"""

Q = 2**256 - 2**32 - 977
"""Order of the base field."""
P = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""Order of the group: the field of scalars."""

Point = tuple[int, int]
POINT, SCALAR = 33, 32
"""Bytes of a point and of a scalar."""


def encode(point: Point) -> bytes:
    """SEC1 compressed: 02 (y even) or 03 (y odd), then x in 32 bytes, big-endian."""
    x, y = point
    return bytes([2 + (y & 1)]) + x.to_bytes(32, "big")


def on_curve(point: Point) -> bool:
    """Whether both coordinates are reduced and satisfy the equation of the curve."""
    x, y = point
    return 0 <= x < Q and 0 <= y < Q and (y * y - x * x * x - 7) % Q == 0


def decode(data: bytes) -> Point | None:
    """The point of that encoding; None for every other string of 33 bytes, the identity's included."""
    x = int.from_bytes(data[1:], "big")
    if data[0] not in (2, 3) or x >= Q:
        return None
    square = (x * x * x + 7) % Q
    y = pow(square, (Q + 1) // 4, Q)
    if y * y % Q != square:
        return None
    return (x, y if y & 1 == data[0] & 1 else Q - y)


def decode_scalar(data: bytes) -> int | None:
    """The scalar of 32 bytes, big-endian; None if it is not below P."""
    value = int.from_bytes(data, "big")
    return value if value < P else None
