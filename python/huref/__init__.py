"""Fingerprints of language models, and zero-knowledge proofs of them.

    import huref

    fingerprint = huref.fingerprint("path/to/model")
    bundle = huref.prove("path/to/model")
    report = huref.verify("model.huref.json")
    comparison = huref.compare("path/to/model", "model.huref.json")

The kinds of files are in `huref.artefacts`, one module for each.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .artefacts.bundle import Bundle
    from .artefacts.challenge import Challenge
    from .artefacts.claims import Claims
    from .artefacts.commitment import Commitment
    from .artefacts.drift import Drift, DriftBundle
    from .artefacts.fingerprint import Fingerprint
    from .artefacts.nearness import NearBundle, Nearness
    from .artefacts.opening import Opening
    from .artefacts.outputs import Outputs
    from .artefacts.policy import Policy
    from .artefacts.report import Report
    from .artefacts.shape import Shape
    from .artefacts.statement import Statement
    from .dispute import challenge
    from .errors import HurefError
    from .pipeline import (
        answer,
        check_card,
        commit,
        compare,
        decompose,
        drift,
        fingerprint,
        plan,
        prove,
        scan,
        verify,
        verify_many,
    )
    from .similarity import Comparison
    from .verifier.batch import Outcome

__all__ = [
    "Bundle",
    "Challenge",
    "Claims",
    "Commitment",
    "Comparison",
    "Drift",
    "DriftBundle",
    "Fingerprint",
    "HurefError",
    "NearBundle",
    "Nearness",
    "Opening",
    "Outcome",
    "Outputs",
    "Policy",
    "Report",
    "Shape",
    "Statement",
    "answer",
    "challenge",
    "check_card",
    "commit",
    "compare",
    "decompose",
    "drift",
    "fingerprint",
    "plan",
    "prove",
    "scan",
    "verify",
    "verify_many",
]
#: The module of each. It is imported when the name is first used, so that programs start at once.
_MODULES = {
    "Bundle": "artefacts.bundle",
    "Challenge": "artefacts.challenge",
    "Claims": "artefacts.claims",
    "Commitment": "artefacts.commitment",
    "Comparison": "similarity",
    "Drift": "artefacts.drift",
    "DriftBundle": "artefacts.drift",
    "Fingerprint": "artefacts.fingerprint",
    "HurefError": "errors",
    "NearBundle": "artefacts.nearness",
    "Nearness": "artefacts.nearness",
    "Opening": "artefacts.opening",
    "Outcome": "verifier.batch",
    "Policy": "artefacts.policy",
    "Outputs": "artefacts.outputs",
    "Report": "artefacts.report",
    "Shape": "artefacts.shape",
    "Statement": "artefacts.statement",
    "answer": "pipeline",
    "challenge": "dispute",
    "check_card": "pipeline",
    "commit": "pipeline",
    "compare": "pipeline",
    "decompose": "pipeline",
    "drift": "pipeline",
    "fingerprint": "pipeline",
    "plan": "pipeline",
    "prove": "pipeline",
    "scan": "pipeline",
    "verify": "pipeline",
    "verify_many": "pipeline",
}


def __getattr__(name: str) -> Any:
    """A public name; AttributeError for others."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
