"""Reports in lines, as pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..artefacts.blocks import blocks
from ..artefacts.report import Report

#: A word, and the texts that stand beside it.
Grouped = list[tuple[str, list[str]]]
_KINDS = {"Verified": "verified", "Signed": "signed", "Claimed": "claimed"}


@dataclass(frozen=True)
class Shown:
    """A block of a report: its title, what stands below that, its lines, and the class of its section."""

    kind: str
    title: str
    note: str
    lines: Grouped


def grouped(lines: Iterable[Sequence[str]]) -> Grouped:
    """Lines whose word is empty belong to the word above."""
    found: Grouped = []
    for word, text in lines:
        if word or not found:
            found.append((word, [text]))
        else:
            found[-1][1].append(text)
    return found


def shown(report: Report) -> list[Shown]:
    """The blocks of a report, in the words of the command line."""
    made = []
    for title, lines in blocks(report):
        name, _, note = title.partition(": ")
        made.append(Shown(_KINDS.get(name, "open"), name, note or "could mislead", grouped(lines)))
    return made
