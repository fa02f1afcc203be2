"""Answers: which challenges an owner has answered with one opening, in a file beside it.

Each answer discloses 512 numbers a layer on sketches that others could choose, so owners should know how many there
are. The file is private, because it says with whom an owner is in dispute.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .. import disk
from . import kinds, strict

MAX_FILE = 1 << 20


def beside(opening: Path) -> Path:
    """The file beside that of an opening."""
    return opening.with_name(f"{opening.name}.answers")


def read(path: Path) -> tuple[str, ...]:
    """Seeds of the challenges that were answered, in hexadecimal digits; none if there is no file.

    Raises:
        InputError: the file is no list of answers.

    """
    if not path.exists():
        return ()
    return parse(disk.read(path, MAX_FILE), str(path))


def parse(data: bytes, where: str = "answers") -> tuple[str, ...]:
    """The seeds in a file; `where` names it in messages. InputError if it is no list of answers."""
    fields = kinds.opened(kinds.ANSWERS, data, where)
    seeds = fields.byte_strings("seeds")
    fields.done()
    if any(len(seed) != 32 for seed in seeds):
        fields.refuse("field 'seeds' must hold seeds of 32 bytes")
    return tuple(seed.hex() for seed in seeds)


def write(path: Path, seeds: Sequence[str]) -> None:
    """Write the list of answered challenges, for its owner alone. OutputError if it cannot be written."""
    disk.write(path, strict.dump({"mediaType": kinds.ANSWERS.media_type, "seeds": list(seeds)}), private=True)
