"""Relation "nearness" with a prover whose sketches are plain."""

import hashlib
import random
from collections.abc import Iterator
from functools import cache
from math import isqrt
from operator import mul

import pytest

from huref.verifier.reference import Context, Draw, Shape
from huref.verifier.reference.claims import Bits, Claims
from huref.verifier.reference.curve import P
from huref.verifier.reference.instance import Instance
from huref.verifier.reference.layout import Integers
from huref.verifier.reference.nearness import common_shift
from huref.verifier.reference.poly import dot, eq_table, powers
from huref.verifier.reference.profile import PROFILES, TOY_2
from huref.verifier.reference.relations import nearness as relation
from huref.verifier.reference.security import position_variables
from huref.verifier.reference.statement import Answer, Nearness
from tests.support.conversation import Conversation, sumcheck

SHAPE = Shape(6, 4, 2, 2, 12, layers=(0, 1, 5), tokens=tuple(b"token-%d" % i for i in range(16)))
DRAW = Draw("challenge", bytes(range(40)), bytes(32))
M, PER, T, L = TOY_2.outputs, TOY_2.entries, 9, 3
E = common_shift(SHAPE, TOY_2)
HALF = 1 << (E - 1)
RANDOM = random.Random(7)
#: Norms over the whole range of sizes.
SKETCHES = [[RANDOM.randrange(-(1 << E + 15 + 4 * t), 1 << E + 15 + 4 * t) for _ in range(PER)] for t in range(T)]
Q = [[(s + HALF) >> E for s in sketch] for sketch in SKETCHES]
N = [sum(x * x for x in q) for q in Q]
A = [isqrt((1 << 140) // n) for n in N]


def given(answer: Answer, theirs: tuple[int, ...] = (0,) * M) -> Nearness:
    return Nearness("toy-2", SHAPE, b"", (DRAW,), theirs, answer, Context())


def instance(statement: Nearness) -> Instance:
    profile = PROFILES[statement.profile]
    return Instance(profile, statement, [(0, 0)] * sum(statement.shape.commitment_rows(profile)))


@cache
def encoder() -> list[list[int]]:
    streams = instance(given(Answer("below", (1,)), standardised([1 << 40, -1 << 40] * 4))).streams[0]
    stream = hashlib.shake_128(streams.encoder).digest(M * 3 * PER // 8)
    signs = [1 - 2 * (stream[i // 8] >> i % 8 & 1) for i in range(M * 3 * PER)]
    return [signs[k * 3 * PER : (k + 1) * 3 * PER] for k in range(M)]


def vector(layer: int) -> list[int]:
    """f', before standardising."""
    scaled = [A[t] * x for t in range(3 * layer, 3 * layer + 3) for x in Q[t]]
    f = [sum(map(mul, row, scaled)) for row in encoder()]
    return [M * x - sum(f) for x in f]


def standardised(f: list[int]) -> tuple[int, ...]:
    norm = isqrt(sum(x * x for x in f)) / M**0.5
    return tuple(round(4096 * x / norm) for x in f)


@cache
def vectors() -> list[list[int]]:
    return [vector(layer) for layer in range(L)]


@cache
def theirs() -> tuple[tuple[int, ...], ...]:
    """One of ours, the opposite of one of ours, and a mixture of all."""
    f = vectors()
    mixture = [sum(x) for x in zip(*map(standardised, f), strict=True)]
    return standardised(f[0]), standardised([-x for x in f[1]]), standardised(mixture)


def scaled_square(z: tuple[int, ...], f: list[int]) -> tuple[int, int]:
    """`2^16 G^2` with the sign of G, and `Z D`."""
    g = sum(map(mul, z, f))
    return (g * abs(g)) << 16, sum(x * x for x in z) * sum(x * x for x in f)


def rounded(z: tuple[int, ...], f: list[int]) -> int:
    """k of `k <= 256 cos < k + 1`."""
    square, limit = scaled_square(z, f)
    return max(k for k in range(-256, 257) if k * abs(k) * limit <= square)


@cache
def cosines() -> tuple[int, ...]:
    return tuple(rounded(z, f) for z in theirs() for f in vectors())


def checked(answer: Answer, wrong: int = -1) -> tuple[Conversation, Instance, list[bool]]:
    """The conversation, and of each claim whether it is true of the bit string of these sketches.

    `wrong`: number of a scalar that the prover sends as one more than it is.
    """
    statement = given(answer, sum(theirs(), ()))
    made = instance(statement)
    layout, f = made.layout, vectors()
    asked = [theirs()[answer.pair[0]]] if answer.pair else theirs()
    squares = [sum(x * x for x in of_layer) for of_layer in f]
    products = [[sum(map(mul, z, of_layer)) for of_layer in f] for z in asked]

    def prover(drawn: list[int]) -> Iterator[int]:
        yield from N
        theta = [x for x in powers(drawn[-1], T) for _ in range(PER)]
        tables = [[*table, *(256 - T * PER) * [0]] for table in (theta, [x for q in Q for x in q])]
        yield from sumcheck(drawn, tables, 3, lambda v: v[0] * v[1] ** 2)
        yield tables[1][0]
        for a, n in zip(A, N, strict=True):
            yield from (a, a * n)
        yield from squares
        for row in products:
            yield from row
        delta = powers(drawn[-1], L)
        before, tables = len(drawn), [list(of_layer) for of_layer in f]
        yield from sumcheck(drawn, tables, 2, lambda v: dot(delta, [x * x for x in v]))
        yield from (table[0] for table in tables)
        omega, eq = powers(drawn[-1], 4), eq_table(drawn[before:-1])
        y = [dot(omega, entries) for entries in zip(eq, *asked, strict=False)]
        for t in range(T):
            columns = list(zip(*encoder(), strict=True))[t % 3 * PER : (t % 3 + 1) * PER]
            b = [M * dot(y, column) - sum(y) * sum(column) for column in columns]
            yield dot(b, Q[t])

    def bent(drawn: list[int]) -> Iterator[int]:
        yield from (x + (i == wrong) for i, x in enumerate(prover(drawn)))

    side, claims = Conversation(bent), Claims()
    relation.check(side, made, statement, claims)
    bits = 0

    def put(start: int, width: int, value: int) -> None:
        nonlocal bits
        bits |= value % (1 << width) << start

    for group, sketch in zip(layout.sketches, SKETCHES, strict=True):
        for i, s in enumerate(sketch):
            put(group.start + i * group.width, group.width, s + (1 << (E + 56)) + HALF)
    for group, values in (
        (layout.scale, [a - (1 << 14) for a in A]),
        (layout.slack_lo, [(1 << 140) - a * a * n for a, n in zip(A, N, strict=True)]),
        (layout.slack_hi, [(a + 1) ** 2 * n - (1 << 140) - 1 for a, n in zip(A, N, strict=True)]),
    ):
        for i, value in enumerate(values):
            assert 0 <= value < 1 << group.width
            put(group.start + i * group.width, group.width, value)
    pairs = [(i, layer) for i in range(3) for layer in range(L)]
    for j, (i, layer) in enumerate([answer.pair] if answer.pair else pairs):
        square, limit = scaled_square(theirs()[i], f[layer])
        t = answer.cosines[j if answer.kind == "rounded" else 0]
        sign, low, high = (-1, -t - 1, -t) if t < 0 else (1, t, t + 1)
        strict = t < 0
        if answer.kind == "below":
            low, high, strict = 0, t, False
        elif answer.kind == "at-least":
            high = 257
        for group, value in (
            (layout.sign, sign * products[0 if answer.pair else i][layer]),
            (layout.low, abs(square) - low**2 * limit - strict),
            (layout.high, high**2 * limit - abs(square) - (not strict)),
        ):
            if group.count:
                put(group.start + j * group.width, group.width, value)

    def value(run: Integers) -> int:
        group, high, total = run.group, run.high or run.group.width, 0
        for i, weight in enumerate(run.weights):
            part = bits >> (group.start + i * group.width + run.low) & ((1 << (high - run.low)) - 1)
            total += weight * part
        return total

    true = []
    for weights, form in zip(claims.weights, claims.values, strict=True):
        assert isinstance(weights, Bits)
        true.append(sum(map(value, weights.runs)) % P == form.constant % P)
    return side, made, true


def answers() -> dict[str, Answer]:
    near = max(map(abs, cosines()))
    return {
        "rounded": Answer("rounded", cosines()),
        "below": Answer("below", (min(256, near + 1),)),
        "at least": Answer("at-least", (rounded(theirs()[2], vectors()[1]),), (2, 1)),
    }


@pytest.mark.parametrize("name", ["rounded", "below", "at least"])
def test_everything_is_true_of_an_honest_answer(name: str) -> None:
    answer = answers()[name]
    side, made, true = checked(answer)
    assert side.holds and all(true)
    # the counts of the chapter
    vectors_, pairs = (1, 1) if answer.pair else (3, 3 * L)
    lows = 0 if name == "below" else pairs
    assert len(true) == 1 + 3 * T + T + 2 * lows + pairs
    assert len(side.ledger.zeros) == 1 + T + 1 + L
    assert len(side.ledger.triples) == 1 + 2 * T + L + T + pairs
    sent = T + 3 * 8 + 1 + 2 * T + L + vectors_ * L + 2 * 3 + L + T
    assert side.ledger.used == sent + len(side.ledger.triples)
    everything, products = made.pads()
    positions = 2 * sum(position_variables(SHAPE, TOY_2))
    others = 1 + positions + 2 * T + 2 * 3 + 2 + 2 * T + 3 * made.bit_variables + 1 + 3 + 4 * 4 + 1 + 2 * 9
    assert products == T + 2 * T + 2 + len(side.ledger.triples)
    assert everything == others + sent + products


def test_every_scalar_that_is_sent_counts() -> None:
    answer = answers()["at least"]
    side, *_ = checked(answer)
    for wrong in range(side.ledger.used - len(side.ledger.triples)):
        side, _, true = checked(answer, wrong)
        assert not (side.holds and all(true)), wrong


def changed(cosines_: tuple[int, ...], j: int, k: int) -> Answer:
    return Answer("rounded", (*cosines_[:j], k, *cosines_[j + 1 :]))


#: Claims of the pairs come last: three for each one, sign, low and high.
PAIRS = 1 + 3 * T + T


@pytest.mark.parametrize("j", range(3 * L))
def test_another_rounded_cosine_is_false(j: int) -> None:
    k = cosines()[j]
    outwards = -1 if k < 0 else 1
    for other, expected in (
        (k + outwards, [True, False, True]),
        (k - outwards, [True, True, False]),
        (-k - 1, [False, True, True]),  # the same interval of |cos|
    ):
        if abs(other) <= 256:
            _, _, true = checked(changed(cosines(), j, other))
            at = PAIRS + 3 * j
            assert true[at : at + 3] == expected
            assert all(true[:at] + true[at + 3 :])


def test_an_answer_that_is_too_narrow_is_false() -> None:
    near = max(abs(k + (k < 0)) for k in cosines())
    _, _, true = checked(Answer("below", (near,)))
    assert not all(true[PAIRS:]) and all(true[:PAIRS])
    t = rounded(theirs()[2], vectors()[1])
    _, _, true = checked(Answer("at-least", (t + 1,), (2, 1)))
    assert true[PAIRS:] == [True, False, True]
    _, _, true = checked(Answer("at-least", (1,), (1, 1)))  # an angle of 180 degrees
    assert true[PAIRS:] == [False, True, True]
