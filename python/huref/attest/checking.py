"""Checking an attestation, in a fixed order: predicate type, signature, subjects, predicate, files.

The type comes first, because a signature over a statement of another kind says nothing here.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..artefacts.bundle import Bundle
from ..artefacts.report import Attested, Report
from ..errors import AttestationError, shown
from ..progress import Progress, silent
from . import release, statement
from .envelope import Envelope
from .keys import PublicKey


def attested(
    report: Report,
    bundle: Bundle,
    envelope: Envelope,
    key: PublicKey,
    files: Path | None = None,
    progress: Progress = silent,
) -> Report:
    """The report on a bundle with what an attestation of it, signed by `key`, adds; refused where that does not hold.

    `files`: the folder of a release; each of its files must be the one that was signed. A bundle that was refused keeps
    its own failure, and the report still says who signed it.
    """
    try:
        found = check(bundle, envelope, key, files, progress)
    except AttestationError as why:
        return report.refused(why, f"attestation {why.step}") if report.ok else report.not_reached("attestation")
    return replace(report, verified=replace(report.verified, attestation=found))


def check(
    bundle: Bundle, envelope: Envelope, key: PublicKey, files: Path | None = None, progress: Progress = silent
) -> Attested:
    """What an attestation shows about a bundle.

    Raises:
        AttestationError: a step fails; `step` is "predicate type", "signature", "subjects", "predicate" or "files".
        InputError: the payload is no in-toto statement, or a file cannot be read.
        NotFoundError: the folder `files` is missing.

    """
    found = statement.parse(envelope.payload, "the attestation's payload")
    if found.predicate_type != statement.PREDICATE:
        what = f"its predicate has type {shown(found.predicate_type)}, not {statement.PREDICATE}"
        raise AttestationError("predicate type", f"the attestation is no model fingerprint: {what}")
    if envelope.hint != key.hint:
        named = f"names a key with SHA-256 {envelope.hint}, not {key.hint}"
        raise AttestationError("signature", f"the attestation was signed by somebody else: it {named}")
    if not key.signed(envelope.signed, envelope.signature):
        raise AttestationError("signature", f"the signature is not one by the key {key.name} over this statement")
    for name, digest in statement.of_bundle(bundle).items():
        if found.subjects.get(name) != digest:
            raise AttestationError(
                "subjects", f"the attestation was made for another {name}: none of its subjects is this"
            )
    if found.predicate != statement.predicate(bundle):
        raise AttestationError("predicate", "the attestation says something else of the bundle than the bundle shows")
    count = None if files is None else _must_be_signed(files, found, progress)
    bound = bundle.statement.context.owner == key.name
    return Attested(key.name, found.predicate_type, bound, count)


def _must_be_signed(files: Path, found: statement.Statement, progress: Progress) -> int:
    """How many files the folder has, all of them as signed. The name of the folder may be another one."""
    present = release.digests(files, progress)
    root = release.root(present)
    if root in found.subjects.values():
        return len(present)
    signed = {name.partition("/")[2]: digest for name, digest in found.subjects.items() if "/" in name}
    if not signed:
        raise AttestationError("files", f"{files}: the attestation names none of its files")
    changed = sorted(name for name, digest in present.items() if signed.get(name) != digest)
    missing = sorted(signed.keys() - present.keys())
    what = f"{changed[0]} is not as it was signed" if changed else f"{missing[0]} was signed and is missing"
    raise AttestationError("files", f"{files}: {what}")
