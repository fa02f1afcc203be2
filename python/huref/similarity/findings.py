"""What was found about two model folders, as values: nothing here reads a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from ..artefacts.document import Part

NAMES = ("M_a", "M_b", "M_f")


@dataclass(frozen=True)
class LayerPair(Part):
    """Layer `a` of the first model and layer `b` of the second, counted from 0, with the correlations (ICS) of their
    terms `M_a`, `M_b`, `M_f`: `exact`, or estimated with a standard error of 1/64.
    """

    a: int
    b: int
    exact: bool
    M_a: float
    M_b: float
    M_f: float

    @property
    def ics(self) -> float:
        """The mean of the three."""
        return (self.M_a + self.M_b + self.M_f) / 3


@dataclass(frozen=True)
class Finding(Part):
    """One kind of evidence: its name, its p-value (of neurons: corrected), and a sentence that says what was seen."""

    name: str
    p_value: float
    sentence: str


@dataclass(frozen=True)
class Evidence(Part):
    """Everything seen on two folders.

    `layers`: the one-to-one matching, best first; `single_a`, `single_b`: layers without a counterpart, because the
    other model has fewer; `left_out_a`, `left_out_b`: layers with a matrix that is exactly zero, which have no
    canonical form; `neurons`: the findings `order` and `partners`; `terms`: the largest exact ICS, with the p-value of
    Mantel's test on the best matched pair.
    """

    layers: tuple[LayerPair, ...]
    single_a: tuple[int, ...]
    single_b: tuple[int, ...]
    left_out_a: tuple[int, ...]
    left_out_b: tuple[int, ...]
    neurons: tuple[Finding, Finding]
    terms: Finding

    @property
    def alike(self) -> float:
        """The largest exact ICS of a term."""
        return largest(self.layers)[0]


@dataclass(frozen=True)
class Pcs(Part):
    """Parameter cosine similarity (`huref.similarity.pcs`).

    `value` in [-1, 1], 0 where nothing is shared; over how many `tensors` and `parameters`; `left_out`: tensors of
    either model without a counterpart of equal name and shape, or with NaN or infinity in one of the two.
    """

    value: float
    tensors: int
    parameters: int
    left_out: int


def largest(pairs: Sequence[LayerPair]) -> tuple[float, str, LayerPair]:
    """The largest exact ICS, of which term, of which layers."""
    pair, name = max(product((pair for pair in pairs if pair.exact), NAMES), key=lambda term: getattr(*term))
    return getattr(pair, name), name, pair
