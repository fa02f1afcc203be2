"""The verdict: what a similarity is worth. One of three words, never a bare yes or no; every threshold is here.

**Null.** Were the two models made independently, the cosine of their vectors would be Gaussian with mean 0 and variance
`1 / m + s^2`: the first part is what m numbers leave to chance (m = 512: 0.044), the second, s = 0.041, what
independent models share beyond that. For m = 512 the standard deviation is 0.06. Measured: real models of 16 families
stay within 0.13; random tiny models (lab/null_width.py) have 0.044 to 0.050 from 256 tokens on, Gaussian to
the last of 60,000 pairs (kurtosis 3.0, largest 0.22), 0.056 to 0.060 at 64 tokens, and wider tails below. So 0.06 is
on the safe side from 64 shared tokens on, and fewer decide nothing.

**Vectors** (`of_vectors`). The p-value is one-sided: the probability that independent models reach at least this
cosine.

    related        a cosine of 0.8 or more: far beyond the null (p < 1e-9 is 0.36) and beyond its known failure
    unrelated      p > 1e-4, a cosine below 0.22: one independent pair in 10^4 is not called so
    inconclusive   everything between, and everything where too few tokens are shared for a verdict

"Related" means descent, not theft: a licensed fine-tune is related to its base. "Unrelated" does not exclude a model
that was changed so much that the vector no longer shows it. The tail of the null beyond measured pairs is extrapolated.

**Where the null fails.** Small models with tied embeddings that learnt from one text are alike whatever they began
with: two GPT-2-type models reach 0.70, two LLaMA-type models 0.65 (docs/quality.md). Nothing in a vector separates them
from a descendant that was trained long. So vectors alone say "related" only from 0.8, which fine-tuned, pruned,
quantised and disguised copies keep, and leave the rest to the model folders, whose neurons decide.

**All evidence** (`weigh`). Layers are matched without looking at numbers of neurons, and every layer is numbered on its
own; so the p-value of `order` is 1 - (1 - p)^n, for the smallest p of the n layer pairs that are read again (Sidak
1967): uniform for independent layers, too large for repeated ones. That of `partners` is the smallest, times the number
of layer pairs that could have been chosen. The smaller of order / 0.99 and partners / 0.01 is the corrected p-value
(Bonferroni, with weights): under the null of `order` it is uniform to one part in a hundred. Below 1e-9: related.
Terms and vectors never suffice for that: what models learn from one text can be alike whatever they began with (two
small GPT-2 models with tied embeddings, other seeds: cosine 0.70, ICS 0.66, and no neurons in common;
docs/quality.md). So an ICS above `ALIKE`, or a cosine that vectors do not call unrelated, makes a pair without common
neurons inconclusive. Everything else is unrelated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from ..artefacts.document import RESULTS, Result
from ..profile import Profile
from .findings import Evidence, Pcs

Verdict = Literal["related", "unrelated", "inconclusive"]
Side = Literal["model folder", "verified bundle", "fingerprint"]

#: Standard deviation of what independent models share beyond chance.
SHARED_WIDTH = 0.0406
#: The same of vectors by a trained encoder. Of 166 pairs of small trained strangers the largest has 0.20 (0.14 by
#: encoder linear; lab/encoder/both.py): a width of 0.075, so that "unrelated" is said below 0.28.
SHARED_WIDTH_CNN = 0.0605
#: p-values below the first exclude chance, above the second they do not speak against independence.
RELATED, UNRELATED = 1e-9, 1e-4
#: Vectors alone prove descent from this cosine on; independent models that learnt alike reach 0.7.
DESCENT = 0.8
#: Shared tokens that a verdict needs; of smaller vocabularies half, but never fewer than `FEWEST`.
ENOUGH, FEWEST = 256, 64
#: Exact ICS of a term from which two models without common neurons are not called unrelated.
ALIKE = 0.3
#: How much of the error of a verdict each test may spend: `order`, whose p-value is uniform, nearly all.
WEIGHTS = (0.99, 0.01)


@dataclass(frozen=True, kw_only=True)
class Comparison(Result):
    """How alike two models are.

    `cosine` of the vectors, in [-1, 1]; `p_value` probability that independent models reach at least this cosine;
    `verdict`; `tokens_shared` tokens that both vectors were computed over; `tokens_needed` how many a verdict needs;
    `null_width` standard deviation of the cosine of independent models; `reason` the verdict in a sentence. Of two
    model folders also `evidence` on layers and neurons (`huref.similarity.evidence`); `decided_by` is the kind of
    evidence that the verdict rests on, `corrected_p_value` its p-value, corrected for all that was looked at. `sides`
    says what was compared: of the three, a fingerprint is what its maker says. `pcs` is the plain cosine of the
    parameters of two folders (`huref.similarity.pcs`); no verdict rests on it. `challenge`: seed,
    in hexadecimal digits, of the challenge under which both vectors were made; None for fingerprints.
    """

    schema: str = f"{RESULTS}/compare/v1"
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
    sides: tuple[Side, Side] = ("fingerprint", "fingerprint")
    pcs: Pcs | None = None

    @property
    def similarity(self) -> float:
        """One number for tables: the cosine, or the mean correlation of the terms of two matched layers if larger."""
        layers = () if self.evidence is None else self.evidence.layers
        return max([self.cosine, *(pair.ics for pair in layers)])


def null_width(profile: Profile) -> float:
    """Standard deviation of the cosine of independent models, for vectors of that profile."""
    return math.sqrt(1 / profile.outputs + (SHARED_WIDTH if profile.encoder == "linear" else SHARED_WIDTH_CNN) ** 2)


def p_value(value: float, width: float) -> float:
    """Probability that a Gaussian of mean 0 and that standard deviation reaches at least `value`."""
    return math.erfc(value / (width * math.sqrt(2))) / 2


def of_vectors(value: float, p: float, width: float, *, shared: int, needed: int, reach: float) -> tuple[Verdict, str]:
    """The verdict on two vectors, and why.

    `value` their cosine and `p` its p-value, corrected for the choices there were; `width` the null's standard
    deviation; `shared` tokens of at least `needed`; `reach` the cosine that equal models would have over tokens shared
    so far.
    """
    if shared < needed:
        return "inconclusive", f"the two share {shared} tokens; a verdict needs {needed}"
    if p < RELATED and value >= DESCENT:
        return "related", "independent models would reach a cosine this high less than once in 10^9 comparisons"
    if p < RELATED:
        return "inconclusive", (
            f"chance is excluded, but below {DESCENT} small models that learnt from one text are this alike without "
            "descent; compare the model folders, whose neurons decide"
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


def weigh(comparison: Comparison, evidence: Evidence) -> Comparison:
    """The verdict of a comparison of vectors, replaced by that of all evidence; `decided_by` names what it rests on.

    Too few shared tokens stay inconclusive, whatever was seen over them.
    """
    weighted = [finding.p_value / weight for finding, weight in zip(evidence.neurons, WEIGHTS, strict=True)]
    p = min(1.0, *weighted)
    strongest = evidence.neurons[weighted.index(min(weighted))]
    whole = replace(comparison, evidence=evidence, decided_by=strongest.name, corrected_p_value=p)
    if comparison.tokens_shared < comparison.tokens_needed:
        return whole
    if p < RELATED:
        return replace(whole, verdict="related", reason=strongest.sentence)
    if p <= UNRELATED:
        doubt = "more alike than independent models usually are, but not enough to exclude chance"
        return replace(whole, verdict="inconclusive", reason=f"{doubt}: {strongest.sentence}")
    if evidence.alike >= ALIKE or comparison.p_value < RELATED:
        doubt = (
            "but their neurons have nothing in common: independent models that learnt from one text can be this alike, "
            "and a copy whose feed-forward blocks were replaced is"
        )
        return replace(whole, verdict="inconclusive", decided_by="terms", reason=f"{evidence.terms.sentence}, {doubt}")
    return whole
