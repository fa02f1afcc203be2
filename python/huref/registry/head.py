"""The head of a log: the tree that was decided, and the entries behind its last whole tile of entries.

From it and the whole tiles, everything else can be made again after a crash: partial tiles, signatures, publication. It
is a text:

    huref/log-head/v1
    <how many entries stand in whole tiles, a multiple of 256>
    <origin, size and root of the tree, as in a checkpoint>

    <each entry behind them in base64, a line for each>
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cached_property

from ..errors import LogError
from . import checkpoint
from .checkpoint import Checkpoint
from .exact import decoded, number
from .tiles import WIDTH

LABEL = "huref/log-head/v1"


@dataclass(frozen=True)
class Head:
    """`after`: the tree; `entries`: those from position `before` on, a multiple of 256, to its end."""

    before: int
    after: Checkpoint
    entries: tuple[bytes, ...] = ()

    @cached_property
    def data(self) -> bytes:
        """The bytes."""
        entries = "".join(f"{base64.b64encode(entry).decode()}\n" for entry in self.entries)
        return f"{LABEL}\n{self.before}\n{self.after.text}\n{entries}".encode()


def parse(data: bytes) -> Head:
    """The head in these bytes. LogError: there is none."""
    try:
        lines, gap, entries = data.decode().partition("\n\n")
    except UnicodeDecodeError:
        lines, gap, entries = "", "", ""
    label, _, rest = lines.partition("\n")
    before, _, text = rest.partition("\n")
    if label != LABEL or not gap:
        raise LogError("the head of the log is damaged")
    found = tuple(decoded(line, "entry of the head") for line in entries.split("\n")[:-1])
    head = Head(number(before, "size in the head"), checkpoint.parse(f"{text}\n"), found)
    if head.before % WIDTH or head.before + len(found) != head.after.size:
        raise LogError("the head of the log does not belong together")
    return head
