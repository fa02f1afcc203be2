"""Fingerprints of language models, and zero-knowledge proofs of them.

    import huref

    fingerprint = huref.fingerprint("path/to/model")
    bundle = huref.prove("path/to/model")
    report = huref.verify("model.huref.json")
    comparison = huref.compare("path/to/model", "model.huref.json")

The kinds of files are in `huref.artefacts`, one module for each.
"""

from .artefacts.bundle import Bundle
from .artefacts.challenge import Challenge
from .artefacts.claims import Claims
from .artefacts.commitment import Commitment
from .artefacts.fingerprint import Fingerprint
from .artefacts.opening import Opening
from .artefacts.outputs import Outputs
from .artefacts.policy import Policy
from .artefacts.report import Report
from .artefacts.shape import Shape
from .artefacts.statement import Statement
from .dispute import challenge
from .errors import HurefError
from .pipeline import commit, compare, fingerprint, plan, prove, verify, verify_many
from .similarity import Comparison
from .verifier.batch import Outcome

__all__ = [
    "Bundle",
    "Challenge",
    "Claims",
    "Commitment",
    "Comparison",
    "Fingerprint",
    "HurefError",
    "Opening",
    "Outcome",
    "Outputs",
    "Policy",
    "Report",
    "Shape",
    "Statement",
    "challenge",
    "commit",
    "compare",
    "fingerprint",
    "plan",
    "prove",
    "verify",
    "verify_many",
]
