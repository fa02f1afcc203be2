"""The job of an attestation: by a key that is sent with it, or by an identity that the operator's policy names."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ..artefacts import policy as policies
from ..artefacts import strict
from ..errors import InputError, PolicyError, shown
from ..extras import require
from .jobs import VERIFIED, Done, Wanted, parsed

if TYPE_CHECKING:
    from ..attest.checking import Signer


@dataclass(frozen=True)
class Signers:
    """`names`: identities as "https://ISSUER SUBJECT"; `root`: the file of a trusted root, None for Sigstore's own."""

    names: tuple[str, ...] = ()
    root: Path | None = None

    @classmethod
    def read(cls, policy: Path | None, root: Path | None) -> Self:
        """The identities among the signers of a policy in a file; nobody if there is none.

        Raises:
            NotFoundError, InputError: a file is missing, or is no policy or no trusted root.
            UsageError: the package that checks identities is not installed.

        """
        if policy is None:
            return cls()
        require("sigstore")
        found = cls(tuple(name for name in policies.read(policy).signers if name.startswith("https://")), root)
        for name in found.names:
            found.of(name)
        return found

    def of(self, name: str) -> Signer:
        """The identity of that name. PolicyError: the operator does not name it."""
        if name not in self.names:
            raise PolicyError(
                f"signed by {shown(name)}, who is none of the {len(self.names)} identities that the operator of this "
                "service names (HUREF_SERVE_SIGNERS); send the public key of a signer, or ask the operator"
            )
        from ..attest.identity import Identity, trusted_root

        issuer, _, subject = name.partition(" ")
        return Identity(subject, issuer, trusted_root(self.root))


def attest(known: Signers, data: bytes, *given: bytes) -> Done:
    """An attestation and who signed it, checked against a kept bundle: `{"attestation": TEXT, "key": PEM}`, or
    `{"attestation": TEXT, "identity": "https://ISSUER SUBJECT"}`; `given`: that bundle's file, and its commitment's if
    it names that by its id alone.
    """
    from ..attest import checking, envelope

    fields = strict.parse(data, "request")
    file = fields.text("attestation").encode()
    signer = _signer(fields, known)
    fields.done()
    signed = envelope.parse(file, "attestation")
    if not given:
        raise Wanted("bundle", _about(checking.stated(signed).predicate))
    bundle = parsed(given[0], given[1:])
    attested, _ = checking.check(bundle, signed, signer)
    about = {"signer": attested.signer, "bound": attested.bound, "predicateType": attested.predicate_type}
    found = {
        "sha256": hashlib.sha256(file).hexdigest(),
        "commitment": bundle.statement.commitment.id,
        "vector": bundle.statement.vector_digest,
        "bundle": bundle.digest,
        "about": about,
    }
    return Done(VERIFIED, VERIFIED, None, found, file)


def _signer(fields: strict.Fields, known: Signers) -> Signer:
    """Who is said to have signed."""
    if fields.has("key") == fields.has("identity"):
        fields.refuse("field 'key' or field 'identity' must say who signed, one of the two")
    if fields.has("identity"):
        return known.of(fields.text("identity"))
    from ..attest import keys

    return keys.parse_public(fields.text("key").encode(), "key")


def _about(predicate: Any) -> str:
    """The content digest of the bundle that a predicate is about."""
    try:
        digest = predicate["bundle"]["contentDigest"]["sha256"]
    except (KeyError, TypeError):
        digest = None
    if not isinstance(digest, str):
        raise InputError("attestation: its predicate names no bundle")
    return digest
