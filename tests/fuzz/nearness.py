"""Changes of what only statements of nearness have: vectors of the other side, an answer, one draw."""

from __future__ import annotations

import random
from dataclasses import replace

from tests.conformance.vectors import Vector

ENTRIES = (0, 1, 5, 4095, 4096, 8192, 2**14, 2**14 + 1, 2**17, 2**17 + 1, 2**31 - 1)
COSINES = (-257, -256, -255, -1, 0, 1, 2, 128, 255, 256, 257, 2**31 - 1)
KINDS = ("rounded", "below", "at-least")


def said(rng: random.Random, case: Vector, other: Vector) -> Vector:
    """Vectors of the other side, or the answer."""
    assert case.theirs is not None and other.theirs is not None
    if rng.random() < 0.5:
        return replace(case, theirs=_theirs(rng, case.theirs, other.theirs))
    return _answer(rng, case, other)


def _theirs(rng: random.Random, theirs: list[list[int]], other: list[list[int]]) -> list[list[int]]:
    """Vectors left out, doubled or exchanged, or some entries of one that may leave its sum as it was."""
    kind = rng.randrange(5)
    if kind == 0:
        return rng.choice((other, theirs[1:], theirs[:-1], theirs[::-1], [*theirs, *theirs[-1:]]))
    if not theirs:
        return theirs
    at, changed = rng.randrange(len(theirs)), [list(z) for z in theirs]
    z = changed[at]
    if kind == 1:
        z[:] = rng.choice(([-x for x in z], z[::-1], [0] * len(z), z[1:], [*z, 0], [2 * x for x in z]))
    elif len(z) > 1:
        i, j = rng.sample(range(len(z)), 2)
        if kind == 2:
            z[i], z[j] = z[j], z[i]
        else:
            by = rng.choice(ENTRIES) * rng.choice((1, -1))
            z[i], z[j] = _fit(z[i] + by), _fit(z[j] - by * (kind == 3))
    return changed


def _fit(x: int) -> int:
    """Encodings of the formats have 32 bits."""
    return max(-(2**31), min(2**31 - 1, x))


def _answer(rng: random.Random, case: Vector, other: Vector) -> Vector:
    assert case.answer is not None and case.theirs is not None
    answer, kind = dict(case.answer), rng.randrange(5)
    cosines, pair = list(answer["cosines"]), answer["pair"]
    if kind == 0 and cosines:
        at = rng.randrange(len(cosines))
        cosines[at] = rng.choice((*COSINES, cosines[at] + 1, cosines[at] - 1))
    elif kind == 1:
        cosines = rng.choice((cosines[1:], cosines * 2, cosines[::-1], [rng.choice(COSINES)]))
    elif kind == 2:
        answer["kind"] = rng.choice(KINDS)
    elif kind == 3:
        pair = rng.choice((None, [rng.randrange(5), rng.randrange(5)], [0, 2**32 - 1], pair and pair[::-1]))
    else:
        answer = dict(other.answer or answer)
        return replace(case, answer=answer)
    return replace(case, answer=answer | {"cosines": cosines, "pair": pair})


def challenge(rng: random.Random, case: Vector, _: Vector) -> Vector:
    """A draw of another kind, or with another beacon or commitment."""
    (draw,) = case.draws
    kind, length = rng.choice(("common", "own", "challenge")), rng.choice((0, 1, 31, 32, 33, 48, 64, 65))
    change = rng.choice(
        ({"kind": kind}, {"beacon": rng.randbytes(length).hex()}, {"other": rng.randbytes(length).hex()})
    )
    return replace(case, draws=[draw | change])
