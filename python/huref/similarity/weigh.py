"""The verdict on two folders: every test has its share of the error.

Every test on two folders has a p-value that is already corrected for what it chose from. Each
may spend a share of the error of the verdict, fixed before anything is looked at, also where it cannot be made
(`WEIGHTS`); the p-value of the comparison is the smallest p / share (union bound): P(p <= a) <= a. Below 1e-9, or where
a matrix is the same numbers in both: related. Terms never suffice for that: what models learn from one text can be
alike whatever they began with (docs/quality.md). So an ICS above `ALIKE`, or a part that is alike without its own test
saying so, makes a pair inconclusive. Everything else is unrelated, but for pairs that share too few tokens, of which
half the tests could not be made.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from . import sentence
from .chance import CERTAIN, TEN, Log, gaussian, times
from .findings import LEAST, Evidence, Finding, Word
from .verdict import DESCENT, RELATED, UNRELATED, Comparison

#: How much of the error of a verdict each test may spend.
WEIGHTS = {
    "order/tokens": 0.50,
    "dims/embedding": 0.20,
    "dims/body": 0.10,
    "order/raw": 0.10,
    "channels": 0.02,
    "heads/order": 0.01,
    "partners/tokens": 0.01,
    "partners/raw": 0.005,
    "partners/fitted": 0.005,
    "heads/partners": 0.02,
    "rotation": 0.01,
    "invariants": 0.01,
    "vector": 0.01,
}

#: Exact ICS of a term from which two models without common neurons are not called unrelated.
ALIKE = 0.3


def weigh(comparison: Comparison, evidence: Evidence, shared: Mapping[str, Word]) -> Comparison:
    """The verdict of a comparison of vectors, replaced by that of all evidence; `decided_by` names what it rests on.

    `shared`: a word for each part of the models.
    """
    enough = comparison.tokens_shared >= comparison.tokens_needed
    tests = [*evidence.tests, _vector(comparison)] if enough else [*evidence.tests]
    weighted = [min(CERTAIN, finding.p - math.log(WEIGHTS[finding.name])) for finding in tests]
    p = min(weighted)
    strongest = tests[weighted.index(p)]
    evidence = replace(evidence, tests=tuple(tests), notes=(*evidence.notes, *_notes(comparison, p, evidence)))
    whole = replace(
        comparison,
        evidence=evidence,
        shared=dict(shared),
        decided_by=strongest.name,
        corrected_p_value=math.exp(p),
        log10_p_value=max(LEAST, p / TEN),
    )
    if evidence.equal.equal:
        reason = sentence.related(evidence, shared, None)
        certain = replace(whole, corrected_p_value=0.0, log10_p_value=None)
        return replace(certain, verdict="related", decided_by="equal tensors", reason=reason)
    if p < math.log(RELATED):
        return replace(whole, verdict="related", reason=sentence.related(evidence, shared, strongest))
    if p <= math.log(UNRELATED):
        doubt = "more alike than independent models usually are, but not enough to exclude chance"
        return replace(whole, verdict="inconclusive", reason=f"{doubt}: {strongest.sentence}")
    alike = [part for part, word in shared.items() if word == "alike" and part != "norms"]
    if alike:
        reason = f"of equal name and shape are alike: {', '.join(alike)}; but no test of single units excludes chance"
        return replace(whole, verdict="inconclusive", decided_by="equal tensors", reason=reason)
    if not enough:
        reason = f"{comparison.reason}; and nothing that needs no tokens was seen to be the same"
        return replace(whole, verdict="inconclusive", reason=reason)
    if evidence.terms is not None and evidence.alike >= ALIKE:
        doubt = (
            "but their neurons have nothing in common: independent models that learnt from one text can be this alike, "
            "and a copy whose feed-forward blocks were replaced is"
        )
        return replace(whole, verdict="inconclusive", decided_by="terms", reason=f"{evidence.terms.sentence}, {doubt}")
    return replace(whole, verdict="unrelated", reason=sentence.unrelated(evidence))


def _notes(comparison: Comparison, p: Log, evidence: Evidence) -> list[str]:
    """Why a bundle of one of these models would say something else."""
    related = p < math.log(RELATED) or bool(evidence.equal.equal)
    if not related or not comparison.pairs or comparison.cosine >= DESCENT:
        return []
    return [
        f"the vectors that a bundle shows have a cosine of {comparison.cosine:.2f} here and decide nothing: they are "
        "of the last two layers only"
    ]


def _vector(comparison: Comparison) -> Finding:
    """The cosine of the vectors as one more test."""
    if not comparison.pairs:
        return Finding.none("vector", "no vectors are made of layers this large")
    p = times(comparison.pairs, gaussian(comparison.cosine / comparison.null_width))
    return Finding.of("vector", p, f"the vectors of two layers have a cosine of {comparison.cosine:.2f}")
