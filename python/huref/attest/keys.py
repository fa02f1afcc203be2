"""Keys that sign attestations: P-256, Ed25519 or ML-DSA-44, in PEM files as `openssl` writes them.

ML-DSA-44 withstands quantum computers, and few programs know it yet: its signatures count only where a policy names the
key as a signer.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, get_args

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from .. import disk
from ..errors import AttestationError, InputError, UsageError
from .envelope import Envelope

Kind = Literal["p256", "ed25519", "ml-dsa-44"]
KINDS: tuple[Kind, ...] = get_args(Kind)
#: A PEM file of one key is a few hundred bytes.
MAX_BYTES = 1 << 14
_ECDSA = ec.ECDSA(hashes.SHA256())


@dataclass(frozen=True)
class PublicKey:
    """A key that checks signatures."""

    _key: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | MLDSA44PublicKey

    @property
    def kind(self) -> Kind:
        """Which of the three it is."""
        if isinstance(self._key, ec.EllipticCurvePublicKey):
            return "p256"
        return "ed25519" if isinstance(self._key, ed25519.Ed25519PublicKey) else "ml-dsa-44"

    @property
    def pem(self) -> bytes:
        """SubjectPublicKeyInfo in PEM."""
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def hint(self) -> str:
        """SHA-256 of the PEM file, in hexadecimal digits: how model signing names a key."""
        return hashlib.sha256(self.pem).hexdigest()

    @property
    def name(self) -> str:
        """How reports name it. That of an Ed25519 key is what `huref prove --owner` takes."""
        if isinstance(self._key, ed25519.Ed25519PublicKey):
            return f"ed25519:{self._key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()}"
        return f"{self.kind}:{self.hint}"

    def check(self, envelope: Envelope) -> None:
        """Return if this key signed that envelope. AttestationError, step "signature": it did not."""
        if envelope.hint is None:
            raise AttestationError(
                "signature", "it was signed by an identity, with a certificate; say which one, in place of a key"
            )
        if envelope.hint != self.hint:
            named = f"names a key with SHA-256 {envelope.hint}, not {self.hint}"
            raise AttestationError("signature", f"the attestation was signed by somebody else: it {named}")
        if not self.signed(envelope.signed, envelope.signature):
            raise AttestationError("signature", f"the signature is not one by the key {self.name} over this statement")

    def signed(self, data: bytes, signature: bytes) -> bool:
        """Whether that is a signature of this key over those bytes."""
        try:
            if isinstance(self._key, ec.EllipticCurvePublicKey):
                self._key.verify(signature, data, _ECDSA)
            else:
                self._key.verify(signature, data)
        except InvalidSignature:
            return False
        return True


class Signing(Protocol):
    """What can sign: a private key here, or one that never leaves its place."""

    @property
    def public(self) -> PublicKey:
        """The key that checks what this one signs."""

    def sign(self, data: bytes) -> bytes:
        """A signature over those bytes. ServiceError: what keeps the key does not make one."""


@dataclass(frozen=True)
class PrivateKey:
    """A key that signs. It is not shown."""

    _key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | MLDSA44PrivateKey

    def __repr__(self) -> str:
        return f"PrivateKey(of {self.public.name})"

    @property
    def public(self) -> PublicKey:
        """The key that checks what this one signs."""
        return PublicKey(self._key.public_key())

    def sign(self, data: bytes) -> bytes:
        """A signature: Ed25519, ML-DSA-44, or ECDSA over SHA-256 in DER."""
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(data, _ECDSA)
        return self._key.sign(data)

    def pem(self, passphrase: bytes | None = None) -> bytes:
        """PKCS #8 in PEM, encrypted if there is a passphrase."""
        encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def fresh(kind: Kind) -> PrivateKey:
    """A new key. UsageError: the installed cryptography cannot make one of that kind."""
    if kind == "p256":
        return PrivateKey(ec.generate_private_key(ec.SECP256R1()))
    try:
        return PrivateKey((ed25519.Ed25519PrivateKey if kind == "ed25519" else MLDSA44PrivateKey).generate())
    except UnsupportedAlgorithm:
        raise UsageError(f"the installed package cryptography makes no keys of {kind}; choose another type") from None


def read_private(path: Path, passphrase: bytes | None = None) -> PrivateKey:
    """The private key in a PEM file.

    Raises:
        NotFoundError: there is no such file.
        InputError: others can read the file, it holds no private key, or a key of a kind that is not used here.
        UsageError: it is encrypted, and the passphrase is missing or wrong.

    """
    data, status = disk.read_with_status(path, MAX_BYTES)
    disk.must_be_private(path, status)
    key: object
    try:
        key = load_pem_private_key(data, passphrase)
    except TypeError:
        what = (
            "is encrypted; give its passphrase" if passphrase is None else "is not encrypted; leave the passphrase out"
        )
        raise UsageError(f"{path}: the key {what}") from None
    except ValueError:
        if passphrase is not None:
            raise UsageError(f"{path}: no private key in PEM, or the passphrase is wrong") from None
        raise InputError(f"{path}: no private key in PEM") from None
    except UnsupportedAlgorithm:
        key = None
    if isinstance(key, ed25519.Ed25519PrivateKey | MLDSA44PrivateKey):
        return PrivateKey(key)
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return PrivateKey(key)
    raise InputError(f"{path}: a key of another kind; P-256, Ed25519 and ML-DSA-44 can sign here")


def read_public(path: Path) -> PublicKey:
    """The public key in a PEM file. NotFoundError, InputError as for `read_private`."""
    return parse_public(disk.read(path, MAX_BYTES), str(path))


def parse_public(data: bytes, where: str) -> PublicKey:
    """The public key in PEM; `where` names it in messages. InputError: there is none, or one of another kind."""
    key: object
    try:
        key = load_pem_public_key(data)
    except ValueError:
        what = "a private key; give its public half" if b"PRIVATE KEY" in data else "no public key in PEM"
        raise InputError(f"{where}: {what}") from None
    except UnsupportedAlgorithm:
        key = None
    if isinstance(key, ed25519.Ed25519PublicKey | MLDSA44PublicKey):
        return PublicKey(key)
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return PublicKey(key)
    raise InputError(f"{where}: a key of another kind; signatures by P-256, Ed25519 and ML-DSA-44 can be checked")
