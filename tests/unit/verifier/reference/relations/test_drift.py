"""Relation "drift" with a prover whose weights are plain."""

import random
from collections.abc import Iterator

import numpy as np
import pytest

from huref.verifier.reference import Context, Drift, Shape
from huref.verifier.reference.claims import All, Bits, Claims, Weights
from huref.verifier.reference.curve import P
from huref.verifier.reference.instance import Instance
from huref.verifier.reference.poly import dot, eq_table
from huref.verifier.reference.profile import TOY_2
from huref.verifier.reference.relations import drift as relation
from tests.support.conversation import Conversation, sumcheck

#: Commitment rows: X 1, q 1, k 1, v 1, oT 1, up 3, downT 3.
SHAPE = Shape(6, 4, 2, 2, 200, layers=(5,), tokens=tuple(b"token-%d" % i for i in range(16)))
COUNTS, SLOTS, N = SHAPE.commitment_rows(TOY_2), SHAPE.slots(TOY_2), TOY_2.n
R = sum(COUNTS)
RANDOM = random.Random(11)
FACTORS = (0, None, 2, -1, 0, 1, 0)
ALPHA, BETA = (1, 1, 4, 1, 1, 2, 1), (1, 1, 1, 2, 1, 1, 1)
#: Of each row: its matrix.
MATRIX = [i for i, count in enumerate(COUNTS) for _ in range(count)]


def rounded(x: float) -> int:
    return max(-2047, min(2047, round(x)))


def model(shift: tuple[int, ...], noise: float) -> list[list[list[int]]]:
    """Matrices of one and the same model but for powers of two and noise."""
    source = random.Random(5)
    return [
        [[rounded(source.gauss(0, 100) * k + RANDOM.gauss(0, noise)) for _ in range(6)] for _ in range(count)]
        for count, k in zip(SHAPE.matrices(), shift, strict=True)
    ]


def packed(matrices: list[list[list[int]]]) -> list[list[int]]:
    rows = []
    for matrix in matrices:
        for i in range(0, len(matrix), SLOTS):
            flat = [x for row in matrix[i : i + SLOTS] for x in row]
            rows.append(flat + [0] * (N - len(flat)))
    return rows


W, THEIRS = model(BETA, 0), model(ALPHA, 3)
THEIRS[1] = [[2047] * 6 for _ in THEIRS[1]]  # nothing is said of it
OURS, OTHERS = packed(W), packed(THEIRS)
BASE, DELTA = [], []  # 0 where nothing is said
for ours, others, i in zip(OURS, OTHERS, MATRIX, strict=True):
    BASE.append([ALPHA[i] * x * (FACTORS[i] is not None) for x in ours])
    DELTA.append([x - BETA[i] * y * (FACTORS[i] is not None) for x, y in zip(BASE[-1], others, strict=True)])
SPOKEN = [m for m, i in enumerate(MATRIX) if FACTORS[i] is not None]


def blocks(partition: str) -> list[int | None]:
    """The block of each row."""
    found: list[int | None] = [None] * R
    for block, m in enumerate(SPOKEN):
        found[m] = block if partition == "rows" else 0
        if partition == "matrices":
            found[m] = MATRIX[m] - (MATRIX[m] > 1)
    return found


def sums(partition: str, table: list[list[int]]) -> list[int]:
    of = blocks(partition)
    last = max(block for block in of if block is not None)
    return [sum(x * x for m, row in enumerate(table) if of[m] == k for x in row) for k in range(last + 1)]


def least(partition: str, relative: bool) -> int | tuple[int, ...]:
    """The smallest bound that holds."""
    squares = sums(partition, DELTA)
    if not relative:
        return tuple(squares)
    pairs = list(zip(squares, sums(partition, BASE), strict=True))
    return next(b for b in range(1, 1025) if all(b * b * base >= square << 20 for square, base in pairs))


def given(partition: str, bound: int | tuple[int, ...], public: bool = False) -> Drift:
    arrays = tuple(np.array(matrix, np.int16) for matrix in THEIRS) if public else None
    return Drift("toy-2", SHAPE, b"", arrays, FACTORS, partition, bound, Context())


