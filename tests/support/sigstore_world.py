"""A Sigstore of our own in memory: authority for certificates, certificate log, transparency log, time-stamp authority.

What it makes is checked by the real `sigstore`, under the trusted root that `World.trusted_root` gives. `World.serving`
puts it on loopback, where the real signer of `sigstore` uses it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID
from sigstore.models import TrustedRoot
from sigstore_models.trustroot.v1 import TrustedRoot as Fields

from huref.attest.envelope import PAYLOAD_TYPE, pre_authentication
from tests.support import der
from tests.support.authority import DAY, NOW, Authority, named, serving, usage

ISSUER, SUBJECT = "https://accounts.example", "owner@models.example"
_SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_ISSUERS = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1"), x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
_P256 = "PKIX_ECDSA_P256_SHA_256"
_ORIGIN = "log.example"
_SECRET = "of an issuer that Fulcio trusts in this world"


def fresh() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def spki(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def signed(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    return key.sign(data, ec.ECDSA(hashes.SHA256()))


@dataclass
class Log:
    """A transparency log: entries, the tree over them (RFC 6962), a key that signs its checkpoints."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=fresh)
    bodies: list[bytes] = field(default_factory=lambda: [b"one", b"two", b"three"])

    @property
    def id(self) -> bytes:
        return hashlib.sha256(spki(self.key)).digest()

    def root(self, leaves: list[bytes]) -> bytes:
        if len(leaves) == 1:
            return hashlib.sha256(b"\0" + leaves[0]).digest()
        at = _split(len(leaves))
        return hashlib.sha256(b"\1" + self.root(leaves[:at]) + self.root(leaves[at:])).digest()

    def path(self, index: int, leaves: list[bytes]) -> list[bytes]:
        if len(leaves) == 1:
            return []
        at = _split(len(leaves))
        if index < at:
            return [*self.path(index, leaves[:at]), self.root(leaves[at:])]
        return [*self.path(index - at, leaves[at:]), self.root(leaves[:at])]

    def append(self, body: bytes, kind: str, version: str, integrated: datetime | None = None) -> dict[str, Any]:
        """The entry with its inclusion proof; with a time that the log promises, if one is given."""
        self.bodies.append(body)
        index, root = len(self.bodies) - 1, self.root(self.bodies)
        note = f"{_ORIGIN}\n{len(self.bodies)}\n{b64(root)}\n"
        signature = b64(self.id[:4] + signed(self.key, note.encode()))
        entry = {
            "logIndex": str(index),
            "logId": {"keyId": b64(self.id)},
            "kindVersion": {"kind": kind, "version": version},
            "inclusionProof": {
                "logIndex": str(index),
                "rootHash": b64(root),
                "treeSize": str(len(self.bodies)),
                "hashes": [b64(digest) for digest in self.path(index, self.bodies)],
                "checkpoint": {"envelope": f"{note}\n\u2014 {_ORIGIN} {signature}\n"},
            },
            "canonicalizedBody": b64(body),
        }
        if integrated is not None:
            seconds = int(integrated.timestamp())
            promise = {"body": b64(body), "integratedTime": seconds, "logID": self.id.hex(), "logIndex": index}
            data = json.dumps(promise, sort_keys=True, separators=(",", ":")).encode()
            entry |= {
                "integratedTime": str(seconds),
                "inclusionPromise": {"signedEntryTimestamp": b64(signed(self.key, data))},
            }
        return entry


