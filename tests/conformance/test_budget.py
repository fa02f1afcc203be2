"""The error budget: every term as an independent script has it, in exact rationals, for shapes of every size."""

import math
import runpy
from dataclasses import asdict, astuple, replace
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from huref import _native
from huref.artefacts.shape import Shape
from huref.verifier import reference
from huref.verifier.reference import drift, nearness, relations
from huref.verifier.reference.claims import Claims
from huref.verifier.reference.commit.open import open_claims
from huref.verifier.reference.instance import Instance
from huref.verifier.reference.profile import PROFILES
from huref.verifier.reference.security import (
    Bounds,
    bounds,
    degrees,
    degrees_of_drift,
    degrees_of_nearness,
    longest,
    security,
)
from huref.verifier.reference.side import Side
from huref.verifier.reference.statement import Public
from huref.verifier.reference.verify import verify
from huref.verifier.reference.wire import read_points
from tests.conformance import core as core_of
from tests.conformance.test_spec import SPEC
from tests.conformance.vectors import Vector, load

BUDGET: Any = runpy.run_path(str(SPEC / "budget.py"))
NUMBERS = {name: BUDGET["profile"](name) for name in PROFILES}
#: What rounding to a float may change in a figure of at most 256 bits.
ROUNDING = 2.0**-44


def up_to(most: int) -> st.SearchStrategy[int]:
    """Numbers from 1, as often small as large; powers of two and their neighbours, where logarithms jump."""
    exponents = st.integers(0, most.bit_length() - 1)
    near = st.builds(lambda exponent, step: (1 << exponent) + step, exponents, st.integers(-1, 1))
    return st.one_of(near, st.integers(1, most), exponents.flatmap(lambda e: st.integers(1, 1 << e))).map(
        lambda x: min(max(x, 1), most)
    )


