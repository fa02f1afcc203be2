"""What a log shows about a bundle, for its report: that the log has it, or its commitment, and since when.

The bundle that is judged says which entries count, so that a proof about anything else shows nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from .. import disk
from ..artefacts.bundle import Bundle
from ..artefacts.claims import time_text
from ..artefacts.report import Logged, Report
from ..errors import LogError
from ..verifier.check import ordered
from . import entry, policy, proof, tree


def with_log(report: Report, bundle: Bundle, log_proof: Path, log_policy: Path) -> Report:
    """The report with what the proof in a file shows under the policy in a file; refused where it does not hold.

    Raises:
        NotFoundError, InputError: a file is missing, cannot be read, or is no policy.

    """
    rules = policy.read(log_policy)
    try:
        found = logged(bundle, disk.read(log_proof, proof.MAX_BYTES), rules)
    except LogError as why:
        return report.refused(why.within(log_proof), "log")
    report = replace(report, verified=replace(report.verified, logged=found))
    return report if found.by is None else ordered(report, bundle)


def logged(bundle: Bundle, data: bytes, rules: policy.Policy) -> Logged:
    """What a proof shows about a bundle or its commitment. LogError: nothing; the message says why."""
    one, other = entry.of_bundle(bundle)
    return seen(data, (one, replace(one, vector=""), other), rules)


def seen(data: bytes, entries: Sequence[entry.Entry], rules: policy.Policy) -> Logged:
    """What a proof shows about the one of these entries that it is about. LogError: nothing; the message says why."""
    which, found = proof.check(proof.parse(data), [tree.leaf(one.data) for one in entries], rules)
    by = None if found.time is None else time_text(datetime.fromtimestamp(found.time, UTC))
    return Logged(entries[which].kind, found.origin, found.index, found.size, found.witnesses, found.known, by)
