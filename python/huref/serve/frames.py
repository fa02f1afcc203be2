"""Messages between the service and its workers: a number of parts (one byte), then each part behind its length (four).

The service looks at bytes only here, and what a worker sends is bounded by those who read it.
"""

from __future__ import annotations

LENGTH_BYTES = 4


def frame(*parts: bytes | bytearray) -> bytes:
    """One message of these parts."""
    return bytes([len(parts)]) + b"".join(len(part).to_bytes(LENGTH_BYTES, "big") + part for part in parts)


def length(data: bytes) -> int:
    """The length that stands before a part."""
    return int.from_bytes(data, "big")
