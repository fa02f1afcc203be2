"""Everything that follows from the statement alone."""

from .curve import Point
from .error import ensure
from .layout import Layout
from .poly import log2_ceil
from .profile import Profile
from .security import bounds, position_variables
from .statement import Statement


class Context:
    """Profile, shape and outputs, checked before any other work; bounds and bit string."""

    def __init__(self, profile: Profile, statement: Statement, commitment: list[Point]) -> None:
        shape, public = statement.shape, statement.public
        self.profile, self.shape, self.public, self.challenge = profile, shape, public, statement.challenge
        self.bounds = bounds(shape, profile)
        public.check(shape, profile)
        ensure(len(commitment) == sum(shape.commitment_rows(profile)), "commitment rows")
        self.layout = Layout(profile, self.bounds, public)

    @property
    def bit_variables(self) -> int:
        """Variables of the bit string: rows, then columns."""
        return log2_ceil(self.layout.rows) + self.profile.log_n

    def pads(self) -> tuple[int, int]:
        """Number of pads, and how many of them are products of two others."""
        profile, terms = self.profile, len(self.public.e)
        chains = 1 + 2 * sum(position_variables(self.shape, profile)) + 2 * terms
        products = 2 * log2_ceil(self.shape.hidden) + 2 + 2 * terms
        bits = 3 * self.bit_variables + 1
        norms = terms + 3 * log2_ceil(profile.entries * terms) + 1
        scale = 2 + 2 * log2_ceil(profile.outputs) + 1
        projection = 3 + 4 * log2_ceil(profile.projection) + 1
        opening = 2 * profile.log_n
        triples = 3 * terms + 4
        return chains + products + bits + norms + scale + projection + opening + triples, triples
