"""Attention: value channels under the same number, heads under the same number, heads that find the same partner twice.

    channels         rows of v and columns of o (their mean over the query heads of a group), within key/value heads of
                     equal number: partners with equal numbers
    heads/order      heads that match best by what they attend to and what they pass on: partners with equal numbers
    heads/partners   heads that find the same partner by either

Counts are added over heads, or over matched layers; under the null each is of an independent uniform permutation. The
numbers of value channels and of heads are exchangeable as those of neurons are; those of heads not where each head has
a constant of its own (ALiBi). That of `heads/partners` is assumed, as for `partners` of neurons.

A head attends by Q^T K and passes on V^T O, which no rotation of rotary pairs, no change of basis within the head and
no scale changes. Their cosines between models need no product of d x d:

    <A^T B, C^T D> = sum((A C^T) o (B D^T))
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .chance import fixed_in_all
from .frames import Frame, Plain
from .mutual import Array, partners, unit
from .neurons import Agreement

#: Families in which every head has a constant of its own, so that their numbers are not exchangeable.
ALIBI = ("bloom", "mpt", "baichuan", "falcon")


def channels(a: Plain, b: Plain) -> Agreement | None:
    """The test `channels` on two layers, raw; None if their heads differ in number or size."""
    if (a.heads, a.kv_heads) != (b.heads, b.kv_heads) or a.attention["v"].shape != b.attention["v"].shape:
        return None
    ours, theirs = _channels(a), _channels(b)
    size = ours[0].shape[1]
    agreeing = matched = 0
    for v, o, v_other, o_other in zip(*ours, *theirs, strict=True):
        partner = partners(iter([np.abs(v @ v_other.T) * np.abs(o @ o_other.T)]))
        agreeing += int((partner == np.arange(size)).sum())
        matched += int((partner >= 0).sum())
    return Agreement(agreeing, matched, size * a.kv_heads, fixed_in_all(agreeing, [size] * a.kv_heads))


def _channels(layer: Plain) -> tuple[Array, Array]:
    """What channels read and write: key/value heads x e x d each, rows of length 1."""
    v, o = layer.attention["v"], layer.attention["o"]
    size = len(v) // layer.kv_heads
    o = o.reshape(layer.kv_heads, layer.heads // layer.kv_heads, size, -1).mean(axis=1)
    return unit(v).reshape(layer.kv_heads, size, -1), unit(o.reshape(len(v), -1)).reshape(o.shape)


@dataclass(frozen=True)
class Heads:
    """Of two layers: how many heads of `units` find their best partner under the same number (None where their numbers
    differ), how many find the same partner twice, of how many in the smaller layer.
    """

    numbered: int | None
    twice: int
    smaller: int
    larger: int


def heads(a: Plain, b: Plain, frames: tuple[Frame, Frame]) -> Heads:
    """The heads of two layers, each in the frame of its model."""
    attend, passed = _cosines(a, b, frames, "q", "k"), _cosines(a, b, frames, "v", "o")
    one, other = partners(iter([attend])), partners(iter([passed]))
    both = partners(iter([attend * passed]))
    numbered = int((both == np.arange(a.heads)).sum()) if a.heads == b.heads else None
    twice = int(((one >= 0) & (one == other)).sum())
    return Heads(numbered, twice, min(a.heads, b.heads), max(a.heads, b.heads))


def _cosines(a: Plain, b: Plain, frames: tuple[Frame, Frame], first: str, second: str) -> Array:
    """|cosine| of the products of every head of a with those of every head of b: h x h'."""
    ours, theirs = (
        [layer.per_head(name, frame) for name in (first, second)] for layer, frame in zip((a, b), frames, strict=True)
    )
    table = np.stack([_inner([part[i] for part in ours], theirs) for i in range(a.heads)])
    own, other = (
        np.hstack([_inner([part[i] for part in side], [part[i : i + 1] for part in side]) for i in range(layer.heads)])
        for side, layer in ((ours, a), (theirs, b))
    )
    scale = np.sqrt(np.outer(own.clip(0), other.clip(0)))
    found: Array = np.abs(table) / np.where(scale > 0, scale, 1)
    return found


def _inner(one: list[Array], others: list[Array]) -> Array:
    """The inner products of the product of one head with those of several: <A^T B, C^T D> for each."""
    left, right = (
        (part @ other.reshape(-1, other.shape[2]).T).reshape(len(part), len(other), -1)
        for part, other in zip(one, others, strict=True)
    )
    found: Array = np.einsum("ajb,ajb->j", left, right)
    return found
