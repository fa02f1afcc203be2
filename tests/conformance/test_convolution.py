"""Encoder cnn: the core against numpy and against plain Python integers."""

import math

import numpy as np
import pytest

from huref import _native, cnn
from huref.cnn.network import Convolution, Network
from huref.profile import named
from tests.conformance import plain

RULES = named("robust-2-cnn")
NETWORK = cnn.network_of(RULES)

#: Sizes of networks: side, then kernels, size, stride and shift of each convolution.
NETWORKS = {
    "two": (5, [(2, 2, 2, 1), (3, 1, 1, 0)]),
    "pointwise": (3, [(4, 1, 1, 2), (2, 1, 1, 0)]),
    "overlapping": (9, [(5, 3, 1, 7), (4, 2, 2, 9), (8, 3, 1, 0)]),
    "leaving a rest": (8, [(3, 3, 2, 1), (2, 2, 1, 0)]),
}


def draw(name: str, seed: int) -> tuple[Network, int]:
    random = np.random.default_rng(seed)
    side, layers = NETWORKS[name]
    convolutions, channels = [], 3
    for out, size, stride, shift in layers:
        weights = random.integers(-128, 128, (out, channels, size, size), dtype=np.int8)
        bias = random.integers(-(1 << 20), 1 << 20, out, dtype=np.int32)
        convolutions.append(Convolution(weights, bias, stride, shift))
        channels = out
    return Network(tuple(convolutions), {}), side


def extremes(network: Network, side: int) -> list[np.ndarray]:
    """Inputs that drive sums to their bounds: all largest, and each sign pattern of a first kernel, both ways."""
    out = [np.full((3, side, side), value, dtype=np.int64) for value in (-4096, 0, 4096)]
    for kernel in network.convolutions[0].weights:
        repeats = -(-side // kernel.shape[1])
        pattern = np.tile(np.where(kernel < 0, -4096, 4096), (1, repeats, repeats))[:, :side, :side]
        out += [pattern, -pattern]
    return out


def by_definition(network: Network, x: list) -> list[int]:
    """Loops over nested lists of Python integers."""
    for c in network.convolutions:
        weights, size = c.weights.tolist(), c.weights.shape[2]
        places = range(0, len(x[0]) - size + 1, c.stride)
        x = [
            [
                [
                    int(bias)
                    + sum(
                        weight * x[channel][top + i][left + j]
                        for channel, plane in enumerate(kernel)
                        for i, row in enumerate(plane)
                        for j, weight in enumerate(row)
                    )
                    for left in places
                ]
                for top in places
            ]
            for kernel, bias in zip(weights, c.bias, strict=True)
        ]
        if c is not network.convolutions[-1]:
            half = 2**c.shift // 2
            x = [[[max(0, (y + half) // 2**c.shift) for y in row] for row in plane] for plane in x]
    return [y for plane in x for row in plane for y in row]


@pytest.mark.parametrize("name", NETWORKS)
def test_core_numpy_and_definition_agree(name: str) -> None:
    for seed in range(3):
        network, side = draw(name, seed)
        random = np.random.default_rng(seed).integers(-4096, 4097, (4, 3, side, side))
        inputs = [*random, *extremes(network, side)]
        for x, y in zip(inputs, network.apply(np.stack(inputs)).tolist(), strict=True):
            assert (
                _native.convolve(network.convolutions, side, x.reshape(-1)) == y == by_definition(network, x.tolist())
            )
            assert max(map(abs, y)) <= network.bounds()[-1]


def test_core_and_numpy_agree_on_the_shipped_encoder() -> None:
    network = NETWORK
    random = np.random.default_rng(1).integers(-4096, 4097, (6, 3, 32, 32))
    inputs = [*random, *extremes(network, 32)]
    for x, y in zip(inputs, network.apply(np.stack(inputs)).tolist(), strict=True):
        assert _native.convolve(network.convolutions, 32, x.reshape(-1)) == y
    assert _native.convolve(network.convolutions, 32, random[0].reshape(-1)) == by_definition(
        network, random[0].tolist()
    )


def outputs(network: Network, sketches: list[list[int]]) -> tuple[list[int], ...]:
    """Shift and scale as for encoder linear, then the chapter's section on encoder cnn."""
    rules = plain.ROBUST_2
    e = [next(e for e in range(300) if plain.norm(plain.shifted(s, e)) < 4**rules.log_norm) for s in sketches]
    q = [plain.shifted(s, shift) for s, shift in zip(sketches, e, strict=True)]
    a = [math.isqrt(4**rules.log_scale // plain.norm(entries)) for entries in q]
    x = [[(scale * entry + 2**27) // 2**28 for entry in entries] for scale, entries in zip(a, q, strict=True)]
    layers = network.apply(np.array(x, dtype=np.int64).reshape(-1, 3, 32, 32)).tolist()
    standard = [plain.standard([2**20 * value for value in layer], rules) for layer in layers]
    return [z for numbers, *_ in standard for z in numbers], e, a, [c for _, c, *_ in standard]


@pytest.mark.parametrize("kind", ["wide", "narrow", "one entry", "no shift"])
def test_vectors_are_those_of_the_specification(kind: str) -> None:
    random = np.random.default_rng(2)
    bits = {"wide": 200, "narrow": 40, "one entry": 90, "no shift": 20}[kind]
    sketches = [[int(v) << bits - 16 for v in random.integers(-(1 << 15), 1 << 15, 1024)] for _ in range(6)]
    if kind == "one entry":  # all of a term in one number: the largest input there is
        sketches = [[(1 << bits) * (-1) ** t * (i == 7 * t) for i in range(1024)] for t in range(6)]
    assert _native.encode(RULES.name, sketches) == [outputs(NETWORK, sketches)]


def test_a_layers_vector_is_its_own() -> None:
    random = np.random.default_rng(3)
    sketches = [random.integers(-(1 << 50), 1 << 50, 1024).tolist() for _ in range(6)]
    orders = (sketches, sketches[3:] + sketches[:3])
    first, second = (_native.encode(RULES.name, order)[0][0] for order in orders)
    assert first == second[512:] + second[:512]


def test_what_does_not_fit_is_refused() -> None:
    network = NETWORK
    small, side = draw("two", 1)
    with pytest.raises(ValueError, match="2 to 8 convolutions"):
        _native.convolve(network.convolutions[:1], 32, np.zeros(3072, dtype=np.int64))
    with pytest.raises(ValueError, match="convolution 0: does not fit 3 channels of side 2"):
        _native.convolve(network.convolutions, 2, np.zeros(12, dtype=np.int64))
    with pytest.raises(ValueError, match="too large"):
        _native.convolve(small.convolutions, side, np.full(75, 4097, dtype=np.int64))
    with pytest.raises(ValueError, match="another size"):
        _native.convolve(small.convolutions, side, np.zeros(74, dtype=np.int64))
