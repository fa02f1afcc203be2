"""Which layers do something.

Anybody can append layers that change no answer, and a vector over them says nothing about the model. A layer is *idle*
when what its attention adds and what its feed-forward block adds are both far below the median of the layers. Added is,
in canonical form, `o v` of a head and `down up` of a neuron: products, so that neither the basis of a head nor the
scale of a neuron matters. The median of the heads, and of the neurons, stands for the layer, for the reason for which
the canonical form caps them: a few units of giant size that are never active make no layer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from .architecture import Architecture
from .layer import Layer, Matrix, Vector

#: Both halves of an idle layer are below this part of the median. In real models the larger one is at least 0.34 times
#: its median: no noise, pruning or training moves a layer across. An added layer that is not idle is felt in answers.
SHARE = 1 / 50
#: So many layers give the median; so many rows of o and of down, heads and neurons stand for all of a layer.
LAYERS, ROWS, HEADS, NEURONS = 9, 64, 8, 512
#: Rows side by side that are taken together: one piece of a file, one request to a hub.
TOGETHER = 8


def spread(count: int, most: int) -> NDArray[np.int64]:
    """Numbers below `count`, all or `most` of them at equal distances, ascending."""
    wanted = min(count, most)
    return np.arange(wanted) * count // wanted


def runs(count: int, most: int) -> NDArray[np.int64]:
    """As `spread`, in runs of TOGETHER numbers that follow each other."""
    if count <= most:
        return np.arange(count)
    length = min(TOGETHER, most)
    starts = length * spread(count // length, most // length)
    return (starts[:, None] + np.arange(length)).ravel()


def added(layer: Layer, gates: Sequence[Matrix], a: Architecture) -> Vector:
    """What a usual head and a usual neuron of a layer add: two numbers, up to one factor for all layers of a model.

    `gates` as `Model.gate` reads them. NaN or infinity where the weights are not finite, 0 where nothing is added.
    Reads a part of the tensors.

    Raises:
        ModelError: a tensor that cannot be read.

    """
    with np.errstate(over="ignore", invalid="ignore"):
        halves = (_heads(layer, a), layer.attention_out_norm), (_neurons(layer, gates, a), layer.ffn_out_norm)
        return np.array([_usual(sizes, norm) for sizes, norm in halves])


def medians(layers: Iterable[Vector]) -> Vector:
    """Of what some layers add, zeros and what is not finite left out; 0 if there is nothing else."""
    halves = np.array(list(layers)).T
    return np.array([_usual(half[np.isfinite(half)], None) for half in halves])


def is_idle(added: Vector, medians: Vector) -> bool:
    """Whether a layer that adds this does next to nothing. Not if it is not finite: reading the layer will say so."""
    return bool((added <= SHARE * medians).all())


def _heads(layer: Layer, a: Architecture) -> Vector:
    e, heads = a.head_dim, spread(a.heads, HEADS)
    groups, places = np.unique(heads * a.kv_heads // a.heads, return_inverse=True)
    rows = (groups[:, None] * e + np.arange(e)).ravel()
    values = _reading(layer.v, rows, layer.attention_norm, a).reshape(len(groups), e, -1)
    out = _writing(layer.o, a).reshape(-1, a.heads, e)
    return np.array([np.linalg.norm(out[:, head] @ values[place]) for head, place in zip(heads, places, strict=True)])


def _neurons(layer: Layer, gates: Sequence[Matrix], a: Architecture) -> Vector:
    sizes = []
    for expert, (up, down) in enumerate(zip(layer.up, layer.down, strict=True)):
        ids = runs(up.shape[0], max(NEURONS // len(layer.up), 1))
        size = np.linalg.norm(_reading(up, ids, layer.ffn_norm, a), axis=1)
        size *= np.linalg.norm(_writing(down, a)[:, ids], axis=0)
        if gates:
            size *= np.linalg.norm(_reading(gates[expert], ids, layer.ffn_norm, a), axis=1)
        sizes.append(size)
    return np.concatenate(sizes)


def _reading(matrix: Matrix, ids: NDArray[np.int64], norm: Vector | None, a: Architecture) -> Vector:
    """Rows that read the hidden state, with the weight of the norm before them."""
    rows = matrix.rows(ids).astype(np.float64)
    if norm is not None:
        rows *= norm
    return rows - rows.mean(axis=1, keepdims=True) if a.layer_norm else rows


def _writing(matrix: Matrix, a: Architecture) -> Vector:
    """Some rows of a matrix that adds to the hidden state."""
    rows = matrix.rows(runs(a.hidden, ROWS)).astype(np.float64)
    return rows - rows.mean(axis=0) if a.layer_norm else rows


def _usual(sizes: Vector, norm: Vector | None) -> float:
    """The median of those that are not 0. A norm behind them makes the size of its own weight of anything but zeros."""
    sizes = sizes[sizes != 0]
    if not len(sizes):
        return 0.0
    return float(np.median(sizes) if norm is None else np.linalg.norm(norm))