@st.composite
def statements(draw: st.DrawFn) -> tuple[str, Any, int]:
    """A profile, a shape that is mostly one of it, and a number of draws."""
    name = draw(st.sampled_from(sorted(PROFILES)))
    layers, keys, group = draw(up_to(1 << 12)), draw(up_to(256)), draw(up_to(64))
    rows = max(1, (1 << 21) // layers)  # of a matrix: 2^23 in all are too many, and so are heads above 2^16
    head_dim, ffn = draw(up_to(max(1, min(1 << 16, rows // (keys * group))))), draw(up_to(rows))
    hidden, tokens = draw(up_to(2 * PROFILES[name].n)), draw(up_to(1 << 13))
    shape = BUDGET["Shape"](hidden, keys * group, keys, head_dim, ffn, layers, tokens)
    return name, shape, draw(st.sampled_from([1, 2]))


LARGEST = BUDGET["Shape"](1, 1, 1, 1, 1, 1 << 16, 1 << 16)


def full(shape: Any) -> Shape:
    """The shape with layers and tokens, as verifiers take it."""
    *sizes, layers, tokens = shape
    return Shape(*sizes, layers=tuple(range(layers)), tokens=tuple(i.to_bytes(3, "big") for i in range(tokens)))


def core(profile: str, shape: Shape, draws: int) -> dict[str, float] | None:
    """Terms of the core; None if it refuses the shape."""
    try:
        return dict(_native.security(profile, shape, draws))
    except _native.Rejected as why:
        assert why.args[0] == "shape"
        return None


def second(profile: str, shape: Shape) -> Bounds | None:
    """Bounds of the reference verifier; None if it refuses the shape."""
    try:
        return bounds(plain(shape), PROFILES[profile])
    except reference.Rejected as why:
        assert why.check == "shape"
        return None


def plain(shape: Shape) -> reference.Shape:
    return reference.Shape(**asdict(shape))


@settings(max_examples=200)
@example(("robust-2", LARGEST, 2))
@example(("robust-2-cnn", LARGEST, 1))
@example(("robust-2", BUDGET["SHAPES"]["7B, 2 layers"], 2))
@example(("robust-2-cnn", BUDGET["SHAPES"]["70B, 80 layers"], 2))
@given(statements())
def test_every_term_is_the_same_in_three_computations(given: tuple[str, Any, int]) -> None:
    name, counts, draws = given
    numbers, profile, shape = NUMBERS[name], PROFILES[name], full(counts)
    expected, found, native = BUDGET["bounds"](counts, numbers), second(name, shape), core(name, shape, draws)
    assert (expected is None) == (found is None) == (native is None)
    if expected is None or found is None or native is None:
        return
    assert tuple(expected) == (found.n_max, found.z_bits, found.c_lo_bits, found.c_hi_bits)
    bits = BUDGET["most_bits"](counts, numbers, draws)
    assert longest(plain(shape), profile, draws) == bits
    one_by_one = BUDGET["degrees"](counts, numbers, draws, bits)
    by_relation = {
        relation: BUDGET["total"]([one for one in one_by_one if one.relation == relation])
        for relation in {one.relation for one in one_by_one}
    }
    assert degrees(plain(shape), profile, draws) == by_relation
    # floats: the same number of bits in both verifiers, and the integer or the rational that is behind them
    pure = dict(security(profile, degrees(plain(shape), profile, draws)))
    assert native == pytest.approx(pure, rel=0, abs=ROUNDING)
    field = native["sumchecks and batching over the scalar field"]
    degree = BUDGET["total"](one_by_one)
    assert round(2 ** (255.9 - field)) == degree
    assert abs(field - (255.9 - math.log2(degree))) <= ROUNDING
    errors = BUDGET["projection_errors"](numbers)
    for lemma, error in errors.items():
        (said,) = (value for what, value in native.items() if f"({lemma})" in what)
        assert abs(said - BUDGET["bits_of"](error)) <= ROUNDING
    # what is rounded is rounded down: 255.9 for the logarithm of P
    assert field < BUDGET["bits_of"](BUDGET["Fraction"](degree, BUDGET["P"])) < field + 0.101


VALID = load("valid")


def counts_of(shape: reference.Shape) -> Any:
    *sizes, layers, tokens = astuple(shape)
    return BUDGET["Shape"](*sizes, len(layers), len(tokens))


def of_another_kind(statement: reference.Nearness | reference.Drift, bits: int | None = None) -> list[Any]:
    """Every challenge of a statement of nearness or drift, as the script has it, and so many bits."""
    numbers, counts = NUMBERS[statement.profile], counts_of(statement.shape)
    if isinstance(statement, reference.Nearness):
        kind: Any = BUDGET["Near"](*nearness.counts(statement, PROFILES[statement.profile]))
        name = "nearness"
    else:
        bound = list(statement.bound) if isinstance(statement.bound, tuple) else statement.bound
        kind = BUDGET["Drift"](statement.models, list(statement.factors), statement.partition, bound)
        name = "drift"
    assert bits is None or bits == BUDGET[f"bits_of_{name}"](counts, numbers, kind)
    found: list[Any] = BUDGET[f"degrees_of_{name}"](counts, numbers, kind)
    return found


def by_the_script(statement: Public, instance: Instance) -> list[Any]:
    """Every challenge of a statement, as the script has it."""
    if not isinstance(statement, reference.Statement):
        return of_another_kind(statement, instance.layout.size)
    numbers = NUMBERS[statement.profile]
    network = instance.network
    if network is None:
        numbers = {key: value for key, value in numbers.items() if key not in ("sums", "sum_bits")}
    elif statement.draws[0].kind == "custom":
        numbers = numbers | {"sums": network.hidden_sums, "sum_bits": sum(c.sums * c.width for c in network.hidden)}
    assert instance.layout.size <= longest(statement.shape, instance.profile, len(statement.draws), network)
    found: list[Any] = BUDGET["degrees"](
        counts_of(statement.shape), numbers, len(statement.draws), instance.layout.size
    )
    return found


@pytest.mark.parametrize("vector", VALID, ids=lambda vector: vector.name)
def test_the_budget_counts_what_a_verifier_does(vector: Vector) -> None:
    """Each challenge that is drawn, the messages of each round, and all claims, zeros and products."""
    statement = vector.statement()
    profile = PROFILES[statement.profile]
    instance = Instance(profile, statement, read_points(statement.commitment))
    expected = by_the_script(statement, instance)
    events: list[str] = []
    counted: dict[str, int] = {}
    challenge, secret = Side.challenge, Side.secret

    def drawn(side: Side) -> int:
        events.append("challenge")
        return challenge(side)

    def sent(side: Side) -> Any:
        events.append("secret")
        return secret(side)

    def opened(side: Side, instance: Instance, claims: Claims) -> Any:
        ledger = side.ledger
        counted.update(gamma=len(claims.values), mu=len(ledger.zeros), nu=len(ledger.triples))
        return open_claims(side, instance, claims)

    with (
        patch.object(Side, "challenge", drawn),
        patch.object(Side, "secret", sent),
        patch.object(relations, "open_claims", opened),
    ):
        verify(statement, vector.proof)
    places = [i for i, event in enumerate(events) if event == "challenge"]
    between = [later - earlier - 1 for earlier, later in pairwise(places)]
    messages: list[int | None] = [None, None]  # the seeds of the projection
    for one in expected:
        # in a round of a sumcheck as many messages as the degree; no message within a random point
        later = one.degree if one.degree > 1 and one.challenge != "x" else 0
        messages += [None, *[later] * (one.count - 1)][: one.count]
    assert len(places) == len(messages)
    pairs = zip(between, messages[1:], strict=True)
    assert all(said is None or said == seen for seen, said in pairs)
    assert {one.challenge: one.degree + 1 for one in expected if one.challenge in counted} == counted


@st.composite
def other_kinds(draw: st.DrawFn) -> reference.Nearness | reference.Drift:
    """Statements of nearness and of drift that have a shape; the level asks neither for rows nor for vectors."""
    name, counts, _ = draw(statements().filter(lambda given: BUDGET["bounds"](given[1], NUMBERS[given[0]]) is not None))
    shape, profile = plain(full(counts)), PROFILES[name]
    if draw(st.booleans()):
        kind, vectors = draw(st.sampled_from(["rounded", "below", "at-least"])), draw(st.integers(1, 3))
        pair = (0, 0) if kind == "at-least" else None
        cosines = (1,) * (vectors * len(shape.layers) if kind == "rounded" else 1)
        drawn, answer = (reference.Draw("challenge", bytes(32), bytes(32)),), reference.Answer(kind, cosines, pair)
        return reference.Nearness(name, shape, b"", drawn, (0,) * (vectors * profile.outputs), answer, CONTEXT)
    count = len(shape.matrices())
    factors = draw(st.lists(st.sampled_from([None, *range(-4, 5)]), min_size=min(count, 9), max_size=min(count, 9)))
    factors = [0, *factors * count][:count]
    partition = draw(st.sampled_from(["rows", "matrices", "whole"]))
    relative = reference.Drift(name, shape, b"", None, tuple(factors), partition, draw(st.integers(1, 1024)), CONTEXT)
    if draw(st.booleans()):
        return relative
    largest = draw(st.integers(0, 2**120 - 1))
    return replace(relative, bound=(*[0] * (drift.blocks(relative, profile) - 1), largest))


CONTEXT = reference.Context()


@settings(max_examples=100)
@given(other_kinds())
def test_every_term_of_the_other_kinds(statement: reference.Nearness | reference.Drift) -> None:
    profile, expected = PROFILES[statement.profile], of_another_kind(statement)
    if isinstance(statement, reference.Drift):
        found = degrees_of_drift(statement, profile)
    else:
        found = degrees_of_nearness(statement, profile)
    relations = {one.relation for one in expected}
    assert found == {name: BUDGET["total"]([one for one in expected if one.relation == name]) for name in relations}
    native = dict(core_of.security(statement))
    assert native == pytest.approx(dict(security(profile, found)), rel=0, abs=ROUNDING)
    assert round(2 ** (255.9 - native["sumchecks and batching over the scalar field"])) == BUDGET["total"](expected)


def test_the_table_of_the_specification_is_the_script_s() -> None:
    assert BUDGET["table"]() in (SPEC / "soundness.md").read_text()


def test_logarithms_are_rounded_down() -> None:
    bits_of, fraction = BUDGET["bits_of"], BUDGET["Fraction"]
    assert all(bits_of(fraction(1, 2**power)) == power for power in (1, 7, 160, 255))
    exact = math.log2(3)
    assert exact - 2**-50 < bits_of(fraction(1, 3)) < exact + 2**-50
    assert math.e**60.06 <= BUDGET["exp_above"](fraction(6006, 100)) < math.e**60.06 * (1 + 1e-12)
