"""Signed notes (c2sp.org/signed-note): a text, an empty line, and a line for each signature."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..errors import LogError, shown
from .exact import decoded
from .keys import Key, Secret

#: A note with more bytes is refused. 64 signatures of ML-DSA-44 have less.
MAX_BYTES = 1 << 18
_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True)
class Line:
    """A signature: the name and the id of the key that made it, as it says, and its bytes."""

    name: str
    id: bytes
    signature: bytes

    @property
    def text(self) -> str:
        """The line, with its newline."""
        return f"— {self.name} {base64.b64encode(self.id + self.signature).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A text, which ends with a newline, and the signatures below it. Nothing is checked yet."""

    text: str
    lines: tuple[Line, ...] = ()

    @property
    def data(self) -> bytes:
        """The bytes of the note."""
        return f"{self.text}\n{''.join(line.text for line in self.lines)}".encode()

    def signed(self, secret: Secret, time: int) -> Note:
        """The note with one more signature, made at that time. LogError: the type of key signs no such text."""
        line = Line(secret.name, secret.key.id, secret.sign(self.text, time))
        return replace(self, lines=(*self.lines, line))

    def merged(self, lines: Iterable[Line]) -> Note:
        """The note with these signatures too; of each key the one that is there stays."""
        there = {(line.name, line.id): line for line in (*lines, *self.lines)}
        new = [line for key, line in there.items() if all((line.name, line.id) != (l.name, l.id) for l in self.lines)]
        return replace(self, lines=(*self.lines, *new))

    def times(self, known: Sequence[Key]) -> dict[Key, int]:
        """Which of these keys signed the text, and when; 0 for keys that do not say it. The earliest, if repeatedly.

        Signatures of other keys are left out. LogError: the signature of one of these keys does not hold.
        """
        found: dict[Key, int] = {}
        keys = {(key.name, key.id): key for key in known}
        for line in dict.fromkeys(self.lines):
            key = keys.get((line.name, line.id))
            if key is None:
                continue
            time = key.time_of(self.text, line.signature)
            if time is None:
                raise LogError(f"the signature of {shown(key.name)} does not hold")
            found[key] = min(time, found.get(key, time))
        return found


def parse(data: bytes) -> Note:
    """The note in these bytes. LogError: there is none."""
    if len(data) > MAX_BYTES:
        raise LogError(f"a note of more than {MAX_BYTES} bytes")
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise LogError("a note is text in UTF-8, and this is not") from None
    text, gap, below = whole.rpartition("\n\n")
    if not gap or not below.endswith("\n") or _CONTROL.search(whole):
        raise LogError("a note is a text, an empty line, and lines with signatures, without control characters")
    return Note(f"{text}\n", lines(below))


def lines(text: str) -> tuple[Line, ...]:
    """The signatures in lines of text. LogError: a line is none."""
    return tuple(map(_line, text.removesuffix("\n").split("\n")))


def _line(text: str) -> Line:
    form = _LINE.fullmatch(text)
    if form is None:
        raise LogError(f"{shown(text)}: not the line of a signature")
    data = decoded(form[2], "signature")
    if len(data) < 5:
        raise LogError("a signature of fewer than 5 bytes")
    return Line(form[1], data[:4], data[4:])
