"""The three kinds of statements: every public value in one place (specification, "statement", "nearness", "drift").

"For each draw and each layer, the vector `z` with scales `(e, a, c)` is the fingerprint of that layer, under this
profile and this draw, of weights of this shape, committed to in these rows, over these tokens. Whoever made this proof
knew an opening of the rows, and made it for this context."

Of the second kind: "Weights of this shape .. have under this challenge vectors whose cosines with these published
vectors lie in these intervals." Of the third: "The integers committed to in these rows, and those .. in these other
rows (or: those of this public model), differ .. by no more than this bound, block by block."
"""

from dataclasses import dataclass
from typing import ClassVar

from .context import Context
from .draw import KINDS, Draw
from .error import Rejected, ensure
from .profile import PROFILES, Profile
from .published import Model, is_model


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
class Outputs:
    """The outputs under one draw, layer after layer.

    z in multiples of 2^-12, m numbers a layer; shift e and scale a of each term; scale c of each standardisation.
    """

    z: tuple[int, ...]
    e: tuple[int, ...]
    a: tuple[int, ...]
    c: tuple[int, ...]


def z_bound(profile: Profile) -> int:
    """The largest `|z_k|` of a vector with mean 0 and standard deviation 1, rounded up to a power of two."""
    return 1 << (profile.z_fraction_bits + (profile.outputs.bit_length() + 1) // 2)


@dataclass(frozen=True)
class Statement:
    """Everything public. `commitment` holds the row commitments, 33 bytes each; `outputs` those under each draw."""

    profile: str
    shape: Shape
    commitment: bytes
    draws: tuple[Draw, ...]
    outputs: tuple[Outputs, ...]
    context: Context

    def all(self, name: str) -> list[int]:
        """The outputs of that name under all draws."""
        return [x for outputs in self.outputs for x in getattr(outputs, name)]

    def check_outputs(self, profile: Profile) -> None:
        """Checks on the public outputs alone: lengths and ranges."""
        layers = len(self.shape.layers)
        terms = 3 * layers
        lengths = [(len(o.z), len(o.e), len(o.a), len(o.c)) for o in self.outputs]
        ensure(lengths == [(layers * profile.outputs, terms, terms, layers)] * len(self.draws), "lengths")
        shifts = self.all("e")
        ensure(all(0 <= e <= 250 - profile.q_bits for e in shifts), "shift")
        low = 1 << (profile.log_scale - profile.log_norm)
        tops = [2 * low if e else 1 << profile.max_log_a for e in shifts]
        ensure(all(low <= a <= top for a, top in zip(self.all("a"), tops, strict=True)), "scale")
        ensure(all(1 << profile.min_log_c <= c < 1 << profile.max_log_c for c in self.all("c")), "c")
        ensure(all(abs(z) <= z_bound(profile) for z in self.all("z")), "z range")


@dataclass(frozen=True)
class Answer:
    """What is said of the cosines, which count multiples of 1/256 (specification, "nearness").

    rounded: `k <= cos < k + 1`, one k for each pair; below: `|cos| < t` for every pair; at-least: `cos >= t` for one
    pair, (place of their vector, place of the layer). `cosines` are the k, or t alone; `pair` is None but in at-least.
    """

    kind: str
    cosines: tuple[int, ...]
    pair: tuple[int, int] | None = None


@dataclass(frozen=True)
class Nearness:
    """Everything public of the second kind: one draw, a challenge; `theirs`, m numbers for each of their vectors."""

    profile: str
    shape: Shape
    commitment: bytes
    draws: tuple[Draw, ...]
    theirs: tuple[int, ...]
    answer: Answer
    context: Context


@dataclass(frozen=True, eq=False)
class Drift:
    """Everything public of the third kind. `commitment` holds the rows of W, then, unless `public` is W', those of W'.

    public: int16, shape (rows, hidden), matrix after matrix. factors: of each matrix the exponent of two between the
    models, None if nothing is said of it. bound: b of a relative one, in multiples of 1/1024, or B for each block.
    """

    profile: str
    shape: Shape
    commitment: bytes
    public: Model | None
    factors: tuple[int | None, ...]
    partition: str
    bound: int | tuple[int, ...]
    context: Context
    draws: ClassVar[tuple[Draw, ...]] = ()
    """It has none."""

    @property
    def models(self) -> int:
        """How many models the rows are of."""
        return 2 if self.public is None else 1


Public = Statement | Nearness | Drift
ANSWERS = ("rounded", "below", "at-least")
PARTITIONS = ("rows", "matrices", "whole")


def _integers(values: object) -> bool:
    return isinstance(values, tuple) and all(type(x) is int for x in values)


def _listed(values: object, kind: type) -> bool:
    return isinstance(values, tuple) and all(isinstance(x, kind) for x in values)


def _numbers(statement: Public) -> list[object]:
    """The lists of integers that only one kind of statement has."""
    if isinstance(statement, Statement):
        ensure(_listed(statement.outputs, Outputs), "malformed", "no outputs")
        return [x for outputs in statement.outputs for x in (outputs.z, outputs.e, outputs.a, outputs.c)]
    if isinstance(statement, Drift):
        partition, public = statement.partition, statement.public
        ensure(isinstance(partition, str) and partition in PARTITIONS, "malformed", "no partition")
        ensure(public is None or is_model(public), "malformed", "no public model")
        ensure(isinstance(statement.factors, tuple), "malformed", "no factors")
        bound = statement.bound if isinstance(statement.bound, tuple) else (statement.bound,)
        return [tuple(x for x in statement.factors if x is not None), bound]
    answer = statement.answer
    ensure(isinstance(answer, Answer) and answer.kind in ANSWERS, "malformed", "no answer")
    pair = answer.pair
    ensure(pair is None or (isinstance(pair, tuple) and len(pair) == 2), "malformed", "no pair")
    return [statement.theirs, answer.cosines, pair or ()]


def known_profile(statement: Public) -> Profile:
    """The profile of a statement whose fields all have their types; anything else is refused."""
    ensure(isinstance(statement, Public) and isinstance(statement.commitment, bytes), "malformed", "no statement")
    shape, context = statement.shape, statement.context
    ensure(isinstance(shape, Shape), "malformed", "no shape")
    sizes = (shape.hidden, shape.heads, shape.kv_heads, shape.head_dim, shape.ffn)
    lists = [sizes, shape.layers, *_numbers(statement)]
    ensure(all(_integers(values) for values in lists), "malformed", "numbers are integers, lists are tuples")
    ensure(_listed(shape.tokens, bytes), "malformed", "tokens are byte strings")
    ensure(_listed(statement.draws, Draw), "malformed", "no draws")
    for draw in statement.draws:
        ensure(draw.kind in KINDS and _listed((draw.beacon, draw.other, draw.network), bytes), "malformed", "no draw")
    texts = isinstance(context, Context) and _listed((context.owner, context.audience), str)
    ensure(texts and isinstance(context.nonce, bytes), "malformed", "no context")
    if not isinstance(statement.profile, str) or statement.profile not in PROFILES:
        raise Rejected("profile", f"profile {statement.profile!r} is not known; known: {', '.join(PROFILES)}")
    return PROFILES[statement.profile]
