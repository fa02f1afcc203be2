"""Everything that follows from a statement alone."""

from . import draw
from .curve import Point
from .error import ensure
from .layout import Layout
from .network import network_of, variables
from .poly import log2_ceil
from .profile import Profile
from .security import bounds, position_variables
from .statement import Statement
from .wire import commitment_id


class Instance:
    """A statement, checked before any other work; what its draws are read from, its bounds and its bit string."""

    def __init__(self, profile: Profile, statement: Statement, commitment: list[Point]) -> None:
        shape = statement.shape
        self.profile, self.shape, self.statement = profile, shape, statement
        network = network_of(profile)
        self.bounds = bounds(shape, profile)
        draw.check(statement.draws)
        statement.context.check()
        statement.check_outputs(profile)
        ensure(len(commitment) == sum(shape.commitment_rows(profile)), "commitment rows")
        own = commitment_id(statement, profile)
        ensure(all(d.other != own for d in statement.draws), "draws", "draws: a challenge names its own commitment")
        self.streams = [draw.streams(d, profile, own) for d in statement.draws]
        self.network = network if any(d.kind == "common" for d in statement.draws) else None
        self.layout = Layout(profile, self.bounds, statement, self.network)

    @property
    def bit_variables(self) -> int:
        """Variables of the bit string: rows, then columns."""
        return log2_ceil(self.layout.rows) + self.profile.log_n

    def pads(self) -> tuple[int, int]:
        """Number of pads, and how many of them are products of two others."""
        profile, sides = self.profile, 2 * len(self.shape.terms())
        terms, groups = len(self.layout.sketches), self.layout.c_lo.count
        chains = 1 + 2 * sum(position_variables(self.shape, profile)) + 2 * terms
        products = 2 * log2_ceil(self.shape.hidden) + 2 + sides
        bits = 3 * self.bit_variables + 1
        squares = terms + groups + 3 * log2_ceil(terms * profile.entries + groups * profile.outputs) + 1
        projection = 3 + 4 * log2_ceil(profile.projection) + 1
        opening = 2 * profile.log_n
        activations = 4 + 3 * sum(variables(self.network, len(self.shape.layers))) if self.network else 0
        triples = terms + sides + 3 + (self.network is not None)
        return chains + products + bits + squares + activations + projection + opening + triples, triples
