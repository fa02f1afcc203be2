"""Time-stamp authorities that a verifier trusts, and whether a token (RFC 3161) is one of theirs.

An authority is a root certificate; what it signed counts once, however many tokens there are. A token stays valid after
the certificate of its signer has run out: what matters is the time in the token. Nothing is asked of the network, so a
certificate that was revoked later still counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from rfc3161_client import TimeStampResponse, VerificationError, VerifierBuilder, decode_timestamp_response
from rfc3161_client.tsp import PKIStatus

from .. import disk
from ..artefacts.claims import time_text
from ..artefacts.report import Dated
from ..errors import InputError, TimestampError, shown

#: Certificates of some dozens of authorities.
MAX_BYTES = 1 << 20
#: How far two clocks may be apart.
SKEW = timedelta(minutes=5)
_SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")


@dataclass(frozen=True)
class Token:
    """A response that was granted: over which SHA-256, when, and by whom, as it says itself."""

    response: TimeStampResponse
    imprint: bytes
    time: datetime
    certificates: tuple[x509.Certificate, ...]

    @property
    def issuers(self) -> set[x509.Name]:
        """Who issued certificates in it."""
        signers = self.response.signed_data.signer_infos
        return {certificate.issuer for certificate in self.certificates} | {signer.issuer for signer in signers}


def decoded(data: bytes, where: str) -> Token:
    """The token in a response; `where` names it in messages.

    Raises:
        TimestampError: it cannot be read, was not granted, or is over another digest than SHA-256.

    """
    with _reading(where):
        response = decode_timestamp_response(data)
        if response.status != PKIStatus.GRANTED:
            raise TimestampError(f"{where}: the authority refused (status {response.status})")
        info = response.tst_info
        if info.message_imprint.hash_algorithm != _SHA256:
            raise TimestampError(f"{where}: it is over a digest that is not SHA-256")
        certificates = tuple(map(x509.load_der_x509_certificate, sorted(response.signed_data.certificates)))
        return Token(response, info.message_imprint.message, info.gen_time, certificates)


@contextmanager
def _reading(where: str) -> Iterator[None]:
    try:
        yield
    except (TimestampError, MemoryError):
        raise
    except Exception as why:  # the parsers beneath name no common error
        raise TimestampError(f"{where}: cannot be read as the answer of a time-stamp authority") from why


@dataclass(frozen=True)
class Authorities:
    """Root certificates, and others that stand between them and signers."""

    roots: tuple[x509.Certificate, ...]
    others: tuple[x509.Certificate, ...] = ()

    def dated(self, what: str, sha256: str, tokens: Iterable[bytes], where: str) -> Dated:
        """Since when the file of that digest exists, by the latest of all tokens that hold.

        `what` is its word in the report. Tokens of authorities that are not trusted here are left out.

        Raises:
            TimestampError: a token is over another file, is broken, out of date or of the future; or no token is of an
                authority that is trusted.

        """
        given = [(f"{where}, token {number}", data) for number, data in enumerate(tokens, 1)]
        times: dict[str, datetime] = {}
        for words, data in given:
            token = decoded(data, words)
            if token.imprint.hex() != sha256:
                raise TimestampError(f"{words}: it is over another file, with SHA-256 {token.imprint.hex()}")
            signer = self._signer(token, words)
            if signer is not None:
                times[signer] = max(token.time, times.get(signer, token.time))
        if not times:
            raise TimestampError(f"{where}: no token is of an authority whose certificate you gave")
        return Dated(what, stamp(max(times.values())), "authorities", tuple(sorted(times)), len(given))

    def _signer(self, token: Token, where: str) -> str | None:
        """Name and number of the authority that signed a token; None if it is none of these. TimestampError."""
        known = {certificate.subject for certificate in (*self.roots, *self.others)}
        with _reading(where):
            if not token.issuers & known:
                return None
            _must_be_timely(token, where)
            why: Exception | None = None
            for root in self.roots:
                verifier = VerifierBuilder(roots=[root], intermediates=list(self.others)).build()
                try:
                    verifier.verify(token.response, token.imprint)
                except VerificationError as failed:
                    why = failed
                    continue
                return named(root)
        raise TimestampError(f"{where}: the signature does not hold under the certificates you gave") from why


def _must_be_timely(token: Token, where: str) -> None:
    """TimestampError: the time is one of the future, or one at which a certificate was not valid."""
    now = datetime.now(UTC)
    if token.time > now + SKEW:
        raise TimestampError(
            f"{where}: its time {stamp(token.time)} is after that of this machine, {stamp(now)}: one clock is wrong"
        )
    for certificate in token.certificates:
        since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if not since <= token.time <= until:
            raise TimestampError(
                f"{where}: at its time {stamp(token.time)} the certificate of {common_name(certificate)} was out of "
                f"date: it is valid from {stamp(since)} to {stamp(until)}"
            )


def read(path: Path) -> Authorities:
    """The authorities in a PEM file: root certificates, and those between them and signers.

    Raises:
        NotFoundError: there is no such file.
        InputError: it holds no certificates in PEM, or no root certificate.

    """
    data = disk.read(path, MAX_BYTES)
    try:
        found = x509.load_pem_x509_certificates(data)
    except ValueError:
        raise InputError(f"{path}: no certificates in PEM") from None
    roots = tuple(certificate for certificate in found if certificate.issuer == certificate.subject)
    if not roots:
        raise InputError(f"{path}: no certificate in it is a root, one that signs itself; add that of each authority")
    return Authorities(roots, tuple(certificate for certificate in found if certificate not in roots))


def named(root: x509.Certificate) -> str:
    """The name of an authority, with digits of its certificate's SHA-256, because a name alone can be anybody's."""
    return f"{common_name(root)} ({hashlib.sha256(root.public_bytes(Encoding.DER)).hexdigest()[:16]})"


def common_name(certificate: x509.Certificate) -> str:
    """The common name in a certificate, or else its whole subject; safe to print."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    words = str(names[0].value) if names else certificate.subject.rfc4514_string()
    return words if words.isascii() and words.isprintable() and len(words) <= 60 else shown(words)


def stamp(time: datetime) -> str:
    """A time in UTC, to the second, rounded up."""
    return time_text(time + timedelta(microseconds=-time.microsecond % 1_000_000))
