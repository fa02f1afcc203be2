"""The statement: every public value in one place (specification, "statement").

"The vector `z` with scales `(e, a, c)` is the fingerprint, under this profile, of weights of this shape, committed to
in these rows, over these tokens." Or: "the answer to this challenge".
"""

from dataclasses import dataclass

from .error import Refused, ensure
from .profile import PROFILES, Profile


@dataclass(frozen=True)
class Side:
    """One of the two factors of a term: a matrix, and whether positions read it through the grouping of heads."""

    matrix: int
    grouped: bool


@dataclass(frozen=True)
class Term:
    """A term `M = X (left)^T (right) X^T`, summed over positions; left is read through P, right through Q."""

    left: Side
    right: Side
    positions: int


@dataclass(frozen=True)
class Shape:
    """Public description of the circuit: d, h, g, e, f; which layers; the token byte strings in selection order."""

    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    layers: tuple[int, ...]
    tokens: tuple[bytes, ...]

    def matrices(self) -> list[int]:
        """Rows of every committed matrix: X, then q, k, v, oT, up, downT of each layer. All have d columns."""
        q, kv, f = self.heads * self.head_dim, self.kv_heads * self.head_dim, self.ffn
        return [len(self.tokens)] + [q, kv, kv, q, f, f] * len(self.layers)

    def terms(self) -> list[Term]:
        """The terms in order a, b, f of layer after layer."""
        q = self.heads * self.head_dim
        terms = []
        for m in range(1, 1 + 6 * len(self.layers), 6):
            terms.append(Term(Side(m, False), Side(m + 1, True), q))
            terms.append(Term(Side(m + 2, True), Side(m + 3, False), q))
            terms.append(Term(Side(m + 4, False), Side(m + 5, False), self.ffn))
        return terms

    def row_of(self, side: Side, position: int) -> int:
        """The matrix row that a position reads."""
        if not side.grouped:
            return position
        head, inside = divmod(position, self.head_dim)
        return head * self.kv_heads // self.heads * self.head_dim + inside

    def slots(self, profile: Profile) -> int:
        """Matrix rows that stand side by side in one commitment row."""
        return profile.n // self.hidden

    def commitment_rows(self, profile: Profile) -> list[int]:
        """Commitment rows of every matrix, in order."""
        return [-(-rows // self.slots(profile)) for rows in self.matrices()]


@dataclass(frozen=True)
class Public:
    """The outputs: z in multiples of 2^-12, shift e and scale a of each term, scale c of the standardisation."""

    z: tuple[int, ...]
    e: tuple[int, ...]
    a: tuple[int, ...]
    c: int

    def check(self, shape: Shape, profile: Profile) -> None:
        """Checks on the public outputs alone: lengths and ranges."""
        terms = 3 * len(shape.layers)
        ensure((len(self.z), len(self.e), len(self.a)) == (profile.outputs, terms, terms), "lengths")
        ensure(all(0 <= e <= 250 - profile.q_bits for e in self.e), "shift")
        low = 1 << (profile.log_scale - profile.log_norm)
        tops = [2 * low if e else 1 << profile.max_log_a for e in self.e]
        ensure(all(low <= a <= top for a, top in zip(self.a, tops, strict=True)), "scale")
        ensure(1 << profile.min_log_c <= self.c < 1 << profile.max_log_c, "c")
        ensure(all(abs(z) <= z_bound(profile) for z in self.z), "z range")


def z_bound(profile: Profile) -> int:
    """The largest `|z_k|` of a vector with mean 0 and standard deviation 1, rounded up to a power of two."""
    return 1 << (profile.z_fraction_bits + (profile.outputs.bit_length() + 1) // 2)


@dataclass(frozen=True)
class Statement:
    """Everything public. `commitment` holds the row commitments, 33 bytes each.

    `challenge`: the seed of the challenge that the outputs answer, 32 bytes; None for the fingerprint itself.
    """

    profile: str
    shape: Shape
    commitment: bytes
    public: Public
    challenge: bytes | None = None


def _integers(values: object) -> bool:
    return isinstance(values, tuple) and all(type(x) is int for x in values)


def known_profile(statement: Statement) -> Profile:
    """The profile of a statement whose fields all have their types; anything else is refused."""
    ensure(isinstance(statement, Statement) and isinstance(statement.commitment, bytes), "malformed", "no statement")
    shape, public = statement.shape, statement.public
    ensure(isinstance(shape, Shape) and isinstance(public, Public), "malformed", "no shape or no public outputs")
    sizes = (shape.hidden, shape.heads, shape.kv_heads, shape.head_dim, shape.ffn, public.c)
    lists = (sizes, shape.layers, public.z, public.e, public.a)
    ensure(all(_integers(values) for values in lists), "malformed", "sizes and outputs are integers, lists are tuples")
    tokens = isinstance(shape.tokens, tuple) and all(isinstance(token, bytes) for token in shape.tokens)
    ensure(tokens, "malformed", "tokens are byte strings")
    challenge = statement.challenge
    ensure(challenge is None or (isinstance(challenge, bytes) and len(challenge) == 32), "malformed", "no challenge")
    if not isinstance(statement.profile, str) or statement.profile not in PROFILES:
        raise Refused("profile", f"profile {statement.profile!r} is not known; known: {', '.join(PROFILES)}")
    return PROFILES[statement.profile]
