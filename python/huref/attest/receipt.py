"""Receipts: what a verifier says of a bundle that it has checked, as an in-toto statement.

The predicate is the Simple Verification Result (https://github.com/in-toto/attestation, spec/predicates/svr.md): who
checked, under which policy, when, and which properties hold. A receipt says what its signer says: until a verifier
whom somebody trusts has signed it, it shows nothing.
"""

from __future__ import annotations

from datetime import datetime

from ..artefacts.claims import time_text
from ..artefacts.policy import Policy
from ..artefacts.report import Report
from ..errors import ADDRESS
from .statement import Statement

PREDICATE = "https://in-toto.io/attestation/svr/v0.2"


def of(report: Report, at: datetime, policy: Policy, policy_sha256: str | None = None) -> Statement:
    """The receipt of a bundle that was verified at a time (UTC), under a policy.

    Subjects are the bundle's file, claims included, and its content. `policy_sha256`: digest of the policy's file, None
    for the default, which belongs to the verifier.

    Raises the error that belongs to the report of a bundle that was refused: there are no receipts of that.
    """
    report.raise_for_status()
    policies = [] if policy_sha256 is None else [{"name": policy.name, "digest": {"sha256": policy_sha256}}]
    return Statement(
        {"bundle": report.bundle.file_sha256, "bundle-content": report.bundle.sha256},
        PREDICATE,
        {
            "verifier": {"id": f"{ADDRESS}/verifier/{report.verifier.huref}", "policies": policies},
            "timeCreated": time_text(at),
            "properties": _properties(report, policy),
        },
    )


def _properties(report: Report, policy: Policy) -> list[str]:
    """What holds. A publisher counts as verified only under a policy that names them: anybody can sign a bundle."""
    holds = report.verified
    found = {
        "HUREF_PROOF_VALID": holds.proof is not None,
        "HUREF_IMAGE_MATCHES": holds.image is not None and holds.image.in_bundle,
        "HUREF_WEIGHTS_MATCH": holds.weights is not None,
        "HUREF_PUBLISHER_VERIFIED": holds.attestation is not None and bool(policy.signers),
    }
    return [name for name, held in found.items() if held]
