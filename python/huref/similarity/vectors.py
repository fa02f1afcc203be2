"""How alike two fingerprints are: cosine, p-value and one of three verdicts, never a bare yes or no.

**Null.** Were the two models made independently, the cosine of their vectors would be Gaussian with mean 0 and variance
`1 / m + s^2`: the first part is what m numbers leave to chance (m = 512: 0.044), the second, s = 0.041, what
independent models share beyond that. For m = 512 the standard deviation is 0.06. Measured: real models of 16 families
stay within 0.13; random tiny models (benchmarks/null_width.py) have 0.044 to 0.050 from 256 tokens on, Gaussian to
the last of 60,000 pairs (kurtosis 3.0, largest 0.22), 0.056 to 0.060 at 64 tokens, and wider tails below. So 0.06 is
on the safe side from 64 shared tokens on, and fewer decide nothing.

**Verdicts.** The p-value is one-sided: the probability that independent models reach at least this cosine.

    related        a cosine of 0.8 or more: far beyond the null (p < 1e-9 is 0.36) and beyond its known failure
    unrelated      p > 1e-4, a cosine below 0.22: one independent pair in 10^4 is not called so
    inconclusive   everything between, and everything where too few tokens are shared for a verdict

"Related" speaks of descent, not of theft: a licensed fine-tune is related to its base. "Unrelated" does not exclude a
model changed so much that the vector cannot tell. The tail of the null beyond measured pairs is extrapolated.

**Where the null fails.** Small models with tied embeddings that learnt from one text are alike whatever they began
with: two of GPT-2's kind reach 0.70, two of LLaMA's 0.65 (docs/quality.md). Nothing in a vector tells them from a
descendant that was trained long. So vectors alone say "related" from 0.8 only, which fine-tuned, pruned, quantised
and disguised copies keep, and leave the rest to the model folders, whose neurons tell (`evidence`).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from ..artefacts.fingerprint import CNN, LINEAR, Encoder, Fingerprint
from ..errors import IncomparableError
from ..profile import named

if TYPE_CHECKING:
    from ..artefacts.challenge import Challenge
    from .evidence import Evidence
    from .pcs import Pcs

Verdict = Literal["related", "unrelated", "inconclusive"]
Side = Literal["model folder", "verified bundle", "fingerprint"]

#: Standard deviation of what independent models share beyond chance.
SHARED_WIDTH = 0.0406
#: The same of vectors by encoder cnn. Of 166 pairs of small trained strangers the largest has 0.20 (0.14 by encoder
#: linear; benchmarks/encoders.py): a width of 0.075, so that "unrelated" is said below 0.28.
SHARED_WIDTH_CNN = 0.0605
#: p-values below the first exclude chance, above the second they do not speak against independence.
RELATED, UNRELATED = 1e-9, 1e-4
#: Vectors alone prove descent from this cosine on; independent models that learnt alike reach 0.7.
DESCENT = 0.8
#: Shared tokens that a verdict needs; of smaller vocabularies half, but never fewer than `FEWEST`.
ENOUGH, FEWEST = 256, 64


@dataclass(frozen=True)
class Comparison:
    """How alike two models are.

    `cosine` of the vectors, in [-1, 1]; `p_value` probability that independent models reach at least this cosine;
    `verdict`; `tokens_shared` tokens that both vectors were computed over; `tokens_needed` how many a verdict needs;
    `null_width` standard deviation of the cosine of independent models; `reason` the verdict in a sentence. Of two
    model folders also `evidence` on layers and neurons (`huref.similarity.evidence`); `decided_by` is the kind of
    evidence that the verdict rests on, `corrected_p_value` its p-value, corrected for all that was looked at. `sides`
    says what was compared: of the three, a fingerprint is what its maker says. `pcs` is the plain cosine of the
    parameters of two folders (`huref.similarity.pcs`); no verdict rests on it. `challenge`: seed,
    in hexadecimal digits, of the challenge under which both vectors were made; None for fingerprints. `encoder`: name
    of the one that made both vectors.
    """

    cosine: float
    p_value: float
    verdict: Verdict
    tokens_shared: int
    tokens_needed: int
    null_width: float
    profile: str
    reason: str
    corrected_p_value: float
    decided_by: str = "vector"
    evidence: Evidence | None = None
    challenge: str | None = None
    encoder: str = LINEAR.name
    sides: tuple[Side, Side] = ("fingerprint", "fingerprint")
    pcs: Pcs | None = None

    @property
    def similarity(self) -> float:
        """One number for tables: the cosine, or the mean correlation of the terms of two matched layers if larger."""
        layers = () if self.evidence is None else self.evidence.layers
        return max([self.cosine, *(pair.ics for pair in layers)])

    def as_dict(self) -> dict[str, Any]:
        """All fields, for JSON."""
        return asdict(self)


def cosine(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    """Cosine of two vectors of integers of the same length, neither of them zero."""
    product = sum(x * y for x, y in zip(a, b, strict=True))
    squares = sum(x * x for x in a) * sum(y * y for y in b)
    return max(-1.0, min(1.0, product / math.sqrt(squares)))


def null_width(outputs: int, encoder: Encoder = LINEAR) -> float:
    """Standard deviation of the cosine of independent models, for vectors of that many numbers by that encoder."""
    return math.sqrt(1 / outputs + (SHARED_WIDTH_CNN if encoder == CNN else SHARED_WIDTH) ** 2)


def p_value(value: float, width: float) -> float:
    """Probability that a Gaussian of mean 0 and that standard deviation reaches at least `value`."""
    return math.erfc(value / (width * math.sqrt(2))) / 2


def compare_vectors(a: Fingerprint, b: Fingerprint, vocabulary: int | None = None, tries: int = 1) -> Comparison:
    """Compare two fingerprints of one profile.

    `vocabulary`: how many tokens the two could have shared, where that is more than their lists tell (two models
    compared over what they share have equal lists); it decides how many a verdict needs. `tries`: of how many cosines
    this one is the largest; the verdict's p-value is multiplied by it (Bonferroni).

    Raises:
        IncomparableError: the profiles differ, the encoders, or the challenges that the vectors answer; or, of two
            fixed vectors (`vocabulary` None), the token lists, so much that equal models would not be recognised.

    """
    if a.profile != b.profile:
        raise IncomparableError(
            f"one fingerprint has profile {a.profile}, the other {b.profile}: vectors of different rules have nothing "
            "in common; make both under one profile"
        )
    if a.challenge != b.challenge:
        raise IncomparableError(
            f"one vector is {_origin(a.challenge)}, the other {_origin(b.challenge)}: vectors of different sketches "
            "have nothing in common; let both owners answer one challenge: huref prove --challenge FILE"
        )
    if a.encoder != b.encoder:
        raise IncomparableError(
            f"one fingerprint was made by encoder {a.encoder}, the other by encoder {b.encoder}: vectors of different "
            "encoders have nothing in common; make both with one, for a bundle linear"
        )
    shared, fixed = len(set(a.tokens) & set(b.tokens)), vocabulary is None
    vocabulary = min(len(a.tokens), len(b.tokens)) if vocabulary is None else vocabulary
    needed = min(ENOUGH, max(FEWEST, vocabulary // 2))
    value, width = cosine(a.vector, b.vector), null_width(named(a.profile).outputs, a.encoder)
    # of two identical models whose vectors share only some tokens, the expected cosine is about this
    reach = shared * shared / (len(a.tokens) * len(b.tokens))
    if fixed and (shared == 0 or (shared >= needed and reach < 1 and p_value(reach, width) >= RELATED)):
        raise IncomparableError(
            f"one fingerprint was computed over the token list {a.token_digest[:16]}, the other over "
            f"{b.token_digest[:16]}, and they share {shared} of {len(a.tokens)} and {len(b.tokens)} tokens: even equal "
            "models would not be recognised; compare the model folders, or one folder with the other's fingerprint"
        )
    p = p_value(value, width)
    corrected = min(1.0, tries * p)
    verdict, reason = _judge(value, corrected, width, shared=shared, needed=needed, reach=reach)
    seed = None if a.challenge is None else a.challenge.seed.hex()
    return Comparison(
        value,
        p,
        verdict,
        shared,
        needed,
        width,
        a.profile,
        reason,
        corrected,
        challenge=seed,
        encoder=a.encoder.name,
    )


def _origin(challenge: Challenge | None) -> str:
    if challenge is None:
        return "a fingerprint"
    a, b = (name[:16] for name in challenge.commitments)
    return f"an answer to challenge {challenge.seed.hex()[:16]}... between commitments {a}... and {b}..."


def _judge(value: float, p: float, width: float, *, shared: int, needed: int, reach: float) -> tuple[Verdict, str]:
    if shared < needed:
        return "inconclusive", f"the two share {shared} tokens; a verdict needs {needed}"
    if p < RELATED and value >= DESCENT:
        return "related", "independent models would reach a cosine this high less than once in 10^9 comparisons"
    if p < RELATED:
        return "inconclusive", (
            f"chance is excluded, but below {DESCENT} small models that learnt from one text are this alike without "
            "descent; compare the model folders, whose neurons tell"
        )
    if p <= UNRELATED:
        return "inconclusive", "more alike than independent models usually are, but not enough to exclude chance"
    if p_value(-value, width) <= UNRELATED:
        return "inconclusive", "the vectors are opposed, which neither descent nor independence explains"
    if p_value(reach, width) >= RELATED:
        return "inconclusive", (
            f"the vectors were computed over different tokens ({shared} shared): even equal models would not be "
            "recognised; compare the model folders, or one folder with the other's fingerprint"
        )
    return "unrelated", "no more alike than independent models are"
