"""Of what merged models are made: merges by the published recipes, made here."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import huref
from huref.errors import IncomparableError
from tests.support import models
from tests.support.cli import Here
from tests.support.models import Array, Network

MATRICES = ("q", "k", "v", "o", "up", "down", "gate")
Recipe = Callable[[Array, list[Array], np.random.Generator], Array]


@cache
def base() -> Network:
    return models.network("llama", 1, layers=3)


@cache
def tuned(seed: int, size: float = 0.1) -> Network:
    """The base, every weight moved by that share of its size."""
    net, rng = base().copy(), np.random.default_rng(seed)
    for block in net.blocks:
        for name in MATRICES:
            weights: Array = getattr(block, name)
            setattr(block, name, weights + size * weights.std() * rng.standard_normal(weights.shape))
    return net


def merged(recipe: Recipe, *parents: Network) -> Network:
    """Every matrix by a recipe, from the base's and those of the parents."""
    net, rng = base().copy(), np.random.default_rng(7)
    for i, block in enumerate(net.blocks):
        for name in MATRICES:
            sides = [getattr(parent.blocks[i], name) for parent in parents]
            setattr(block, name, recipe(getattr(base().blocks[i], name), sides, rng))
    return net


def linear(*shares: float) -> Recipe:
    return lambda _base, sides, _rng: sum(share * side for share, side in zip(shares, sides, strict=True))  # type: ignore[return-value]


def slerp(t: float) -> Recipe:
    def recipe(_base: Array, sides: list[Array], _rng: np.random.Generator) -> Array:
        a, b = sides
        angle = np.arccos((a * b).sum() / np.linalg.norm(a) / np.linalg.norm(b))
        found: Array = (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)
        return found

    return recipe


def ties(density: float) -> Recipe:
    """Trim the small changes, elect a sign for each entry, average those of that sign (Yadav et al. 2023)."""

    def recipe(start: Array, sides: list[Array], _rng: np.random.Generator) -> Array:
        changes = []
        for side in sides:
            change = side - start
            limit = np.quantile(np.abs(change), 1 - density)
            changes.append(np.where(np.abs(change) >= limit, change, 0))
        every = np.stack(changes)
        chosen = every * (np.sign(every) == np.sign(every.sum(axis=0)))
        found: Array = start + chosen.sum(axis=0) / np.maximum(1, (chosen != 0).sum(axis=0))
        return found

    return recipe


def dare(kept: float) -> Recipe:
    """Drop changes at random and scale up the rest; add half of each (Yu et al. 2023)."""

    def recipe(start: Array, sides: list[Array], rng: np.random.Generator) -> Array:
        found: Array = start + sum(0.5 * (side - start) * (rng.random(start.shape) < kept) / kept for side in sides)
        return found

    return recipe


@pytest.fixture
def written(tmp_path: Path) -> Callable[[Network, str], Path]:
    def write(net: Network, name: str) -> Path:
        return net.write(tmp_path / name)

    return write


Write = Callable[[Network, str], Path]


@pytest.fixture
def parents(written: Write) -> list[Path]:
    return [written(tuned(seed), f"parent{seed}") for seed in (1, 2)]


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.8, 0.2), (1.0, 0.0)])
def test_a_linear_merge(shares: tuple[float, float], written: Write, parents: list[Path]) -> None:
    suspect = written(merged(linear(*shares), tuned(1), tuned(2)), "suspect")
    found = huref.decompose(suspect, parents)
    assert found.made == "a merge"
    assert found.weights == pytest.approx(shares, abs=1e-3)
    assert [layer.layer for layer in found.layers] == [0, 1, 2]
    for layer in found.layers:
        assert layer.weights == pytest.approx(shares, abs=1e-3)
        assert layer.left < 1e-3
    assert found.reason.startswith(f"{shares[0]:.2f} of {parents[0]}")
    with_base = huref.decompose(suspect, parents, base=written(base(), "base"))
    assert with_base.weights == pytest.approx(shares, abs=1e-3)
    assert with_base.kept is not None
    assert with_base.kept < 0.05


def test_a_merge_along_a_sphere(written: Write, parents: list[Path]) -> None:
    found = huref.decompose(written(merged(slerp(0.3), tuned(1), tuned(2)), "suspect"), parents)
    assert found.made == "a merge"
    first, second = found.weights
    assert first == pytest.approx(0.7, abs=0.02)
    assert second == pytest.approx(0.3, abs=0.02)
    assert found.left < 0.01


