"""Pairs of layers read again, unit by unit: neurons block by block, hidden dimensions, value channels, heads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from . import dims, heads, neurons
from .chance import CERTAIN, Log, fixed_in_all, times
from .findings import Finding
from .frames import RAW, Frame, Plain
from .frames import neurons as units_of
from .tally import Seen, Tally, summed

#: Heads that are compared, over matched layers, until there are so many.
HEADS = 128
Frames = Mapping[str, tuple[Frame, Frame]]


def frames_of(tokens: tuple[Frame, Frame] | None, *, raw: bool) -> Frames:
    """By name, those in which two models can be compared."""
    found = {} if tokens is None else {"tokens": tokens}
    return found | ({"raw": (RAW, RAW)} if raw else {})


def read(
    first: Plain,
    second: Plain,
    at: tuple[int, int],
    pairs: Sequence[tuple[int, int]],
    frames: Frames,
    tally: Tally,
) -> None:
    """Adds to the tally what two layers say, numbered `at`, and those pairs of their blocks. ModelError if they cannot
    be read.
    """
    for one, other in pairs:
        experts = expert(first, one), expert(second, other)
        blocks = first.block(one), second.block(other)
        for name, (frame, twin) in frames.items():
            a, b = units_of(blocks[0], frame), units_of(blocks[1], twin)
            tables = neurons.Tables.of(a, b)
            order = neurons.same_order(a, b, tables)
            if order is not None:
                tally.add(f"order/{name}", Seen(*at, order, experts))
            partners = neurons.same_partners(a, b, neurons.SHARES[name], tables)
            tally.add(f"partners/{name}", Seen(*at, partners, experts))
    if "raw" in frames:
        body = dims.of_body(list(first.matrices()), list(second.matrices()))
        if body is not None:
            tally.add("dims/body", Seen(*at, body))
        channels = heads.channels(first, second)
        if channels is not None:
            tally.add("channels", Seen(*at, channels))


def expert(layer: Plain, block: int) -> int | None:
    """The number of a block, where there are several."""
    return block if layer.blocks > 1 else None


@dataclass
class HeadCount:
    """Heads of matched layers in one frame, added up."""

    found: list[heads.Heads] = field(default_factory=list)
    layers: list[tuple[int, int]] = field(default_factory=list)

    @property
    def enough(self) -> bool:
        """Whether no more need to be looked at."""
        return self.units >= HEADS

    @property
    def units(self) -> int:
        """Heads so far, of the smaller layers."""
        return sum(pair.smaller for pair in self.found)

    @property
    def numbered(self) -> tuple[int, Log] | None:
        """How many heads have their partner under the same number, with the p-value."""
        if not self.found or any(pair.numbered is None for pair in self.found):
            return None
        agreeing = sum(pair.numbered or 0 for pair in self.found)
        return agreeing, fixed_in_all(agreeing, [pair.larger for pair in self.found])

    @property
    def twice(self) -> tuple[int, Log]:
        """How many find the same partner twice, with the p-value."""
        agreeing = sum(pair.twice for pair in self.found)
        return agreeing, fixed_in_all(agreeing, [pair.larger for pair in self.found])


def head_findings(counts: Sequence[HeadCount], *, numbers: bool) -> tuple[Finding, Finding]:
    """The tests `heads/order` and `heads/partners` over all frames; `numbers`: whether heads are exchangeable."""
    usable = [count for count in counts if count.found]
    if not usable:
        return tuple(Finding.none(f"heads/{kind}", "no layers were matched") for kind in ("order", "partners"))  # type: ignore[return-value]
    twice = min(usable, key=lambda count: count.twice[1])
    partners = summed(
        "heads/partners",
        twice.twice[0],
        twice.units,
        times(len(usable), twice.twice[1]),
        twice.layers,
        "find the same counterpart, by what they attend to and by what they pass on",
    )
    ordered = [count for count in usable if count.numbered is not None]
    if not ordered or not numbers:
        why = "heads differ in number" if numbers else "every head has a constant of its own: they are not exchangeable"
        return Finding.none("heads/order", why), partners
    best = min(ordered, key=lambda count: (count.numbered or (0, CERTAIN))[1])
    agreeing, p = best.numbered or (0, CERTAIN)
    order = summed(
        "heads/order",
        agreeing,
        best.units,
        times(len(ordered), p),
        best.layers,
        "have their counterpart under the same number; by chance about one in a layer has",
    )
    return order, partners
