"""Exact ICS against the full terms, and the distribution of Mantel's test under its null."""

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from huref import _native
from huref.artefacts.shape import Shape
from huref.errors import UsageError
from huref.similarity import ics
from huref.stages.quantise import Quantised
from huref.stages.terms import canonical
from tests.support import toys


def model(seed: int, tokens: int = 40, **sizes: Any) -> Quantised:
    """A random layer of integers."""
    numbers = {"hidden": 8, "heads": 2, "kv_heads": 1, "head_dim": 3, "ffn": 9} | sizes
    shape = Shape(**numbers, layers=(0,), tokens=tuple(b"%d" % i for i in range(tokens)))
    return toys.quantised(seed, shape, "robust-2", largest=500)


@pytest.mark.parametrize(("d", "e"), list(product([8, 40, 64], [12, 40, 50])))
def test_ics_is_the_correlation_of_the_full_terms(d: int, e: int) -> None:
    """For every mixture of more and fewer tokens (40) than hidden dimensions."""
    a, b = model(1, hidden=d), model(2, hidden=e, heads=4, ffn=20)
    found = ics.ics(ics.cores(a), ics.cores(b))
    expected = [
        np.corrcoef(one.matrix().ravel(), other.matrix().ravel())[0, 1]
        for one, other in zip(canonical(a), canonical(b), strict=True)
    ]
    assert found == pytest.approx(expected, abs=1e-12)


def test_a_model_is_itself() -> None:
    for d in (8, 64):
        same = ics.cores(model(1, hidden=d))
        assert ics.ics(same, same) == pytest.approx([1, 1, 1], abs=1e-12)


def test_a_term_that_is_zero_is_like_nothing() -> None:
    """Neurons that read what no token has: no matrix is zero, M_f is."""
    plain = model(1)
    matrices = [plain.weights.matrix(index) for index in range(7)]
    matrices[0][:, 4:] = 0
    matrices[5][:, :4] = 0
    dull = replace(plain, weights=_native.Weights.from_integers("robust-2", plain.shape, matrices))
    found = ics.ics(ics.cores(dull), ics.cores(dull))
    assert found == pytest.approx([1, 1, 0], abs=1e-12)


@pytest.mark.parametrize(("d", "e"), [(8, 10), (64, 50), (8, 64)])
def test_shuffled_tokens_are_permuted_rows(d: int, e: int) -> None:
    """One shuffle, done by hand: the products of the full terms with rows and columns exchanged."""
    a, b = ics.cores(model(1, hidden=d)), ics.cores(model(2, hidden=e))
    rng = np.random.default_rng(3)
    places = np.sort(rng.choice(40, 25, replace=False))
    order = rng.permutation(places)

    def full(layer: ics.Cores) -> list[ics.Array]:
        return [layer.frame.full @ core @ layer.frame.full.T for core in layer.cores]

    expected = [
        (one[np.ix_(order, order)] * other[np.ix_(places, places)]).sum()
        for one, other in zip(full(a), full(b), strict=True)
    ]
    assert ics._products(a, b, order, places) == pytest.approx(expected, abs=1e-12)


def test_strata_are_forms_of_tokens() -> None:
    tokens = (b" a", b"b", b"##c", b" d", b"e", b"##f", b" gh", b"i" * 20, b"j" * 30)
    found = ics._strata(tokens, np.arange(len(tokens)))
    assert sorted(map(list, found)) == [[0, 3], [1, 4], [2, 5], [6], [7, 8]]


def test_p_values_of_independent_layers_are_uniform() -> None:
    """Kolmogorov-Smirnov over 240 pairs at level 0.01, with more and with fewer tokens than hidden dimensions."""
    odd = np.arange(1, 40, 2)
    tokens = tuple(b"%02d" % i for i in range(40))
    values = []
    for seed in range(240):
        d = 8 if seed % 2 else 48
        a, b = ics.cores(model(2 * seed, hidden=d)), ics.cores(model(2 * seed + 1, hidden=d))
        values.append(ics.shuffled(a, b, tokens, odd, 199))
    values.sort()
    n = len(values)
    distance = max(max(value - i / n, (i + 1) / n - value) for i, value in enumerate(values))
    assert distance < 1.628 / np.sqrt(n)


def test_a_copy_is_never_reached_by_shuffles() -> None:
    same = ics.cores(model(1))
    tokens = tuple(b"%02d" % i for i in range(40))
    assert ics.shuffled(same, same, tokens, np.arange(40), 99) == 0.01


@pytest.mark.parametrize(("d", "e"), [(64, 50), (8, 10), (8, 64)])
def test_torch_gives_the_same(d: int, e: int) -> None:
    """On its processor device, where a GPU's code runs unchanged: correlations to 1e-12, the same shuffles."""
    import torch

    library = ics.Library(torch, torch.device("cpu"))
    odd, tokens = np.arange(1, 40, 2), tuple(b"%02d" % i for i in range(40))
    layers = [(model(1, hidden=d), model(2, hidden=e, heads=4)) for _ in range(2)]
    plain, other = (
        [ics.cores(quantised, None, where) for quantised in pair]
        for pair, where in zip(layers, (ics.NUMPY, library), strict=True)
    )
    assert isinstance(other[0].cores[0], torch.Tensor)
    assert ics.ics(*other) == pytest.approx(ics.ics(*plain), abs=1e-12)
    assert ics.shuffled(*other, tokens, odd, 49) == ics.shuffled(*plain, tokens, odd, 49)


def test_devices_are_those_of_sketches() -> None:
    assert ics.library("cpu") == ics.NUMPY
    with pytest.raises(UsageError, match="'abacus'"):
        ics.library("abacus")
