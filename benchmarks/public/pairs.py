"""The list of pairs, `pairs.json`: facts that others published, with where they stand.

Sources name commit and file that were read. Models are named as on the Hub, or `pypi:PACKAGE`; `revision` null means
that it is not pinned. A pair has the class that its source states, `related` or `independent`, and what was done to
the one to make the other.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIST = Path(__file__).with_name("pairs.json")
FORMAT, CLASSES = 1, ("related", "independent")
_NAME = re.compile(r"(?:[\w.-]+/|pypi:)[\w.-]+", re.ASCII)


@dataclass(frozen=True)
class Published:
    """A model: its name, the revision that is pinned (None: none), other names of its folder."""

    name: str
    revision: str | None
    folders: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """Two models, what a source says they are to each other, and in which of its sets it says so."""

    a: Published
    b: Published
    related: bool
    kind: str
    source: str
    part: str


@dataclass(frozen=True)
class Source:
    """A list that others published: `listed` so many of `unit`, of which pairs were made."""

    name: str
    title: str
    url: str | None
    listed: int
    unit: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Pairs:
    """All of it."""

    sources: tuple[Source, ...]
    pairs: tuple[Pair, ...]


def read(file: Path = LIST) -> Pairs:
    """The list. ValueError names what is wrong with it."""
    try:
        given = json.loads(file.read_text("utf-8"))
        models = {name: _model(name, facts) for name, facts in given["models"].items()}
        pairs = tuple(_pair(facts, models) for facts in given["pairs"])
        counts = Counter(pair.source for pair in pairs)
        sources = tuple(_source(name, facts, counts[name]) for name, facts in given["sources"].items())
    except (KeyError, TypeError, AttributeError) as why:
        raise ValueError(f"{file}: {why!r}") from None
    if given["format"] != FORMAT:
        raise ValueError(f"{file}: format {given['format']} is not {FORMAT}")
    _whole(file, models, pairs, {source.name for source in sources})
    return Pairs(sources, pairs)


def _whole(file: Path, models: dict[str, Published], pairs: tuple[Pair, ...], sources: set[str]) -> None:
    """Every model is in a pair, every pair in a source, and in that once."""
    used = {side.name for pair in pairs for side in (pair.a, pair.b)}
    if unused := sorted(set(models) - used):
        raise ValueError(f"{file}: {unused[0]} is in no pair")
    if strange := sorted({pair.source for pair in pairs} - sources):
        raise ValueError(f"{file}: {strange[0]} is no source")
    twice = Counter((pair.source, frozenset({pair.a.name, pair.b.name})) for pair in pairs)
    (source, names), most = twice.most_common(1)[0]
    if most > 1:
        raise ValueError(f"{file}: {source} has {' and '.join(sorted(names))} twice")


def _model(name: str, facts: dict[str, Any]) -> Published:
    revision = facts["revision"]
    if not _NAME.fullmatch(name) or not (revision is None or (isinstance(revision, str) and revision)):
        raise ValueError(f"{name!r}: no name of a model, or no revision")
    return Published(name, revision, tuple(facts.get("folders", ())))


def _pair(facts: dict[str, Any], models: dict[str, Published]) -> Pair:
    a, b = models[facts["a"]], models[facts["b"]]
    if a == b or facts["class"] not in CLASSES:
        raise ValueError(f"{a.name} and {b.name}: one model, or no class of {CLASSES}")
    return Pair(a, b, facts["class"] == "related", facts["kind"], facts["source"], facts["set"])


def _source(name: str, facts: dict[str, Any], pairs: int) -> Source:
    if facts["pairs"] != pairs:
        raise ValueError(f"{name}: {pairs} pairs, not {facts['pairs']}")
    return Source(name, facts["title"], facts["url"], facts["listed"], facts["unit"], tuple(facts["notes"]))
