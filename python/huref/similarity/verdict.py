"""The verdict: what a similarity is worth. A word that says no more than is known; every threshold is here.

**Null.** Were the two models made independently, the cosine of the vectors of two layers would be Gaussian with mean 0
and variance `1 / m + s^2`: the first part is what m numbers leave to chance (m = 512: 0.044), the second, s = 0.041,
what independent models share beyond that. For m = 512 the standard deviation is 0.06; measured, it is 0.049 for
trained strangers (docs/quality.md), and wider where few tokens are shared, or few of them lie on one side of the
sketch: 0.058 at 64 tokens (lab/null_width.py). So 0.06 is on the safe side from 64 shared tokens on, 32 on each side,
and fewer decide nothing. Under one draw the cosines of different layers are nearly independent: the mean over two
matched layers has a standard deviation of 0.038, where 0.06 / sqrt(2) = 0.042 is granted.

**Vectors** (`strength`). The layers of both sides are matched by the cosines of their vectors. What counts is the pair
that is most alike; its one-sided p-value is multiplied by the number of pairs that were tried (Bonferroni).

    alike          a cosine of 0.40 or more, and p < 1e-9
    nothing        p > 1e-4, and clearly less than an unchanged copy would show
    inconclusive   everything between, and everything where too few tokens are shared

Where one side's vectors are over tokens that the other has only in part, an unchanged copy has a cosine of about rho,
the shared tokens over the geometric mean of both numbers, and it is judged against that: with a likelihood ratio of 20
or more, N(rho, 0.06) against N(0, 0.06), the reason says that a copy would look exactly like this.

A single matched layer is enough, so that junk layers beside it take nothing away; and "nothing" is said of these layers
only. The tail of the null beyond measured pairs is extrapolated.

**What the vectors prove** (`conclude`). Common sketches are public: weights can be fitted to have any common vectors,
by either side that could see the other's. So common vectors alone say at most *alike*. An own draw follows from a
commitment, which fixed the weights before: its vectors cannot be fitted by the committed side. They are judged by the
mean cosine over the pairs of layers that the common vectors matched, so that no choice is left to luck: 0.40 from two
layers on, 0.50 for one, and p < 1e-9 after multiplication with 2^40 for a draw without a beacon, of which a prover
could try a million million. A challenge is fresh for both sides.

    common  own         folder against a bundle
    alike   alike       related, unless the folder was made after the bundle
    alike   nothing     fitted: weights were made to have these common vectors
    nothing alike       inconclusive: honest files do not show this
    nothing nothing     no relation shown between these layers

Two fixed vectors never say "unrelated": a prover chooses the layers. "Related" means descent, not theft: a licensed
fine-tune is related to its base. The folders of two models say more (`weigh`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..artefacts.document import RESULTS, Part, Result
from ..artefacts.draw import Kind
from ..artefacts.report import NotChecked
from ..profile import Profile
from .findings import Evidence, Pcs, Word

Verdict = Literal["related", "alike", "fitted", "inconclusive", "no relation shown", "unrelated"]
Strength = Literal["alike", "inconclusive", "nothing"]
Side = Literal["model folder", "verified bundle", "fingerprint"]

#: Standard deviation of what independent models share beyond chance, by either encoder (lab/encoder/both.py).
SHARED_WIDTH = 0.0406
#: p-values below the first exclude chance, above the second they do not speak against independence.
RELATED, UNRELATED = 1e-9, 1e-4
#: Vectors of two layers are alike from this cosine on; an own draw of a single layer needs more.
DESCENT, ALONE = 0.40, 0.50
#: How many own draws without a beacon a prover could try: 2^40 commitments.
TRIED = 2.0**40
#: Likelihood ratio from which on a cosine over some of the tokens is called that of a copy; standard deviations below
#: what a copy would show, from which on there is none.
COPIED, CLEAR = 20, 4
OTHER_WAY = (
    "compare the model folders, or make the fingerprint of the model with the smaller vocabulary and compare that"
)
#: Shared tokens that a verdict needs; of smaller vocabularies half, but never fewer than `FEWEST`; on each side of the
#: sketch half of those.
ENOUGH, FEWEST = 256, 64


@dataclass(frozen=True)
class Matched(Part):
    """Two layers that belong together, and the cosine of their vectors; `own` that under the bundle's own draw."""

    a: int
    b: int
    cosine: float
    own: float | None = None


