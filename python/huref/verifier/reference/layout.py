"""Where each committed integer stands in the bit string (specification, "bit string", "nearness" and "drift")."""

from dataclasses import dataclass

from . import drift, nearness
from .network import Network
from .profile import Profile
from .security import Bounds
from .statement import Drift, Nearness, Public


@dataclass(frozen=True)
class Group:
    """A run of `count` integers of `width` bits, little-endian, from bit `start`."""

    start: int
    count: int
    width: int

    def one(self, index: int) -> "Group":
        """Integer `index` alone."""
        return Group(self.start + index * self.width, 1, self.width)


@dataclass(frozen=True)
class Integers:
    """Weights over the bits: bits `low` to `high` of integer i of the group count `weights[i]` times, as an integer."""

    group: Group
    weights: list[int]
    low: int = 0
    high: int | None = None
    """The end of the integer, by default."""


class Layout:
    """The bit string: `S_t` raised to be non-negative, slacks of norms, what one kind of statement has, Z, slack of Y.

    Of a fingerprint: remainders, slacks of c. Of nearness: scales, signs and slacks of the ends of intervals. Of drift:
    slacks of blocks, and of all these groups only Z. A group that a kind does not have is empty.
    """

    def __init__(self, profile: Profile, bounds: Bounds, statement: Public, network: Network | None) -> None:
        numbers: Profile | nearness.Numbers = profile
        layers, scales, ends, lows = len(statement.shape.layers), 0, 0, 0
        blocks, block_bits, norms, groups, shifts = 0, 0, 1, 0, list[int]()
        if isinstance(statement, Drift):
            blocks, block_bits, norms = drift.blocks(statement, profile), drift.slack_bits(statement, profile), 0
        elif isinstance(statement, Nearness):
            numbers, scales = nearness.NUMBERS, 3 * layers
            shifts = [nearness.common_shift(statement.shape, profile)] * scales
            _, ends, lows = nearness.counts(statement, profile)
        else:
            groups, shifts = layers * len(statement.draws), statement.all("e")
        self.q_bits, self._entries, self.size = numbers.q_bits, profile.entries, 0
        sign_bits, end_bits = nearness.widths(profile)
        self.sketches = [self._put(profile.entries, e + self.q_bits) for e in shifts]
        self.scale = self._put(scales, nearness.NUMBERS.scale_bits)
        self.slack_lo = self._put(len(shifts), numbers.slack_bits)
        self.slack_hi = self._put(len(shifts), numbers.slack_bits)
        self.sign = self._put(lows, sign_bits)
        self.low = self._put(lows, end_bits)
        self.high = self._put(ends, end_bits)
        self.rem = self._put(groups * profile.outputs, profile.fraction_bits)
        self.c_lo = self._put(groups, bounds.c_lo_bits)
        self.c_hi = self._put(groups, bounds.c_hi_bits)
        self.block = self._put(blocks, block_bits)
        self.z = self._put(profile.projection_z, bounds.z_bits)
        self.norm = self._put(norms, bounds.norm_bits)
        # of a network: what goes into it, for each term of the common draw; its hidden sums, for each layer
        encoded = layers if network else 0
        width = profile.log_scale + 2  # the input and its sign, and what rounding leaves
        hidden = network.hidden if network else []
        self.inputs = [self._put(profile.entries, width) for _ in range(3 * encoded)]
        self.sums = [[self._put(c.sums, c.width) for c in hidden] for _ in range(encoded)]
        self.rows = -(-self.size // profile.n)

    def _put(self, count: int, width: int) -> Group:
        group = Group(self.size, count, width)
        self.size += count * width
        return group

    def shift(self, sketch: Group) -> int:
        """By how many bits the sketch of a term is shifted: the lower ones of its integers are rounded away."""
        return sketch.width - self.q_bits

    def upper_parts(self, weights: list[int], first: int = 0) -> tuple[list[Integers], int]:
        """Weights over the bits that give `sum_j weights[j] q_j`, from that term on, up to the returned constant."""
        per, runs = self._entries, []
        for i in range(len(weights) // per):
            group = self.sketches[first + i]
            runs.append(Integers(group, weights[i * per : (i + 1) * per], self.shift(group)))
        return runs, sum(weights) << (self.q_bits - 1)
