"""Width of the null: how far the cosines of independent models spread, by number of tokens and by spectrum.

Random tiny models, quantised as they are drawn; a spectrum that falls off makes their terms nearly of low rank, as
trained ones are. Prints one line for each case; `huref.similarity` quotes the result. Ten seconds.

    python -m lab.null_width
"""

from __future__ import annotations

import numpy as np

from huref import _native
from huref.artefacts.shape import Shape

MODELS, HIDDEN, FFN = 24, 64, 128


def sketches(tokens: int, decay: float, random: np.random.Generator) -> list[list[int]]:
    """The sketches of one model; singular values of all matrices fall off as 1 / rank^decay in a common basis."""
    names = tuple(b"token %d" % i for i in range(tokens))
    shape = Shape(HIDDEN, heads=4, kv_heads=2, head_dim=16, ffn=FFN, layers=(0,), tokens=names)
    basis = np.linalg.qr(random.standard_normal((HIDDEN, HIDDEN)))[0]
    spectrum = (1.0 + np.arange(HIDDEN)) ** -decay
    matrices = []
    for rows in (tokens, *(64, 32, 32, 64, FFN, FFN)):
        matrix = (random.standard_normal((rows, HIDDEN)) * spectrum) @ basis
        matrices.append(np.rint(matrix * (2047 / np.abs(matrix).max())).astype(np.int16))
    return _native.sketches(_native.Weights.from_integers("robust-2", shape, matrices))


def vector(tokens: int, decay: float, random: np.random.Generator) -> np.ndarray:
    """The unit vector of one model, all layers together."""
    (outputs,) = _native.encode("robust-2", sketches(tokens, decay, random))
    z = np.array(_native.portrait_vector("robust-2", outputs[0]), dtype=np.float64)
    return z / np.linalg.norm(z)


def main() -> None:
    """One line for each case."""
    random = np.random.default_rng(5)
    print("decay  tokens  standard deviation  largest")
    for decay in (0.0, 0.5, 1.0):
        for tokens in (16, 32, 64, 128, 256, 1024):
            vectors = np.stack([vector(tokens, decay, random) for _ in range(MODELS)])
            cosines = (vectors @ vectors.T)[np.triu_indices(MODELS, 1)]
            print(f"{decay:5}  {tokens:6}  {cosines.std():18.3f}  {np.abs(cosines).max():7.2f}")


if __name__ == "__main__":
    main()