@dataclass(frozen=True)
class Own(Part):
    """What the own vectors of a bundle say about a model folder: their mean cosine over `pairs` matched layers.

    `corrected_p_value`: that of the mean, times 2^40 if the draw has no beacon.
    """

    mean: float
    pairs: int
    p_value: float
    corrected_p_value: float
    verdict: Strength


@dataclass(frozen=True, kw_only=True)
class Comparison(Result):
    """How alike two models are.

    `cosine`: of the two layers that are most alike, in [-1, 1]; `layers`: all that were matched; `p_value`: probability
    that two independent layers reach at least this cosine; `pairs`: of how many it is the largest (of folders with
    layers of more than 32,768 neurons no vectors are made: then 0, with `cosine` 0 and `p_value` 1); `verdict`;
    `reason`: the verdict in a sentence. `tokens_shared`: tokens that both were computed over, `tokens_on_sides`: how
    many of them P has, and Q; `tokens_needed`: how many a verdict needs; `null_width`: standard deviation of that of
    independent layers. `draw`: the kind of draw that the vectors were made under, `challenge` its seed in hexadecimal
    digits. `own`: what the own vectors of a bundle say about a model folder. Of two model folders also `evidence` on
    layers and single units (`huref.similarity.evidence`), and `shared` says in a word for each part of the models
    whether both have it (`huref.similarity.parts`). `decided_by` is the kind of evidence that the verdict rests on,
    `corrected_p_value` its p-value, corrected for all that was looked at; `log10_p_value` is its logarithm, for the
    p-value may be below every floating-point number; where a matrix is the same in both, the p-value is 0 and has none.
    `sides` says what was compared: of the three, a fingerprint is what its maker says. `pcs` is the plain cosine of the
    parameters of two folders (`huref.similarity.equal`); no verdict rests on it. `not_checked`: what could mislead, and
    was not checked.
    """

    schema: str = f"{RESULTS}/compare/v1"
    cosine: float
    p_value: float
    verdict: Verdict
    layers: tuple[Matched, ...]
    pairs: int
    tokens_shared: int
    tokens_on_sides: tuple[int, int]
    tokens_needed: int
    null_width: float
    profile: str
    reason: str
    corrected_p_value: float
    draw: Kind = "common"
    decided_by: str = "vectors"
    own: Own | None = None
    evidence: Evidence | None = None
    shared: dict[str, Word] | None = None
    log10_p_value: float | None = None
    challenge: str | None = None
    sides: tuple[Side, Side] = ("fingerprint", "fingerprint")
    pcs: Pcs | None = None
    not_checked: tuple[NotChecked, ...] = ()

    @property
    def similarity(self) -> float:
        """One number for tables: the cosine, or the mean correlation of the terms of two matched layers if larger."""
        layers = () if self.evidence is None else self.evidence.layers
        return max([self.cosine, *(pair.ics for pair in layers)])


def null_width(profile: Profile) -> float:
    """Standard deviation of the cosine of independent models, for vectors of that profile."""
    return math.sqrt(1 / profile.outputs + SHARED_WIDTH**2)


def p_value(value: float, width: float) -> float:
    """Probability that a Gaussian of mean 0 and that standard deviation reaches at least `value`."""
    return math.erfc(value / (width * math.sqrt(2))) / 2


def too_few(shared: int, need: int, side: int) -> str | None:
    """Why so many shared tokens, with so many on the smaller side of the sketch, decide nothing; None if they may."""
    if shared < need:
        return f"the two share {shared} tokens; a verdict needs {need}"
    if side < FEWEST // 2:
        return f"one side of the sketch has {side} shared tokens; a verdict needs {FEWEST // 2}"
    return None


