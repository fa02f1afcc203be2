"""What `huref verify` checks: a bundle, a nearness or a drift file, whichever the bytes say that they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from . import bundle, drift, kinds, nearness
from .bundle import MAX_BYTES, Bundle
from .commitment import Commitment
from .drift import DriftBundle
from .nearness import NearBundle

Proved = Bundle | NearBundle | DriftBundle


def load(source: Path | BinaryIO, max_bytes: int = MAX_BYTES, commitments: Sequence[Commitment] = ()) -> Proved:
    """The bundle, nearness or drift in a file or stream. Arguments and errors as for `bundle.load`, and InputError."""
    return parse(*bundle.contents(source, max_bytes), max_bytes, commitments)


def parse(
    data: bytes, where: str = "bundle", max_bytes: int = MAX_BYTES, commitments: Sequence[Commitment] = ()
) -> Proved:
    """As `load`, of bytes; `where` names them in messages."""
    if kinds.is_of(kinds.NEARNESS, data):
        return nearness.parse(data, where, max_bytes, commitments)
    if kinds.is_of(kinds.DRIFT, data):
        return drift.parse(data, where, max_bytes, commitments)
    return bundle.parse(data, where, max_bytes, commitments)
