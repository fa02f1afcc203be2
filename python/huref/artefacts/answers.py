"""Answers: which challenges an owner has answered with one opening, in a file beside it.

An answer with vectors discloses 512 numbers a layer on sketches that others could choose; one of nearness a cosine or
less, but two of them add up. So owners should know how many there are. The file is private, because it says with whom
an owner is in dispute.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .. import disk
from . import kinds, strict

MAX_FILE = 1 << 20


@dataclass(frozen=True)
class Answers:
    """Seeds of the challenges that were answered, in hexadecimal digits: with vectors (`seeds`), by nearness (`near`).
    A challenge that was answered by nearness twice stands there twice.
    """

    seeds: tuple[str, ...] = ()
    near: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.seeds) + len(self.near)


def beside(opening: Path) -> Path:
    """The file beside that of an opening."""
    return opening.with_name(f"{opening.name}.answers")


def read(path: Path) -> Answers:
    """The answers in a file; none if there is no file. InputError: the file is no list of answers."""
    if not path.exists():
        return Answers()
    return parse(disk.read(path, MAX_FILE), str(path))


def parse(data: bytes, where: str = "answers") -> Answers:
    """The answers of a file; `where` names it in messages. InputError if it is no list of answers."""
    fields = kinds.opened(kinds.ANSWERS, data, where)
    answers = Answers(_seeds(fields, "seeds"), _seeds(fields, "near") if fields.has("near") else ())
    fields.done()
    return answers


def _seeds(fields: strict.Fields, key: str) -> tuple[str, ...]:
    seeds = fields.byte_strings(key)
    if any(len(seed) != 32 for seed in seeds):
        fields.refuse(f"field {key!r} must hold seeds of 32 bytes")
    return tuple(seed.hex() for seed in seeds)


def write(path: Path, answers: Answers) -> None:
    """Write the list of answered challenges, for its owner alone. OutputError if it cannot be written."""
    near = {"near": answers.near} if answers.near else {}
    data = strict.dump({"mediaType": kinds.ANSWERS.media_type, "seeds": answers.seeds, **near})
    disk.write(path, data, private=True)
