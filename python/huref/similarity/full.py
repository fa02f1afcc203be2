"""Exact terms of the best matched layers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..model import Model
from ..profile import Profile
from ..stages.quantise import quantise
from ..stages.tokens import Selection
from . import ics
from .chance import Log
from .findings import Finding, LayerPair, largest
from .ics import Cores, Frame, Library

#: Shuffles of tokens.
SHUFFLES = 99
#: Neurons of a layer up to which full terms are computed: of larger ones (mixtures) the estimates must do.
MOST = 1 << 15


def exact(
    a: Model,
    b: Model,
    pairs: Sequence[tuple[int, int]],
    selections: tuple[Selection, Selection],
    profile: Profile,
    device: str,
) -> tuple[list[LayerPair], float]:
    """The exact correlations of the terms of those pairs of layers, and the p-value of Mantel's test on the first.

    One layer of one model is in memory at a time, and the terms of a pair of layers: 3 GiB for LLaMA-7B, beside what
    the canonical form of a layer needs. ModelError as for `quantise`.
    """
    tokens = selections[0].tokens
    odd = np.arange(1, len(tokens), 2)
    found, shuffled = [], 1.0
    frames: tuple[Frame | None, Frame | None] = (None, None)
    library = ics.library(device)
    for number, (i, j) in enumerate(pairs):
        first = _cores(a, selections[0], i, profile, frames[0], library)
        second = _cores(b, selections[1], j, profile, frames[1], library)
        frames = first.frame, second.frame
        found.append(LayerPair(i, j, True, *ics.ics(first, second)))
        if number == 0:
            shuffled = ics.shuffled(first, second, tokens, odd, SHUFFLES)
    return found, shuffled


def _cores(
    model: Model, selection: Selection, layer: int, profile: Profile, frame: Frame | None, library: Library
) -> Cores:
    return ics.cores(quantise(model, selection, [layer], profile), frame, library)


def finding(pairs: Sequence[LayerPair], shuffled: float) -> Finding:
    """The largest exact term."""
    value, name, pair = largest(pairs)
    sentence = f"{name} of layer {pair.a} and {name} of layer {pair.b} correlate at {value:+.3f}"
    return Finding.of("terms", Log(np.log(shuffled)), sentence)
