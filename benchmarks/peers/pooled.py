"""The statement that huref and its peers are measured on: python -m benchmarks.peers.pooled N FOLDER

One layer of a model with N hidden columns, N neurons and N tokens, drawn at random, as huref rounds it to integers of
12 bits. The statement: these public r x r integers are

    (P X) q^T k (Q X)^T,    (P X) v^T o (Q X)^T,    (P X) up^T down (Q X)^T

for secret N x N matrices X, q, k, v, o, up, down, where P and Q are the public r x N matrices of profile robust-2
(r = 32). A proof of huref shows more: it keeps these sketches secret as well, bounds the weights under a commitment
that was published before, and shows the 512 numbers that follow from the sketches.

Writes FOLDER/model (a model folder) and FOLDER/integers.npz (all the matrices, and the sketches S as decimal strings).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from huref.pipeline.given import opened, source
from huref.profile import named
from huref.stages.sketch import matrices, sketch

from .. import shapes

SECRET = ("X", "q", "k", "v", "o", "up", "down")


def write(n: int, folder: Path) -> None:
    """Draw the model and write it, and its integers."""
    model, profile = folder / "model", named("robust-2")
    shapes.write(shapes.Shape("llama", hidden=n, heads=4, kv_heads=4, ffn=n, vocab=n, layers=1), model)
    quantised = source(opened(model), profile, (0,), None).whole()
    p, q = matrices(quantised.shape.tokens, profile)
    matrix = quantised.weights.matrix
    arrays = {"P": p, "Q": q} | {name: matrix(index) for index, name in enumerate(SECRET)}
    (terms,) = sketch(quantised, "cpu")
    arrays["S"] = np.array([[str(entry) for entry in term] for term in terms])
    np.savez(folder / "integers.npz", allow_pickle=False, **arrays)


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
