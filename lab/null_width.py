"""Width of the null: how far the cosines of independent models spread, by number of tokens and by spectrum.

Random tiny models, quantised as they are drawn; a spectrum that falls off makes their terms nearly of low rank, as
trained ones are. Prints one line for each case; `huref.similarity` quotes the result. Ten seconds.

    python -m lab.null_width
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from huref import _native
from huref.artefacts.shape import Shape

Array = NDArray[np.float64]

MODELS, LAYERS, HIDDEN, FFN = 24, 2, 64, 128


def sketches(tokens: int, decay: float, random: np.random.Generator) -> list[list[int]]:
    """The sketches of one model; singular values of all matrices fall off as 1 / rank^decay in a common basis."""
    names = tuple(b"token %d" % i for i in range(tokens))
    shape = Shape(HIDDEN, heads=4, kv_heads=2, head_dim=16, ffn=FFN, layers=tuple(range(LAYERS)), tokens=names)
    basis = np.linalg.qr(random.standard_normal((HIDDEN, HIDDEN)))[0]
    spectrum = (1.0 + np.arange(HIDDEN)) ** -decay
    matrices = []
    for rows in (tokens, *(64, 32, 32, 64, FFN, FFN) * LAYERS):
        matrix = (random.standard_normal((rows, HIDDEN)) * spectrum) @ basis
        matrices.append(np.rint(matrix * (2047 / np.abs(matrix).max())).astype(np.int16))
    return _native.sketches(_native.Weights.from_integers("robust-2", shape, matrices))


def vectors(tokens: int, decay: float, random: np.random.Generator) -> Array:
    """The unit vectors of one model, layers x m."""
    ((z, *_),) = _native.encode("robust-2", sketches(tokens, decay, random))
    found = np.array(z, dtype=np.float64).reshape(LAYERS, -1)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def strangers(models: Array) -> Array:
    """Cosines of every layer of one model with every layer of a different one. `models`: models x layers x m."""
    cosines = np.einsum("aim,bjm->abij", models, models, optimize=True)
    found: Array = cosines[np.triu_indices(len(models), 1)]
    return found


def main() -> None:
    """One line for each case: of two layers, and of the mean over layers that were matched beforehand."""
    random = np.random.default_rng(5)
    print("decay  tokens  standard deviation  largest  of the mean of two")
    for decay in (0.0, 0.5, 1.0):
        for tokens in (16, 32, 64, 128, 256, 1024):
            cosines = strangers(np.stack([vectors(tokens, decay, random) for _ in range(MODELS)]))
            mean = np.einsum("pii->p", cosines) / LAYERS
            line = f"{cosines.std():18.3f}  {np.abs(cosines).max():7.2f}  {mean.std():18.3f}"
            print(f"{decay:5}  {tokens:6}  {line}", flush=True)


if __name__ == "__main__":
    main()
