"""Every field of a JSON document, each changed, and each left out; every field of a time-stamp token, changed."""

from __future__ import annotations

import base64
import binascii
import copy
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from tests.support import der
from tests.support.authority import Authority

Path = tuple[str | int, ...]


def fields(document: Any, path: Path = ()) -> Iterator[Path]:
    """The path of every field, inner ones too."""
    items = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in items:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from fields(value, (*path, key))


def name(path: Path) -> str:
    """How a manifest names a field."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def changed(document: Any, path: Path) -> Any:
    """The document with that field changed as little as its type allows."""
    return _edited(document, path, lambda holder, key: holder.__setitem__(key, _other(holder[key])))


def removed(document: Any, path: Path) -> Any:
    """The document without that field."""
    return _edited(document, path, lambda holder, key: holder.pop(key))


def _edited(document: Any, path: Path, edit: Callable[[Any, Any], object]) -> Any:
    made = copy.deepcopy(document)
    holder = made
    for part in path[:-1]:
        holder = holder[part]
    edit(holder, path[-1])
    return made


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, list):
        return [*value, *value[:1]] if value else [{}]
    if isinstance(value, dict):
        return value | {"more": 1}
    return _other_text(value)


def _other_text(text: str) -> str:
    """Other bytes, where it is base64; else one character that is another of its sort."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if len(data) > 15 and not text.isalnum():
        at = len(data) - 8  # in whatever is signed, inside the signature
        return base64.b64encode(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]).decode()
    at = len(text) // 2
    letter = "0" if text[at : at + 1] != "0" else "1"
    return text[:at] + letter + text[at + 1 :]


def tokens(authority: Authority, response: bytes, data: bytes) -> Iterator[tuple[str, bytes]]:
    """Every field of a response over this data, by its name, with one bit of it changed."""
    leaf = authority.leaf.public_bytes(Encoding.DER)
    info = response.index(der.name("1.2.840.113549.1.9.16.1.4"))
    attributes = response.index(leaf) + len(leaf)
    places = {
        "status": 8,
        "content type": response.index(der.name("1.2.840.113549.1.7.2")) + 4,
        "policy": response.index(der.name("1.3.6.1.4.1.57264.2")) + 4,
        "digest algorithm": response.index(der.name("2.16.840.1.101.3.4.2.1"), info) + 4,
        "imprint": response.index(hashlib.sha256(data).digest()) + 4,
        "serial number": response.index(hashlib.sha256(data).digest()) + 34,
        "time": response.index(b"\x18\x0f", info) + 6,
        "nonce": response.index(b"\x18\x0f", info) + 20,
        "certificate": response.index(leaf) + len(leaf) // 2,
        "issuer of the signer": response.index(authority.leaf.issuer.public_bytes(), attributes) + 16,
        "signed attribute: content type": response.index(der.name("1.2.840.113549.1.9.3"), attributes) + 5,
        "signed attribute: digest": response.index(der.name("1.2.840.113549.1.9.4"), attributes) + 20,
        "signed attribute: certificate": response.index(hashlib.sha256(leaf).digest(), attributes) + 4,
        "signature algorithm": response.index(der.name("1.2.840.10045.4.3.2"), attributes) + 5,
        "signature": len(response) - 8,
    }
    for words, place in places.items():
        yield words, response[:place] + bytes([response[place] ^ 1]) + response[place + 1 :]
