"""Sketches of models that never existed, to train and to measure an encoder with: no model is needed, none is favoured.

The sketch of a term is `sum_i s_i u_i v_i^T`: u_i and v_i are what 32 random signs see of the singular vectors of the
term, s_i its singular values. So independent Gaussian u, v and `s_i = i^-decay` draw sketches of a term whose spectrum
falls off that fast. Terms of trained models have an effective rank of 2 to 12 in such a sketch (MiniLM); 64 values and
a decay from 0 to 1 give 2.5 to 13.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from huref.cnn.network import INPUT_BITS, KINDS

Floats = NDArray[np.float32]

SIDE, VALUES = 32, 64
STEEPEST = 1.0
#: An entry of root mean square 1 as an integer: norm 32 here is norm 2^12 there.
UNIT = (1 << INPUT_BITS) / SIDE


def terms(random: np.random.Generator, count: int) -> Floats:
    """`count` layers: count x 3 x 32 x 32, each kind with root mean square 1, each term with a decay of its own."""
    shape = (count, KINDS)
    left = random.standard_normal((*shape, SIDE, VALUES), dtype=np.float32)
    right = random.standard_normal((*shape, VALUES, SIDE), dtype=np.float32)
    decay = STEEPEST * random.random(shape, dtype=np.float32)
    values = (1 + np.arange(VALUES, dtype=np.float32)) ** -decay[..., None]
    return _unit((left * values[..., None, :]) @ right)


def copies(random: np.random.Generator, originals: Floats, correlation: float | NDArray[np.float32]) -> Floats:
    """The same terms after a change that leaves that correlation: noise is added that is a sketch itself.

    `correlation`: one number, or one for each layer.
    """
    rho = np.asarray(correlation, dtype=np.float32).reshape(-1, 1, 1, 1)
    return _unit(rho * originals + np.sqrt(1 - rho**2) * terms(random, len(originals)))


def integers(sketches: Floats) -> NDArray[np.int64]:
    """Inputs of the encoder in integers, as the scaling of terms makes them."""
    return np.asarray(np.rint(UNIT * sketches), dtype=np.int64)


def _unit(sketches: NDArray[np.floating]) -> Floats:
    return np.asarray(sketches / np.sqrt((sketches**2).mean(axis=(2, 3), keepdims=True)), dtype=np.float32)