def test_a_merge_along_a_sphere_against_the_base(written: Write, parents: list[Path]) -> None:
    """Its weights add up to more than one; what that leaves is the base, and no training."""
    suspect = written(merged(slerp(0.3), tuned(1), tuned(2)), "suspect")
    found = huref.decompose(suspect, parents, base=written(base(), "base"))
    assert found.made == "a merge"
    assert found.weights == pytest.approx((0.7, 0.3), abs=0.02)
    assert found.left < 0.01


@pytest.mark.parametrize("size", [0.3, 0.01])
def test_a_third_model_of_one_start_is_no_merge_of_two(size: float, written: Write) -> None:
    """However little training moved them all: without the base half of either explains nearly all of it."""
    parents = [written(tuned(seed, size), f"near{seed}") for seed in (1, 2)]
    third = written(tuned(3, size), "third")
    found = huref.decompose(third, parents)
    assert found.made == "something else"
    assert "no more of it than of any model of their start" in found.reason
    assert huref.decompose(third, parents, base=written(base(), "base")).made == "something else"
    half = written(merged(linear(0.5, 0.5), tuned(1, size), tuned(2, size)), "half")
    assert huref.decompose(half, parents).made == "a merge"


@pytest.mark.parametrize("recipe", [ties(0.3), dare(0.3)], ids=["ties", "dare"])
def test_changes_that_were_left_out(recipe: Recipe, written: Write, parents: list[Path]) -> None:
    """Against the base: about half of the entries are its own, and both parents have a share alike."""
    suspect = written(merged(recipe, tuned(1), tuned(2)), "suspect")
    found = huref.decompose(suspect, parents, base=written(base(), "base"))
    assert found.made == "trimmed or dropped changes"
    assert found.kept is not None
    assert 0.4 < found.kept < 0.6
    assert found.weights[0] == pytest.approx(found.weights[1], abs=0.03)
    assert found.weights[0] > 0.3
    assert "TIES" in found.reason


def test_further_training_is_what_is_left(written: Write, parents: list[Path]) -> None:
    net, rng = merged(linear(0.5, 0.5), tuned(1), tuned(2)), np.random.default_rng(3)
    for block in net.blocks:
        for name in MATRICES:
            weights: Array = getattr(block, name)
            setattr(block, name, weights + 0.05 * weights.std() * rng.standard_normal(weights.shape))
    found = huref.decompose(written(net, "suspect"), parents)
    assert found.made == "a merge and more"
    assert found.left == pytest.approx(0.05, abs=0.01)
    assert found.weights == pytest.approx((0.5, 0.5), abs=0.05)
    assert "further training" in found.reason
    assert "--base" in found.reason


def test_a_stranger_is_something_else(written: Write, parents: list[Path]) -> None:
    found = huref.decompose(written(models.network("llama", 9, layers=3), "suspect"), parents)
    assert found.made == "something else"
    assert found.left > 0.95


def test_each_layer_has_weights_of_its_own(written: Write, parents: list[Path]) -> None:
    """Passed through: one layer of the second, the others of the first."""
    net = tuned(1).copy()
    net.blocks[1] = tuned(2).copy().blocks[1]
    found = huref.decompose(written(net, "suspect"), parents)
    assert [round(layer.weights[0]) for layer in found.layers] == [1, 0, 1]


def test_models_of_other_sizes_are_refused(written: Write, parents: list[Path]) -> None:
    with pytest.raises(IncomparableError, match="other sizes"):
        huref.decompose(written(models.network("llama", 9, layers=2), "suspect"), parents)


def test_the_verb(huref: Here, written: Write, parents: list[Path]) -> None:
    suspect = written(merged(linear(0.5, 0.5), tuned(1), tuned(2)), "suspect")
    ran = huref("decompose", str(suspect), *map(str, parents))
    assert ran.code == 0
    assert ran.out.startswith("A merge")
    assert "0.50 of" in ran.out
    document = huref("decompose", str(suspect), *map(str, parents), "--json").json
    assert document["made"] == "a merge"
    assert len(document["layers"]) == 3
    assert huref("decompose", str(suspect), "no-such-folder").code == 4
