"""One layer of a model, as its family describes it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import ModelError
from ..architecture import Architecture
from ..exact import sized
from ..layer import Layer, Matrix, Vector
from . import latent
from .family import ATTENTION, Family, expanded
from .feedforward import Block, blocks, filled
from .reading import Reading

#: Tensors with one of these in their names change what a layer computes.
TELLING = ("norm", "ln_", "_ln", "expert", "exps", "shexp", "layer_scale")
#: ... and with one of these they do not change a term.
SILENT = ("bias", "beta", "expert_gate", "gate.")


def layer(reading: Reading, a: Architecture, index: int) -> Layer:
    """Layer `index`. ModelError names the tensor that is missing, of a wrong shape or type, or of no known use."""
    family, at = reading.family, reading.at(index)
    parts, norms = _blocks(reading, a, index), _norms(reading, a, index)
    through = norms["attention_norm"]
    q, k, v, o = latent.attention(reading, a, at, through) if family.latent else _attention(reading, a, at)
    q_norm, k_norm = _head_norms(reading, a, index)
    if family.sized_values:
        v = sized(v, a.head_dim, through)
    unknown = next(filter(lambda name: _tells(family, name), reading.untouched(index)), None)
    if unknown is not None:
        raise ModelError(
            f"{reading.checkpoint.path}: tensor {reading.prefix + at + unknown!r} is nothing that a {family.name} "
            "model has, so reading it as one would be wrong"
        )
    up, down = (tuple(getattr(block, part) for block in parts) for part in ("up", "down"))
    return Layer(q, k, v, o, up, down, **norms, q_norm=q_norm, k_norm=k_norm)


def gates(reading: Reading, a: Architecture, index: int) -> tuple[Matrix, ...]:
    """The gate matrices of layer `index`, one for each block; none where a block has none."""
    found = [block.gate for block in _blocks(reading, a, index)]
    return tuple(gate for gate in found if gate is not None) if all(found) else ()


def _blocks(reading: Reading, a: Architecture, index: int) -> list[Block]:
    if reading.family.mixture or reading.family.varying:
        return filled(blocks(reading, index, a.hidden), a.ffn, a.hidden)
    return blocks(reading, index, a.hidden, a.ffn)


def _attention(reading: Reading, a: Architecture, at: str) -> tuple[Matrix, Matrix, Matrix, Matrix]:
    family = reading.family
    *names, out = (reading.first(at, name) or "" for name in expanded(family.attention, ATTENTION))
    if family.varying:
        return _fitted(reading, a, [*names, out])
    if len(names) == 1:
        groups = a.kv_heads if family.grouped else 1
        sizes = [a.query_rows // groups, a.kv_rows // groups, a.kv_rows // groups]
        q, k, v = reading.matrix(names[0], sum(sizes) * groups, a.hidden).split(sizes, groups)
    else:
        q = reading.matrix(names[0], a.query_rows * (1 + family.gated_queries), a.hidden)
        k, v = (reading.matrix(name, a.kv_rows, a.hidden) for name in names[1:])
        q = q.split([a.head_dim] * 2, groups=a.heads)[0] if family.gated_queries else q
    return q, k, v, reading.normed(reading.matrix(out, a.hidden, a.query_rows), at, 0)


def _fitted(reading: Reading, a: Architecture, names: list[str]) -> tuple[Matrix, Matrix, Matrix, Matrix]:
    """Of a layer with its own sizes: key/value heads are repeated, heads filled up with zeros."""
    (rows, inner), outer = (reading.shape(name)[0] for name in names[:2]), reading.shape(names[3])[1]
    size, of_values = rows // a.heads, outer // a.heads
    groups = inner // size
    if a.kv_heads % groups or (groups * size, a.heads * size) != (inner, rows):
        raise ModelError(f"{reading.checkpoint.path}: {names[1]}: its rows are no heads of {size} entries")

    def fit(matrix: Matrix, stored: int, wanted: int, size: int = size) -> Matrix:
        if (stored, size) == (wanted, a.head_dim):
            return matrix

        def arrange(values: NDArray[Any]) -> NDArray[Any]:
            heads = values.reshape(stored, size, a.hidden).repeat(wanted // stored, axis=0)
            return np.pad(heads, ((0, 0), (0, a.head_dim - size), (0, 0))).reshape(-1, a.hidden)

        return matrix.then((wanted * a.head_dim, a.hidden), arrange)

    q = fit(reading.matrix(names[0], a.heads * size, a.hidden), a.heads, a.heads)
    k = fit(reading.matrix(names[1], groups * size, a.hidden), groups, a.kv_heads)
    v = fit(reading.matrix(names[2], groups * of_values, a.hidden), groups, a.kv_heads, of_values)
    o = fit(reading.matrix(names[3], a.hidden, outer).transposed, a.heads, a.heads, of_values).transposed
    return q, k, v, o


def _norms(reading: Reading, a: Architecture, index: int) -> dict[str, Vector | None]:
    family, at = reading.family, reading.at(index)
    first, first_out, second, second_out = family.norms.split()
    if family.post_norm:
        reading.first(at, second_out)  # read by the layer behind
        between = _before(reading, a, index, second_out)
        return {"attention_norm": between, "ffn_norm": reading.norm(at, first_out, a.hidden)}
    found = {"attention_norm": first, "attention_out_norm": first_out, "ffn_norm": second, "ffn_out_norm": second_out}
    norms = {part: reading.norm(at, name, a.hidden) for part, name in found.items()}
    if family.embedding_norm and norms["attention_norm"] is None:
        norms["attention_norm"] = _before(reading, a, index, "-")
    return norms


def _before(reading: Reading, a: Architecture, index: int, last: str) -> Vector | None:
    """The norm that layer `index` reads the hidden state through, where the layer itself has none."""
    stack, number = reading.stack_of(index)
    if number:
        return reading.norm(reading.at(index - 1), last, a.hidden)
    if reading.projected:  # the norm stands before the matrix between
        return None
    return reading.norm("", (reading.family.embedding_norm.split() or ["-"])[stack], a.hidden)


def _head_norms(reading: Reading, a: Architecture, index: int) -> tuple[Vector | None, Vector | None]:
    """A norm on each head has e weights, one over all heads has as many as there are rows."""
    found: list[Vector | None] = []
    for name, rows in zip(expanded(reading.family.head_norms, "qk"), (a.query_rows, a.kv_rows), strict=False):
        whole = reading.first(reading.at(index), name)
        length = 0 if whole is None else reading.length(whole)
        size = length if length == rows or reading.family.varying else a.head_dim
        norm = reading.norm(reading.at(index), name, size)
        found.append(np.pad(norm, (0, a.head_dim - size)) if norm is not None and size < a.head_dim else norm)
    if found:
        return found[0], found[1]
    if reading.family.bare_head_norms and reading.normalised(index):
        return np.ones(a.head_dim), np.ones(a.head_dim)
    return None, None


def _tells(family: Family, name: str) -> bool:
    return any(part in name.lower() for part in TELLING) and not any(part in name for part in (*SILENT, *family.beside))
