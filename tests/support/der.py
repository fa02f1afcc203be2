"""DER, as far as time-stamp tokens and signed certificate timestamps need it."""

from __future__ import annotations

from datetime import UTC, datetime


def item(tag: int, *contents: bytes) -> bytes:
    """One value: tag, length, contents."""
    body = b"".join(contents)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def sequence(*contents: bytes) -> bytes:
    return item(0x30, *contents)


def set_of(*contents: bytes) -> bytes:
    return item(0x31, *sorted(contents))


def integer(number: int) -> bytes:
    return item(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def octets(data: bytes) -> bytes:
    return item(0x04, data)


def text(value: str) -> bytes:
    return item(0x0C, value.encode())


def time(when: datetime) -> bytes:
    return item(0x18, when.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode())


def name(dotted: str) -> bytes:
    """An object identifier."""
    first, second, *rest = map(int, dotted.split("."))
    parts = [bytes([40 * first + second])]
    for number in rest:
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.append(0x80 | number & 0x7F)
        parts.append(bytes(reversed(digits)))
    return item(0x06, *parts)
