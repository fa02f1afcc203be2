"""A database of public files: the bundles and fingerprints in a folder, and an index of their common vectors.

Vectors have something in common only under one profile and one list of tokens, so each such pair has its own index.
Nothing is verified here: files are taken at their word until one of them matters.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .. import disk
from ..absent import absent
from ..artefacts import kinds
from ..artefacts.bundle import Bundle
from ..artefacts.bundle import parse as parse_bundle
from ..artefacts.commitment import Commitment
from ..artefacts.document import Part
from ..artefacts.fingerprint import Fingerprint
from ..artefacts.outputs import Vector
from ..artefacts.policy import Policy
from ..errors import HurefError, InputError
from .index import Index


@dataclass(frozen=True)
class LeftOut(Part):
    """An entry that was not compared, and why."""

    file: str
    why: str


@dataclass
class Group:
    """The entries of one profile and one list of tokens.

    `files`: one for each entry, with `of`, the entry of each row of the index.
    """

    profile: str
    tokens: tuple[bytes, ...]
    files: list[Path] = field(default_factory=list)
    parts: list[Index] = field(default_factory=list)

    def add(self, file: Path, vectors: tuple[Vector, ...]) -> None:
        """One more entry, with its common vectors."""
        self.files.append(file)
        self.parts.append(Index.of(vectors))

    def candidates(self, vectors: tuple[Vector, ...], least: float) -> list[Path]:
        """Files of all entries of which a vector has a cosine of that size with one of these, and perhaps of a few
        more; any layer against any other.
        """
        owners: NDArray[np.int64] = np.repeat(np.arange(len(self.parts)), [len(part) for part in self.parts])
        rows = Index.together(self.parts).scan(vectors, least)
        return [self.files[number] for number in np.unique(owners[rows])]


@dataclass(frozen=True)
class Database:
    """What is in a folder: entries in groups, the commitments that bundles may name by id, and what was left out."""

    groups: tuple[Group, ...]
    commitments: tuple[Commitment, ...]
    left_out: tuple[LeftOut, ...]


def read(folder: Path, policy: Policy) -> Database:
    """The database in a folder and the folders in it. Files of other kinds than bundles, fingerprints and commitments
    are passed over.

    Raises:
        NotFoundError: there is no such folder.
        InputError: it is no folder, or cannot be listed.

    """
    if not folder.exists():
        raise absent(folder)
    if not folder.is_dir():
        raise InputError(f"{folder}: not a folder; a database is a folder of bundles and fingerprints")
    files = [(path, kinds.at(path)) for path in _files(folder)]
    groups: dict[tuple[str, tuple[bytes, ...]], Group] = {}
    commitments: list[Commitment] = []
    left_out = []

    def take(path: Path, kind: kinds.Kind | None) -> str | None:
        """Take a file in; why not, if it cannot be."""
        try:
            data = disk.read(path)
            if kind is kinds.COMMITMENT:
                commitments.append(kind.parse(data, str(path)))
                return None
            side = (
                parse_bundle(data, str(path), policy.max_bundle_bytes, commitments)
                if kind is kinds.BUNDLE
                else kinds.FINGERPRINT.parse(data, str(path))
            )
        except HurefError as why:
            return str(why).removeprefix(f"{path}: ")
        found = common(side)
        if found is None:
            return "it has no common vectors, which alone can be searched; compare it by itself"
        if not all(any(vector) for vector in found.vectors):
            return "one of its vectors is zero, which no model has"
        key = (found.profile, found.tokens)
        groups.setdefault(key, Group(*key)).add(path, found.vectors)
        return None

    for wanted in ((kinds.COMMITMENT,), (kinds.BUNDLE, kinds.FINGERPRINT)):
        for path, kind in files:
            if kind in wanted:
                why = take(path, kind)
                if why is not None:
                    left_out.append(LeftOut(str(path), why))
    return Database(tuple(groups.values()), tuple(commitments), tuple(left_out))


def common(side: Bundle | Fingerprint) -> Fingerprint | None:
    """The vectors under the common draw; None where there are none."""
    if isinstance(side, Fingerprint):
        return side if side.network is None else None
    statement = side.statement
    for draw, outputs in zip(statement.draws, statement.outputs, strict=True):
        if draw.kind == "common":
            return Fingerprint(statement.profile, statement.shape.layers, statement.shape.tokens, outputs)
    return None


def _files(folder: Path) -> Iterator[Path]:
    """All files below, in the order of their names."""

    def fail(why: OSError) -> None:
        raise InputError(f"{why.filename}: cannot be listed ({why.strerror})") from None

    for root, folders, names in os.walk(folder, onerror=fail):
        folders.sort()
        yield from (path for path in (Path(root, name) for name in sorted(names)) if path.is_file())
