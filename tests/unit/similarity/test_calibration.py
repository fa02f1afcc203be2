"""p-values of independent models are uniform: Kolmogorov-Smirnov at level 0.01, over at least 200 pairs of models of
which each is in one pair only. Where a test is conservative by design, its p-values are never too small.

Mantel's test of exact ICS stands in test_ics.py.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest

from huref.profile import DEFAULT, named
from huref.similarity.findings import Finding
from huref.similarity.neurons import SHARES, Agreement, Neurons, same_order, same_partners
from huref.similarity.tally import Seen, Tally
from huref.similarity.verdict import null_width, p_value
from lab.null_width import vectors
from tests.support.models import Array

PAIRS = 240
#: Tokens, hidden dimensions, neurons, layers.
K, D, F, LAYERS = 60, 12, 40, 3
Found = list[tuple[Agreement, Agreement]]


def distance(values: Sequence[float]) -> float:
    """Kolmogorov-Smirnov distance from the uniform distribution, in units of 1 / sqrt(n); 1.628 is level 0.01."""
    ordered = np.sort(values)
    ranks = np.arange(len(ordered) + 1) / len(ordered)
    return float(max((ordered - ranks[:-1]).max(), (ranks[1:] - ordered).max()) * np.sqrt(len(ordered)))


def below(values: Sequence[float]) -> float:
    """The same distance, but only where p-values are too small."""
    ordered = np.sort(values)
    return float((np.arange(1, len(ordered) + 1) / len(ordered) - ordered).max() * np.sqrt(len(ordered)))


def trained(steps: int) -> Array:
    """Neurons of 2 x PAIRS models of LAYERS layers each: models x layers x {reads, writes} x F x tokens.

    Each layer is a network x -> down tanh(up x) with its own random start, trained by gradient descent; all learn the
    same function of the same inputs.
    """
    rng = np.random.default_rng(7)
    x, teacher = rng.standard_normal((K, D)), rng.standard_normal((D, D)) / np.sqrt(D)
    target = np.tanh(x @ teacher)
    up, down = rng.standard_normal((2, 2 * PAIRS, LAYERS, F, D)) / np.sqrt(D)
    for _ in range(steps):
        opened = np.tanh(x @ up.swapaxes(-1, -2))
        wrong = (opened @ down - target) / K
        back = (wrong @ down.swapaxes(-1, -2)) * (1 - opened**2)
        down -= 0.3 * opened.swapaxes(-1, -2) @ wrong
        up -= 0.3 * back.swapaxes(-1, -2) @ x
    found = np.stack([up @ x.T, down @ x.T], axis=2)
    return found / np.linalg.norm(found, axis=-1, keepdims=True)


@cache
def pairs(steps: int) -> list[Found]:
    """For every pair of models the agreements of their layers, by `order` and by `partners`."""
    models = trained(steps)
    found = []
    for one, other in zip(models[::2], models[1::2], strict=True):
        layers = [(neurons(*ours), neurons(*theirs)) for ours, theirs in zip(one, other, strict=True)]
        found.append([(numbered(*both), same_partners(*both, SHARES["tokens"])) for both in layers])
    return found


def neurons(reads: Array, writes: Array) -> Neurons:
    return Neurons(reads, writes, np.random.default_rng(1).random(len(reads)))


def numbered(a: Neurons, b: Neurons) -> Agreement:
    found = same_order(a, b)
    assert found is not None
    return found


def findings(found: Found) -> tuple[Finding, Finding]:
    tally = Tally()
    for i, (order, partners) in enumerate(found):
        tally.add("order/tokens", Seen(i, i, order))
        tally.add("partners/tokens", Seen(i, i, partners))
    return tally.numbered("order/tokens", ""), tally.chosen("partners/tokens", "", LAYERS * LAYERS)


@pytest.mark.parametrize("steps", [0, 60])
def test_numbers_of_neurons_of_independent_layers(steps: int) -> None:
    assert distance([float(np.exp(layer.p)) for found in pairs(steps) for layer, _ in found]) < 1.628


@pytest.mark.parametrize("steps", [0, 60])
def test_numbers_of_neurons_of_independent_models(steps: int) -> None:
    assert distance([findings(found)[0].p_value for found in pairs(steps)]) < 1.628


@pytest.mark.parametrize("steps", [0, 60])
def test_partners_are_an_upper_bound(steps: int) -> None:
    """Also for models that learnt the same, and so have more in common than chance gives."""
    values = [finding.p_value for _, finding in map(findings, pairs(steps))]
    assert below(values) < 1.628
    assert below([float(np.exp(layer.p)) for found in pairs(steps) for _, layer in found]) < 1.628


def test_training_makes_neurons_alike() -> None:
    """So the models above are not merely random: without universal neurons in the null, `partners` would fail."""
    agreeing = [sum(layer.agreeing for found in pairs(steps) for _, layer in found) for steps in (0, 60)]
    assert agreeing[1] > 1.3 * agreeing[0]


def test_cosines_of_vectors() -> None:
    """Of one layer, and the mean over the layers of two models, as own vectors are judged."""
    random, width = np.random.default_rng(11), null_width(named(DEFAULT))
    models = np.stack([vectors(256, 0.5, random) for _ in range(400)])
    cosines = (models[::2] * models[1::2]).sum(axis=2)
    assert distance([p_value(float(cosine), width) for cosine in cosines[:, 0]]) < 1.628
    means = cosines.mean(axis=1)
    assert distance([p_value(float(mean), width / np.sqrt(cosines.shape[1])) for mean in means]) < 1.628


def test_the_distance_sees_what_is_not_uniform() -> None:
    even = (np.arange(200) + 0.5) / 200
    assert distance(list(even)) < 0.1
    assert distance(list(even**0.6)) > 1.628
    assert below(list(even**0.6)) < 0.1
    assert below(list(even**1.5)) > 1.628
