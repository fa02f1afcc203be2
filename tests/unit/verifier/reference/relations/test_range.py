"""Relation "range" with a prover whose weights and projections are plain."""

import random
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from huref.verifier.reference.claims import All, Bits, Claims, Weights, Y
from huref.verifier.reference.curve import P
from huref.verifier.reference.layout import Group
from huref.verifier.reference.poly import dot, eq_table
from huref.verifier.reference.profile import TOY_2
from huref.verifier.reference.relations import range as relation
from huref.verifier.reference.ternary import Ternary
from tests.support.conversation import Conversation, sumcheck

SIDE, ROWS, Z_BITS, N_MAX = TOY_2.projection, 5, 40, 1 << 50
RANDOM = random.Random(5)
W = [[RANDOM.randrange(-2047, 2048) for _ in range(TOY_2.n)] for _ in range(ROWS)]
TERNARY = relation.Ternaries(
    Ternary(1, b"A", SIDE, ROWS), Ternary(1, b"C", SIDE, TOY_2.n), Ternary(2, b"D", TOY_2.projection_z, SIDE**2)
)


def signed(values: list[int]) -> list[int]:
    return [x - P if x > P // 2 else x for x in values]


def rows(matrix: Ternary, count: int) -> list[list[int]]:
    return [signed(matrix.combine([int(i == k) for i in range(count)])) for k in range(count)]


A, C, D = rows(TERNARY.a, SIDE), rows(TERNARY.c, SIDE), rows(TERNARY.d, TOY_2.projection_z)
WC = [[sum(map(int.__mul__, w, c)) for c in C] for w in W]
HONEST = [sum(a[m] * WC[m][j] for m in range(ROWS)) for a in A for j in range(SIDE)]


def checked(y: list[int]) -> tuple[Conversation, list[bool]]:
    """The conversation about that Y, and of each claim whether it is true of W, Y and the integers that follow."""
    z = [sum(map(int.__mul__, d, y)) for d in D]
    norm = sum(x * x for x in y)

    def prover(drawn: list[int]) -> Iterator[int]:
        logs = (4, 4, 4)
        points, at = [], 0
        for log in logs:
            points.append(eq_table(drawn[at : at + log]))
            at += log
        yield dot([a * b for a in points[0] for b in points[1]], y)
        yield dot(points[2], z)
        yield norm
        tables = [list(y)]
        yield from sumcheck(drawn, tables, 2, lambda v: v[0] ** 2)
        yield tables[0][0] % P

    groups = SimpleNamespace(z=Group(0, len(z), Z_BITS), norm=Group(len(z) * Z_BITS, 1, 51))
    bounds = SimpleNamespace(z_bits=Z_BITS, n_max=N_MAX)
    context: Any = SimpleNamespace(profile=TOY_2, layout=groups, bounds=bounds)  # all that the relation asks of it
    side, claims = Conversation(prover), Claims()
    relation.check(side, context, claims, TERNARY)
    relation.norm(side, context, claims)
    integers = {0: [x + (1 << (Z_BITS - 1)) for x in z], groups.norm.start: [N_MAX - norm]}

    def value(weights: Weights) -> int:
        match weights:
            case Y(values):
                return dot(values, y)
            case All(left, right):
                return dot(left, [dot(w, right) for w in W])
            case Bits(runs):
                return sum(dot(run.weights, integers[run.group.start]) for run in runs) % P
        raise AssertionError(weights)

    pairs = zip(claims.weights, claims.values, strict=True)
    return side, [value(weights) == form.constant % P for weights, form in pairs]


def test_everything_is_true_of_an_honest_projection() -> None:
    side, true = checked(HONEST)
    assert side.holds
    assert true == [True] * 6


@pytest.mark.parametrize("place", [0, SIDE**2 - 1])
def test_another_projection_is_not_that_of_the_weights(place: int) -> None:
    changed = list(HONEST)
    changed[place] += 1
    side, true = checked(changed)
    assert side.holds
    assert true == [True, False, True, True, True, True]
