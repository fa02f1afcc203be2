"""Trains, changes, compares; writes the tables and drawings that docs/quality.md shows.

    python -m lab.lineage FOLDER [--workers 2]

Models and scores are kept in FOLDER by the content of what they were made from; what is there is not made again.
Tables go to FOLDER/tables.md and to standard output, drawings to FOLDER/scores.svg and FOLDER/curves.svg.
"""

from __future__ import annotations

import argparse
import os
import time
from itertools import combinations
from pathlib import Path

from lab.lineage import calibrate, plots, report
from lab.lineage.family import BASES, STRANGERS, Recipe, disguises, recipes
from lab.lineage.make import make
from lab.lineage.report import Found, Pair
from lab.lineage.scores import Score, score


def main() -> None:
    """Make what is missing, compare, print."""
    arguments = argparse.ArgumentParser(prog="python -m lab.lineage", description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--workers", type=int, default=2)
    given = arguments.parse_args()
    folder: Path = given.folder
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # of the workers: threads of two would wait for each other
    start = time.perf_counter()
    family, hidden, tiny = recipes(), disguises(), calibrate.recipes()
    paths = make(folder, [*family, *hidden, *(recipe for kind in tiny.values() for recipe in kind)], given.workers)
    pairs = pairs_of(family, paths)
    under = [Pair(paths[recipe.line], paths[recipe.name], recipe.what, True, False) for recipe in hidden]
    nulls = {kind: calibrate.pairs([paths[recipe.name] for recipe in made]) for kind, made in tiny.items()}
    store = folder / "scores.json"

    def scored(those: list[Pair]) -> Found:
        return list(zip(those, score([(p.a, p.b) for p in those], store, given.workers, others=True), strict=True))

    found, disguised = scored(pairs), scored(under)
    independent = {kind: score(those, store, given.workers, others=False) for kind, those in nulls.items()}
    tables = _tables(found, disguised, independent)
    (folder / "tables.md").write_text(tables)
    (folder / "scores.svg").write_text(plots.strips(found))
    (folder / "curves.svg").write_text(plots.curves([one for one in found if not one[0].hard]))
    print(tables, f"{time.perf_counter() - start:.0f} s", sep="\n")


def pairs_of(family: list[Recipe], paths: dict[str, Path]) -> list[Pair]:
    """Every base with every other; every descendant with its base, and with a stranger unless it is only a disguise
    of another descendant.
    """
    hard = {base.name: base.hard for base in BASES}
    pairs = [Pair(paths[a], paths[b], f"{a} and {b}", False, hard[a] or hard[b]) for a, b in combinations(hard, 2)]
    for recipe in family:
        if recipe.what != "base":
            at, line = paths[recipe.name], recipe.line
            pairs.append(Pair(paths[line], at, recipe.what, True, hard[line]))
            if not recipe.what.endswith(", disguised"):
                stranger = STRANGERS[line]
                pairs.append(Pair(paths[stranger], at, f"{stranger} and {recipe.name}", False, hard[line]))
    return pairs


def _tables(found: Found, disguised: Found, nulls: dict[str, list[Score]]) -> str:
    plain = [one for one in found if not one[0].hard]
    tied = [one for one in found if one[0].hard]
    parts = {
        "Methods": report.methods(plain),
        "Verdicts": report.verdicts(plain),
        "Descendants": report.descendants(plain),
        "Methods, pairs with tied embeddings": report.methods(tied),
        "Verdicts, pairs with tied embeddings": report.verdicts(tied),
        "Descendants with tied embeddings": report.descendants(tied),
        "Methods, all pairs": report.methods(found),
        "Draws": report.draws({"separate output matrix": plain, "tied embeddings": tied, "all": found}),
        "Tests": report.tests({"separate output matrix": plain, "tied embeddings": tied, "disguises": disguised}),
        "Disguises": report.disguises(disguised, plain),
        "P-values of independent models": calibrate.table(nulls),
        "Cosines of independent models": calibrate.widths(
            nulls | {"strangers of the tables above": [score for pair, score in found if not pair.related]}
        ),
    }
    return "\n".join(f"## {title}\n\n{text}\n" for title, text in parts.items())


if __name__ == "__main__":
    main()
