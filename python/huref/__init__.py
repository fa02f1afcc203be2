"""Fingerprints of language models, and zero-knowledge proofs of them.

    import huref

    fingerprint = huref.fingerprint("path/to/model")
    bundle = huref.prove("path/to/model")
    report = huref.verify("model.huref.json")
    comparison = huref.compare("path/to/model", "model.huref.json")

`huref.challenge`, `huref.commit`, `huref.prove` and `huref.verify` are these functions, so what the modules of the same
names hold is imported from them: `from huref.commit import write_opening`.
"""

from .bundle import Bundle, Claims
from .commit import Commitment, Opening
from .encode import Fingerprint
from .errors import HurefError
from .similarity import Comparison
from .statement import Challenge, Public, Shape, Statement
from .verify import Outcome, Policy, Report

# last: loading the modules above binds their own names
from .dispute import challenge  # isort: skip
from .pipeline import commit, compare, fingerprint, prove, verify, verify_many  # isort: skip

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
    "Policy",
    "Public",
    "Report",
    "Shape",
    "Statement",
    "challenge",
    "commit",
    "compare",
    "fingerprint",
    "prove",
    "verify",
    "verify_many",
]
