"""What two model folders reveal about each other: more than two vectors can, because layers need not be the last two,
and because neurons can be compared.

1. Layers are matched by sketches of all their terms (`matching`), over every other token.
2. The best matched layers are read again: exact ICS of their terms (`ics`), and their neurons (`neurons`).

    order      neurons under the same number                    null exact, p-value uniform (`neurons`)
    partners   neurons matched twice, by reading and writing    at most a fifth universal; an upper bound (`neurons`)
    terms      exact ICS, against shuffled tokens               shows agreement, not descent (`ics`)

`verdict.weigh` says what that is worth.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import expm1, log1p

import numpy as np

from ..errors import ModelError
from ..model import Model
from ..profile import Profile
from ..progress import Progress, silent
from ..stages.quantise import quantise
from ..stages.tokens import Selection
from . import ics, matching, neurons
from .findings import Evidence, Finding, LayerPair, largest
from .ics import Cores, Frame, Library
from .neurons import Agreement, Neurons

#: Layer pairs that are read again, at most; shuffles of tokens.
PAIRS, SHUFFLES = 4, 99


def examine(
    a: Model,
    b: Model,
    selections: tuple[Selection, Selection],
    profile: Profile,
    progress: Progress = silent,
    device: str = "auto",
) -> Evidence:
    """The evidence on two models, over the same tokens in the same order.

    `device`: where full terms are multiplied, as for `huref.stages.sketch`; a GPU gives the same correlations to 1e-12.

    One layer of one model is in memory at a time, and the terms of a pair of layers: 3 GiB for LLaMA-7B, beside what
    the canonical form of a layer needs.

    Raises:
        ModelError: as for `quantise`; or every layer of a model has a matrix of zeros.

    """
    ours, theirs = _layers(a), _layers(b)
    tokens = selections[0].tokens
    even, odd = np.arange(0, len(tokens), 2), np.arange(1, len(tokens), 2)
    similarity = matching.similarities(
        matching.sketches(a, selections[0], even, ours, profile=profile, progress=progress),
        matching.sketches(b, selections[1], even, theirs, profile=profile, progress=progress),
    )
    matched = matching.match(similarity)
    read, rest = matched[:PAIRS], matched[PAIRS:]
    pairs, orders, partners, shuffled = [], [], [], 1.0
    frames: tuple[Frame | None, Frame | None] = (None, None)
    library = ics.library(device)
    for done, (i, j) in enumerate(read, 1):
        first = _read(a, selections[0], ours[i], profile, frames[0], library)
        second = _read(b, selections[1], theirs[j], profile, frames[1], library)
        frames = (first.cores.frame, second.cores.frame)
        pairs.append(LayerPair(ours[i], theirs[j], True, *ics.ics(first.cores, second.cores)))
        orders.append(neurons.same_order(first.neurons, second.neurons))
        partners.append(neurons.same_partners(first.neurons, second.neurons))
        if done == 1:
            shuffled = ics.shuffled(first.cores, second.cores, tokens, odd, SHUFFLES)
        progress("evidence", done, len(read))
    choices = similarity.shape[0] * similarity.shape[1]
    findings = (_order(pairs, orders), _partners(pairs, partners, choices))
    estimated = (LayerPair(ours[i], theirs[j], False, *map(float, similarity[i, j])) for i, j in rest)
    every = (*pairs, *estimated)
    return Evidence(
        every,
        _without(ours, [pair.a for pair in every]),
        _without(theirs, [pair.b for pair in every]),
        _without(range(a.architecture.layers), ours),
        _without(range(b.architecture.layers), theirs),
        findings,
        _terms(pairs, shuffled),
    )


def _layers(model: Model) -> tuple[int, ...]:
    found = model.whole_layers()
    if not found:
        raise ModelError(f"{model.path}: every layer has a matrix that is exactly zero; there is nothing to compare")
    return found


@dataclass(frozen=True, eq=False)
class _Layer:
    cores: Cores
    neurons: Neurons


def _read(
    model: Model, selection: Selection, layer: int, profile: Profile, frame: Frame | None, library: Library
) -> _Layer:
    quantised = quantise(model, selection, [layer], profile)
    return _Layer(ics.cores(quantised, frame, library), neurons.neurons(quantised))


def _without(layers: Iterable[int], known: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(layers) - set(known)))


def _terms(pairs: Sequence[LayerPair], shuffled: float) -> Finding:
    value, name, pair = largest(pairs)
    return Finding(
        "terms", shuffled, f"{name} of layer {pair.a} and {name} of layer {pair.b} correlate at {value:+.3f}"
    )


def _order(pairs: Sequence[LayerPair], found: Sequence[Agreement | None]) -> Finding:
    best = _strongest(pairs, found)
    if best is None:
        return Finding("order", 1.0, "the layers have different numbers of neurons, so their numbering shows nothing")
    pair, agreement = best
    return Finding(
        "order",
        _smallest_of(sum(agreement is not None for agreement in found), agreement.p_value),
        f"{agreement.agreeing:,} of {agreement.smaller:,} neurons of layer {pair.a} have their counterpart under the "
        f"same number in layer {pair.b}; of independent models about one has",
    )


def _partners(pairs: Sequence[LayerPair], found: Sequence[Agreement], choices: int) -> Finding:
    pair, agreement = _strongest(pairs, found) or (pairs[0], found[0])
    return Finding(
        "partners",
        min(1.0, choices * agreement.p_value),
        f"{agreement.agreeing:,} of {agreement.smaller:,} neurons of layer {pair.a} find the same counterpart in layer "
        f"{pair.b} by what they read and by what they write; by chance about one does",
    )


def _smallest_of(count: int, p: float) -> float:
    """The p-value of the smallest of that many independent ones: 1 - (1 - p)^count."""
    return -expm1(count * log1p(-p)) if p < 1 else 1.0


def _strongest(pairs: Sequence[LayerPair], found: Sequence[Agreement | None]) -> tuple[LayerPair, Agreement] | None:
    present = [(pair, agreement) for pair, agreement in zip(pairs, found, strict=True) if agreement is not None]
    return min(present, key=lambda one: (one[1].p_value, -one[1].agreeing), default=None)
