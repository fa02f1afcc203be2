"""The one spelling of a number or of bytes in C2SP's texts: every other is refused."""

from __future__ import annotations

import base64
import binascii
import re

from ..errors import LogError, shown

_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


def number(text: str, what: str) -> int:
    """An integer below 2^63 in decimal digits, without zeros in front. LogError."""
    if _NUMBER.fullmatch(text) is None or int(text) >= 1 << 63:
        raise LogError(f"{what}: {shown(text)} is no number")
    return int(text)


def decoded(text: str, what: str, length: int | None = None) -> bytes:
    """Bytes in base64, `length` of them if that is given. LogError."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if base64.b64encode(data).decode() != text or length not in (None, len(data)):
        raise LogError(f"{what}: {shown(text)} is not base64" + (f" of {length} bytes" if length else ""))
    return data
