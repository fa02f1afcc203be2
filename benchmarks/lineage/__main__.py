"""Trains, changes and compares; prints the tables of docs/quality.md.  python -m benchmarks.lineage FOLDER

Models are kept in FOLDER, and what is there is not made again. About ten minutes on two free cores.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import torch

import huref
from benchmarks.lineage import derive, train
from huref.similarity import Comparison

STEPS = 500
#: Name -> architecture, seed, size of the vocabulary.
BASES = {f"llama {seed}": ("llama", seed, 1500) for seed in range(4)} | {
    "llama 4, other tokenizer": ("llama", 4, 1200),
    "gpt2 5": ("gpt2", 5, 1500),
    "gpt2 6": ("gpt2", 6, 1500),
    "tied llama 7": ("tied", 7, 1500),
    "tied llama 8": ("tied", 8, 1500),
}


@dataclass(frozen=True)
class Pair:
    """Two models, what the second one is to the first, and whether they are related."""

    a: Path
    b: Path
    what: str
    related: bool


def main(folder: Path) -> None:
    """Make what is missing, compare, print."""
    torch.set_num_threads(1)
    bases = {name: folder / name.replace(" ", "-").replace(",", "") for name in BASES}
    for name, (kind, seed, vocabulary) in BASES.items():
        _make(bases[name], lambda at, k=kind, s=seed, v=vocabulary: train.base(at, k, s, v, STEPS))
    pairs = [Pair(bases[a], bases[b], f"{a} and {b}", False) for a, b in combinations(BASES, 2)]
    for name, stranger in (("llama 0", "llama 1"), ("llama 1", "llama 2"), ("gpt2 5", "gpt2 6")):
        for what, child in _descendants(name, bases[name], bases["llama 3"]):
            pairs.append(Pair(bases[name], child, what, True))
            pairs.append(Pair(bases[stranger], child, f"{what}, and a stranger", False))
    start = time.perf_counter()
    found = [(pair, huref.compare(pair.a, pair.b)) for pair in pairs]
    seconds = (time.perf_counter() - start) / len(found)
    _report(found)
    print(f"\n{len(found)} comparisons, {seconds:.1f} s each")


def _descendants(name: str, source: Path, other: Path) -> list[tuple[str, Path]]:
    """Makes the descendants of a base; what each of them is, and where."""
    kind, seed, vocabulary = BASES[name]
    made: dict[str, Callable[[Path], None]] = {}
    further = {"vocabulary": vocabulary, "seed": 100 + seed}
    made["fine-tuned"] = lambda at: train.descendant(source, at, steps=200, rate=5e-4, **further)
    made["trained on, as long again"] = lambda at: train.descendant(source, at, steps=STEPS, rate=3e-3, **further)
    if kind == "llama":
        made["LoRA, merged"] = lambda at: train.descendant(source, at, steps=200, rate=5e-3, rank=4, **further)
        made["merged, half a stranger"] = lambda at: derive.derive(source, at, derive.merged(other, 0.5))
        for what, change in derive.CHANGES.items():
            made[what] = lambda at, change=change: derive.derive(source, at, change)
    paths = {what: source.with_name(f"{source.name}--{re_name(what)}") for what in made}
    for what, make in made.items():
        _make(paths[what], make)
    return list(paths.items())


def re_name(what: str) -> str:
    """What a descendant is, as the name of a folder."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in what).split())


def _make(folder: Path, make: Callable[[Path], None]) -> None:
    if not (folder / "tokenizer.json").exists():  # written last
        print(f"making {folder.name}", file=sys.stderr, flush=True)
        make(folder)


def _ics(found: Comparison) -> float:
    """The mean correlation of the terms of the best matched layers; the cosine where no layers were compared."""
    layers = () if found.evidence is None else found.evidence.layers
    return max((pair.ics for pair in layers), default=found.cosine)


def _report(found: list[tuple[Pair, Comparison]]) -> None:
    print("| descendants | cosine of the vectors | best exact ICS | verdicts | decided by |\n|---|---|---|---|---|")
    for what in dict.fromkeys(pair.what for pair, _ in found if pair.related):
        those = [comparison for pair, comparison in found if pair.related and pair.what == what]
        cosines = ", ".join(f"{comparison.cosine:.3f}" for comparison in those)
        terms = ", ".join(f"{_ics(comparison):.3f}" for comparison in those)
        verdicts, by = (
            ", ".join(dict.fromkeys(words))
            for words in ([one.verdict for one in those], [one.decided_by for one in those])
        )
        print(f"| {what} | {cosines} | {terms} | {verdicts} | {by} |")
    strangers = [comparison for pair, comparison in found if not pair.related]
    relatives = [comparison for pair, comparison in found if pair.related]
    print("\n| | cosine of the vectors | best exact ICS | p-value of the neurons |\n|---|---|---|---|")
    scores = [
        ([score(one) for one in relatives], [score(one) for one in strangers])
        for score in (lambda one: one.cosine, _ics, lambda one: -one.corrected_p_value)
    ]
    for name, worst in (
        (f"worst of {len(relatives)} relatives", [min(a) for a, _ in scores]),
        (f"worst of {len(strangers)} strangers", [max(b) for _, b in scores]),
    ):
        print(f"| {name} | {worst[0]:.3f} | {worst[1]:.3f} | {abs(worst[2]):.2g} |")
    print("| AUC | " + " | ".join(f"{_auc(a, b):.4f}" for a, b in scores) + " |")
    print("| relatives above every stranger | " + " | ".join(f"{_above(a, b):.0%}" for a, b in scores) + " |")
    for name, those in (("relatives", relatives), ("strangers", strangers)):
        counts = {
            verdict: sum(one.verdict == verdict for one in those)
            for verdict in ("related", "inconclusive", "unrelated")
        }
        print(f"\nVerdicts on {name}: " + ", ".join(f"{number} {verdict}" for verdict, number in counts.items()))


def _auc(relatives: list[float], strangers: list[float]) -> float:
    """How often a relative scores higher than a stranger; ties count half."""
    a, b = np.array(relatives)[:, None], np.array(strangers)[None]
    return float((a > b).mean() + (a == b).mean() / 2)


def _above(relatives: list[float], strangers: list[float]) -> float:
    return float((np.array(relatives) > max(strangers)).mean())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
