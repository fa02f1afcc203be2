"""Drift: how far a committed model is from another one (specification, "drift").

Of every block G of commitment rows, with `Delta_m = alpha W_m - beta W'_m`:

    relative:  2^20 sum_(m in G) |Delta_m|^2 <= b^2 sum_(m in G) |alpha W_m|^2
    absolute:  sum_(m in G) |Delta_m|^2 <= B_G
"""

from typing import NamedTuple

from . import published
from .curve import P
from .error import ensure
from .profile import Profile
from .statement import PARTITIONS, Drift, Shape
from .wire import context_bytes, profile_bytes, rows_bytes, u32

PROTOCOL = b"huref/drift/v1"
VERSION = 1
"""Version of the statement's encoding."""
RESOLUTION = 10
"""A relative bound counts multiples of `2^-RESOLUTION`."""
MAX_EXPONENT = 4
"""Of the power of two by which one of the models is multiplied."""
ABSOLUTE_BITS = 120
ABSENT = 255
"""In bytes, a matrix that is not spoken of."""


class Row(NamedTuple):
    """What a statement says of a commitment row of W: by what it and that of W' are multiplied, and its block."""

    alpha: int
    beta: int
    block: int


def _spoken_of(statement: Drift, profile: Profile) -> list[tuple[int, int]]:
    """Of each matrix that is spoken of, its commitment rows and alpha."""
    counts = zip(statement.shape.commitment_rows(profile), statement.factors, strict=True)
    return [(rows, 1 << max(x, 0)) for rows, x in counts if x is not None]


def blocks(statement: Drift, profile: Profile) -> int:
    """How many blocks there are."""
    matrices = _spoken_of(statement, profile)
    return {"rows": sum(rows for rows, _ in matrices), "matrices": len(matrices), "whole": 1}[statement.partition]


def rows(statement: Drift, profile: Profile) -> list[Row | None]:
    """The rows of W, None for those that are not spoken of."""
    found: list[Row | None] = []
    block = 0
    for count, x in zip(statement.shape.commitment_rows(profile), statement.factors, strict=True):
        for _ in range(count):
            found.append(None if x is None else Row(1 << max(x, 0), 1 << max(-x, 0), block))
            block += x is not None and statement.partition == "rows"
        block += x is not None and statement.partition == "matrices"
    return found


def weights(statement: Drift) -> tuple[int, int]:
    """What the squares of Delta count, and those of alpha W."""
    return (1, 0) if isinstance(statement.bound, tuple) else (1 << 2 * RESOLUTION, statement.bound**2)


def slack_bits(statement: Drift, profile: Profile) -> int:
    """Width of the slack of a block."""
    if isinstance(statement.bound, tuple):
        return max((1, *statement.bound)).bit_length()
    matrices = _spoken_of(statement, profile)
    rows = {
        "rows": max(alpha**2 for _, alpha in matrices),
        "matrices": max(count * alpha**2 for count, alpha in matrices),
        "whole": sum(count * alpha**2 for count, alpha in matrices),
    }[statement.partition]
    return (statement.bound**2 * profile.n * rows * _widest(profile) ** 2).bit_length()


def _widest(profile: Profile) -> int:
    """The largest honest weight."""
    return (1 << (profile.weight_bits - 1)) - 1


def check_bounds(shape: Shape, profile: Profile, models: int, z_bits: int) -> None:
    """Refuses a shape, which is one of the profile, if a value could reach P/4."""
    entries, entry = models * sum(shape.commitment_rows(profile)) * profile.n, (1 << (z_bits + 2)) + 8
    ensure(entries * entry < P // 2, "shape", "shape: the projection of the models could wrap")
    squares = entries * (2 * (1 << MAX_EXPONENT) * entry) ** 2 << 2 * RESOLUTION
    ensure(squares < P // 4, "shape", "shape: a difference could wrap")


def check(statement: Drift, profile: Profile) -> None:
    """Checks factors, bound and public model."""
    matrices, exponents = statement.shape.matrices(), [x for x in statement.factors if x is not None]
    small = all(-MAX_EXPONENT <= x <= MAX_EXPONENT for x in exponents)
    ensure(len(statement.factors) == len(matrices) and len(exponents) > 0 and small, "factors")
    if isinstance(statement.bound, tuple):
        within = all(0 <= x < 1 << ABSOLUTE_BITS for x in statement.bound)
        ensure(within and len(statement.bound) == blocks(statement, profile), "bound")
    else:
        ensure(1 <= statement.bound <= 1 << RESOLUTION, "bound")
    if statement.public is not None:
        hidden, widest = statement.shape.hidden, _widest(profile)
        ensure(published.has_form(statement.public, matrices, hidden, widest), "public model")


def statement_bytes(statement: Drift, profile: Profile) -> bytes:
    """Canonical bytes of a checked statement."""
    public = b"\0" if statement.public is None else b"\1" + published.digest(statement.public)
    factors = bytes(ABSENT if x is None else x + MAX_EXPONENT for x in statement.factors)
    if isinstance(statement.bound, tuple):
        limits = b"".join(x.to_bytes(16, "big") for x in statement.bound)
        bound = b"\1" + u32(len(statement.bound)) + limits
    else:
        bound = b"\0" + u32(statement.bound)
    circuit = u32(VERSION) + profile_bytes(profile) + rows_bytes(statement) + public
    said = u32(len(factors)) + factors + bytes([PARTITIONS.index(statement.partition)]) + bound
    return circuit + said + context_bytes(statement.context)
