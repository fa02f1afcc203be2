"""What was found about two model folders, as values: nothing here reads a model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from ..artefacts.document import Part
from .chance import TEN, Log, shown

NAMES = ("M_a", "M_b", "M_f")
#: What is said of a part of two models.
Word = Literal["equal", "the same", "alike", "unclear", "different", "not compared"]
#: The smallest logarithm (to base 10) of a p-value that is written down.
LEAST = -1e6


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
    """One kind of evidence: its name, its p-value, corrected for what was tried, with its logarithm to base 10 (p may
    be below every floating-point number), and a sentence that says what was seen. Where units were counted, `agreeing`
    of `units` agree. `ran`: whether the test could be made; if not, the sentence says why.
    """

    name: str
    p_value: float
    log10_p_value: float
    sentence: str
    agreeing: int | None = None
    units: int | None = None
    ran: bool = True

    @classmethod
    def of(cls, name: str, p: Log, sentence: str, counted: tuple[int, int] | None = None) -> Finding:
        """That of a test that was made; `p` is the natural logarithm."""
        return cls(name, math.exp(p), max(LEAST, p / TEN), sentence, *(counted or ()))

    @classmethod
    def none(cls, name: str, why: str) -> Finding:
        """That of a test that could not be made."""
        return cls(name, 1.0, 0.0, why, ran=False)

    @property
    def p(self) -> Log:
        """The natural logarithm of the p-value."""
        return self.log10_p_value * TEN

    @property
    def shown(self) -> str:
        """The p-value as text."""
        return shown(self.p)


@dataclass(frozen=True)
class Equal(Part):
    """Of `tensors` of equal name and shape `counting` matrices can tell models apart. Of these `same` are bit for bit
    the same numbers, `equal` those or the same up to scale; `others` names those that are not, at most ten.
    `vectors_equal`: how many of the rest are equal, norms and biases; they decide nothing.
    """

    tensors: int
    counting: int
    same: int
    equal: int
    others: tuple[str, ...]
    vectors_equal: int


@dataclass(frozen=True)
class Copies(Part):
    """`found` of `blocks` feed-forward blocks of a layer are alike with the other model's block (mixtures)."""

    found: int
    blocks: int


@dataclass(frozen=True)
class Evidence(Part):
    """Everything seen on two folders.

    `layers`: the one-to-one matching, best first; `single_a`, `single_b`: layers without a counterpart, because the
    other model has fewer; `left_out_a`, `left_out_b`: layers with a matrix that is exactly zero, which have no
    canonical form; `equal`: tensors that are the same; `tests`: every test with its p-value; `terms`: the largest exact
    ICS, with the p-value of Mantel's test on the best matched pair, if terms were computed; `copies`: experts that are
    alike with a block of the other model; `notes`: what a reader should know about how these tests were made.
    """

    layers: tuple[LayerPair, ...]
    single_a: tuple[int, ...]
    single_b: tuple[int, ...]
    left_out_a: tuple[int, ...]
    left_out_b: tuple[int, ...]
    equal: Equal
    tests: tuple[Finding, ...]
    terms: Finding | None = None
    copies: Copies | None = None
    notes: tuple[str, ...] = ()

    @property
    def alike(self) -> float:
        """The largest exact ICS of a term; 0 where none was computed."""
        return largest(self.layers)[0] if self.terms is not None else 0.0

    def test(self, name: str) -> Finding:
        """The test of that name."""
        return next(finding for finding in self.tests if finding.name == name)


@dataclass(frozen=True)
class Pcs(Part):
    """Parameter cosine similarity (`huref.similarity.equal`).

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
