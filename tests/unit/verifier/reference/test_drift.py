"""Statements of drift: numbers, checks and bytes."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from huref.verifier.reference import Context, Drift, Rejected, Shape
from huref.verifier.reference.commit.generators import generators
from huref.verifier.reference.curve import P, encode
from huref.verifier.reference.drift import Row, blocks, check_bounds, rows, slack_bits, statement_bytes
from huref.verifier.reference.layout import Layout
from huref.verifier.reference.profile import PROFILES, ROBUST_2, TOY_2
from huref.verifier.reference.published import evaluate
from huref.verifier.reference.security import bounds, degrees_of_drift, security
from huref.verifier.reference.verify import verify

#: Commitment rows: X 1, q 1, k 1, v 1, oT 1, up 3, downT 3.
SHAPE = Shape(6, 4, 2, 2, 200, layers=(5,), tokens=tuple(b"token-%d" % i for i in range(16)))
POINTS = tuple(map(encode, generators(9, TOY_2.generators).g[:22]))
ALICE = Context("name:Alice", "", bytes(16))
FACTORS = (0, None, 4, -4, 0, 1, -1)
RELATIVE = Drift("toy-2", SHAPE, b"".join(POINTS), None, FACTORS, "matrices", 51, ALICE)
ABSOLUTE = replace(RELATIVE, partition="rows", bound=(0, 5, 2**120 - 1, *[7] * 7))
MODEL = tuple(np.full((count, 6), 2047 - i, np.int16) for i, count in enumerate(SHAPE.matrices()))
PUBLIC = replace(RELATIVE, commitment=b"".join(POINTS[:11]), public=MODEL, partition="whole")


def verdict(statement: object, proof: object = b"") -> str:
    with pytest.raises(Rejected) as refused:
        verify(statement, proof)  # type: ignore[arg-type]  # it answers for everything
    return refused.value.check


@pytest.mark.parametrize("statement", [RELATIVE, ABSOLUTE, PUBLIC])
def test_the_statement_is_in_order(statement: Drift) -> None:
    for name in ("toy-2", "toy-2-cnn"):
        assert verdict(replace(statement, profile=name)) == "proof length"


def test_blocks_are_numbered_in_the_order_of_their_rows() -> None:
    factors = [(1, 1), None, (16, 1), (1, 16), (1, 1), *[(2, 1)] * 3, *[(1, 2)] * 3]
    for statement, numbers in (
        (RELATIVE, [0, 1, 2, 3, 4, 4, 4, 5, 5, 5]),
        (ABSOLUTE, list(range(10))),
        (PUBLIC, [0] * 10),
    ):
        found = rows(statement, TOY_2)
        assert [row and (row.alpha, row.beta) for row in found] == factors
        assert [row.block for row in found if row] == numbers
        assert blocks(statement, TOY_2) == numbers[-1] + 1
    assert rows(replace(RELATIVE, factors=(None,) * 6 + (3,)), TOY_2)[8:] == [Row(8, 1, 0)] * 3


def test_the_bit_string() -> None:
    entry = 512 * 2047**2
    for statement, models, count, largest in (
        (RELATIVE, 2, 6, 51**2 * entry * 16**2),
        (replace(RELATIVE, factors=(0,) * 7), 2, 7, 51**2 * entry * 3),
        (replace(RELATIVE, partition="rows"), 2, 10, 51**2 * entry * 16**2),
        (PUBLIC, 1, 1, 51**2 * entry * (1 + 16**2 + 1 + 1 + 3 * 2**2 + 3)),
        (ABSOLUTE, 2, 10, 2**120 - 1),
        (replace(RELATIVE, bound=(0,) * 6), 2, 6, 1),
    ):
        limits = bounds(SHAPE, TOY_2, models)
        made, width = Layout(TOY_2, limits, statement, None), largest.bit_length()
        assert slack_bits(statement, TOY_2) == width
        assert (made.block.start, made.block.count, made.block.width) == (0, count, width)
        assert (made.z.start, made.z.count, made.z.width) == (count * width, 12, limits.z_bits)
        assert made.size == count * width + 12 * limits.z_bits


def test_two_models_have_twice_the_squares() -> None:
    one, two = bounds(SHAPE, ROBUST_2), bounds(SHAPE, ROBUST_2, 2)
    assert two.n_max == 2 * one.n_max
    entry = (1 << two.z_bits + 2) + 8
    assert (1 << 20) * 22 * ROBUST_2.n * (32 * entry) ** 2 < P // 4
    for profile in PROFILES.values():
        check_bounds(SHAPE, profile, 2, bounds(SHAPE, profile, 2).z_bits)


@pytest.mark.parametrize(("z_bits", "detail"), [(108, "difference"), (250, "projection")])
def test_a_shape_that_could_wrap_is_refused(z_bits: int, detail: str) -> None:
    check_bounds(SHAPE, TOY_2, 2, 103)
    with pytest.raises(Rejected, match=detail) as refused:
        check_bounds(SHAPE, TOY_2, 2, z_bits)
    assert refused.value.check == "shape"


def test_the_level() -> None:
    for statement in (RELATIVE, ABSOLUTE, PUBLIC):
        terms = dict(security(ROBUST_2, degrees_of_drift(replace(statement, profile="robust-2"), ROBUST_2)))
        assert min(terms.values()) == 128
        assert not any("L3" in name for name in terms)
        assert terms["sumchecks and batching over the scalar field"] > 247


def test_bytes() -> None:
    u32, u64 = (lambda x: x.to_bytes(4, "big")), (lambda x: x.to_bytes(8, "big"))

    def text(data: bytes) -> bytes:
        return u32(len(data)) + data

    profile = b"".join(map(u64, TOY_2.numbers())) + text(b"secp256k1") + TOY_2.generators
    digest = hashlib.sha256(b"".join(map(text, SHAPE.tokens))).digest()
    shape = b"".join(map(u32, (6, 4, 2, 2, 200, 1, 5, 16))) + digest
    beginning = u32(1) + text(b"toy-2") + profile + shape
    factors = u32(7) + bytes([4, 255, 8, 0, 4, 5, 3])
    model = b"".join(
        (2047 - i).to_bytes(2, "little") for i, count in enumerate(SHAPE.matrices()) for _ in range(6 * count)
    )
    limits = b"".join(x.to_bytes(16, "big") for x in (0, 5, 2**120 - 1, *[7] * 7))
    context = text(b"name:Alice") + text(b"") + text(bytes(16))
    both = u32(22) + b"".join(POINTS)
    for statement, content in (
        (RELATIVE, both + b"\0" + factors + b"\1\0" + u32(51)),
        (ABSOLUTE, both + b"\0" + factors + b"\0\1" + u32(10) + limits),
        (
            PUBLIC,
            u32(11) + b"".join(POINTS[:11]) + b"\1" + hashlib.sha256(model).digest() + factors + b"\2\0" + u32(51),
        ),
    ):
        assert statement_bytes(statement, TOY_2) == beginning + content + context


def test_a_public_model_is_evaluated_as_by_hand() -> None:
    random = np.random.default_rng(3)
    sizes = [3 * 300 + 1, 2, 3]  # several parts, and rows that are not full
    model = tuple(random.integers(-2047, 2048, (size, 5)).astype(np.int16) for size in sizes)
    weights = [P - 1 - 7**i % P for i in range(301 + 1 + 1)]
    columns = [P - 1 - 11**j % P for j in range(16)]
    packed = []
    for matrix in model:
        entries = [int(x) for x in matrix.reshape(-1)]
        packed += [entries[i : i + 15] for i in range(0, len(entries), 15)]
    expected = sum(
        w * sum(x * c for x, c in zip(row, columns, strict=False)) for w, row in zip(weights, packed, strict=True)
    )
    assert evaluate(model, 3, weights, columns) == expected % P


def test_the_largest_sums_are_exact() -> None:
    model = (np.full((8, 4096), -2047, np.int16),)
    top = (1 << 256) - 1  # all limbs are full
    assert evaluate(model, 8, [1], [top] * 32768) == -2047 * 32768 * top % P


def in_shape(**changes: object) -> Callable[[Drift], Drift]:
    return lambda s: replace(s, shape=replace(s.shape, **changes))


def having(**changes: object) -> Callable[[Drift], Drift]:
    return lambda s: replace(s, **changes)


def public(*matrices: object) -> Callable[[Drift], Drift]:
    return lambda _: replace(PUBLIC, public=(*matrices, *MODEL[len(matrices) :]))


REFUSED: dict[str, tuple[str, Callable[[Drift], Drift]]] = {
    "no heads": ("shape", in_shape(heads=0)),
    "an owner of no form": ("context", having(context=Context("Alice"))),
    "a context before factors": ("context", having(context=Context("Alice"), factors=())),
    "a factor too few": ("factors", having(factors=FACTORS[1:])),
    "a factor too many": ("factors", having(factors=(*FACTORS, 0))),
    "a factor above 16": ("factors", having(factors=(5, *FACTORS[1:]))),
    "a factor below 1/16": ("factors", having(factors=(-5, *FACTORS[1:]))),
    "nothing is spoken of": ("factors", having(factors=(None,) * 7)),
    "factors before the bound": ("factors", having(factors=(), bound=0)),
    "no difference": ("bound", having(bound=0)),
    "more than the whole": ("bound", having(bound=1025)),
    "below nothing": ("bound", having(bound=-1)),
    "a bound too few": ("bound", having(bound=(1,) * 5)),
    "a bound too many": ("bound", having(bound=(1,) * 7)),
    "no bound": ("bound", having(bound=())),
    "a negative bound": ("bound", having(bound=(1, 1, 1, 1, 1, -1))),
    "a bound of 121 bits": ("bound", having(bound=(1, 1, 1, 1, 1, 1 << 120))),
    "bounds of another partition": ("bound", lambda _: replace(ABSOLUTE, partition="whole")),
    "the bound before the public model": ("bound", lambda _: replace(PUBLIC, public=(), bound=0)),
    "no matrix": ("public model", having(public=())),
    "an entry of 13 bits": ("public model", public(MODEL[0] + np.int16(1))),
    "a negative entry of 13 bits": ("public model", public(-MODEL[0] - np.int16(1))),
    "the least of all entries": ("public model", public(np.full((16, 6), -(1 << 15), np.int16))),
    "a matrix too few": ("public model", lambda _: replace(PUBLIC, public=MODEL[:-1])),
    "a row too few": ("public model", public(MODEL[0][1:])),
    "a matrix that lies on its side": ("public model", public(MODEL[0].T)),
    "the public model before the rows": ("public model", having(public=MODEL[:-1])),
    "rows of one model": ("commitment rows", having(commitment=RELATIVE.commitment[: 33 * 11])),
    "rows of two models": ("commitment rows", having(public=MODEL)),
    "a row less": ("commitment rows", having(commitment=RELATIVE.commitment[33:])),
    "an unknown partition": ("malformed", having(partition="layers")),
    "integers of 32 bits": ("malformed", public(MODEL[0].astype(np.int32))),
    "the other order of bytes": ("malformed", public(MODEL[0].astype(">i2"))),
    "a profile that nobody knows": ("profile", having(profile="toy-3")),
}


@pytest.mark.parametrize(("check", "change"), REFUSED.values(), ids=REFUSED)
def test_refused(check: str, change: Callable[[Drift], Drift]) -> None:
    assert verdict(change(RELATIVE)) == check


@pytest.mark.parametrize(
    "change",
    [
        having(bound=1),
        having(bound=1024),
        having(bound=(0,) * 6),
        having(factors=(None,) * 6 + (-4,)),
        public(-MODEL[0]),
        public(np.asfortranarray(MODEL[0])),
    ],
)
def test_the_limits_themselves_are_allowed(change: Callable[[Drift], Drift]) -> None:
    assert verdict(change(RELATIVE)) == "proof length"


def test_the_bytes_of_a_model_do_not_follow_its_arrangement_in_memory() -> None:
    model = np.arange(96, dtype=np.int16).reshape(16, 6)
    other = np.asfortranarray(model)
    one, two = (public(matrix)(PUBLIC) for matrix in (model, other))
    assert statement_bytes(one, TOY_2) == statement_bytes(two, TOY_2) != statement_bytes(PUBLIC, TOY_2)


@pytest.mark.parametrize(
    "value", [None, True, 0, 1.5, "", b"", [], (), (None,), (True,), (1.0,), object(), np.zeros(3, np.int16)]
)
def test_anything_has_a_verdict(value: object) -> None:
    for statement in (RELATIVE, ABSOLUTE, PUBLIC):
        for field in vars(statement):
            assert verdict(replace(statement, **{field: value}))
    assert verdict(value) == "malformed" and verdict(RELATIVE, value)
