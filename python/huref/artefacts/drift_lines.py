"""What a proof of drift says, in words: no more than is proved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from .drift import ONE, Partition
from .drifted import Drifted
from .words import listed

#: From here on a bound says little: strangers differ by about their own norm.
LARGE = ONE // 2
_BLOCKS: dict[Partition, str] = {
    "rows": "in every commitment row",
    "matrices": "in every matrix",
    "whole": "over all matrices together",
}


def drift_lines(drifted: Drifted) -> Iterator[tuple[str, str]]:
    """What a drift file says."""
    second = "that commitment's model" if drifted.public is None else "that public model"
    yield "to", drifted.later or f"a public model, whose integers have the digest {drifted.public}"
    yield "drift", f"{second} is this one but for at most {bound_words(drifted)}"
    if drifted.bound > LARGE:
        yield "", "which says little: strangers differ by about their own norm"
    yield "matrices", names(matrix.name for matrix in drifted.matrices)
    yield "", "the integers committed to, in canonical form, up to a power of two for each matrix"
    scaled = [f"{matrix.name}: 2^{matrix.exponent}" for matrix in drifted.matrices if matrix.exponent]
    if scaled:
        yield "powers", listed(scaled)
    if drifted.left_out:
        yield "not shown", names(drifted.left_out)


def bound_words(drifted: Drifted) -> str:
    """The bound, for people."""
    percent = -(-1000 * drifted.bound // ONE) / 10  # rounded up, so that it holds
    return f"{percent:.1f} % of its norm ({drifted.bound}/{ONE}) {_BLOCKS[drifted.partition]}"


def names(matrices: Iterable[str]) -> str:
    """`X; up, downT of layers 4, 5`."""
    by_layer: dict[str, list[str]] = {}
    alone = []
    for matrix in matrices:
        layer, dot, name = matrix.partition(".")
        if dot:
            by_layer.setdefault(layer, []).append(name)
        else:
            alone.append(matrix)
    for kinds, layers in groupby(by_layer.items(), key=lambda item: item[1]):
        numbers = [layer for layer, _ in layers]
        alone.append(f"{', '.join(kinds)} of layer{'s' if len(numbers) > 1 else ''} {listed(numbers)}")
    return "; ".join(alone)
