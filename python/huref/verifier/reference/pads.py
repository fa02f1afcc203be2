"""Secrets as affine forms in committed one-time pads, and the ledger of them (specification, "pads").

A secret scalar `v` is sent as `v + s_i` with a fresh pad `s_i` that was committed to before the first challenge; from
then on it is the form `m - s_i`. Sums and public multiples of secrets are forms again; the product of two sent
secrets needs one more pad `s_k = s_i s_j`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from .curve import P


@dataclass(frozen=True)
class Form:
    """`constant + sum_i pads[i] s_i`."""

    constant: int = 0
    pads: dict[int, int] = field(default_factory=dict)

    def __add__(self, other: "Form | int") -> "Form":
        """The sum with a form or a public value."""
        if isinstance(other, int):
            return Form((self.constant + other) % P, self.pads)
        pads = dict(self.pads)
        for i, x in other.pads.items():
            pads[i] = (pads.get(i, 0) + x) % P
        return Form((self.constant + other.constant) % P, pads)

    def __mul__(self, k: int) -> "Form":
        """The multiple by a public value."""
        return Form(self.constant * k % P, {i: x * k % P for i, x in self.pads.items()})

    def __sub__(self, other: "Form") -> "Form":
        """The difference of two forms."""
        return self + other * -1

    def linear(self, values: Sequence[int]) -> int:
        """`sum_i pads[i] values[i]`: the form without its constant, at some vector of pads."""
        return sum(x * values[i] for i, x in self.pads.items()) % P


def combined(forms: Sequence[Form], weights: Sequence[int]) -> Form:
    """`sum_i weights[i] forms[i]`."""
    constant, pads = 0, dict[int, int]()
    for form, weight in zip(forms, weights, strict=True):
        constant += form.constant * weight
        for i, x in form.pads.items():
            pads[i] = (pads.get(i, 0) + x * weight) % P
    return Form(constant % P, pads)


@dataclass(frozen=True)
class Sent:
    """A secret that was sent: its masked value `v + s_pad` and the number of its pad."""

    masked: int
    pad: int

    @property
    def form(self) -> Form:
        """The secret as a form."""
        return Form(self.masked, {self.pad: P - 1})


class Ledger:
    """Pads used, products of pads `s_k = s_i s_j` as (i, j, k), and forms that must vanish."""

    def __init__(self) -> None:
        self.used = 0
        self.triples: list[tuple[int, int, int]] = []
        self.zeros: list[Form] = []

    def next(self) -> int:
        """The number of a fresh pad."""
        self.used += 1
        return self.used - 1

    def product(self, a: Sent, b: Sent) -> Form:
        """The product of two sent secrets: `m_i m_j - m_i s_j - m_j s_i + s_k`."""
        pad = self.next()
        self.triples.append((a.pad, b.pad, pad))
        crossed = Form(0, {a.pad: -b.masked % P}) + Form(0, {b.pad: -a.masked % P})
        return crossed + Form(a.masked * b.masked % P, {pad: 1})