def checked(statement: Drift, wrong: int = -1, delta: list[list[int]] = DELTA) -> tuple[Conversation, list[bool]]:
    """The conversation, and of each claim whether it is true of the two models and the slacks.

    `wrong`: number of a scalar that the prover sends as one more than it is. `delta`: what they take for Delta.
    """
    instance = Instance(TOY_2, statement, [(0, 0)] * (statement.models * R))
    den, num = (1, 0) if isinstance(statement.bound, tuple) else (1 << 20, statement.bound**2)
    of, squares, bases = blocks(statement.partition), sums(statement.partition, delta), sums(statement.partition, BASE)
    limits = statement.bound if isinstance(statement.bound, tuple) else (0,) * len(squares)
    slacks = [num * base - den * square + limit for base, square, limit in zip(bases, squares, limits, strict=True)]

    def prover(drawn: list[int]) -> Iterator[int]:
        eq = eq_table(drawn)  # the point of the blocks
        factors = [0 if block is None else eq[block] for block in of]
        pairs = zip(delta, BASE, strict=True)
        d = [den * dot(row, row) - num * dot(base, base) for row, base in pairs]
        yield dot(factors, d)
        empty, places = [0] * N, 16 - R
        flat = [[x for row in [*table, *[empty] * places] for x in row] for table in (delta, BASE)]
        tables = [[f for f in [*factors, *[0] * places] for _ in range(N)], *flat]

        def term(v: list[int]) -> int:
            return v[0] * (den * v[1] ** 2 - num * v[2] ** 2)

        yield from sumcheck(drawn, tables, 3, term, until=N)
        yield from sumcheck(drawn, tables, 2, term)
        yield from (table[0] % P for table in tables[1 : 3 if num else 2])

    def bent(drawn: list[int]) -> Iterator[int]:
        yield from (x + (i == wrong) for i, x in enumerate(prover(drawn)))

    side, claims = Conversation(bent), Claims()
    relation.check(side, instance, statement, claims)

    def found(weights: Weights) -> int:
        match weights:
            case Bits([run]):
                assert run.group == instance.layout.block
                return dot(run.weights, slacks)
            case All(rows, columns):
                committed = [*OURS, *OTHERS][: statement.models * R]
                assert len(rows) <= len(committed)
                return dot(rows, [dot(row, columns) for row in committed])
        raise AssertionError(weights)

    pairs = zip(claims.weights, claims.values, strict=True)
    true = [found(weights) == form.constant % P for weights, form in pairs]
    fits = all(0 <= slack < 1 << instance.layout.block.width for slack in slacks)
    return side, [fits, *true]


KINDS = [(partition, relative) for partition in ("rows", "matrices", "whole") for relative in (True, False)]


@pytest.mark.parametrize("public", [False, True])
@pytest.mark.parametrize(("partition", "relative"), KINDS)
def test_everything_is_true_of_the_least_bound(partition: str, relative: bool, public: bool) -> None:
    statement = given(partition, least(partition, relative), public)
    side, true = checked(statement)
    assert side.holds and all(true)
    # the counts of the chapter
    assert len(true) == 1 + 2 + relative
    assert (len(side.ledger.zeros), len(side.ledger.triples)) == (1, 1 + relative)
    sent = 1 + 3 * 4 + 2 * 9 + 1 + relative
    assert side.ledger.used == sent + len(side.ledger.triples)
    instance = Instance(TOY_2, statement, [(0, 0)] * (statement.models * R))
    everything, products = instance.pads()
    assert products == 1 + len(side.ledger.triples)
    assert everything == 3 * instance.bit_variables + 1 + 2 + sent + 2 * 9 + products


@pytest.mark.parametrize(("partition", "relative"), KINDS)
def test_a_smaller_bound_leaves_no_slack(partition: str, relative: bool) -> None:
    bound = least(partition, relative)
    smaller = bound - 1 if isinstance(bound, int) else (*bound[:-1], bound[-1] - 1)
    side, (fits, *true) = checked(given(partition, smaller))
    assert side.holds and all(true) and not fits


@pytest.mark.parametrize("public", [False, True])
@pytest.mark.parametrize("relative", [True, False])
def test_every_scalar_that_is_sent_counts(relative: bool, public: bool) -> None:
    statement = given("matrices", least("matrices", relative), public)
    side, _ = checked(statement)
    for wrong in range(side.ledger.used - len(side.ledger.triples)):
        side, true = checked(statement, wrong)
        assert not (side.holds and all(true)), wrong


@pytest.mark.parametrize("public", [False, True])
@pytest.mark.parametrize("row", SPOKEN)
def test_another_difference_is_not_that_of_the_models(row: int, public: bool) -> None:
    changed = [*DELTA[:row], [DELTA[row][0] + 1, *DELTA[row][1:]], *DELTA[row + 1 :]]
    bound = tuple(sums("rows", changed))
    side, true = checked(given("rows", bound, public), delta=changed)
    assert side.holds and true == [True, True, False]