def _split(size: int) -> int:
    """The largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1


@dataclass
class World:
    """`clock`: when everything happens."""

    clock: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1))
    log: Log = field(default_factory=Log)
    ca_key: ec.EllipticCurvePrivateKey = field(default_factory=fresh)
    ct_key: ec.EllipticCurvePrivateKey = field(default_factory=fresh)

    def __post_init__(self) -> None:
        self.tsa = Authority("Time of the world", clock=self.clock)
        issuer = named("Certificates of the world")
        self.ca = (
            x509.CertificateBuilder()
            .subject_name(issuer)
            .issuer_name(issuer)
            .public_key(self.ca_key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - 400 * DAY)
            .not_valid_after(NOW + 400 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage(signs=False), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.ca_key.public_key()), critical=False)
            .sign(self.ca_key, hashes.SHA256())
        )

    def certificate(
        self,
        key: ec.EllipticCurvePublicKey,
        subject: str = SUBJECT,
        issuer: str = ISSUER,
        minutes: int = 10,
        logged: bool = True,
    ) -> x509.Certificate:
        """A certificate of ten minutes for whoever an issuer vouches for, with the promise of the certificate log."""
        general = x509.RFC822Name if "@" in subject else x509.UniformResourceIdentifier
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(self.ca.subject)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.clock - timedelta(minutes=1))
            .not_valid_after(self.clock + timedelta(minutes=minutes))
            .add_extension(usage(signs=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.ca_key.public_key()), critical=False)
            .add_extension(x509.SubjectAlternativeName([general(subject)]), critical=True)
            .add_extension(x509.UnrecognizedExtension(_ISSUERS[0], issuer.encode()), critical=False)
            .add_extension(x509.UnrecognizedExtension(_ISSUERS[1], der.text(issuer)), critical=False)
        )
        promised = self._promised(builder.sign(self.ca_key, hashes.SHA256()).tbs_certificate_bytes)
        if logged:
            builder = builder.add_extension(x509.UnrecognizedExtension(_SCT_LIST, promised), critical=False)
        return builder.sign(self.ca_key, hashes.SHA256())

    def _promised(self, tbs: bytes) -> bytes:
        """The list of one signed certificate timestamp (RFC 6962) over a certificate without it."""
        milliseconds = int(self.clock.timestamp() * 1000)
        issuer = hashlib.sha256(spki(self.ca_key)).digest()
        entry = issuer + len(tbs).to_bytes(3, "big") + tbs
        signature = signed(self.ct_key, struct.pack("!BBQH", 0, 0, milliseconds, 1) + entry + b"\0\0")
        head = b"\0" + hashlib.sha256(spki(self.ct_key)).digest() + struct.pack("!QH", milliseconds, 0)
        timestamp = head + b"\4\3" + len(signature).to_bytes(2, "big") + signature
        listed = len(timestamp).to_bytes(2, "big") + timestamp
        return der.octets(len(listed).to_bytes(2, "big") + listed)

    def attestation(
        self,
        payload: bytes,
        *,
        subject: str = SUBJECT,
        issuer: str = ISSUER,
        minutes: int = 10,
        logged: bool = True,
        promised: bool = False,
    ) -> dict[str, Any]:
        """A Sigstore bundle over a statement; the time of an authority, or one that the log promises."""
        key = fresh()
        certificate = self.certificate(key.public_key(), subject, issuer, minutes, logged)
        signature = signed(key, pre_authentication(payload))
        raw = certificate.public_bytes(Encoding.DER)
        if promised:
            entry = self.log.append(_dsse(payload, signature, certificate), "dsse", "0.0.1", self.clock)
        else:
            digest = hashlib.sha256(pre_authentication(payload)).digest()
            entry = self.log.append(_hashed(digest, signature, raw), "hashedrekord", "0.0.2")
        material: dict[str, Any] = {"certificate": {"rawBytes": b64(raw)}, "tlogEntries": [entry]}
        if not promised:
            tokens = [{"signedTimestamp": b64(self.tsa.stamp(signature))}]
            material["timestampVerificationData"] = {"rfc3161Timestamps": tokens}
        return {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": material,
            "dsseEnvelope": {
                "payload": b64(payload),
                "payloadType": PAYLOAD_TYPE,
                "signatures": [{"sig": b64(signature)}],
            },
        }

    def trusted_root(self) -> dict[str, Any]:
        """What a verifier of this world trusts."""
        since = {"start": (NOW - 400 * DAY).strftime("%Y-%m-%dT%H:%M:%SZ")}

        def log(key: ec.EllipticCurvePrivateKey, name: str) -> dict[str, Any]:
            return {
                "baseUrl": f"https://{name}",
                "hashAlgorithm": "SHA2_256",
                "publicKey": {"rawBytes": b64(spki(key)), "keyDetails": _P256, "validFor": since},
                "logId": {"keyId": b64(hashlib.sha256(spki(key)).digest())},
            }

        def authority(name: str, *chain: x509.Certificate) -> dict[str, Any]:
            certificates = [{"rawBytes": b64(certificate.public_bytes(Encoding.DER))} for certificate in chain]
            return {
                "subject": {"organization": "world", "commonName": name},
                "uri": f"https://{name}.example",
                "certChain": {"certificates": certificates},
                "validFor": since,
            }

        return {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [log(self.log.key, _ORIGIN)],
            "certificateAuthorities": [authority("ca", self.ca)],
            "ctlogs": [log(self.ct_key, "ct.example")],
            "timestampAuthorities": [authority("tsa", self.tsa.leaf, self.tsa.root)],
        }

    def root(self) -> TrustedRoot:
        """The same, as `sigstore` reads it."""
        return TrustedRoot(Fields.from_json(json.dumps(self.trusted_root())))

    def token(self, subject: str = SUBJECT, issuer: str = ISSUER, until: timedelta = timedelta(minutes=5)) -> str:
        """The identity token that an issuer gives to a person or a pipeline."""
        now = datetime.now(UTC)
        claims = {"iss": issuer, "sub": subject, "aud": "sigstore", "iat": now, "exp": now + until}
        return jwt.encode(claims, _SECRET, "HS256")

    @contextmanager
    def serving(self) -> Iterator[dict[str, Any]]:
        """The trust configuration for signing, while this world answers on loopback."""

        def respond(path: str, body: bytes, headers: Any) -> tuple[int, str, bytes]:
            if path == "/tsa":
                return 201, "application/timestamp-reply", self.tsa.answer(body)
            request = json.loads(body)
            if path == "/api/v2/signingCert":
                return 201, "application/json", json.dumps(self._issued(request, headers["Authorization"])).encode()
            asked = request["hashedRekordRequestV002"]
            signature = asked["signature"]
            raw = base64.b64decode(signature["verifier"]["x509Certificate"]["rawBytes"])
            digest, content = base64.b64decode(asked["digest"]), base64.b64decode(signature["content"])
            entry = self.log.append(_hashed(digest, content, raw), "hashedrekord", "0.0.2")
            return 201, "application/json", json.dumps(entry).encode()

        with serving(respond) as address:
            since = {"start": "2020-01-01T00:00:00Z"}

            def service(url: str, version: int) -> dict[str, Any]:
                return {"url": url, "majorApiVersion": version, "validFor": since, "operator": "world"}

            yield {
                "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
                "trustedRoot": self.trusted_root(),
                "signingConfig": {
                    "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
                    "caUrls": [service(address, 1)],
                    "rekorTlogUrls": [service(address, 2)],
                    "rekorTlogConfig": {"selector": "ANY"},
                    "tsaUrls": [service(f"{address}/tsa", 1)],
                    "tsaConfig": {"selector": "ANY"},
                },
            }

    def _issued(self, request: Any, authorization: str) -> dict[str, Any]:
        claims = jwt.decode(authorization.removeprefix("Bearer "), _SECRET, ["HS256"], audience="sigstore")
        asked = x509.load_pem_x509_csr(base64.b64decode(request["certificateSigningRequest"]))
        key = asked.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        made = self.certificate(key, claims["sub"], claims["iss"])
        chain = [certificate.public_bytes(Encoding.PEM).decode() for certificate in (made, self.ca)]
        return {"signedCertificateEmbeddedSct": {"chain": {"certificates": chain}}}


def _hashed(digest: bytes, signature: bytes, certificate: bytes) -> bytes:
    """The body of an entry of the second version of the log."""
    verifier = {"x509Certificate": {"rawBytes": b64(certificate)}, "keyDetails": _P256}
    spec = {
        "data": {"algorithm": "SHA2_256", "digest": b64(digest)},
        "signature": {"content": b64(signature), "verifier": verifier},
    }
    body = {"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": {"hashedRekordV002": spec}}
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def _dsse(payload: bytes, signature: bytes, certificate: x509.Certificate) -> bytes:
    """The body of an entry of the first version of the log."""
    digest = hashlib.sha256(payload).hexdigest()
    pem = b64(certificate.public_bytes(Encoding.PEM))
    spec = {
        "envelopeHash": {"algorithm": "sha256", "value": digest},
        "payloadHash": {"algorithm": "sha256", "value": digest},
        "signatures": [{"signature": b64(signature), "verifier": pem}],
    }
    body = {"apiVersion": "0.0.1", "kind": "dsse", "spec": spec}
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
