"""What an encoder is worth, measured on terms that it was not trained with: one layer, one vector.

*Normality.* For each of the m coordinates the Anderson-Darling statistic over independent layers, mean and variance
estimated (Stephens 1974; D'Agostino and Stephens 1986, case 3): a Gaussian exceeds 1.035 with probability 0.01.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huref.cnn.network import Network

from . import synthetic
from .synthetic import Floats

Vectors = NDArray[np.float64]
CORRELATIONS = (0.95, 0.85, 0.7, 0.5)
#: Upper 1 % point of the Anderson-Darling statistic.
CRITICAL = 1.035
#: Random numbers of measurements are never those of a training.
HELD_OUT = 2**32 - 1


@dataclass(frozen=True)
class Measured:
    """`kept`: mean cosine of a layer with a copy of that correlation; `null_width`, `largest`: standard deviation and
    largest magnitude of the cosines of independent layers; `rejected`: share of coordinates that are not Gaussian at a
    level of 1 %, so that 0.01 is what Gaussian ones give.
    """

    kept: dict[float, float]
    null_width: float
    largest: float
    rejected: float


def measure(encode: Callable[[Floats], Vectors], models: int = 1000) -> Measured:
    """Measure an encoder, given as a function from layers, n x 3 x 32 x 32, to vectors, n x m."""
    random = np.random.default_rng([HELD_OUT, models])
    originals = synthetic.terms(random, models)
    vectors = encode(originals)
    kept = {}
    for correlation in CORRELATIONS:
        copies = encode(synthetic.copies(random, originals, correlation))
        kept[correlation] = float((vectors * copies).mean())
    cosines = (vectors @ vectors.T / vectors.shape[1])[np.triu_indices(models, 1)]
    rejected = (anderson_darling(vectors) > CRITICAL).mean()
    return Measured(kept, float(cosines.std()), float(np.abs(cosines).max()), float(rejected))


def of_network(network: Network) -> Callable[[Floats], Vectors]:
    """The vectors of a network, standardised, before they are rounded."""

    def encode(layers: Floats) -> Vectors:
        return standardised(network.apply(synthetic.integers(layers)).astype(np.float64))

    return encode


def standardised(f: Vectors) -> Vectors:
    """Every row with mean 0 and standard deviation 1."""
    centred = f - f.mean(axis=1, keepdims=True)
    return np.asarray(centred / centred.std(axis=1, keepdims=True))


def anderson_darling(samples: Vectors) -> Vectors:
    """The statistic A*^2 of every column, for a Gaussian of unknown mean and variance."""
    n = len(samples)
    x = np.sort((samples - samples.mean(axis=0)) / samples.std(axis=0, ddof=1), axis=0)
    below, above = _log_tail(-x), _log_tail(x[::-1])
    weights = (2 * np.arange(1, n + 1) - 1)[:, None]
    return np.asarray((-n - (weights * (below + above)).sum(axis=0) / n) * (1 + 0.75 / n + 2.25 / n**2))


def _log_tail(x: Vectors) -> Vectors:
    """The logarithm of the probability that a Gaussian exceeds x."""
    return np.asarray(np.log(np.vectorize(math.erfc, otypes=[np.float64])(x / math.sqrt(2)) / 2))
