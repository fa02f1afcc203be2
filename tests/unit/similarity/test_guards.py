"""Where hidden units are not exchangeable, or equal, strangers stay strangers; and p-values of tests with an exact null
are uniform over independent pairs.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import huref
from huref.similarity import dims
from huref.similarity.mutual import unit
from huref.similarity.neurons import Agreement, Neurons, same_order
from tests.support import models
from tests.support.models import Array, Network
from tests.unit.similarity.test_calibration import below, distance

PAIRS = 200


def stranger(seed: int) -> Network:
    return models.network("llama", seed, layers=2, ffn=128)


def turned(net: Network, basis: Array) -> Network:
    """The network in a basis: every row w of the hidden space becomes w basis. Norms are folded in first."""
    net = net.copy()
    net.words = net.words @ basis
    for block in net.blocks:
        for names, norm in ((("q", "k", "v"), block.attention_norm), (("up", "gate"), block.ffn_norm)):
            for name in names:
                setattr(block, name, (getattr(block, name) * norm.weight) @ basis)
            norm.weight = np.ones_like(norm.weight)
        block.o, block.down = basis.T @ block.o, basis.T @ block.down
    return net


def by_principal_components(net: Network) -> Network:
    """Hidden dimensions are the principal components of the embedding, the largest first. Each model's own spectrum
    falls steeply, as that of real ones.
    """
    net = net.copy()
    net.words = (net.words - net.words.mean(axis=0)) * np.exp(-np.arange(net.hidden) / 16)
    _, _, basis = np.linalg.svd(net.words, full_matrices=False)
    return turned(net, basis.T)


def with_sinusoids(net: Network) -> Network:
    """A table of sines and cosines is mixed into the embedding rows, by token id."""
    net = net.copy()
    place, dimension = np.arange(len(net.words))[:, None], np.arange(net.hidden)
    angle = place / 10000 ** (2 * (dimension // 2) / net.hidden)
    net.words = net.words + 0.3 * net.words.std() * np.where(dimension % 2, np.cos(angle), np.sin(angle))
    return net


def with_doubled_units(net: Network) -> Network:
    """Every neuron twice, and the second half of the hidden dimensions is the first."""
    net = net.copy()
    half = net.hidden // 2
    net.words[:, half:] = net.words[:, :half]
    for block in net.blocks:
        assert block.gate is not None
        block.up, block.gate = np.vstack([block.up] * 2), np.vstack([block.gate] * 2)
        block.down = np.hstack([block.down] * 2) / 2
        block.up_bias = np.zeros(len(block.up))
        for name in ("q", "k", "v", "up", "gate"):
            matrix = getattr(block, name)
            matrix[:, half:] = matrix[:, :half]
        for name in ("o", "down"):
            matrix = getattr(block, name)
            matrix[half:] = matrix[:half]
    return net


def padded(net: Network, filler: Callable[[tuple[int, ...]], Array]) -> Network:
    """With a quarter more neurons and a quarter of the hidden dimensions that are filled in the same way everywhere."""
    net = net.copy()
    more, unused = len(net.blocks[0].up) // 4, net.hidden * 3 // 4
    net.words[:, unused:] = filler(net.words[:, unused:].shape)
    for block in net.blocks:
        assert block.gate is not None
        block.up = np.vstack([block.up, filler((more, net.hidden))])
        block.gate = np.vstack([block.gate, filler((more, net.hidden))])
        block.down = np.hstack([block.down, filler((net.hidden, more))])
        block.up_bias = np.zeros(len(block.up))
        for name in ("q", "k", "v", "up", "gate"):
            matrix = getattr(block, name)
            matrix[:, unused:] = filler(matrix[:, unused:].shape)
    return net


def zeros(shape: tuple[int, ...]) -> Array:
    return np.zeros(shape)


def constants(shape: tuple[int, ...]) -> Array:
    return np.full(shape, 0.01)


def hardly_noise(shape: tuple[int, ...]) -> Array:
    return 1e-7 * np.random.default_rng(5).standard_normal(shape)


CHANGES: dict[str, Callable[[Network], Network]] = {
    "principal components": by_principal_components,
    "sinusoids": with_sinusoids,
    "doubled units": with_doubled_units,
    "zero padding": lambda net: padded(net, zeros),
    "constants": lambda net: padded(net, constants),
    "noise": lambda net: padded(net, hardly_noise),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_strangers_changed_in_one_way_stay_strangers(change: Callable[[Network], Network], tmp_path: Path) -> None:
    for seed in range(0, 6, 2):
        a, b = (change(stranger(seed + i)).write(tmp_path / f"{seed + i}") for i in (0, 1))
        found = huref.compare(a, b)
        assert found.verdict != "related", found.reason


def test_sorted_dimensions_are_not_compared_by_number(tmp_path: Path) -> None:
    """Of both models: no raw test is made, and the report says why. Of one alone they are harmless."""
    a, b = (by_principal_components(stranger(seed)) for seed in (1, 2))
    found = huref.compare(a.write(tmp_path / "a"), b.write(tmp_path / "b"))
    assert found.evidence is not None
    for name in ("dims/embedding", "order/raw", "dims/body", "channels", "partners/raw"):
        assert not found.evidence.test(name).ran
    assert "sorted by size" in found.evidence.test("dims/embedding").sentence
    one = huref.compare(tmp_path / "a", stranger(3).write(tmp_path / "c"))
    assert one.evidence is not None
    assert one.evidence.test("dims/embedding").ran
    assert one.verdict == "unrelated"


def exact(name: str) -> list[float]:
    """p-values over independent pairs, each model in one pair only."""
    rng = np.random.default_rng(17)
    found: list[Agreement] = []
    for _ in range(PAIRS):
        if name == "embedding":
            x, y = rng.standard_normal((2, 100, 24)) @ rng.standard_normal((24, 24))
            one = dims.of_embeddings(x.astype(np.float32), y.astype(np.float32))
        else:
            one = dims.of_body(*rng.standard_normal((2, 4, 30, 24)))
        assert one is not None
        found.append(one)
    return [float(np.exp(one.p)) for one in found]


@pytest.mark.parametrize("name", ["embedding", "body"])
def test_numbers_of_hidden_dimensions_of_independent_models(name: str) -> None:
    """Never too small. Ties are not broken by nearness here, so p-values are upper bounds."""
    values = exact(name)
    assert below(values) < 1.628
    assert min(values) < 0.1


def test_numbers_of_neurons_of_independent_models_without_tokens() -> None:
    """Uniform, entry by entry too: each model is in one pair only."""
    rng, values = np.random.default_rng(18), []
    for _ in range(PAIRS):
        blocks = rng.standard_normal((2, 2, 48, 24)).astype(np.float32)
        one, other = (Neurons(unit(reads), unit(writes), rng.random(48)) for reads, writes in blocks)
        found = same_order(one, other)
        assert found is not None
        values.append(float(np.exp(found.p)))
    assert distance(values) < 1.628
