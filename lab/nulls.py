"""P-values of every test of `huref compare` on two folders over independent pairs: are they ever too small?

    python -m lab.nulls FOLDER [--workers 2]

21 untrained models and 21 that learnt one text, every one with every other of its kind: 420 pairs that share a
tokenizer, a text and a shape. Models and p-values are kept in FOLDER; the table goes to standard output.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import torch

import huref
from lab.lineage import calibrate
from lab.lineage.make import make
from lab.lineage.scores import Score


def main() -> None:
    """Make what is missing, compare, print."""
    arguments = argparse.ArgumentParser(prog="python -m lab.nulls", description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--workers", type=int, default=2)
    given = arguments.parse_args()
    kinds = calibrate.recipes()
    paths = make(given.folder, [recipe for made in kinds.values() for recipe in made], given.workers)
    found = {}
    for kind, made in kinds.items():
        store = given.folder / f"nulls, {kind}.json"
        if not store.exists():
            pairs = calibrate.pairs([paths[recipe.name] for recipe in made])
            with ProcessPoolExecutor(given.workers, get_context("spawn"), torch.set_num_threads, (1,)) as pool:
                store.write_text(json.dumps(list(pool.map(p_values, pairs))))
        found[kind] = json.loads(store.read_text())
    print(calibrate.table(found))
    for kind, scores in found.items():
        print(f"{kind}: {sum(score['verdict'] != 'unrelated' for score in scores)} of {len(scores)} not `unrelated`")


def p_values(pair: tuple[Path, Path]) -> Score:
    """Of every test that could be made, and of the comparison."""
    found = huref.compare(*pair)
    assert found.evidence is not None
    values = {test.name: test.p_value for test in found.evidence.tests if test.ran}
    return {"p-values": {**values, "comparison": found.corrected_p_value}, "verdict": found.verdict}


if __name__ == "__main__":
    main()
