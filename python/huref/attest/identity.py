"""Attestations by an identity: a certificate of Sigstore, its transparency log, its time-stamp authorities.

An issuer of identities vouches for the signer, a certificate of ten minutes says so, and the entry in a public log
shows that it was used. `sigstore` checks all of it; the trusted root comes from a file, or is the one that it brings.
Nothing is asked of the network.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.x509 import Certificate
from pydantic import ValidationError
from sigstore.errors import CertValidationError, VerificationError
from sigstore.models import Bundle, ClientTrustConfig, TrustedRoot
from sigstore.verify import Verifier, policy

from .. import disk
from ..artefacts.report import Dated
from ..errors import AttestationError, HurefError, InputError, TimestampError, shown
from .authorities import Authorities, stamp
from .envelope import PAYLOAD_TYPE, Envelope

#: A trusted root has some dozens of certificates and keys.
MAX_BYTES = 1 << 22
logging.getLogger("sigstore").addHandler(
    logging.NullHandler()
)  # what it warns of, such as that it is offline, is meant


@dataclass(frozen=True)
class Identity:
    """Who must have signed: `subject`, as `issuer` vouches for it; `root` says whose certificates and logs count."""

    subject: str
    issuer: str
    root: TrustedRoot

    @property
    def name(self) -> str:
        """What `huref prove --owner` takes."""
        return f"{self.issuer} {self.subject}"

    def check(self, envelope: Envelope) -> Dated | None:
        """Return if this identity signed that envelope, with the date that the log or an authority shows.

        Raises:
            AttestationError: it did not; the step is "identity", "certificate", "log", "time" or "signature".
            InputError: what stands beside the signature cannot be read.

        """
        if envelope.hint is not None:
            raise AttestationError("signature", "it was signed by a key, not by an identity; give the public key")
        try:
            bundle = Bundle.from_json(envelope.file)
        except MemoryError:
            raise
        except Exception as why:  # the parsers beneath name no common error
            raise InputError(f"{envelope.where}: no attestation that Sigstore made ({words(why)})") from None
        try:
            found = Verifier(trusted_root=self.root).verify_dsse(bundle, _Expected(self))
        except MemoryError:
            raise
        except Exception as why:  # as above
            raise AttestationError(_step(why), f"the attestation: {words(why)}") from None
        if found != (PAYLOAD_TYPE, envelope.payload):
            raise AttestationError("signature", "the attestation: the signature is over another statement")
        return self._date(bundle, envelope)

    def _date(self, bundle: Bundle, envelope: Envelope) -> Dated | None:
        """The date by authorities of the trusted root, or else by the log, which `verify_dsse` has checked."""
        chains = [chain.certificates(allow_expired=True) for chain in self.root.get_timestamp_authorities()]
        trusted = Authorities(
            tuple(chain[-1] for chain in chains), tuple(other for chain in chains for other in chain[:-1])
        )
        try:
            return trusted.dated("attestation", envelope.signature_digest, envelope.tokens, "attestation")
        except TimestampError as why:
            (entry,) = json.loads(bundle.to_json())["verificationMaterial"]["tlogEntries"]
            if "inclusionPromise" not in entry:
                raise AttestationError("time", str(why)) from None
            time = datetime.fromtimestamp(int(entry["integratedTime"]), UTC)
            return Dated("attestation", stamp(time), "log")


class _OtherIdentityError(VerificationError):
    """The certificate is that of somebody else."""


@dataclass(frozen=True)
class _Expected:
    """Sigstore's policy that the certificate names an identity, and the issuer in either of its two spellings."""

    identity: Identity

    def verify(self, cert: Certificate) -> None:
        issuer = policy.AnyOf([policy.OIDCIssuerV2(self.identity.issuer), policy.OIDCIssuer(self.identity.issuer)])
        try:
            policy.Identity(identity=self.identity.subject).verify(cert)
        except VerificationError as why:
            raise _OtherIdentityError(f"it was signed by somebody else: {why}") from None
        try:
            issuer.verify(cert)
        except VerificationError:
            who = f"{self.identity.subject} is there by another issuer, not {self.identity.issuer}"
            raise _OtherIdentityError(f"it was signed by somebody else: {who}") from None


#: Which step failed, by the first words of what `sigstore` says.
_STEPS = {
    "not enough sources of verified time": "time",
    "no Timestamp Authorities": "time",
    "duplicate timestamp": "time",
    "too many signed timestamp": "time",
    "Unsupported DSSE log entry type": "log",
    "invalid log entry": "log",
    "log entry": "log",
    "transparency log entry": "log",
    "failed to verify SCT": "certificate",
}


def _step(why: Exception) -> str:
    if isinstance(why, _OtherIdentityError):
        return "identity"
    if isinstance(why, CertValidationError):
        return "certificate"
    return next((step for words, step in _STEPS.items() if str(why).startswith(words)), "signature")


#: What is said otherwise than `sigstore` says it.
_PLAINLY = {
    "not enough sources of verified time": "no authority and no log that the trusted root names vouches for its time",
}


def words(why: Exception) -> str:
    """What a library says, as a part of a sentence. It never quotes a file that may be the wrong one, and a secret."""
    if isinstance(why, ValidationError):
        first = why.errors(include_input=False, include_url=False)[0]
        return ".".join(map(str, (*first["loc"], first["type"])))
    words = " ".join(str(why).split()) or type(why).__name__
    return _PLAINLY.get(words, words if words.isprintable() and len(words) <= 300 else shown(words[:300]))


def trusted_root(path: Path | None) -> TrustedRoot:
    """The trusted root in a file, or that of Sigstore's public service, as the installed `sigstore` knows it.

    Raises:
        NotFoundError: there is no such file.
        InputError: it is no trusted root.

    """
    try:
        if path is None:
            return ClientTrustConfig.production(offline=True).trusted_root
        disk.read(path, MAX_BYTES)
        return TrustedRoot.from_file(str(path))
    except (HurefError, MemoryError):
        raise
    except Exception as why:  # as above
        where = "the trusted root that comes with sigstore" if path is None else path
        raise InputError(f"{where}: no trusted root of Sigstore ({words(why)})") from None
