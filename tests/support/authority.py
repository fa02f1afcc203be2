"""A time-stamp authority (RFC 3161) in memory, with a clock of its own, and a server of it on loopback."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from rfc3161_client import TimestampRequestBuilder
from rfc3161_client.base import HashAlgorithm

from tests.support import der

_SHA256 = der.sequence(der.name("2.16.840.1.101.3.4.2.1"), b"\x05\x00")
_ECDSA_SHA256 = der.sequence(der.name("1.2.840.10045.4.3.2"))
_SIGNED_DATA, _TST_INFO = der.name("1.2.840.113549.1.7.2"), der.name("1.2.840.113549.1.9.16.1.4")
_CONTENT_TYPE, _MESSAGE_DIGEST = der.name("1.2.840.113549.1.9.3"), der.name("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE = der.name("1.2.840.113549.1.9.16.2.47")
#: When the tests began, which may be many minutes ago.
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


def named(words: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])


@dataclass
class Authority:
    """`clock`: when it believes to be, None if it looks; its signing certificate is valid from `since` to `until`."""

    title: str = "Authority One"
    clock: datetime | None = None
    since: datetime = NOW - 30 * DAY
    until: datetime = NOW + 30 * DAY
    serial: int = 0
    _root_key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        issuer = named(self.title)
        self.root = (
            x509.CertificateBuilder()
            .subject_name(issuer)
            .issuer_name(issuer)
            .public_key(self._root_key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - 4000 * DAY)
            .not_valid_after(NOW + 4000 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage(signs=False), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._root_key.public_key()), critical=False)
            .sign(self._root_key, hashes.SHA256())
        )
        self.leaf = (
            x509.CertificateBuilder()
            .subject_name(named(f"{self.title} signer"))
            .issuer_name(issuer)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.since)
            .not_valid_after(self.until)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage(signs=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._root_key.public_key()), critical=False
            )
            .sign(self._root_key, hashes.SHA256())
        )

    @property
    def pem(self) -> bytes:
        """What a verifier trusts."""
        return self.root.public_bytes(Encoding.PEM)

    def answer(self, request: bytes) -> bytes:
        """The response to a request, whose imprint and nonce are taken as they stand in it."""
        imprint, nonce = _read(request)
        self.serial += 1
        info = der.sequence(
            der.integer(1),
            der.name("1.3.6.1.4.1.57264.2"),
            der.sequence(_SHA256, der.octets(imprint)),
            der.integer(self.serial),
            der.time(self.clock or datetime.now(UTC)),
            *([der.integer(nonce)] if nonce is not None else []),
        )
        return self.sealed(info)

    def stamp(self, data: bytes) -> bytes:
        """A response about that data, of which nobody asked."""
        builder = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
        return self.answer(builder.build().as_bytes())

    def sealed(self, info: bytes) -> bytes:
        """The response with that information, signed."""
        leaf = self.leaf.public_bytes(Encoding.DER)
        certificate = der.sequence(der.sequence(der.sequence(der.octets(hashlib.sha256(leaf).digest()))))
        attributes = (
            der.sequence(_CONTENT_TYPE, der.set_of(_TST_INFO)),
            der.sequence(_MESSAGE_DIGEST, der.set_of(der.octets(hashlib.sha256(info).digest()))),
            der.sequence(_SIGNING_CERTIFICATE, der.set_of(certificate)),
        )
        signed = der.set_of(*attributes)
        signer = der.sequence(
            der.integer(1),
            der.sequence(self.leaf.issuer.public_bytes(), der.integer(self.leaf.serial_number)),
            _SHA256,
            b"\xa0" + signed[1:],
            _ECDSA_SHA256,
            der.octets(self._key.sign(signed, ec.ECDSA(hashes.SHA256()))),
        )
        content = der.sequence(
            der.integer(3),
            der.set_of(_SHA256),
            der.sequence(_TST_INFO, der.item(0xA0, der.octets(info))),
            der.item(0xA0, leaf),
            der.set_of(signer),
        )
        return der.sequence(der.sequence(der.integer(0)), der.sequence(_SIGNED_DATA, der.item(0xA0, content)))


def usage(*, signs: bool) -> x509.KeyUsage:
    names = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only")
    others = dict.fromkeys((*names, "decipher_only"), False)
    return x509.KeyUsage(digital_signature=signs, key_cert_sign=not signs, crl_sign=not signs, **others)


def _read(request: bytes) -> tuple[bytes, int | None]:
    """Imprint and nonce of a request as `rfc3161_client` writes it: version, imprint, nonce, certificate wanted."""
    at = request.index(b"\x04\x20") + 2
    imprint, rest = request[at : at + 32], request[at + 32 :]
    return imprint, int.from_bytes(rest[2 : 2 + rest[1]], "big") if rest[:1] == b"\x02" else None


Respond = Callable[[str, bytes, Any], tuple[int, str, bytes]]


@contextmanager
def serving(respond: Respond) -> Iterator[str]:
    """The address of a server on loopback: path, body, headers of a request -> status, media type, body."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, media_type, data = respond(self.path, body, self.headers)
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("Location", media_type)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@contextmanager
def served(*authorities: Authority) -> Iterator[list[str]]:
    """The addresses of these authorities on loopback."""

    def respond(path: str, body: bytes, _headers: Any) -> tuple[int, str, bytes]:
        if int(path[1:]) >= len(authorities):
            return 404, "text/plain", b"nobody here"
        return 200, "application/timestamp-reply", authorities[int(path[1:])].answer(body)

    with serving(respond) as address:
        yield [f"{address}/{i}" for i in range(len(authorities))]
