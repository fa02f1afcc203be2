"""Everything that follows from a statement alone."""

from . import draw, drift, nearness
from .curve import Point
from .error import ensure
from .layout import Layout
from .network import network_of, variables
from .poly import log2_ceil
from .profile import Profile
from .security import bounds, position_variables
from .statement import Drift, Nearness, Outputs, Public
from .transcript import Transcript
from .wire import commitment_id, statement_bytes


class Instance:
    """A statement, checked before any other work; what its draws are read from, its bounds and its bit string."""

    def __init__(self, profile: Profile, statement: Public, commitment: list[Point]) -> None:
        shape = statement.shape
        self.profile, self.shape, self.statement = profile, shape, statement
        network = network_of(profile, statement.draws)
        models = statement.models if isinstance(statement, Drift) else 1
        self.bounds = bounds(shape, profile, models)
        self.outputs = Outputs((), (), (), ())
        if isinstance(statement, Drift):
            drift.check_bounds(shape, profile, models, self.bounds.z_bits)
            statement.context.check()
            drift.check(statement, profile)
        elif isinstance(statement, Nearness):
            nearness.check_bounds(shape, profile)
            draw.check(statement.draws, [("challenge",)])
            statement.context.check()
            nearness.check(statement, profile)
        else:
            draw.check(statement.draws)
            statement.context.check()
            statement.check_outputs(profile)
            self.outputs = Outputs(*(tuple(statement.all(name)) for name in ("z", "e", "a", "c")))
        self.committed = models * sum(shape.commitment_rows(profile))
        ensure(len(commitment) == self.committed, "commitment rows")
        own = commitment_id(statement, profile)
        ensure(all(d.other != own for d in statement.draws), "draws", "draws: a challenge names its own commitment")
        self.streams = [draw.streams(d, profile, own) for d in statement.draws]
        self.network = network if any(d.kind in ("common", "custom") for d in statement.draws) else None
        self.layout = Layout(profile, self.bounds, statement, self.network)

    @property
    def bit_variables(self) -> int:
        """Variables of the bit string: rows, then columns."""
        return log2_ceil(self.layout.rows) + self.profile.log_n

    def transcript(self) -> Transcript:
        """A transcript that has absorbed the statement."""
        if isinstance(self.statement, Drift):
            return Transcript(drift.PROTOCOL, drift.statement_bytes(self.statement, self.profile))
        if isinstance(self.statement, Nearness):
            return Transcript(nearness.PROTOCOL, nearness.statement_bytes(self.statement, self.profile))
        return Transcript(self.profile.protocol, statement_bytes(self.statement, self.profile))

    def pads(self) -> tuple[int, int]:
        """Number of pads, and how many of them are products of two others."""
        profile = self.profile
        bits, projection, opening = 3 * self.bit_variables + 1, 2, 2 * profile.log_n
        if isinstance(self.statement, Drift):
            of_kind, triples = self._drift(drift.weights(self.statement)[1] > 0)
            return bits + projection + of_kind + opening + triples, triples
        sides, terms = 2 * len(self.shape.terms()), len(self.layout.sketches)
        chains = 1 + 2 * sum(position_variables(self.shape, profile)) + 2 * terms
        products = 2 * log2_ceil(self.shape.hidden) + 2 + sides
        if isinstance(self.statement, Nearness):
            of_kind, in_kind = self._nearness(nearness.counts(self.statement, profile).vectors)
        else:
            of_kind, in_kind = self._encode()
        norm = 1 + 4 * log2_ceil(profile.projection) + 1
        triples = terms + sides + 2 + in_kind
        return chains + products + bits + of_kind + projection + norm + opening + triples, triples

    def _drift(self, relative: bool) -> tuple[int, int]:
        """Scalars that are sent in "drift", and all products of such a statement."""
        rows = sum(self.shape.commitment_rows(self.profile))
        return 1 + 3 * log2_ceil(rows) + 2 * self.profile.log_n + 1 + relative, 2 + relative

    def _encode(self) -> tuple[int, int]:
        """Scalars that are sent in "encode", and its products."""
        profile, terms, groups = self.profile, len(self.layout.sketches), self.layout.c_lo.count
        squares = terms + groups + 3 * log2_ceil(terms * profile.entries + groups * profile.outputs) + 1
        if not self.network:
            return squares, 1
        return squares + 4 + 3 * sum(variables(self.network, len(self.shape.layers))), 2

    def _nearness(self, theirs: int) -> tuple[int, int]:
        """Scalars that are sent in "nearness", with so many vectors of theirs in question, and its products."""
        profile, terms, layers = self.profile, len(self.layout.sketches), len(self.shape.layers)
        norms = terms + 3 * log2_ceil(terms * profile.entries) + 1
        cosines = layers + theirs * layers + 2 * log2_ceil(profile.outputs) + layers
        return norms + 2 * terms + cosines + terms, 1 + 2 * terms + layers + terms + self.layout.high.count
