"""Where neither tokens nor numbers tell anything: layers of equal depth, by what no rotation changes, and then the
rotation itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, product

import numpy as np

from ..model import Model
from ..progress import Progress, silent
from . import invariants
from .findings import Finding
from .frames import Frame, Plain
from .invariants import ENOUGH, Units
from .layers import expert
from .mutual import Array
from .parts import SURE
from .tally import Seen, Tally

#: Pairs of layers that are tried; fewer of models from `WIDE` hidden dimensions on, where one takes minutes. Pairs of
#: blocks of a layer that are tried; of wide models one.
PAIRS, WIDE_PAIRS, WIDE, BLOCKS = 4, 2, 2048, 8


@dataclass(frozen=True, eq=False)
class Found:
    """The finding `invariants`; and if neurons agreed, the rotation that they fix and the layers they are from."""

    finding: Finding
    turn: Array | None = None
    layers: tuple[int, int] = (0, 0)

    @property
    def frames(self) -> dict[str, tuple[Frame, Frame]]:
        """The first model turned into the basis of the second."""
        return {} if self.turn is None else {"fitted": (Frame(self.turn.T), Frame())}


def look(a: Model, b: Model, layers: tuple[Sequence[int], Sequence[int]], progress: Progress = silent) -> Found:
    """Neurons matched without tokens, in layers of equal relative depth; hidden sizes are equal. ModelError as for
    `Model.layer`.
    """
    tally, tried = Tally(), 0
    found: tuple[Array, tuple[int, int]] | None = None
    wide = a.architecture.hidden >= WIDE
    places = depths(len(layers[0]), len(layers[1]), WIDE_PAIRS if wide else PAIRS)
    for done, (i, j) in enumerate(places, 1):
        at = layers[0][i], layers[1][j]
        plain = Plain.of(a, at[0]), Plain.of(b, at[1])
        for one, other in islice(product(range(plain[0].blocks), range(plain[1].blocks)), 1 if wide else BLOCKS):
            units = Units.of(plain[0], one), Units.of(plain[1], other)
            seen = invariants.compare(plain, units)
            experts = expert(plain[0], one), expert(plain[1], other)
            tally.add("invariants", Seen(*at, seen.agreement, experts))
            tried += 1
            if seen.agreement.p < SURE and seen.agreement.agreeing >= ENOUGH:
                found = invariants.basis(*units, seen.pairs), at
                break
        progress("invariants", done, len(places))
        if found is not None:
            break
    finding = tally.chosen("invariants", "", len(places) * min(BLOCKS, tried))
    return Found(finding) if found is None else Found(finding, *found)


def depths(one: int, other: int, most: int) -> list[tuple[int, int]]:
    """Pairs of equal relative depth among `one` and `other` layers, the middle ones first."""
    places = np.unique(np.linspace(0, 1, min(most, one, other) + 2)[1:-1])
    return [(int(place * one), int(place * other)) for place in places]
