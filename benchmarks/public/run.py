"""Runs `huref compare` on the published pairs whose models are at hand, and prints what it says beside what their
source says.

    python -m benchmarks.public.run MODELS

MODELS is a folder of model folders (or of files of llama.cpp), named OWNER/NAME, NAME, OWNER--NAME or
models--OWNER--NAME; or `hf:`, where models are read from the Hub. Models that are not there are listed as such. A model
that huref refuses stands in the table with the reason. Of models on the Hub the revision is looked up once and listed
at the end, so that all pairs are of the same weights, and a reader knows of which.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import huref
from benchmarks.public.pairs import Pairs, Published, read
from benchmarks.public.table import COLUMNS, cells, head, row
from huref.errors import HurefError
from huref.model import open_model

HUB = "hf:"
#: In words, what a verdict is beside what the source says.
RIGHT, WRONG, OPEN, REFUSED = "right", "WRONG", "open", "refused"


def place(models: str, model: Published) -> str | None:
    """Where a model is; None if it is not at hand."""
    if models == HUB:
        if model.name.startswith("pypi:"):
            return None
        return f"{HUB}{model.name}" + ("" if model.revision is None else f"@{model.revision}")
    name = model.name.removeprefix("pypi:")
    names = [name, name.rpartition("/")[2], name.replace("/", "--"), f"models--{name.replace('/', '--')}"]
    found = (Path(models) / one for one in (*names, *model.folders))
    return next((str(path) for path in found if path.exists()), None)


@cache
def pinned(at: str) -> str:
    """A model on the Hub with the revision that it has now; any other as it is, and what cannot be opened."""
    try:
        return open_model(at).name if at.startswith(HUB) else at
    except HurefError:
        return at


def compared(a: str, b: str) -> tuple[str, ...]:
    """The cells of a row: the first is the verdict, or why there is none."""
    try:
        return cells(huref.compare(pinned(a), pinned(b)))
    except HurefError as why:
        return (f"not compared: {why}", *("" for _ in COLUMNS[1:]))


def judged(verdict: str, *, related: bool) -> str:
    """A verdict beside what the source says, in a word."""
    if verdict == ("related" if related else "unrelated"):
        return RIGHT
    return {"related": WRONG, "unrelated": WRONG, "inconclusive": OPEN}.get(verdict, REFUSED)


def run(pairs: Pairs, models: str) -> Iterator[str]:
    """Lines of the report, as they come."""
    words: Counter[tuple[str, bool, str]] = Counter()
    seen: dict[frozenset[str], tuple[str, ...]] = {}
    absent: Counter[str] = Counter()
    read_as: dict[str, str] = {}
    yield head("two models", "their source", "it says", "what was done", *COLUMNS, "that is")
    for pair in pairs.pairs:
        a, b = place(models, pair.a), place(models, pair.b)
        if a is None or b is None:
            absent.update(side.name for side, at in ((pair.a, a), (pair.b, b)) if at is None)
            words[pair.source, pair.related, "not at hand"] += 1
            continue
        key = frozenset({pair.a.name, pair.b.name})
        found = seen[key] = seen.get(key) or compared(a, b)
        word = judged(found[0], related=pair.related)
        words[pair.source, pair.related, word] += 1
        read_as |= {pair.a.name: pinned(a), pair.b.name: pinned(b)}
        truth = "related" if pair.related else "independent"
        yield row(f"{pair.a.name}, {pair.b.name}", f"{pair.source}, {pair.part}", truth, pair.kind, *found, word)
    yield from _counts(pairs, words)
    yield from _revisions(read_as)
    yield from _absent(absent)


def _counts(pairs: Pairs, words: Counter[tuple[str, bool, str]]) -> Iterable[str]:
    outcomes = (RIGHT, OPEN, WRONG, REFUSED, "not at hand")
    yield "\n" + head("source", "it says", "pairs", *outcomes)
    for source in pairs.sources:
        for related, truth in ((True, "related"), (False, "independent")):
            counts = [words[source.name, related, outcome] for outcome in outcomes]
            yield row(source.name, truth, *map(str, (sum(counts), *counts)))


def _revisions(read_as: dict[str, str]) -> Iterable[str]:
    revisions = {name: at.partition("@")[2] for name, at in read_as.items() if at.startswith(HUB) and "@" in at}
    if revisions:
        yield "\n" + head("model on the Hub", "revision that was read")
    for name in sorted(revisions, key=str.lower):
        yield row(name, revisions[name])


def _absent(absent: Counter[str]) -> Iterable[str]:
    yield "\n" + head("not at hand", "pairs that wait for it")
    for name in sorted(absent, key=str.lower):
        yield row(name, str(absent[name]))


def main() -> None:
    """Print the report."""
    try:
        (models,) = sys.argv[1:]
        if models != HUB and not Path(models).is_dir():
            raise ValueError(f"{models}: no folder, and not {HUB}")
        pairs = read()
    except ValueError as why:
        sys.exit(f"{__doc__}\n{why}")
    for line in run(pairs, models):
        print(line, flush=True)


if __name__ == "__main__":
    main()
