"""What a log sends to a witness (c2sp.org/tlog-witness): an older size, the proof from it, and a signed checkpoint."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import LogError
from . import checkpoint, note
from .checkpoint import Checkpoint
from .exact import decoded, number
from .note import Note
from .proof import MOST_STEPS
from .tree import HASH

PATH = "add-checkpoint"
MAX_BYTES = note.MAX_BYTES + (1 << 13)
#: The media type of a refusal that says which size the witness knows.
SIZE_TYPE = "text/x.tlog.size"


@dataclass(frozen=True)
class Request:
    """`old`: the size that the log takes the witness to know; `path`: the proof that the checkpoint goes on from it."""

    old: int
    path: tuple[bytes, ...]
    note: Note
    head: Checkpoint


def dump(old: int, path: Sequence[bytes], signed: Note) -> bytes:
    """The body of a request."""
    steps = [base64.b64encode(step).decode() for step in path]
    return "\n".join((f"old {old}", *steps, "", "")).encode() + signed.data


def parse(data: bytes) -> Request:
    """The request in a body. LogError: there is none."""
    if len(data) > MAX_BYTES:
        raise LogError(f"a request of more than {MAX_BYTES} bytes")
    head, gap, signed = data.partition(b"\n\n")
    lines = head.decode("latin-1").split("\n")
    if not gap or not lines[0].startswith("old "):
        raise LogError("a request begins with a line `old SIZE`")
    if len(lines) - 1 > MOST_STEPS:
        raise LogError(f"a proof of more than {MOST_STEPS} steps")
    found = note.parse(signed)
    request = Request(
        number(lines[0].removeprefix("old "), "old size"),
        tuple(decoded(line, "step of the proof", HASH) for line in lines[1:]),
        found,
        checkpoint.parse(found.text),
    )
    if request.old > request.head.size:
        raise LogError(f"the old size {request.old} is above that of the checkpoint, {request.head.size}")
    return request
