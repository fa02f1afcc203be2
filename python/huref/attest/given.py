"""Attestations, signers and dates as callers give them: files that are read here, with the extras that they need."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..artefacts.bundle import Bundle
from ..artefacts.policy import Policy
from ..artefacts.report import Report
from ..artefacts.timestamps import Timestamps
from ..artefacts.timestamps import read as read_timestamps
from ..extras import require
from ..progress import Progress

if TYPE_CHECKING:
    from .authorities import Authorities
    from .checking import Signer

#: Where a file is.
Place = str | Path
#: The file of a key; or an identity, subject and issuer, and the file of a trusted root, None for the public one.
Given = tuple[Place | None, tuple[str, str] | None, Place | None]


def attested(
    report: Report,
    bundle: Bundle,
    attestation: Place,
    signer: Given,
    files: Place | None,
    authorities: Place | None,
    policy: Policy,
    progress: Progress,
) -> Report:
    """The report on a bundle with what the attestation in a file adds. Errors as for the readers of the files."""
    who = _signer(*signer)
    from . import checking, envelope

    folder = None if files is None else Path(files)
    signed, trusted = envelope.read(Path(attestation)), None if authorities is None else _authorities(authorities)
    return checking.attested(report, bundle, signed, who, folder, progress, policy, trusted)


def with_date(report: Report, bundle: Bundle, timestamps: Timestamps | Place, authorities: Place) -> Report:
    """The report with the date that tokens, in a file or at hand, show. Errors as for the readers of the files."""
    trusted = _authorities(authorities)
    from . import dates

    tokens = timestamps if isinstance(timestamps, Timestamps) else read_timestamps(Path(timestamps))
    return dates.with_date(report, bundle, tokens, trusted)


def _signer(key: Place | None, identity: tuple[str, str] | None, trusted_root: Place | None) -> Signer:
    """Who must have signed: one of the two is given."""
    if identity is None:
        require("cryptography")
        from . import keys

        return keys.read_public(Path(key or ""))
    require("sigstore")
    from .identity import Identity
    from .identity import trusted_root as trusted

    return Identity(*identity, trusted(None if trusted_root is None else Path(trusted_root)))


def _authorities(path: Place) -> Authorities:
    require("rfc3161_client")
    from . import authorities

    return authorities.read(Path(path))
