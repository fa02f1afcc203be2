"""Whose model is this? A model folder against every entry of a database; the verdicts are those of `compare`.

Candidates are found by common vectors of layers, any layer of the model against any of an entry, so that dropped, moved
and repeated layers hide no copy. The threshold is so low that every entry below it has the verdict "no relation shown"
(`test_scan` compares both). A candidate is then compared as `huref.compare` does: a bundle is verified, and its own
vectors, if it has some, decide.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

from ..artefacts import draw as draws
from ..artefacts.document import RESULTS, Part, Result
from ..artefacts.report import NotChecked
from ..profile import Profile
from .database import LeftOut
from .vectors import needed
from .verdict import CLEAR, COPIED, MORE, OTHER_WAY, UNRELATED, Comparison, Verdict, null_width, too_few

#: Verdicts on candidates, what says most first.
ORDER: tuple[Verdict, ...] = ("related", "alike", "fitted", "inconclusive")


@dataclass(frozen=True)
class Found(Part):
    """An entry that is not without relation, and its comparison with the model: the model is A, the entry B."""

    file: str
    comparison: Comparison


@dataclass(frozen=True, kw_only=True)
class Scan(Result):
    """What a database knows of a model.

    `entries`: how many were compared, all of them; `found`: those that are related, alike, fitted or inconclusive, in
    this order and then the most alike first; all others have the verdict "no relation shown". `left_out`: files that
    could not be compared, of which nothing is known. `reason`: all this in a sentence. `not_checked`: what could
    mislead, and was not checked.
    """

    schema: str = f"{RESULTS}/scan/v1"
    model: str
    entries: int
    found: tuple[Found, ...]
    left_out: tuple[LeftOut, ...]
    reason: str
    not_checked: tuple[NotChecked, ...] = ()


def doubt(tokens: Sequence[bytes], vocabulary: int, reach: float, profile: Profile, clear: float = CLEAR) -> str | None:
    """Why nothing could be told from vectors over these tokens, of so many that the two could share; None if something
    can be.

    `reach`: what an unchanged copy would show, which must be more than `clear` standard deviations of strangers.
    """
    few = too_few(len(tokens), needed(vocabulary), min(draws.sides(sorted(tokens), profile, None)))
    if few is not None or reach == 1 or reach > clear * null_width(profile):
        return few
    return f"over the {len(tokens):,} tokens that both have, an unchanged copy would show {reach:.2f}; {OTHER_WAY}"


def least(layers: int, reach: float, width: float) -> float:
    """The size of cosine below which an entry's verdict is "no relation shown", against a model of so many layers.

    `reach`: what an unchanged copy would show, `width` the standard deviation of strangers. See `verdict.strength`.
    """
    chance = width * NormalDist().inv_cdf(1 - UNRELATED / layers)
    copied = reach / 2 + width * width * math.log(COPIED) / reach
    return min(chance, copied, reach - CLEAR * width)


def concluded(
    model: str | Path, database: str | Path, entries: int, found: Sequence[Found], left_out: Sequence[LeftOut]
) -> Scan:
    """The answer."""
    ordered = sorted(found, key=lambda one: (ORDER.index(one.comparison.verdict), -one.comparison.cosine))
    return Scan(
        model=str(model),
        entries=entries,
        found=tuple(ordered),
        left_out=tuple(left_out),
        reason=_reason(str(database), entries, ordered, len(left_out)),
        not_checked=tuple(_not_checked(ordered, entries)),
    )


def _not_checked(found: Sequence[Found], entries: int) -> Iterator[NotChecked]:
    """What was not checked of each that was found, once, and of all others."""
    yield from dict.fromkeys(entry for one in found for entry in one.comparison.not_checked)
    if len(found) < entries:
        yield NotChecked("entries", "those without a relation shown: their vectors are what their files say")


def _reason(database: str, entries: int, found: Sequence[Found], left_out: int) -> str:
    rest = f"; {left_out:,} more could not be compared" if left_out else ""
    if not entries:
        return f"nothing in {database} could be compared with the model{rest}"
    if not found:
        return (
            f"none of the {entries:,} entries is related to the model: its layers were compared with all of theirs, "
            f"and no relation is shown, {MORE}{rest}"
        )
    verdicts = Counter(one.comparison.verdict for one in found)
    counted = [f"{verdicts[word]:,} {word}" for word in ORDER if verdicts[word]]
    others = entries - len(found)
    if others:
        counted.append(f"{others:,} without a relation shown")
    doubts = ""
    if verdicts["inconclusive"]:
        doubts = f"; of strangers about one in {1 / UNRELATED:,.0f} is inconclusive by chance"
    return f"of {entries:,} entries: {', '.join(counted)}{doubts}{rest}"
