"""Checkpoints (c2sp.org/tlog-checkpoint): what a log signs of its tree, as the text of a note."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass

from ..errors import LogError, shown
from .exact import decoded, number


@dataclass(frozen=True)
class Checkpoint:
    """The `origin`, which names the log; `size`, the number of entries; `root`, 32 bytes."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that a log signs, without extension lines."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def parse(text: str) -> Checkpoint:
    """The checkpoint in the text of a note, without extension lines. LogError: there is none."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise LogError("a checkpoint has three lines: origin, size, root")
    origin, size, root = lines[:3]
    if not is_origin(origin):
        raise LogError(f"origin {shown(origin)}: more than 255 bytes, or characters that cannot be shown")
    return Checkpoint(origin, number(size, "size of the tree"), decoded(root, "root", 32))


def digest(origin: str) -> str:
    """SHA-256 of an origin in hexadecimal digits, by which witnesses name a log."""
    return hashlib.sha256(origin.encode()).hexdigest()


def is_origin(text: str) -> bool:
    """Whether a text can name a log or a witness here: 1 to 255 bytes that can be printed, without spaces and plus."""
    return re.search(r"[\s+]", text) is None and text.isprintable() and 1 <= len(text.encode()) <= 255
