"""Dates in a report: what tokens show about a bundle or its commitment.

A date of the portrait would show less: the same picture follows from every commitment to these vectors.
"""

from __future__ import annotations

from ..artefacts.bundle import Bundle
from ..artefacts.report import Dated, Report
from ..artefacts.timestamps import Timestamps
from ..errors import TimestampError
from ..verifier.check import ordered
from . import statement
from .authorities import Authorities


def with_date(report: Report, bundle: Bundle, timestamps: Timestamps, authorities: Authorities) -> Report:
    """The report with the date that these tokens show; refused where they do not hold."""
    try:
        found = dated(bundle, timestamps, authorities)
    except TimestampError as why:
        return report.refused(why, "timestamp")
    return ordered(report.dated(found), bundle)


def dated(bundle: Bundle, timestamps: Timestamps, authorities: Authorities) -> Dated:
    """Since when the bundle exists, or its commitment, whichever file was stamped.

    Raises:
        TimestampError: the tokens are of another file, or do not hold.

    """
    subjects = statement.of_bundle(bundle)
    what = next((what for what in ("commitment", "bundle") if subjects[what] == timestamps.sha256), None)
    if what is None:
        words = f"the tokens are of another file, with SHA-256 {timestamps.sha256}"
        raise TimestampError(f"{words}: neither this bundle nor its commitment")
    return authorities.dated(what, timestamps.sha256, timestamps.tokens, "timestamps")
