"""Checking an attestation, in a fixed order: predicate type, signature, subjects, predicate, files; under a policy.

The type comes first, because a signature over a statement of another kind says nothing here.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..artefacts.bundle import Bundle
from ..artefacts.policy import DEFAULT, Policy
from ..artefacts.report import Attested, Report
from ..errors import AttestationError, PolicyError, shown
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
    policy: Policy = DEFAULT,
) -> Report:
    """The report on a bundle with what an attestation of it, signed by `key`, adds; refused where that does not hold.

    `files`: the folder of a release; each of its files must be the one that was signed. A bundle that was refused keeps
    its own failure, and the report still says who signed it.
    """
    try:
        found = check(bundle, envelope, key, files, progress, policy)
    except (AttestationError, PolicyError) as why:
        step = f"attestation {why.step}" if isinstance(why, AttestationError) else "policy"
        return report.refused(why, step) if report.ok else report.not_reached("attestation")
    return replace(report, verified=replace(report.verified, attestation=found))


def check(
    bundle: Bundle,
    envelope: Envelope,
    key: PublicKey,
    files: Path | None = None,
    progress: Progress = silent,
    policy: Policy = DEFAULT,
) -> Attested:
    """What an attestation shows about a bundle, if signer and files are those that the policy demands.

    Raises:
        AttestationError: a step fails; `step` is "predicate type", "signature", "subjects", "predicate" or "files".
        PolicyError: it holds, but the signer is none of the policy's, or a file that it demands is not there.
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
    if policy.signers and key.name not in policy.signers:
        raise PolicyError(f"signed by {key.name}, who is none of the signers that policy {policy.name!r} names")
    count, names = (None, frozenset()) if files is None else _must_be_signed(files, found, progress)
    for name in policy.files:
        if name not in names:
            where = (
                "no folder of files was given" if files is None else f"{files}: no signed file is named {shown(name)}"
            )
            raise PolicyError(f"{where}, which policy {policy.name!r} demands")
    bound = bundle.statement.context.owner == key.name
    return Attested(key.name, found.predicate_type, bound, count)


def _must_be_signed(files: Path, found: statement.Statement, progress: Progress) -> tuple[int, frozenset[str]]:
    """How many files the folder has, all of them as signed, and the names that are signed too. The name of the folder
    may be another one.

    A root digest binds no names: files that change theirs but not their order keep it. So it decides only where the
    statement names no files.
    """
    present = release.digests(files, progress)
    signed = {name.partition("/")[2]: digest for name, digest in found.subjects.items() if "/" in name}
    if not signed and release.root(present) in found.subjects.values():
        return len(present), frozenset()
    if not signed:
        raise AttestationError("files", f"{files}: the attestation names none of its files")
    changed = sorted(name for name, digest in present.items() if signed.get(name) != digest)
    missing = sorted(signed.keys() - present.keys())
    if changed or missing:
        what = f"{changed[0]} is not as it was signed" if changed else f"{missing[0]} was signed and is missing"
        raise AttestationError("files", f"{files}: {what}")
    return len(present), frozenset(present)
