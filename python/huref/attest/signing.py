"""Making an attestation: of a bundle that verifies, and of files that are those it claims."""

from __future__ import annotations

from pathlib import Path

from ..artefacts.bundle import Bundle
from ..errors import AttestationError
from ..progress import Progress, silent
from ..verifier.check import check
from . import release, statement
from .checking import must_be_owner
from .envelope import Envelope, pre_authentication
from .keys import Signing


def sign(bundle: Bundle, key: Signing, files: Path | None = None, progress: Progress = silent) -> Envelope:
    """An attestation of the bundle and of every file below the folder `files`, signed by `key`.

    Raises:
        ProofRejectedError, ImageMismatchError, PolicyError, AttestationError, NotFoundError, InputError: as for
            `payload`.
        ServiceError: what keeps the key does not sign.

    """
    signed = payload(bundle, key.public.name, files, progress)
    return Envelope(signed, key.sign(pre_authentication(signed)), key.public.hint)


def payload(bundle: Bundle, signer: str, files: Path | None = None, progress: Progress = silent) -> bytes:
    """The statement that `signer` signs about a bundle and every file below the folder `files`.

    Raises:
        ProofRejectedError, ImageMismatchError, PolicyError: the bundle does not verify.
        AttestationError: the proof names a key or identity that is not the signer as its owner; or a file is not the
            one that the bundle claims to be made from.
        NotFoundError, InputError: the folder is missing or cannot be read.

    """
    must_be_owner(bundle, signer)
    check(bundle).raise_for_status()
    found = None if files is None else release.digests(files, progress)
    for name, claimed in bundle.claims.files.items():
        if found is not None and found.get(name, claimed) != claimed:
            raise AttestationError("files", f"{files}/{name} is not the file that the bundle claims to be made from")
    return statement.dump(statement.about(bundle, found, files))
