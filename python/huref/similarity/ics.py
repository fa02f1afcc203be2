"""Exact ICS: the correlation of the full K x K terms of two models, without ever holding more than two of them.

Let X = Q R with orthonormal columns, Q of K x n, n = min(K, d). A term is then M = X B X^T = Q C Q^T with the n x n
*core* C = R B R^T, and for a second model, over the same tokens in the same order,

    <M1, M2> = <T C1 T^T, C2>,    T = Q2^T Q1,    |M| = |C|.

For K <= d nothing is gained by Q, and C is the term itself. Terms are centred, so the cosine of two is their
correlation.

Time of one term: 4 n P d + 2 n^2 P operations for each core, P positions (h e or f), and 4 n^3 to compare where n < K.
Memory: 8 (2 n P + 6 n^2 + 2 K n) bytes, beside one layer of integers. Measured at a layer of LLaMA-7B (K = d = 4096,
P = 11008): 26 s of one core for the cores of a model, 1 s to compare; 2.7 GiB.

**Tokens shuffled.** `shuffled` is Mantel's test (Mantel 1967): which token is which is permuted in one of the models,
and the correlation taken again. Null: within a stratum, which token owns which embedding row in one model has nothing
to do with the other model. Strata are tokens of the same form (a space in front, a `##`, neither; and the number of
bytes, which goes with frequency), so that what every vocabulary has in common is no evidence. Two layers that were
matched over some tokens are tested over the others; so the choice of layers costs nothing, and the p-value is uniform
under the null. Models that learnt independently from one language do not fulfil it: a small p-value says that the
terms agree token by token.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..stages.quantise import Quantised
from ..stages.sketch import gpu
from ..stages.terms import centred, factors

#: K x n and the like in float64: of numpy, or a torch tensor on a GPU.
Array = Any
Places = NDArray[np.int64]
#: Tokens of this many bytes and more are one stratum.
LONG = 12


@dataclass(frozen=True)
class Library:
    """The library that multiplies: numpy, or torch on a device. Both have what is needed here, under the same names."""

    module: ModuleType
    device: Any = None

    def put(self, values: NDArray[np.generic]) -> Array:
        """A matrix in float64, where it is computed with."""
        if self.device is None:
            return values.astype(np.float64)
        return self.module.from_numpy(np.ascontiguousarray(values)).to(self.device, self.module.float64)


NUMPY = Library(np)


def library(device: str) -> Library:
    """For "auto", "cpu" or "cuda" as in `huref.stages.sketch`; UsageError as there."""
    found = gpu(device)
    if found is None:
        return NUMPY
    import torch

    return Library(torch, found)


@dataclass(frozen=True, eq=False)
class Frame:
    """Orthonormal basis of what the embedding of a model spans: X = basis x, K x n times n x d; None: of everything."""

    library: Library
    basis: Array | None
    x: Array

    @property
    def tokens(self) -> int:
        """K."""
        return len(self.x if self.basis is None else self.basis)

    @property
    def full(self) -> Array:
        """The basis as a matrix, K x n."""
        return self.library.put(np.eye(len(self.x))) if self.basis is None else self.basis


@dataclass(frozen=True, eq=False)
class Cores:
    """The cores of M_a, M_b and M_f of one layer, n x n each, in the frame of its model, scaled to length 1."""

    frame: Frame
    cores: tuple[Array, ...]


def cores(quantised: Quantised, frame: Frame | None = None, library: Library = NUMPY) -> Cores:
    """The cores of a model of one layer. `frame`: that of another layer of the same model, which is the same."""
    if frame is None:
        x = library.put(centred(quantised))
        basis, x = (None, x) if len(x) <= x.shape[1] else library.module.linalg.qr(x)
        frame = Frame(library, basis, x)
    found = factors(quantised, frame.x, frame.x, put=frame.library.put)
    return Cores(frame, tuple(_unit(term.matrix()) for term in found))


def _unit(core: Array) -> Array:
    """A core of zeros stays zero: it is like no other."""
    core /= _product(core, core) ** 0.5 or 1.0
    return core


def _product(first: Array, second: Array) -> float:
    """The sum of the products of all entries."""
    return float(first.reshape(-1) @ second.reshape(-1))


def ics(a: Cores, b: Cores) -> tuple[float, float, float]:
    """The correlations of M_a, M_b and M_f of a layer of one model with those of a layer of another, in [-1, 1]."""
    everything = np.arange(a.frame.tokens)
    return _products(a, b, everything, everything)


def shuffled(a: Cores, b: Cores, tokens: Sequence[bytes], places: Places, times: int) -> float:
    """The p-value of Mantel's test over the tokens at those places: (1 + t) / (1 + times), t the shuffles that make the
    terms of the two layers agree at least as well. The statistic is the sum over the three terms.
    """
    rng = np.random.default_rng(0)
    strata = _strata(tokens, places)
    grouped = np.concatenate(strata)
    observed, reached = sum(_products(a, b, grouped, grouped)), 0
    for _ in range(times):
        order = np.concatenate([rng.permutation(members) for members in strata])
        reached += sum(_products(a, b, order, grouped)) >= observed
    return (1 + reached) / (1 + times)


def _products(a: Cores, b: Cores, order: Places, places: Places) -> tuple[float, float, float]:
    """Inner products of the terms of a, tokens in that order, with those of b, tokens at those places; full terms have
    length 1.
    """
    if a.frame.basis is None and b.frame.basis is None:
        rows, columns = (order[:, None], order), (places[:, None], places)
        pairs = ((first[rows], second[columns]) for first, second in zip(a.cores, b.cores, strict=True))
    else:
        turn = b.frame.full[places].T @ a.frame.full[order]
        pairs = ((turn @ first @ turn.T, second) for first, second in zip(a.cores, b.cores, strict=True))
    m_a, m_b, m_f = (_product(first, second) for first, second in pairs)
    return m_a, m_b, m_f


def _strata(tokens: Sequence[bytes], places: Places) -> list[Places]:
    """Places of the tokens of each form."""
    forms: dict[tuple[bytes, int], list[int]] = {}
    for place in places:
        token = tokens[place]
        mark = b" " if token.startswith(b" ") else b"##" if token.startswith(b"##") else b""
        forms.setdefault((mark, min(len(token), LONG)), []).append(int(place))
    return [np.array(members) for members in forms.values()]
