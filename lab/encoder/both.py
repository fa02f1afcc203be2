"""The two encoders beside each other, on the same sketches: what they keep, and what independent models reach.

Synthetic terms first; then random tiny models (lab/null_width.py); then, with a folder of `make lineage`, small
trained models: every pair with equal tokens, relatives by their names. Two minutes; docs/reference/encoder.md has it.

    python -m lab.encoder.both [build/lineage]
"""

from __future__ import annotations

import sys
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np

from huref import _native, cnn, fingerprint
from huref.profile import named
from lab.null_width import sketches

from . import synthetic
from .measure import LAYERS, Measured, measure

#: The encoders and the profiles that have them.
ENCODERS = {"linear": "robust-2", "cnn": "robust-2-cnn"}
MODELS, TINY = 500, 120
#: Noise to which little is left: here encoders would differ most.
WEAK = 0.2


def encode(encoder: str, found: list[list[int]]) -> np.ndarray:
    """The vector of sketches, by the core, all layers together, with standard deviation 1."""
    rules = named(ENCODERS[encoder])
    by = (
        _native.encode
        if rules.provable
        else partial(_native.encode_by, convolutions=cnn.network_of(rules).convolutions)
    )
    (outputs,) = by(rules.name, sketches=found)
    return np.array(_native.portrait_vector(rules.name, outputs[0])) / 4096


def measured(encoder: str) -> tuple[Measured, float]:
    """On synthetic terms; also the AUC of copies of correlation WEAK against independent models."""

    def vectors(layers: list[synthetic.Floats]) -> np.ndarray:
        # as large as real sketches are, so that rounding is the real one
        integers = [np.rint(layer * 2.0**40).astype(np.int64).reshape(len(layer), 3, -1) for layer in layers]
        models = zip(*integers, strict=True)
        return np.stack([encode(encoder, [s for layer in model for s in layer.tolist()]) for model in models])

    random = np.random.default_rng(3)
    originals = [synthetic.terms(random, MODELS) for _ in range(LAYERS)]
    copies = [synthetic.copies(random, layer, WEAK) for layer in originals]
    products = vectors(originals) @ vectors(copies).T / 512
    weak, strangers = np.diag(products), products[~np.eye(MODELS, dtype=bool)]
    auc = (weak[:, None] > strangers[None, ::50]).mean()
    return measure(vectors, MODELS), float(auc)


def line(name: str, *columns: object) -> None:
    """One line of a table."""
    print(f"{name:44}" + "".join(f"{c:>10.4f}" if isinstance(c, float) else f"{c:>10}" for c in columns), flush=True)


def spread(vectors: np.ndarray) -> tuple[float, float]:
    """Standard deviation and largest magnitude of the cosines."""
    cosines = (vectors @ vectors.T / vectors.shape[1])[np.triu_indices(len(vectors), 1)]
    return float(cosines.std()), float(np.abs(cosines).max())


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
        spreads = [spread(np.stack([encode(encoder, found) for found in tiny])) for encoder in ENCODERS]
        line(f"tiny models, decay {decay}: width of the null", *(width for width, _ in spreads))
        line(f"tiny models, decay {decay}: largest", *(largest for _, largest in spreads))
    if len(sys.argv) > 1:
        _lineage(Path(sys.argv[1]))


def _lineage(folder: Path) -> None:
    models = sorted(path for path in folder.iterdir() if (path / "config.json").exists())
    found = {path.name: [fingerprint(path, profile=profile) for profile in ENCODERS.values()] for path in models}
    relatives, strangers = [], []
    for a, b in combinations(found, 2):
        if found[a][0].tokens != found[b][0].tokens:
            continue
        pair = [float(np.dot(x.vector, y.vector)) / 512 / 4096**2 for x, y in zip(found[a], found[b], strict=True)]
        (relatives if a.split("--")[0] == b.split("--")[0] else strangers).append((pair, f"{a}, {b}"))
    merged = [pair for pair, name in strangers if "stranger" in name or "tied" in name or "gpt2" in name]
    plain = [pair for pair, name in strangers if "stranger" not in name and "tied" not in name and "gpt2" not in name]
    line(f"trained: relatives, mean of {len(relatives)}", *np.mean([pair for pair, _ in relatives], axis=0).tolist())
    line("trained: relatives, smallest", *np.min([pair for pair, _ in relatives], axis=0).tolist())
    line(f"trained: strangers, width of {len(plain)}", *np.std(plain, axis=0).tolist())
    line("trained: strangers, largest", *np.abs(plain).max(axis=0).tolist())
    above = np.array([pair for pair, _ in relatives])[:, None] > np.array(plain)[None]
    line("trained: AUC of relatives against strangers", *above.mean(axis=(0, 1)).tolist())
    line(f"trained: tied or merged strangers, largest of {len(merged)}", *np.abs(merged).max(axis=0).tolist())


if __name__ == "__main__":
    main()