def strength(found: Comparison, least: float, reach: float) -> tuple[Strength, str]:
    """What the matched vectors say, and why.

    `least`: the smallest cosine of all pairs; `reach`: the cosine that equal models would have over the tokens shared
    so far.
    """
    few, width = too_few(found.tokens_shared, found.tokens_needed, min(found.tokens_on_sides)), found.null_width
    if few is not None:
        return "inconclusive", few
    if found.corrected_p_value < RELATED and found.cosine >= DESCENT:
        return "alike", "independent models would be this alike less than once in 10^9 comparisons"
    if found.corrected_p_value < RELATED:
        return "inconclusive", (
            f"chance is excluded, but below {DESCENT} models that learnt from one text can be this alike without "
            "descent; compare the model folders, whose neurons decide"
        )
    over, copy = f"{found.tokens_shared:,} tokens that both have", f"an unchanged copy would show {reach:.2f}"
    advice = f"; {OTHER_WAY}" if reach < 1 else ""
    if copied_rather(found.cosine, reach, width) >= math.log(COPIED):
        return "inconclusive", (
            f"over the {over} as alike as an unchanged copy would be ({found.cosine:.2f}; a copy {reach:.2f}, an "
            f"independent model 0.00 ± {width:.2f}), but these vectors cannot exclude chance{advice}"
        )
    if found.corrected_p_value <= UNRELATED:
        return "inconclusive", "more alike than independent models usually are, but not enough to exclude chance"
    if found.pairs * p_value(-least, width) <= UNRELATED:
        return "inconclusive", "the vectors are opposed, which neither descent nor independence explains"
    if found.cosine >= reach - CLEAR * width:
        return "inconclusive", f"the {over} cannot tell: {copy}, and {found.cosine:.2f} is near it{advice}"
    return "nothing", "no more alike than independent models are" + (f", where {copy}" if reach < 1 else "")


def copied_rather(value: float, reach: float, width: float) -> float:
    """The logarithm of the likelihood ratio: an unchanged copy, whose cosine has the mean `reach`, against none."""
    return (value * value - (value - reach) ** 2) / (2 * width * width)


def of_own(cosines: Sequence[float], width: float, *, beacon: bool) -> Own:
    """What the own vectors say over the layers that the common vectors matched. `beacon`: the draw has one."""
    mean = sum(cosines) / len(cosines)
    p = p_value(mean, width / math.sqrt(len(cosines)))
    corrected = min(1.0, p if beacon else TRIED * p)
    enough = mean >= (DESCENT if len(cosines) > 1 else ALONE)
    word: Strength = "inconclusive"
    if corrected < RELATED and enough:
        word = "alike"
    elif p > UNRELATED:
        word = "nothing"
    return Own(mean, len(cosines), p, corrected, word)


#: What vectors of some layers cannot see.
MORE = (
    "as far as these layers tell; others may tell more, and the model folders can also show a shared embedding or "
    "attention"
)
_DECIDE = "compare a model folder with a bundle that has own vectors, or let both owners answer one challenge"


def conclude(found: Comparison, common: Strength, why: str, reach: float) -> Comparison:
    """The verdict on vectors; `reach` as for `strength`.

    Of two model folders it is the first word only: `weigh` has the last.
    """

    def say(verdict: Verdict, reason: str) -> Comparison:
        return replace(found, verdict=verdict, reason=reason)

    if common == "inconclusive":
        return say("inconclusive", why)
    if found.sides == ("model folder", "model folder"):
        return say("unrelated" if common == "nothing" else "inconclusive", why)
    if found.own is None:
        if common == "nothing":
            return say("no relation shown", f"{why}, {MORE}")
        if found.draw == "common":
            return say("alike", f"{why}; but weights can be made to have public vectors: to decide, {_DECIDE}")
        return say("related", f"{why}, and nobody could choose these sketches")
    if found.own.verdict == "inconclusive":
        doubt = "the own vectors of the bundle are neither alike nor plainly different"
        if reach < 1:
            over = f"over the {found.tokens_shared:,} tokens that both have they show {found.own.mean:.2f}"
            doubt += f": {over}, an unchanged copy would show {reach:.2f}; {OTHER_WAY}"
        return say("inconclusive", doubt)
    match common, found.own.verdict:
        case "alike", "alike":
            reason = (
                f"{why}, by the common vectors and by the own ones, to which the bundle's maker could not fit weights"
            )
            return replace(
                say("related", reason), corrected_p_value=found.own.corrected_p_value, decided_by="own vectors"
            )
        case "alike", "nothing":
            reason = (
                "the common vectors are alike, but the own vectors of the bundle have nothing in common with the "
                "folder: weights were made to have these common vectors"
            )
            return replace(say("fitted", reason), decided_by="own vectors")
        case "nothing", "alike":
            return say("inconclusive", "the own vectors are alike, the common ones are not: no honest model shows that")
    return say("no relation shown", f"{why}, {MORE}")
