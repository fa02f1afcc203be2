"""Checking an attestation under a policy, step by step: predicate type, signature, subjects, predicate, owner, files.

The type comes first, because a signature over a statement of another kind says nothing here. A proof that names a key
or an identity as its owner must be signed by that one: who signs then knew the weights.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Protocol

from ..artefacts.bundle import Bundle
from ..artefacts.policy import DEFAULT, Policy
from ..artefacts.report import Attested, Dated, Report
from ..errors import AttestationError, InputError, NoAttestationError, PolicyError, TimestampError, shown
from ..progress import Progress, silent
from ..verifier.check import ordered
from . import release, statement
from .authorities import Authorities
from .envelope import Envelope


class Signer(Protocol):
    """Who must have signed: a key, or an identity."""

    @property
    def name(self) -> str:
        """How reports name it, and how a proof can name it as its owner."""

    def check(self, envelope: Envelope) -> Dated | None:
        """Return if it signed that envelope, with the date that comes with the signature, if one does.

        Raises:
            AttestationError: it did not; the step is "signature", "identity", "certificate", "log" or "time".

        """


def attested(
    report: Report,
    bundle: Bundle,
    envelope: Envelope,
    signer: Signer,
    files: Path | None = None,
    progress: Progress = silent,
    policy: Policy = DEFAULT,
    authorities: Authorities | None = None,
) -> Report:
    """The report on a bundle with what an attestation of it, signed by `signer`, adds; refused where it does not hold.

    `files`: the folder of a release; each of its files must be the one that was signed. `authorities`: whose tokens
    beside the signature of a key count. A bundle that was refused keeps its own failure, and the report still says who
    signed it.
    """
    report = report.now_checked("publisher")
    try:
        found, date = check(bundle, envelope, signer, files, progress, policy)
    except (AttestationError, PolicyError) as why:
        step = f"attestation {why.step}" if isinstance(why, AttestationError) else "policy"
        return report.refused(why, step, "attestation")
    report = replace(report, verified=replace(report.verified, attestation=found))
    if found.bound:
        report = report.now_checked("owner")
    if date is None and envelope.tokens:
        if authorities is None:
            unknown = f"nobody said whose {len(envelope.tokens)} token(s) in the attestation are to be trusted"
            return report.not_known("timestamp", unknown, "huref verify BUNDLE --attestation FILE --authorities PEM")
        try:
            date = authorities.dated("attestation", envelope.signature_digest, envelope.tokens, "attestation")
        except TimestampError as why:
            return report.refused(why, "attestation timestamp", "timestamp")
    return report if date is None else ordered(report.dated(date), bundle)


def check(
    bundle: Bundle,
    envelope: Envelope,
    signer: Signer,
    files: Path | None = None,
    progress: Progress = silent,
    policy: Policy = DEFAULT,
) -> tuple[Attested, Dated | None]:
    """What an attestation shows about a bundle, if signer and files are those that the policy demands; and the date
    that comes with the signature, if one does.

    Raises:
        AttestationError: a step fails; `step` is "predicate type", one of `Signer.check`, "subjects", "predicate",
            "owner" or "files". Of the first the error is a NoAttestationError.
        PolicyError: it holds, but the signer is none of the policy's, or a file that it demands is not there.
        InputError: the payload is no in-toto statement, or a file cannot be read.
        NotFoundError: the folder `files` is missing.

    """
    found = stated(envelope)
    if found.predicate_type != statement.PREDICATE:
        what = f"its predicate has type {shown(found.predicate_type)}, not {statement.PREDICATE}"
        raise NoAttestationError("predicate type", f"the attestation is no model fingerprint: {what}")
    date = signer.check(envelope)
    for name, digest in statement.of_bundle(bundle).items():
        if found.subjects.get(name) != digest:
            raise AttestationError(
                "subjects", f"the attestation was made for another {name}: none of its subjects is this"
            )
    if found.predicate != statement.predicate(bundle):
        raise AttestationError("predicate", "the attestation says something else of the bundle than the bundle shows")
    bound = must_be_owner(bundle, signer.name)
    if signer.name.startswith("ml-dsa-44:") and signer.name not in policy.signers:
        raise PolicyError(
            f"signed by {signer.name}: a key of ML-DSA-44 counts only where a policy names it as a signer"
        )
    if policy.signers and signer.name not in policy.signers:
        raise PolicyError(f"signed by {signer.name}, who is none of the signers that policy {policy.name!r} names")
    count, names = (None, frozenset()) if files is None else _must_be_signed(files, found, progress)
    for name in policy.files:
        if name not in names:
            where = (
                "no folder of files was given" if files is None else f"{files}: no signed file is named {shown(name)}"
            )
            raise PolicyError(f"{where}, which policy {policy.name!r} demands")
    return Attested(signer.name, found.predicate_type, bound, count), date


def stated(envelope: Envelope) -> statement.Statement:
    """The statement that was signed, of any predicate. InputError: it is none."""
    try:
        return statement.parse(envelope.payload, f"{envelope.where}: what was signed (dsseEnvelope.payload)")
    except InputError as why:
        raise InputError(f"{why}; an attestation is a signed in-toto statement, see huref attest sign") from None


def must_be_owner(bundle: Bundle, signer: str) -> bool:
    """Whether the proof names this signer as its owner. A mere name ("name:...") can be anybody's.

    Raises:
        AttestationError: it names a key or an identity that is not the signer.

    """
    owner = bundle.statement.context.owner
    if owner and owner != signer and not owner.startswith("name:"):
        raise AttestationError("owner", f"the proof names {shown(owner)} as its owner, not the signer {shown(signer)}")
    return owner == signer


def _must_be_signed(files: Path, found: statement.Statement, progress: Progress) -> tuple[int, frozenset[str]]:
    """How many files the folder has, all of them as signed, and the names that are signed too. The name of the folder
    may be another one.

    A root digest binds no names: files that change theirs but not their order keep it. So it decides only where the
    statement names no files.
    """
    present = release.digests(files, progress)
    root = release.root(present)
    named = [(*name.partition("/"), digest) for name, digest in found.subjects.items() if "/" in name]
    if not named and root in found.subjects.values():
        return len(present), frozenset()
    folders = {folder for folder, *_ in named}
    if len(folders) != 1:
        what = "the files of several folders" if folders else "none of its files"
        raise AttestationError("files", f"{files}: the attestation names {what}")
    signed = {name: digest for _, _, name, digest in named}
    changed = sorted(name for name, digest in present.items() if signed.get(name) != digest)
    missing = sorted(signed.keys() - present.keys())
    if changed or missing:
        what = f"{changed[0]} is not as it was signed" if changed else f"{missing[0]} was signed and is missing"
        raise AttestationError("files", f"{files}: {what}")
    if found.subjects.get(folders.pop()) != root:
        raise AttestationError("files", f"{files}: the files are as signed, but not the digest of the whole folder")
    return len(present), frozenset(present)
