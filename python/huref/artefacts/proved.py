"""What `huref verify` checks: a bundle or a nearness file, whichever the bytes say that they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from . import bundle, kinds, nearness
from .bundle import MAX_BYTES, Bundle
from .commitment import Commitment
from .nearness import NearBundle

Proved = Bundle | NearBundle


def load(source: Path | BinaryIO, max_bytes: int = MAX_BYTES, commitments: Sequence[Commitment] = ()) -> Proved:
    """The bundle or nearness file in a file or stream. Arguments and errors as for `bundle.load`, and InputError."""
    return parse(*bundle.contents(source, max_bytes), max_bytes, commitments)


def parse(
    data: bytes, where: str = "bundle", max_bytes: int = MAX_BYTES, commitments: Sequence[Commitment] = ()
) -> Proved:
    """As `load`, of bytes; `where` names them in messages."""
    read = nearness.parse if kinds.is_of(kinds.NEARNESS, data) else bundle.parse
    return read(data, where, max_bytes, commitments)
