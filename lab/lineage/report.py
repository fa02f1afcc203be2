"""Tables in Markdown of what was found: each method by itself, each kind of descendant, verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from huref.similarity.verdict import DESCENT, RELATED
from huref.similarity.weigh import WEIGHTS
from lab.lineage.scores import METHODS, SHIPPED, Score

#: Methods that are measured together, and so have one time.
TOGETHER = {"vector": "folders", "vectors summed": "folders", "exact ICS": "folders"}
TOGETHER |= {"paper: vector": "PCS", "paper: ICS": "PCS"}
LOW = 0.05
DISGUISED = "all of these, disguised"


@dataclass(frozen=True)
class Pair:
    """Two models, what the second is to the first, whether they are related, and whether one has tied embeddings."""

    a: Path
    b: Path
    what: str
    related: bool
    hard: bool


Found = list[tuple[Pair, Score]]


def methods(found: Found) -> str:
    """A row for every method."""
    lines = [
        "| method | AUC | AUC below 5 % false positives | relatives above every stranger | worst relative "
        "| worst strangers | seconds |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in METHODS:
        relatives, strangers = split(found, name)
        low, high = min(relatives), max(strangers)
        seconds = np.median([score["seconds"][TOGETHER.get(name, name)] for _, score in found])
        lines.append(
            f"| {name} | {auc(relatives, strangers):.4f} | {low_auc(relatives, strangers):.4f} | "
            f"{np.mean(np.array(relatives) > high):.1%} | {shown(name, low)} ({_which(found, name, low)}) | "
            f"{shown(name, high)} ({_which(found, name, high)}) | {seconds:.2f} |"
        )
    return "\n".join(lines)


def descendants(found: Found) -> str:
    """A row for every kind of descendant, one for all disguised ones: the lowest score of each method, and verdicts."""
    lines = ["| descendants | pairs | " + " | ".join(SHIPPED) + " | verdicts | decided by |"]
    lines.append("|" + "---|" * (len(SHIPPED) + 4))
    kinds: dict[str, list[Score]] = {}
    for pair, score in found:
        if pair.related:
            kinds.setdefault(DISGUISED if pair.what.endswith("disguised") else pair.what, []).append(score)
    for what, those in kinds.items():
        lowest = " | ".join(shown(name, min(score["scores"][name] for score in those)) for name in SHIPPED)
        verdicts, by = (", ".join(dict.fromkeys(score[key] for score in those)) for key in ("verdict", "decided by"))
        lines.append(f"| {what} | {len(those)} | {lowest} | {verdicts} | {by} |")
    return "\n".join(lines)


def verdicts(found: Found) -> str:
    """How often each verdict fell on relatives and on strangers, and what the vector alone would say."""
    lines = [f"| | related | inconclusive | unrelated | vector alone: {DESCENT:.2f} or more |", "|---|---|---|---|---|"]
    for name, related in (("relatives", True), ("strangers", False)):
        those = [score for pair, score in found if pair.related == related]
        counts = [
            sum(score["verdict"] == verdict for score in those) for verdict in ("related", "inconclusive", "unrelated")
        ]
        sure = sum(score["scores"]["vector"] >= DESCENT for score in those)
        lines.append(f"| {len(those)} {name} | " + " | ".join(map(str, (*counts, sure))) + " |")
    return "\n".join(lines)


def tests(groups: dict[str, Found]) -> str:
    """A row for every test on two folders: how many relatives it alone would call related, of those it was made on, and
    the smallest p-value that it gives a stranger.
    """
    lines = [f"| test | {' | '.join(groups)} | strangers: made on | smallest p |", f"|{'---|' * (len(groups) + 3)}"]
    strangers = [score["p-values"] for found in groups.values() for pair, score in found if not pair.related]
    for name in WEIGHTS:
        cells = []
        for found in groups.values():
            values = [score["p-values"][name] for pair, score in found if pair.related and name in score["p-values"]]
            cells.append(f"{sum(value < RELATED for value in values)} of {len(values)}")
        values = [own[name] for own in strangers if name in own]
        cells += [str(len(values)), f"{min(values):.2g}" if values else ""]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def draws(groups: dict[str, Found]) -> str:
    """Three rows for every group of pairs: the common draw, the mean of all draws, the worst of them."""
    lines = [
        "| pairs | draw | AUC | AUC below 5 % false positives | relatives above every stranger | "
        f"relatives at {DESCENT:.2f} or more | strangers at {DESCENT:.2f} or more | "
        "worst relative | worst stranger |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for group, found in groups.items():
        for column, what in (("best", ""), ("few", ", 64 tokens"), ("summed", ", vectors summed")):
            rows = np.array([_of_draw(found, number, column) for number in range(len(found[0][1]["draws"]))])
            # of each column the number that speaks most against us
            worst = [*rows[:, :4].min(axis=0), rows[:, 4].max(), rows[:, 5].min(), rows[:, 6].max()]
            for draw, row in (("common", rows[0]), ("mean of 7", rows.mean(axis=0)), ("worst of 7", worst)):
                a, low, above, hits, false, relative, stranger = row
                lines.append(
                    f"| {group}{what} | {draw} | {a:.4f} | {low:.4f} | {above:.1%} | {hits:.1%} | {false:.1%} | "
                    f"{relative:.3f} | {stranger:.3f} |"
                )
    return "\n".join(lines)


def _of_draw(found: Found, number: int, column: str) -> tuple[float, ...]:
    relatives, strangers = (
        np.array([score["draws"][number][column] for pair, score in found if pair.related == related])
        for related in (True, False)
    )
    return (
        auc(relatives, strangers),
        low_auc(relatives, strangers),
        float((relatives > strangers.max()).mean()),
        float((relatives >= DESCENT).mean()),
        float((strangers >= DESCENT).mean()),
        float(relatives.min()),
        float(strangers.max()),
    )


def disguises(found: Found, others: Found) -> str:
    """A row for every disguise; bold is a score that some stranger among `others` reaches: the method is broken."""
    lines = ["| disguise | " + " | ".join(SHIPPED) + " |", "|" + "---|" * (len(SHIPPED) + 1)]
    highest = {name: max(split(others, name)[1]) for name in SHIPPED}
    for pair, score in found:
        cells = ((shown(name, score["scores"][name]), score["scores"][name] <= highest[name]) for name in SHIPPED)
        lines.append(
            f"| {pair.what} | " + " | ".join(f"**{text}**" if broken else text for text, broken in cells) + " |"
        )
    lines.append("| *most similar strangers* | " + " | ".join(shown(name, highest[name]) for name in SHIPPED) + " |")
    return "\n".join(lines)


def split(found: Iterable[tuple[Pair, Score]], method: str) -> tuple[list[float], list[float]]:
    """Scores of relatives and of strangers."""
    both: tuple[list[float], list[float]] = ([], [])
    for pair, score in found:
        both[not pair.related].append(score["scores"][method])
    return both


def auc(relatives: Sequence[float], strangers: Sequence[float]) -> float:
    """How often a relative scores higher than a stranger; ties count half."""
    a, b = np.array(relatives)[:, None], np.array(strangers)[None]
    return float((a > b).mean() + (a == b).mean() / 2)


def low_auc(relatives: Sequence[float], strangers: Sequence[float]) -> float:
    """The area under the part of the curve with at most 5 % false positives, as a share of what it could be."""
    rates, hits = roc(relatives, strangers)
    inside = np.concatenate([rates[rates < LOW], [LOW]])
    return float(np.trapezoid(np.interp(inside, rates, hits), inside) / LOW)


def roc(relatives: Sequence[float], strangers: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """False positives and true positives, both as shares, at every threshold; ascending."""
    thresholds = np.unique([*relatives, *strangers])[::-1]
    rates, hits = (
        np.array([0.0, *((np.array(side)[None] >= thresholds[:, None]).mean(axis=1))])
        for side in (strangers, relatives)
    )
    return rates, hits


def shown(method: str, value: float) -> str:
    """A score as text; the p-value of two folders is kept as its negative."""
    if method == "folders":
        return f"{-value:.1g}" if value else "below 1e-308"
    return f"{value:.3f}"


def _which(found: Found, method: str, value: float) -> str:
    return next(pair.what for pair, score in found if score["scores"][method] == value)
