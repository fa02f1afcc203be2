"""The whole story, to be read from top to bottom. The command line uses the same words.

    fingerprint   model -> tokens -> quantise and sketch, layer by layer -> encode
    commit        model -> tokens -> quantise, layer by layer -> rows: a commitment to publish, an opening to keep
    challenge     two commitments, beacon -> the seed of fresh sketches, for two owners who do not trust each other
    plan          model -> tokens -> sizes, time and memory of a proof
    prove         model -> tokens -> quantise -> rows -> proof -> bundle: one file that anyone can check
    answer        model, the other side's answer to a challenge -> how near the model comes to it, and nothing else
    drift         a committed model, a later or a public one -> how far apart they are at most, and nothing else
    verify        bundle -> report; with the model's files, the fingerprint is computed again from them
    verify_many   bundles -> the outcome of each
    compare       two models, fingerprints or bundles -> cosine, p-value, verdict
    scan          a model, a folder of bundles and fingerprints -> whose model it is

Stages that read a model, and what compares, are imported where they are used: the base install verifies without the
ones, and a verification starts sooner without the others.
"""

from .answering import answer
from .checking import verify, verify_many
from .comparing import check_card, compare, decompose, plan_comparison
from .drifting import drift
from .given import Layers
from .making import commit, fingerprint, plan, prove
from .scanning import scan

__all__ = [
    "Layers",
    "answer",
    "check_card",
    "commit",
    "compare",
    "decompose",
    "drift",
    "fingerprint",
    "plan",
    "plan_comparison",
    "prove",
    "scan",
    "verify",
    "verify_many",
]
