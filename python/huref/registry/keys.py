"""Keys of logs and witnesses, as text (c2sp.org/signed-note), and what they sign (c2sp.org/tlog-cosignature).

Three types: Ed25519 of a log, without a time; Ed25519 and ML-DSA-44 of witnesses, whose signatures carry a time. A log
can have a second key of ML-DSA-44, which withstands quantum computers.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from .. import disk
from ..errors import InputError, LogError, shown
from .checkpoint import is_origin
from .checkpoint import parse as parse_checkpoint
from .exact import decoded

Kind = Literal["ed25519", "cosignature", "ml-dsa-44"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_BYTE: dict[Kind, int] = {"ed25519": 0x01, "cosignature": 0x04, "ml-dsa-44": 0x06}
_PUBLIC = {0x01: 32, 0x04: 32, 0x06: 1312}
_SIGNATURE = {0x01: 64, 0x04: 8 + 64, 0x06: 8 + 2420}
_SECRET = "PRIVATE+KEY+"  # noqa: S105 - how the line of a secret key begins
#: Seconds of the last second that can be written as a date, the end of the year 9999.
LAST = 253_402_300_799
MAX_BYTES = 1 << 13


@dataclass(frozen=True)
class Key:
    """A key that checks signatures: its name, its type, and the public key of 32 or 1,312 bytes."""

    name: str
    kind: Kind
    public: bytes

    @cached_property
    def id(self) -> bytes:
        """Four bytes by which signatures name it."""
        return _id(self.name, _BYTE[self.kind], self.public)

    @property
    def text(self) -> str:
        """The key in one line, a vkey."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([_BYTE[self.kind]]) + self.public).decode()}"

    def time_of(self, text: str, signature: bytes) -> int | None:
        """When this key signed a text, in seconds since 1970, 0 if that is not said; None: it did not sign it."""
        if len(signature) != _SIGNATURE[_BYTE[self.kind]]:
            return None
        time, signature = (
            (0, signature) if self.kind == "ed25519" else (int.from_bytes(signature[:8], "big"), signature[8:])
        )
        message = None if time > LAST else _message(self, text, time)
        if message is None:
            return None
        try:
            self._checking.verify(signature, message)
        except InvalidSignature:
            return None
        return time

    @cached_property
    def _checking(self) -> Ed25519PublicKey | MLDSA44PublicKey:
        kind = MLDSA44PublicKey if self.kind == "ml-dsa-44" else Ed25519PublicKey
        return kind.from_public_bytes(self.public)


@dataclass(frozen=True)
class Secret:
    """A key that signs. It is not shown. `seed`: 32 bytes from which it follows."""

    name: str
    kind: Kind
    seed: bytes = field(repr=False)

    @cached_property
    def key(self) -> Key:
        """The key that checks what this one signs."""
        return Key(self.name, self.kind, self._signing.public_key().public_bytes_raw())

    def sign(self, text: str, time: int) -> bytes:
        """A signature over a text, with that time if the type has one: 1 to `LAST` seconds since 1970.

        LogError: the type signs checkpoints alone, and the text is none.
        """
        message = _message(self.key, text, time)
        if message is None:
            raise LogError("a key of this type signs checkpoints, and this text is none")
        return (b"" if self.kind == "ed25519" else time.to_bytes(8, "big")) + self._signing.sign(message)

    def dump(self) -> bytes:
        """The secret file: one line."""
        data = base64.b64encode(bytes([_BYTE[self.kind]]) + self.seed).decode()
        return f"{_SECRET}{self.name}+{self.key.id.hex()}+{data}\n".encode()

    @cached_property
    def _signing(self) -> Ed25519PrivateKey | MLDSA44PrivateKey:
        if self.kind == "ml-dsa-44":
            return MLDSA44PrivateKey.from_seed_bytes(self.seed)
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def parse(text: str, where: str = "key") -> Key:
    """The key in a line. InputError: there is none, or one of a type that is not known."""
    name, kind, public, found = _parsed(text, where)
    if len(public) != _PUBLIC[_BYTE[kind]]:
        raise InputError(f"{where}: a public key of type {kind} has {_PUBLIC[_BYTE[kind]]} bytes, not {len(public)}")
    key = Key(name, kind, public)
    if key.id != found:
        raise InputError(f"{where}: the id of this key is {key.id.hex()}, not {found.hex()}")
    try:
        _ = key._checking
    except ValueError:
        raise InputError(f"{where}: these bytes are no public key") from None
    return key


def read_secret(path: Path) -> Secret:
    """The key in a secret file. NotFoundError, InputError: it is missing, can be read by others, or is no such file."""
    data, status = disk.read_with_status(path, MAX_BYTES)
    disk.must_be_private(path, status)
    text = data.decode("latin-1").removesuffix("\n")
    if not text.startswith(_SECRET):
        raise InputError(f"{path}: this is no secret key of a log or witness; `huref registry key` makes one")
    name, kind, seed, found = _parsed(text.removeprefix(_SECRET), str(path))
    if len(seed) != 32:
        raise InputError(f"{path}: a secret key has 32 bytes")
    secret = Secret(name, kind, seed)
    if secret.key.id != found:
        raise InputError(f"{path}: the line does not belong together; was it edited?")
    return secret


def _parsed(text: str, where: str) -> tuple[str, Kind, bytes, bytes]:
    """Name, type, key material and id of a line."""
    form = re.fullmatch(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]{4,3000})", text)
    if form is None or not is_origin(form[1]):
        raise InputError(f"{where}: {shown(text[:100])} is no key, which is NAME+8 hexadecimal digits+base64")
    try:
        data = decoded(form[3], where)
    except LogError as why:
        raise InputError(str(why)) from None
    kind = next((kind for kind, byte in _BYTE.items() if data[:1] == bytes([byte])), None)
    if kind is None:
        raise InputError(f"{where}: the key is of type {data[0]:#04x}; known are 0x01, 0x04 and 0x06")
    return form[1], kind, data[1:], bytes.fromhex(form[2])


def _id(name: str, byte: int, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([byte]) + public).digest()[:4]


def _message(key: Key, text: str, time: int) -> bytes | None:
    """What a key signs for a text at a time; None: it signs checkpoints alone, and this is none."""
    if key.kind == "ed25519":
        return text.encode()
    try:
        found = parse_checkpoint(text)
    except LogError:
        return None
    if key.kind == "cosignature":
        return f"cosignature/v1\ntime {time}\n{text}".encode()
    name, origin = key.name.encode(), found.origin.encode()
    return b"".join(
        (
            b"subtree/v1\n\0",
            bytes([len(name)]) + name,
            time.to_bytes(8, "big"),
            bytes([len(origin)]) + origin,
            bytes(8),
            found.size.to_bytes(8, "big"),
            found.root,
        )
    )
