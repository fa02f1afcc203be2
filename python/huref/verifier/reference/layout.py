"""Where each committed integer stands in the bit string (specification, "bit string")."""

from dataclasses import dataclass

from .network import Network
from .profile import Profile
from .security import Bounds
from .statement import Statement


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
    """The bit string: `S_t` raised to be non-negative, slacks of norms, remainders, slacks of c, Z, slack of Y."""

    def __init__(self, profile: Profile, bounds: Bounds, statement: Statement, network: Network | None) -> None:
        self.size = 0
        self.sketches = [self._put(profile.entries, e + profile.q_bits) for e in statement.all("e")]
        terms, groups = len(self.sketches), len(statement.all("c"))
        self.slack_lo = self._put(terms, profile.slack_bits)
        self.slack_hi = self._put(terms, profile.slack_bits)
        self.rem = self._put(groups * profile.outputs, profile.fraction_bits)
        self.c_lo = self._put(groups, bounds.c_lo_bits)
        self.c_hi = self._put(groups, bounds.c_hi_bits)
        self.z = self._put(profile.projection_z, bounds.z_bits)
        self.norm = self._put(1, bounds.norm_bits)
        # of a network: what goes into it, for each term of the common draw; its hidden sums, for each layer
        layers = len(statement.shape.layers) if network else 0
        width = profile.log_scale + 2  # the input and its sign, and what rounding leaves
        hidden = network.hidden if network else []
        self.inputs = [self._put(profile.entries, width) for _ in range(3 * layers)]
        self.sums = [[self._put(c.sums, c.width) for c in hidden] for _ in range(layers)]
        self.rows = -(-self.size // profile.n)

    def _put(self, count: int, width: int) -> Group:
        group = Group(self.size, count, width)
        self.size += count * width
        return group
