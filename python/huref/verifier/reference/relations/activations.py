"""Relation "activations": what goes into a network, and what comes out of its ReLU (specification, "activations").

For layer l and hidden convolution h, of the common draw:

    A = a q + 2^27 + 2^41                    one for each entry of each term;   x = (A >> 28) - 2^13 = round(a q / 2^28)
    Y_(l,h) = y + half_h + 2^(width_h - 1)   y = sum of weight x' + bias,       x' of the convolution before
    x' = t U                                 t the top bit of Y, U its bits from the shift to below the top

Sum i of hidden convolution h of layer l stands at place `l 2^iv + offset_h + i` of the sumcheck; others are absent.
"""

from dataclasses import dataclass

from ..claims import Bits, Claims
from ..curve import P
from ..instance import Instance
from ..layout import Integers
from ..network import INPUT_BITS, RAISE_BITS, Network, variables
from ..pads import Form
from ..poly import dot, eq_table, log2_ceil
from ..side import Side
from ..sumcheck import sumcheck


@dataclass(frozen=True)
class OnHidden:
    """Weights over the hidden sums: place (l, i) counts `layers[l] inside[i]` times."""

    layers: list[int]
    inside: list[int]

    def dot(self, eq: "OnHidden") -> int:
        """The multilinear extension of the weights where `eq` is that of the point."""
        return dot(self.layers, eq.layers) * dot(self.inside, eq.inside) % P


@dataclass(frozen=True)
class Weighted:
    """A weighted sum of hidden activations."""

    mu: OnHidden
    value: Form


def _eq(instance: Instance, network: Network, point: list[int]) -> OnHidden:
    layers = len(instance.shape.layers)
    high, _ = variables(network, layers)
    return OnHidden(eq_table(point[:high])[:layers], eq_table(point[high:])[: network.hidden_sums])


def _scaled(values: list[int], factor: int) -> list[int]:
    return [x * factor % P for x in values]


def before(side: Side, instance: Instance, network: Network, claims: Claims) -> Weighted:
    """From the rounded sketches to the hidden sums; s1 is left, the activations that the later ones are made of."""
    layers = len(instance.shape.layers)
    runs, constant = _inputs(instance, eq_table(side.challenges(log2_ceil(3 * layers * instance.profile.entries))))
    claims.add(Bits(runs), Form(constant))
    zeta = _eq(instance, network, side.challenges(sum(variables(network, layers))))
    (first, constant), (others, later), mu = _sums(instance, network, zeta)
    claims.add(Bits(first), Form(constant))
    s1 = side.secret().form
    claims.add(Bits(others), s1 + later)
    return Weighted(mu, s1)


def _inputs(instance: Instance, xi: list[int]) -> tuple[list[Integers], int]:
    """`sum_i xi_i (A_i - a_t S_i / 2^e_t)` as weights over the bits, and what it is."""
    profile, layout = instance.profile, instance.layout
    shift, per = profile.log_scale - INPUT_BITS, profile.entries
    offset = (1 << (shift - 1)) + (1 << (shift + INPUT_BITS + 1))
    runs, constant = [], 0
    numbers = zip(layout.inputs, layout.sketches, instance.outputs.a, strict=False)
    for t, (group, sketch, a) in enumerate(numbers):
        weights = xi[t * per : (t + 1) * per]
        runs += [Integers(group, weights), Integers(sketch, _scaled(weights, -a), layout.shift(sketch))]
        constant += sum(weights) * (offset - (a << (profile.q_bits - 1)))
    return runs, constant % P


def _sums(
    instance: Instance, network: Network, zeta: OnHidden
) -> tuple[tuple[list[Integers], int], tuple[list[Integers], int], OnHidden]:
    """The hidden sums with these weights: those of the first convolution, whose inputs are in the bits, and all others,

    as weights over the bits and a constant; and the weights of the activations that the others are made of.
    """
    layout, per, shift = instance.layout, instance.profile.entries, instance.profile.log_scale - INPUT_BITS
    runs: tuple[list[Integers], list[Integers]] = ([], [])
    inputs: list[int] = []
    inside: list[int] = []
    constants, at = [0, 0], 0
    for h, convolution in enumerate(network.hidden):
        part = zeta.inside[at : at + convolution.sums]
        at += convolution.sums
        pulled, bias = convolution.back(part)
        constants[h > 0] += bias + sum(part) * (convolution.half + (1 << (convolution.width - 1)))
        if h == 0:
            inputs = pulled
        else:
            inside += pulled
        groups = [of_layer[h] for of_layer in layout.sums]
        runs[h > 0].extend(Integers(group, _scaled(part, x)) for group, x in zip(groups, zeta.layers, strict=True))
    for t, group in enumerate(layout.inputs):
        start = t % 3 * per
        runs[0].append(Integers(group, _scaled(inputs[start : start + per], -zeta.layers[t // 3]), shift))
    constants[0] -= sum(inputs) << (INPUT_BITS + 1)
    first, others = (constant * sum(zeta.layers) % P for constant in constants)
    return (runs[0], first), (runs[1], others), OnHidden(zeta.layers, inside)


def outputs(
    side: Side, instance: Instance, network: Network, layers: list[int], weights: list[int]
) -> tuple[Weighted, int]:
    """s2, the activations that the outputs are made of: with the weight of each layer times c, and that of each number,

    `sum c f'` is s2 plus the returned constant.
    """
    total, m = sum(weights), instance.profile.outputs
    back, bias = network.convolutions[-1].back([(m * x - total) % P for x in weights])
    inside = [0] * (network.hidden_sums - len(back)) + back
    raised = _scaled(layers, 1 << RAISE_BITS)
    return Weighted(OnHidden(raised, inside), side.secret().form), sum(raised) * bias % P


def relu(side: Side, instance: Instance, network: Network, claims: Claims, s1: Weighted, s2: Weighted) -> None:
    """Both sums of activations are those of the bits."""
    lam = side.challenge()
    rounds = sum(variables(network, len(instance.shape.layers)))
    point, last = sumcheck(side, s1.value + s2.value * lam, 3, rounds)
    t, u = side.secret(), side.secret()
    eq = _eq(instance, network, point)
    side.ledger.zeros.append(last - side.ledger.product(t, u) * (s1.mu.dot(eq) + lam * s2.mu.dot(eq)))
    tops, values = [], []
    for layer, factor in enumerate(eq.layers):
        at = 0
        for h, convolution in enumerate(network.hidden):
            weights = _scaled(eq.inside[at : at + convolution.sums], factor)
            at += convolution.sums
            group = instance.layout.sums[layer][h]
            tops.append(Integers(group, weights, group.width - 1))
            values.append(Integers(group, weights, convolution.shift, group.width - 1))
    claims.add(Bits(tops), t.form)
    claims.add(Bits(values), u.form)
