"""Multi-head latent attention: queries, keys and values through matrices of low rank, with a norm in between.

    c = norm(A x);  k = [B_k c; A' x];  v = B_v c

A head's keys have a part from the latent c and mostly one that all heads share (with rotary positions); queries have
the same parts, through a latent of their own or directly. The norm's weight goes into B. The norm also takes the size
of A x away, so that A may have any: here A has the size that makes A x as long as the norm makes it, for an x that is
equally long in all directions. Heads of queries and keys and heads of values may differ in size; the smaller are filled
up with zeros.

Products are those of `exact`, so that every machine gives the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import ModelError
from ..architecture import Architecture
from ..exact import integers
from ..layer import Matrix, Vector
from ..tensor import Tensor
from .reading import Reading

Ids = NDArray[np.int64]
#: Rows of a product that are made together.
AT_ONCE = 4096
A_QUERY, NORM_QUERY, B_QUERY, QUERY = "q_a_proj", "q_a_layernorm", "q_b_proj", "q_proj|wq"
#: What configs call the sizes: of keys and queries together, of values.
PARTS = (("qk_nope_head_dim", "qk_rope_head_dim"), ("v_head_dim",))
#: Numbers that queries of a head are multiplied by: bias + scale * log(position + 1), read for the second position.
SCALE, BIAS, POSITIONS = "ssmax_scaling.s", "ssmax_scaling.b", 2


@dataclass(frozen=True)
class Heads:
    """How many heads, and of each: entries of keys from the latent, shared entries of keys, entries of values."""

    count: int
    own: int
    shared: int
    values: int

    @property
    def size(self) -> int:
        """Entries of a head that is filled up."""
        return max(self.own + self.shared, self.values)


def heads(reading: Reading, at: str, count: int) -> Heads:
    """The sizes of `count` heads, from the tensors. ModelError if these do not fit, or the config says otherwise."""
    first, norm, second, last = (reading.first(at, name) or "" for name in reading.family.attention.split())
    rank = reading.length(norm)
    shared = reading.shape(first)[0] - rank
    rows, out = reading.shape(second)[0], reading.shape(last)[1]
    found = Heads(count, rows // count - out // count, shared, out // count)
    if rows % count or out % count or found.own < 1 or shared < 0:
        raise ModelError(f"{reading.config.where}: {count} heads do not divide {second!r} and {last!r}")
    for names, size in zip(PARTS, (found.own + shared, found.values), strict=True):
        stated = sum(reading.config.count(name, 0) for name in names)
        if stated != size and all(map(reading.config.has, names)):
            raise ModelError(f"{reading.config.where}: {' + '.join(names)} is {stated}; tensors have {size}")
    return found


def attention(reading: Reading, a: Architecture, at: str, norm: Vector | None) -> tuple[Matrix, ...]:
    """q, k, v, o. `norm`: the weight of the norm that they read through, which the sizes of latents depend on."""
    of, hidden = heads(reading, at, a.heads), a.hidden
    first, inner_norm, second, last = (reading.first(at, name) or "" for name in reading.family.attention.split())
    rank = reading.length(inner_norm)
    latent = reading.matrix(first, rank + of.shared, hidden)
    inner = reading.matrix(second, of.count * (of.own + of.values), rank)
    gamma = reading.vector(inner_norm, rank)
    from_latent = _Product(inner, gamma, latent, rank, norm)
    whole = of.own + of.values

    def keys(ids: Ids) -> NDArray[np.float32]:
        head, inside = np.divmod(ids, of.size)
        rows = np.zeros((len(ids), hidden), np.float32)
        low, high = inside < of.own, (inside >= of.own) & (inside < of.own + of.shared)
        rows[low] = from_latent(head[low] * whole + inside[low])
        rows[high] = latent.values[rank + inside[high] - of.own].astype(np.float32)
        return rows

    def values(ids: Ids) -> NDArray[np.float32]:
        head, inside = np.divmod(ids, of.size)
        rows, there = np.zeros((len(ids), hidden), np.float32), inside < of.values
        rows[there] = from_latent(head[there] * whole + of.own + inside[there])
        return rows

    def queries(ids: Ids) -> NDArray[np.float32]:
        head, inside = np.divmod(ids, of.size)
        rows, there = np.zeros((len(ids), hidden), np.float32), inside < of.own + of.shared
        rows[there] = direct(head[there] * (of.own + of.shared) + inside[there])
        return rows if scales is None else (rows * scales[head, None]).astype(np.float32)

    within = first.rpartition(".")[0] + "."
    (direct, name), scales = _queries(reading, within, of, hidden, norm), _scales(reading, within, of.count)
    out = reading.matrix(last, hidden, of.count * of.values)
    padding = ((0, 0), (0, 0), (0, of.size - of.values))

    def padded(stored: NDArray[np.generic]) -> NDArray[np.generic]:
        return np.pad(stored.reshape(hidden, of.count, of.values), padding).reshape(hidden, -1)

    rows = of.count * of.size
    made = [(queries, name), (keys, latent.name), (values, inner.name)]
    q, k, v = (_made(read, label, rows, hidden) for read, label in made)
    return q, k, v, out.then((hidden, rows), padded) if of.size > of.values else out


def _queries(
    reading: Reading, at: str, of: Heads, hidden: int, norm: Vector | None
) -> tuple[Callable[[Ids], NDArray[np.float32]], str]:
    """Rows of the query matrix, and its name."""
    rows = of.count * (of.own + of.shared)
    if not reading.has(at + A_QUERY):
        whole = reading.matrix(reading.first(at, QUERY) or "", rows, hidden)
        return lambda ids: whole.rows(ids).astype(np.float32), whole.name
    rank = reading.length(at + NORM_QUERY)
    inner, latent = reading.matrix(at + B_QUERY, rows, rank), reading.matrix(at + A_QUERY, rank, hidden)
    return _Product(inner, reading.vector(at + NORM_QUERY, rank), latent, rank, norm), inner.name


def _scales(reading: Reading, at: str, heads: int) -> Vector | None:
    """What queries of each head are multiplied by, for the second position; None where they are not."""
    if not reading.has(at + SCALE):
        return None
    return reading.vector(at + BIAS, heads) + math.log(POSITIONS) * reading.vector(at + SCALE, heads)


@dataclass(frozen=True)
class _Product:
    """Rows of B diag(gamma) A, A of the size that its norm gives what follows."""

    inner: Matrix
    gamma: Vector
    latent: Matrix
    rank: int
    norm: Vector | None

    def __call__(self, ids: Ids) -> NDArray[np.float32]:
        with np.errstate(all="ignore"):  # infinite weights are named where the matrix is used
            b, of_rows = integers(self.inner.rows(ids).astype(np.float64) * self.gamma, 1, self.rank)
            a, of_columns = integers(self.latent.values[: self.rank].astype(np.float64), 0, self.rank)
            weights = of_columns[0] if self.norm is None else of_columns[0] * self.norm
            size = math.sqrt(math.fsum((a * a).sum(0) * weights * weights) / self.rank)
            made: NDArray[np.float32] = ((b @ a) * of_rows * of_columns / (size or 1.0)).astype(np.float32)
            return made


def _made(read: Callable[[Ids], NDArray[np.float32]], name: str, rows: int, columns: int) -> Matrix:
    parts = np.array_split(np.arange(rows), 1 + rows // AT_ONCE)
    return Matrix(name, (rows, columns), Tensor((rows, columns), lambda: np.concatenate([*map(read, parts)]), read))
