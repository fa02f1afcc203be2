"""The two encoders beside each other, on the same sketches: what they keep, and what independent models reach.

Synthetic terms first; then random tiny models (lab/null_width.py); then, with a folder of `make lineage`, small
trained models: every pair with equal tokens, relatives by their names. Two minutes; docs/reference/encoder.md has it.

    python -m lab.encoder.both [build/lineage]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from huref import _native, fingerprint
from huref.profile import named
from huref.similarity.vectors import compare_vectors, cosines
from huref.similarity.verdict import DESCENT
from lab.lineage.__main__ import pairs_of
from lab.lineage.family import recipes
from lab.lineage.make import places
from lab.null_width import sketches, strangers

from . import synthetic
from .measure import Measured, measure

#: The encoders and the profiles that have them.
ENCODERS = {"linear": "robust-2", "cnn": "robust-2-cnn"}
MODELS, TINY = 500, 120
#: Noise to which little is left: here encoders would differ most.
WEAK = 0.2


def encode(encoder: str, found: list[list[int]]) -> np.ndarray:
    """The vectors of sketches, layers x m, by the core, with standard deviation 1."""
    rules = named(ENCODERS[encoder])
    ((z, *_),) = _native.encode(rules.name, found)
    return np.array(z).reshape(-1, rules.outputs) / rules.units


def measured(encoder: str) -> tuple[Measured, float]:
    """On synthetic terms; also the AUC of copies of correlation WEAK against independent models."""

    def vectors(layers: synthetic.Floats) -> np.ndarray:
        # as large as real sketches are, so that rounding is the real one
        integers = np.rint(layers * 2.0**40).astype(np.int64).reshape(len(layers), 3, -1)
        return np.concatenate([encode(encoder, layer.tolist()) for layer in integers])

    random = np.random.default_rng(3)
    originals = synthetic.terms(random, MODELS)
    copies = synthetic.copies(random, originals, WEAK)
    products = vectors(originals) @ vectors(copies).T / 512
    weak, others = np.diag(products), products[~np.eye(MODELS, dtype=bool)]
    auc = (weak[:, None] > others[None, ::50]).mean()
    return measure(vectors, MODELS), float(auc)


def line(name: str, *columns: object) -> None:
    """One line of a table."""
    print(f"{name:44}" + "".join(f"{c:>10.4f}" if isinstance(c, float) else f"{c:>10}" for c in columns), flush=True)


def main() -> None:
    """All tables."""
    line("", *ENCODERS)
    both = [measured(encoder) for encoder in ENCODERS]
    for correlation in both[0][0].kept:
        line(f"synthetic: copies of correlation {correlation}", *(m.kept[correlation] for m, _ in both))
    line(f"synthetic: AUC of copies of correlation {WEAK}", *(auc for _, auc in both))
    line("synthetic: width of the null", *(m.null_width for m, _ in both))
    line("synthetic: largest of independent", *(m.largest for m, _ in both))
    line("synthetic: coordinates not Gaussian at 1 %", *(m.rejected for m, _ in both))
    for decay in (0.0, 0.5, 1.0):
        random = np.random.default_rng(5)
        tiny = [sketches(256, decay, random) for _ in range(TINY)]
        found = [
            strangers(np.stack([encode(encoder, sketched) for sketched in tiny]) / 512**0.5) for encoder in ENCODERS
        ]
        line(f"tiny models, decay {decay}: width of the null", *(float(cosines.std()) for cosines in found))
        line(f"tiny models, decay {decay}: largest", *(float(np.abs(cosines).max()) for cosines in found))
    if len(sys.argv) > 1:
        _lineage(Path(sys.argv[1]))


def _lineage(folder: Path) -> None:
    """The pairs of docs/quality.md: cosine of the two layers most alike; widths are those of all layers with all."""
    family = recipes()
    pairs = pairs_of(family, places(folder, family))
    models = {path for pair in pairs for path in (pair.a, pair.b)}
    found = {path: [fingerprint(path, profile=profile) for profile in ENCODERS.values()] for path in models}
    relatives, plain, hard, tables = [], [], [], []
    for pair in pairs:
        if found[pair.a][0].tokens != found[pair.b][0].tokens:
            continue
        sides = list(zip(found[pair.a], found[pair.b], strict=True))
        best = [compare_vectors(x, y).cosine for x, y in sides]
        if pair.related:
            relatives.append(best)
        elif pair.hard:
            hard.append(best)
        else:
            plain.append(best)
            tables.append([cosines(x.vectors, y.vectors) for x, y in sides])
    kept, seen = np.array(relatives), np.array(plain)
    line(f"trained: relatives, mean of {len(kept)}", *kept.mean(axis=0).tolist())
    line("trained: relatives, smallest", *kept.min(axis=0).tolist())
    line(f"trained: relatives, share at {DESCENT} or more", *(kept >= DESCENT).mean(axis=0).tolist())
    line(f"trained: strangers, width, {len(seen)} pairs", *np.std(tables, axis=(0, 2, 3)).tolist())
    line("trained: strangers, largest", *seen.max(axis=0).tolist())
    line("trained: AUC of relatives against strangers", *(kept[:, None] > seen[None]).mean(axis=(0, 1)).tolist())
    line(f"trained: tied strangers, largest of {len(hard)}", *np.max(hard, axis=0).tolist())


if __name__ == "__main__":
    main()
