"""Tests on several pairs of layers and blocks, made into one finding for each kind: the strongest, corrected for the
choices that were made.

Layers and blocks are matched without looking at numbers of neurons, heads or channels; so the strongest of n tests on
such numbers is corrected for n (`smallest_of`). The matching does look at what `partners` and `dims/body` test; these
are multiplied by every pair of layers and blocks that could have been chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .chance import Log, smallest_of, times
from .findings import Finding
from .neurons import Agreement

Correction = Callable[[Log], Log]


@dataclass(frozen=True)
class Seen:
    """An agreement of units of layer `a` of one model and `b` of the other; of which expert, where there are some."""

    a: int
    b: int
    agreement: Agreement
    experts: tuple[int | None, int | None] = (None, None)

    @property
    def where(self) -> tuple[str, str]:
        """Both places in words."""
        one, other = (
            f"layer {layer}" + ("" if expert is None else f", expert {expert}")
            for layer, expert in zip((self.a, self.b), self.experts, strict=True)
        )
        return one, other


@dataclass(frozen=True)
class Kind:
    """A test: its name, what its units are and what they have in common, and what chance does."""

    name: str
    units: str
    common: str
    chance: str


NUMBER = "have their counterpart under the same number in"
TWICE = "find the same counterpart, by what they read and by what they write, in"
ABOUT_ONE = "of independent models about one has"
BY_CHANCE = "by chance about one does"

KINDS = {
    kind.name: kind
    for kind in (
        Kind("order/tokens", "neurons", NUMBER, ABOUT_ONE),
        Kind("order/raw", "neurons", NUMBER, ABOUT_ONE),
        Kind("dims/body", "hidden dimensions, as the matrices see them,", NUMBER, ABOUT_ONE),
        Kind("channels", "value channels", NUMBER, "of independent models about one in a head has"),
        Kind("partners/tokens", "neurons", TWICE, BY_CHANCE),
        Kind("partners/raw", "neurons", TWICE, BY_CHANCE),
        Kind("partners/fitted", "neurons", TWICE, BY_CHANCE),
        Kind("invariants", "neurons", TWICE, BY_CHANCE),
    )
}


@dataclass
class Tally:
    """Agreements by kind of test."""

    found: dict[str, list[Seen]] = field(default_factory=dict)

    def add(self, kind: str, seen: Seen) -> None:
        """One more."""
        self.found.setdefault(kind, []).append(seen)

    def strongest(self, kind: str) -> Seen | None:
        """That of the smallest p-value."""
        return min(
            self.found.get(kind, []), key=lambda seen: (seen.agreement.p, -seen.agreement.agreeing), default=None
        )

    def numbered(self, kind: str, otherwise: str) -> Finding:
        """A test on numbers, which the matching did not look at."""
        return self._finding(kind, otherwise, lambda p: smallest_of(len(self.found[kind]), p))

    def chosen(self, kind: str, otherwise: str, choices: int) -> Finding:
        """A test on what the matching looked at: so many pairs could have been chosen."""
        return self._finding(kind, otherwise, lambda p: times(max(choices, len(self.found[kind])), p))

    def _finding(self, kind: str, otherwise: str, corrected: Correction) -> Finding:
        best = self.strongest(kind)
        if best is None:
            return Finding.none(kind, otherwise)
        agreement, (one, other), words = best.agreement, best.where, KINDS[kind]
        sentence = (
            f"{agreement.agreeing:,} of {agreement.smaller:,} {words.units} of {one} {words.common} {other}; "
            f"{words.chance}"
        )
        return Finding.of(kind, corrected(agreement.p), sentence, (agreement.agreeing, agreement.smaller))


def summed(name: str, agreeing: int, units: int, p: Log, layers: Sequence[tuple[int, int]], what: str) -> Finding:
    """A test on heads, counted over matched layers."""
    places = "1 pair of layers" if len(layers) == 1 else f"{len(layers)} pairs of layers"
    return Finding.of(name, p, f"{agreeing:,} of {units:,} heads {what}, over {places}", (agreeing, units))
