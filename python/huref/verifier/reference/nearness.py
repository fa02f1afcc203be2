"""Nearness: how near a committed model comes to published vectors (specification, "nearness").

For every layer l, f' is its vector before standardising, and for every vector z of theirs

    G = <z, f'>,   D = sum f'^2,   Z = sum z^2,   cos = G / sqrt(Z D)

An answer is a list of intervals of `|256 cos|`, with a sign or without.
"""

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from math import isqrt
from typing import NamedTuple

from .curve import P
from .error import ensure
from .poly import log2_ceil
from .profile import Profile
from .statement import ANSWERS, Answer, Nearness, Shape, z_bound
from .wire import committed_bytes, context_bytes, i32, profile_bytes, u32

PROTOCOL = b"huref/nearness/v1"
VERSION = 1
"""Version of the statement's encoding."""
MAX_VECTORS = 1 << 16


@dataclass(frozen=True)
class Numbers:
    """Numbers of all profiles, in the order in which the transcript absorbs them."""

    q_bits: int = 57
    log_norm: int = 56
    log_scale: int = 70
    slack_bits: int = 128
    scale_bits: int = 54
    cosine_bits: int = 8


NUMBERS = Numbers()
LEAST_SCALE = 1 << (NUMBERS.log_scale - NUMBERS.log_norm)
ONE = 1 << NUMBERS.cosine_bits
"""A cosine of 1."""


class End(NamedTuple):
    """An end of an interval of `|256 cos|`; a strict one does not belong to it."""

    at: int
    strict: bool


class Interval(NamedTuple):
    """What an answer says of a pair: place of their vector, place of the layer; a sign and a low end, or neither."""

    vector: int
    layer: int
    sign: int | None
    low: End | None
    high: End


def common_shift(shape: Shape, profile: Profile) -> int:
    """e, the shift of all terms."""
    positions = max(term.positions for term in shape.terms())
    log = log2_ceil(len(shape.tokens) ** 3 * shape.hidden * profile.sketch * isqrt(positions))
    return max(0, log + 4 * (profile.weight_bits - 1) - 4 + 8 - NUMBERS.log_norm)


def _z_max(profile: Profile) -> int:
    """No vector of a fingerprint has a larger sum of squares."""
    return profile.outputs << (2 * profile.z_fraction_bits + 1)


def _d_max(profile: Profile) -> int:
    """At least `sum f'^2`."""
    m = profile.outputs
    return m * (2 * m * 3 * profile.sketch << NUMBERS.log_scale) ** 2


def _end_max(profile: Profile) -> int:
    """At least both sides of the inequality of an end."""
    return (ONE + 1) ** 2 * _z_max(profile) * _d_max(profile)


def widths(profile: Profile) -> tuple[int, int]:
    """Bits of `s G`, and of the slack of an end."""
    return isqrt(_z_max(profile) * _d_max(profile)).bit_length() + 1, _end_max(profile).bit_length()


def check_bounds(shape: Shape, profile: Profile) -> None:
    """Refuses a shape, which is one of the profile, if a value could reach P/4."""
    ensure(common_shift(shape, profile) + NUMBERS.q_bits <= 250, "shape", "shape: a sketch entry could wrap")
    norm = profile.entries << (2 * NUMBERS.q_bits - 2 + 2 * NUMBERS.scale_bits + 1)
    ensure(max(norm, _end_max(profile)) < P // 4, "shape", "shape: a norm or a cosine could wrap")


def vectors(statement: Nearness, profile: Profile) -> list[tuple[int, ...]]:
    """Their vectors, one by one."""
    m, theirs = profile.outputs, statement.theirs
    return [theirs[i : i + m] for i in range(0, len(theirs), m)]


def in_question(statement: Nearness, profile: Profile) -> list[tuple[int, ...]]:
    """The vectors of the pairs that a checked answer speaks of."""
    theirs, pair = vectors(statement, profile), statement.answer.pair
    return [theirs[pair[0]]] if pair else theirs


class Counts(NamedTuple):
    """How many vectors are in question, and pairs; how many of the pairs have a sign and a low end."""

    vectors: int
    pairs: int
    lows: int


def counts(statement: Nearness, profile: Profile) -> Counts:
    """What a checked answer speaks of."""
    theirs, layers = len(statement.theirs) // profile.outputs, len(statement.shape.layers)
    if statement.answer.pair:
        return Counts(1, 1, 1)
    return Counts(theirs, theirs * layers, 0 if statement.answer.kind == "below" else theirs * layers)


def intervals(answer: Answer, layers: int, count: int) -> Iterator[Interval]:
    """What a checked answer says, for each pair that it speaks of; of so many layers and vectors of theirs."""
    if answer.pair:
        yield Interval(*answer.pair, 1, End(answer.cosines[0], False), End(ONE + 1, True))
        return
    for j in range(layers * count):
        vector, layer = divmod(j, layers)
        if answer.kind == "below":
            yield Interval(vector, layer, None, None, End(answer.cosines[0], True))
        elif (k := answer.cosines[j]) >= 0:
            yield Interval(vector, layer, 1, End(k, False), End(k + 1, True))
        else:
            yield Interval(vector, layer, -1, End(-k - 1, True), End(-k, False))


def _could_be(z: tuple[int, ...], profile: Profile) -> bool:
    """Whether a fingerprint could have this vector: its entries, norm and mean are those of one."""
    small = all(abs(x) <= z_bound(profile) for x in z)
    return small and 0 < sum(x * x for x in z) <= _z_max(profile) and 2 * abs(sum(z)) <= profile.outputs


def check(statement: Nearness, profile: Profile) -> None:
    """Checks their vectors and the answer."""
    theirs, layers = vectors(statement, profile), len(statement.shape.layers)
    whole = len(statement.theirs) == len(theirs) * profile.outputs and 1 <= len(theirs) <= MAX_VECTORS
    ensure(whole and all(_could_be(z, profile) for z in theirs), "vector")
    kind, cosines, pair = statement.answer.kind, statement.answer.cosines, statement.answer.pair
    if kind == "rounded":
        within = len(cosines) == len(theirs) * layers and all(-ONE <= k <= ONE for k in cosines)
    else:
        within = len(cosines) == 1 and 1 <= cosines[0] <= ONE
    at_least = kind == "at-least"
    exists = pair is not None and 0 <= pair[0] < len(theirs) and 0 <= pair[1] < layers
    ensure(within and (exists if at_least else pair is None), "interval")


def statement_bytes(statement: Nearness, profile: Profile) -> bytes:
    """Canonical bytes of a checked statement."""
    answer = statement.answer
    numbers = b"".join(number.to_bytes(8, "big") for number in astuple(NUMBERS))
    circuit = u32(VERSION) + profile_bytes(profile) + numbers + committed_bytes(statement, profile)
    theirs = u32(len(statement.theirs) // profile.outputs) + b"".join(map(i32, statement.theirs))
    said = bytes([ANSWERS.index(answer.kind)]) + b"".join(map(i32, (*answer.cosines, *(answer.pair or ()))))
    return circuit + theirs + said + context_bytes(statement.context)
