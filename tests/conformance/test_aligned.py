"""Aligned form against numpy: eigenvectors by LAPACK, the rotation by singular values, the same integers."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from huref.model import open_model
from huref.profile import named
from huref.stages.quantise import Quantised, choose
from huref.stages.tokens import select
from tests.support import models
from tests.support.models import Network

Floats = NDArray[np.float64]
RULES = named("robust-2")


def balanced(inner: Floats, outer: Floats) -> tuple[Floats, Floats]:
    """A group, e x d and heads x e x d, in a basis in which both Gram matrices are the same diagonal."""
    first = np.linalg.cholesky(inner @ inner.T)
    second = np.einsum("hid,hjd->ij", outer, outer)
    values, u = np.linalg.eigh(first.T @ second @ first)
    half = values**0.25
    return (half[:, None] * u.T) @ np.linalg.solve(first, inner), (u.T @ first.T / half[:, None]) @ outer


def polar(m: Floats) -> Floats:
    u, _, v = np.linalg.svd(m)
    return u @ v


def met(base: tuple[Floats, Floats], group: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """A group, turned to meet that of the base."""
    m = np.zeros((len(group[0]), len(group[0])))
    for a, b in zip(base, group, strict=True):
        heads = (matrix.reshape(-1, *group[0].shape) for matrix in (a, b))
        m += np.einsum("hid,hjd->ij", *heads) / np.linalg.norm(a) / np.linalg.norm(b)
    turn = polar(m)
    return turn @ group[0], turn @ group[1]


def rounded(matrix: Floats) -> NDArray[np.int64]:
    """At the smallest power of two that fits."""
    widest = float(np.abs(matrix).max())
    scale = 2.0 ** np.floor(np.log2(widest / 2047))
    while np.rint(widest / scale) > 2047:
        scale *= 2
    return np.rint(matrix / scale).astype(np.int64)


def aligned(net: Network, number: int, base: Quantised) -> dict[str, NDArray[np.int64]]:
    """q, k, v, o of a layer of a LLaMA model, aligned to the only layer of the base."""
    block = net.stored().blocks[number]
    gamma = block.attention_norm.weight
    parts = {"q": block.q * gamma, "k": block.k * gamma, "v": block.v * gamma, "o": block.o.T}
    heads = {"q": (net.kv_heads, net.group), "o": (net.kv_heads, net.group), "k": (net.kv_heads,), "v": (net.kv_heads,)}

    def groups(matrices: dict[str, Floats], name: str) -> Floats:
        return matrices[name].reshape(*heads[name], net.head_dim, net.hidden)

    integers = {name: base.matrix(0, name).astype(float) for name in parts}
    found: dict[str, NDArray[np.int64]] = {}
    for inner, outer in (("k", "q"), ("v", "o")):
        pairs = zip(groups(parts, inner), groups(parts, outer), strict=True)
        bases = zip(groups(integers, inner), groups(integers, outer), strict=True)
        turned = [met(b, balanced(*pair)) for b, pair in zip(bases, pairs, strict=True)]
        for name, matrices in zip((inner, outer), zip(*turned, strict=True), strict=True):
            found[name] = rounded(np.concatenate(matrices).reshape(-1, net.hidden))
    return found


@pytest.mark.parametrize("kv_heads", [1, 2, 4])
def test_the_same_integers(kv_heads: int, tmp_path: Path) -> None:
    """But for the entries that stand just between two integers."""
    net = models.network("llama", kv_heads=kv_heads)
    folder = net.write(tmp_path / "base")
    other, rng = net.copy(), np.random.default_rng(2)
    for matrix in (getattr(other.blocks[1], name) for name in "qkvo"):
        matrix += 0.05 * matrix.std() * rng.standard_normal(matrix.shape)
    base, model = open_model(folder), open_model(other.write(tmp_path / "model"))
    plain = choose(base, select(base, RULES), (1,), RULES)
    source = choose(model, select(model, RULES), (1,), RULES).aligned_to(base)
    result, expected = source.whole(), aligned(other, 1, plain.whole())
    for name, matrix in expected.items():
        differs = np.abs(result.matrix(0, name) - matrix)
        assert differs.max() <= 1, name
        assert np.count_nonzero(differs) < 0.001 * matrix.size, name
