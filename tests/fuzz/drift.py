"""Changes of what only statements of drift have: powers of two, blocks, a bound, a public model."""

from __future__ import annotations

import random
from dataclasses import replace

from tests.conformance.vectors import Vector

EXPONENTS = (None, -128, -6, -5, -4, -1, 0, 1, 4, 5, 100, 127)
RELATIVE = (0, 1, 2, 51, 1023, 1024, 1025, 2**32 - 1)
ABSOLUTE = (0, 1, 2**32, 2**64, 2**120 - 1, 2**120, 2**128 - 1)
ENTRIES = (-32768, -2048, -2047, -1, 0, 1, 2047, 2048, 32767)


def said(rng: random.Random, case: Vector, other: Vector) -> Vector:
    """One part of what is said, or that of another statement."""
    assert case.drift is not None and other.drift is not None
    key = rng.choice(tuple(case.drift))
    if rng.random() < 0.15 and key != "public":
        return replace(case, drift=case.drift | {key: other.drift[key]})
    if key == "exponents":
        value: object = _exponents(rng, case.drift[key])
    elif key == "partition":
        value = rng.choice(("rows", "matrices", "whole"))
    elif key == "limit":
        value = _limit(rng, **case.drift[key])
    else:
        value = _model(rng, case.drift[key])
    return replace(case, drift=case.drift | {key: value})


def _exponents(rng: random.Random, exponents: list[int | None]) -> list[int | None]:
    if not exponents:
        return exponents
    at, kind = rng.randrange(len(exponents)), rng.randrange(6)
    if kind == 0:
        return rng.choice((exponents[1:], [*exponents, 0], [None] * len(exponents), exponents[::-1], []))
    return [*exponents[:at], rng.choice(EXPONENTS), *exponents[at + 1 :]]


def _limit(rng: random.Random, kind: str, values: list[str]) -> dict[str, object]:
    """The formats have room for 32 bits of a relative bound, and for 128 of an absolute one."""
    numbers = list(map(int, values))
    if rng.random() < 0.1:
        kind = rng.choice(("relative", "absolute"))
    if kind == "relative":
        numbers = [rng.choice((*RELATIVE, min(2**32 - 1, numbers[0] + 1), max(0, numbers[0] - 1)))]
    elif rng.random() < 0.2:
        numbers = rng.choice((numbers[1:], [*numbers, 0], numbers[::-1], []))
    elif numbers:
        at = rng.randrange(len(numbers))
        numbers[at] = rng.choice((*ABSOLUTE, numbers[at] + 1, max(0, numbers[at] - 1)))
    kind = kind if numbers else "absolute"
    return {"kind": kind, "values": [str(min(x, 2**128 - 1)) for x in numbers]}


def _model(rng: random.Random, model: list[str] | None) -> list[str] | None:
    """One entry, or no public model any more."""
    if model is None or rng.random() < 0.1:
        return None
    at = rng.randrange(len(model))
    data = bytearray.fromhex(model[at])
    place = 2 * rng.randrange(len(data) // 2)
    data[place : place + 2] = rng.choice(ENTRIES).to_bytes(2, "little", signed=True)
    return [*model[:at], data.hex(), *model[at + 1 :]]
