"""Statements of nearness: numbers, checks and bytes."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from huref.verifier.reference import Answer, Context, Draw, Nearness, Rejected, Shape
from huref.verifier.reference.commit.generators import generators
from huref.verifier.reference.curve import P, encode
from huref.verifier.reference.layout import Layout
from huref.verifier.reference.nearness import check_bounds, common_shift, counts, statement_bytes, widths
from huref.verifier.reference.profile import PROFILES, ROBUST_2, TOY_2
from huref.verifier.reference.security import bounds
from huref.verifier.reference.verify import verify
from huref.verifier.reference.wire import commitment_id

SHAPE = Shape(6, 4, 2, 2, 12, layers=(0, 5), tokens=tuple(b"token-%d" % i for i in range(16)))
Z = (4096, -4096, 3, -3, 0, 4, 0, -1)
CHALLENGE = Draw("challenge", bytes(range(40)), bytes(32))
ROWS = b"".join(map(encode, generators(9, TOY_2.generators).g[: sum(SHAPE.commitment_rows(TOY_2))]))
ALICE = Context("name:Alice", "", bytes(16))
ROUNDED = Nearness("toy-2", SHAPE, ROWS, (CHALLENGE,), Z * 3, Answer("rounded", (-256, -1, 0, 1, 255, 256)), ALICE)
BELOW = replace(ROUNDED, answer=Answer("below", (64,)))
AT_LEAST = replace(ROUNDED, answer=Answer("at-least", (256,), (2, 1)))


def verdict(statement: object, proof: object = b"") -> str:
    with pytest.raises(Rejected) as refused:
        verify(statement, proof)  # type: ignore[arg-type]  # it answers for everything
    return refused.value.check


@pytest.mark.parametrize("statement", [ROUNDED, BELOW, AT_LEAST])
def test_the_statement_is_in_order(statement: Nearness) -> None:
    for name in ("toy-2", "toy-2-cnn"):
        assert verdict(replace(statement, profile=name)) == "proof length"


def test_the_common_shift() -> None:
    def of(tokens: int, hidden: int, ffn: int, profile: str = "robust-2") -> int:
        shape = Shape(hidden, 1, 1, 64, ffn, layers=(0,), tokens=tuple(i.to_bytes(2) for i in range(tokens)))
        return common_shift(shape, PROFILES[profile])

    assert of(4096, 384, 1536) == 36 + 19 + 44 - 4 + 8 - 56  # K^3, and d r 39
    assert of(4096, 512, 1024) == 36 + 19 + 44 - 4 + 8 - 56  # a power of two: d r 32 = 2^19
    assert of(4096, 512, 1089) == 36 + 20 + 44 - 4 + 8 - 56
    assert of(4096, 512, 1088) == 36 + 19 + 44 - 4 + 8 - 56  # the root is rounded down
    assert of(1, 1, 1, "toy-2") == 0


def test_the_bounds_of_the_chapter() -> None:
    d_max = 512 * (2 * 512 * 3 * 32 << 70) ** 2
    z_max = 512 << 25
    sign, end = widths(ROBUST_2)
    assert 2 ** (2 * sign - 4) <= z_max * d_max < 2 ** (2 * sign - 2)
    assert end == 233 and 2 ** (end - 1) <= 257**2 * z_max * d_max < 2**end
    assert ROBUST_2.entries << 221 < P // 4
    for profile in PROFILES.values():
        check_bounds(SHAPE, profile)


@pytest.mark.parametrize(("statement", "pairs", "lows"), [(ROUNDED, 6, 6), (BELOW, 6, 0), (AT_LEAST, 1, 1)])
def test_the_bit_string(statement: Nearness, pairs: int, lows: int) -> None:
    made, e = Layout(TOY_2, bounds(SHAPE, TOY_2), statement, None), common_shift(SHAPE, TOY_2)
    sign, end = widths(TOY_2)
    limits = bounds(SHAPE, TOY_2)
    expected = 6 * 16 * (e + 57) + 6 * 54 + 2 * 6 * 128 + lows * (sign + end) + pairs * end
    assert made.high.start + pairs * end == made.z.start == expected
    assert made.size == expected + 12 * limits.z_bits + limits.norm_bits
    assert [group.start for group in (made.scale, made.slack_lo, made.slack_hi, made.sign, made.low)] == [
        6 * 16 * (e + 57),
        6 * 16 * (e + 57) + 6 * 54,
        6 * 16 * (e + 57) + 6 * (54 + 128),
        6 * 16 * (e + 57) + 6 * (54 + 256),
        6 * 16 * (e + 57) + 6 * (54 + 256) + lows * sign,
    ]


def test_bytes() -> None:
    u32, u64 = (lambda x: x.to_bytes(4, "big")), (lambda x: x.to_bytes(8, "big"))

    def text(data: bytes) -> bytes:
        return u32(len(data)) + data

    profile = b"".join(map(u64, TOY_2.numbers())) + text(b"secp256k1") + TOY_2.generators
    numbers = b"".join(map(u64, (57, 56, 70, 128, 54, 8)))
    labels = text(b"huref/toy-2/fresh/sketch") + text(b"huref/toy-2/fresh/encoder/linear")
    draws = b"\1\2" + labels + text(CHALLENGE.beacon) + text(bytes(32))
    digest = hashlib.sha256(b"".join(map(text, SHAPE.tokens))).digest()
    shape = b"".join(map(u32, (6, 4, 2, 2, 12, 2, 0, 5, 16))) + digest
    rows = u32(len(ROWS) // 33) + ROWS
    theirs = u32(3) + b"".join((x % 2**32).to_bytes(4, "big") for x in Z * 3)
    context = text(b"name:Alice") + text(b"") + text(bytes(16))
    beginning = u32(1) + text(b"toy-2") + profile + numbers + draws + shape + rows + theirs
    said = {
        ROUNDED: b"\0" + bytes.fromhex("ffffff00 ffffffff 00000000 00000001 000000ff 00000100"),
        BELOW: b"\1" + bytes.fromhex("00000040"),
        AT_LEAST: b"\2" + bytes.fromhex("00000100 00000002 00000001"),
    }
    for statement, content in said.items():
        assert statement_bytes(statement, TOY_2) == beginning + content + context


def in_shape(**changes: object) -> Callable[[Nearness], Nearness]:
    return lambda s: replace(s, shape=replace(s.shape, **changes))


def first(*entries: int) -> Callable[[Nearness], Nearness]:
    """The first vector begins with these."""
    return lambda s: replace(s, theirs=(*entries, *s.theirs[len(entries) :]))


def says(kind: str, *cosines: int, pair: tuple[int, int] | None = None) -> Callable[[Nearness], Nearness]:
    return lambda s: replace(s, answer=Answer(kind, cosines, pair))


def drawn(*draws: Draw) -> Callable[[Nearness], Nearness]:
    return lambda s: replace(s, draws=draws)


def naming_itself(s: Nearness) -> Nearness:
    return replace(s, draws=(replace(CHALLENGE, other=commitment_id(s, TOY_2)),))


LARGE = 1 << 15  # with 8 outputs, |z| is at most 2^14
REFUSED: dict[str, tuple[str, Callable[[Nearness], Nearness]]] = {
    "no heads": ("shape", in_shape(heads=0)),
    "no tokens": ("shape", in_shape(tokens=())),
    "a common draw": ("draws", drawn(Draw("common"))),
    "an own draw": ("draws", drawn(Draw("own"))),
    "two draws": ("draws", drawn(CHALLENGE, CHALLENGE)),
    "no draw": ("draws", drawn()),
    "a short beacon": ("draws", drawn(replace(CHALLENGE, beacon=bytes(31)))),
    "an id of 31 bytes": ("draws", drawn(replace(CHALLENGE, other=bytes(31)))),
    "its own commitment": ("draws", naming_itself),
    "an owner of no form": ("context", lambda s: replace(s, context=Context("Alice"))),
    "no vector": ("vector", lambda s: replace(s, theirs=())),
    "half a vector": ("vector", lambda s: replace(s, theirs=s.theirs[4:])),
    "one vector more": ("interval", lambda s: replace(s, theirs=s.theirs + Z)),
    "a large entry": ("vector", first(LARGE, -LARGE, 0, 0, 0, 0, 0, 0)),
    "an entry beyond all encodings": ("vector", first(1 << 4000)),
    "nothing but zeros": ("vector", first(*[0] * 8)),
    "a large norm": ("vector", first(*[1 << 13, -1 << 13] * 4)),
    "a large mean": ("vector", first(4096, -4096, 3, -3, 0, 4, 0, 1)),
    "a mean that is large and negative": ("vector", first(4096, -4096, 3, -3, 0, -4, 0, -1)),
    "a cosine above 1": ("interval", says("rounded", -256, -1, 0, 1, 255, 257)),
    "a cosine below -1": ("interval", says("rounded", -257, -1, 0, 1, 255, 256)),
    "a cosine too few": ("interval", says("rounded", -256, -1, 0, 1, 255)),
    "a cosine too many": ("interval", says("rounded", -256, -1, 0, 1, 255, 256, 0)),
    "rounded, of one pair": ("interval", says("rounded", -256, -1, 0, 1, 255, 256, pair=(0, 0))),
    "below nothing": ("interval", says("below", 0)),
    "below more than everything": ("interval", says("below", 257)),
    "below two things": ("interval", says("below", 3, 3)),
    "below, without content": ("interval", says("below")),
    "below, of one pair": ("interval", says("below", 3, pair=(0, 0))),
    "at least nothing": ("interval", says("at-least", 0, pair=(0, 0))),
    "at least more than everything": ("interval", says("at-least", 257, pair=(0, 0))),
    "at least, of no pair": ("interval", says("at-least", 3)),
    "at least, of a vector that is not there": ("interval", says("at-least", 3, pair=(3, 0))),
    "at least, of a layer that is not there": ("interval", says("at-least", 3, pair=(0, 2))),
    "at least, of the pair before the first": ("interval", says("at-least", 3, pair=(-1, 0))),
    "a row too few": ("commitment rows", lambda s: replace(s, commitment=s.commitment[33:])),
    "an unknown answer": ("malformed", says("above", 3)),
    "half a pair": ("malformed", lambda s: replace(s, answer=Answer("at-least", (3,), (1,)))),  # type: ignore[arg-type]
    "a profile that nobody knows": ("profile", lambda s: replace(s, profile="toy-3")),
}


@pytest.mark.parametrize(("check", "change"), REFUSED.values(), ids=REFUSED)
def test_refused(check: str, change: Callable[[Nearness], Nearness]) -> None:
    assert verdict(change(ROUNDED)) == check


@pytest.mark.parametrize("z", [(8192, -8192) * 2 + (0,) * 4, (4, *[0] * 7), (0, -4, *[0] * 6)])
def test_the_limits_themselves_are_allowed(z: tuple[int, ...]) -> None:
    assert verdict(replace(BELOW, theirs=z)) == "proof length"


def test_more_vectors_than_pads() -> None:
    """What is only counted takes no memory, however much of it there would be."""
    many = replace(BELOW, theirs=Z * 65536)
    assert counts(many, TOY_2) == (65536, 131072, 0)
    assert verdict(many) == "more pads than generators"
    assert verdict(replace(BELOW, theirs=Z * 65537)) == "vector"


@pytest.mark.parametrize("value", [None, True, 0, 1.5, "", b"", [], (), (None,), (True,), (1.0,), object()])
def test_anything_has_a_verdict(value: object) -> None:
    for field in vars(ROUNDED):
        assert verdict(replace(ROUNDED, **{field: value}))
    for statement in (ROUNDED, BELOW, AT_LEAST):
        for field in vars(statement.answer):
            assert verdict(replace(statement, answer=replace(statement.answer, **{field: value})))
    assert verdict(value) == "malformed" and verdict(ROUNDED, value)
