"""Relation "encode": `z` is the encoding of the sketches in the bit string (specification, "encode").

    N_i = sum_j q_(i,j)^2,          a_i^2 N_i <= 2^80 < (a_i + 1)^2 N_i                       term i, of all draws
    h_(g,k) = z_(g,k) 2^64 + rem_(g,k) - 2^63 = c_g f'_(g,k)                                 layer g, of all draws
    f'_(g,k) = m f_(g,k) - sum f_g,  f_(g,k) = sum over the terms i of layer g of a_i <R_k, q_i>
    V_g = sum_k h_(g,k)^2,          V_g <= M < (c_g + 1)^2 V_g / c_g^2

`q` are the bits of a sketch entry from position `e_i` up, so shift and range cost nothing.
"""

from ..claims import Bits, Claims
from ..curve import P
from ..encoder import columns
from ..instance import Instance
from ..layout import Integers
from ..pads import Form, combined
from ..poly import dot, eq_table, log2_ceil, powers
from ..security import scale_target
from ..side import Side
from ..sumcheck import sumcheck
from . import activations


def check(side: Side, instance: Instance, claims: Claims) -> None:
    """Runs the relation."""
    norms = [side.secret().form for _ in instance.layout.sketches]
    scales = [side.secret().form for _ in range(instance.layout.c_lo.count)]
    _squares(side, instance, claims, [*norms, *scales])
    _slacks_of_norms(instance, claims, norms)
    _rounding(side, instance, claims)
    _slacks_of_scales(instance, claims, scales)


def _multiples(instance: Instance, weights: list[int]) -> int:
    """`sum_i weights[i] (z_i 2^64 - 2^63)`: what the remainders add to, to give h."""
    w = instance.profile.fraction_bits
    return (dot(weights, instance.outputs.z) << w) - (sum(weights) << (w - 1))


def _squares(side: Side, instance: Instance, claims: Claims, sums: list[Form]) -> None:
    """All sums of squares: those of the rounded sketches, then those of h."""
    profile, layout = instance.profile, instance.layout
    thetas = powers(side.challenge(), len(sums))
    parts = [profile.entries] * len(layout.sketches) + [profile.outputs] * layout.c_lo.count
    point, last = sumcheck(side, combined(sums, thetas), 3, log2_ceil(sum(parts)))
    root = side.secret()
    eq = eq_table(point)[: sum(parts)]
    factor, at = 0, 0
    for theta, count in zip(thetas, parts, strict=True):
        factor += theta * sum(eq[at : at + count])
        at += count
    side.ledger.zeros.append(last - side.ledger.product(root, root) * factor)
    sketched = len(layout.sketches) * profile.entries
    runs, constant = layout.upper_parts(eq[:sketched])
    h = eq[sketched:]
    claims.add(Bits([*runs, Integers(layout.rem, h)]), root.form + (constant - _multiples(instance, h)))


def _slacks_of_norms(instance: Instance, claims: Claims, norms: list[Form]) -> None:
    """The scale of each term follows from its norm."""
    layout, top = instance.layout, 1 << (2 * instance.profile.log_scale)
    for i, (norm, a) in enumerate(zip(norms, instance.outputs.a, strict=True)):
        claims.add(Bits([Integers(layout.slack_lo.one(i), [1])]), norm * -(a**2) + top)
        claims.add(Bits([Integers(layout.slack_hi.one(i), [1])]), norm * (a + 1) ** 2 + (-top - 1))


def _rounding(side: Side, instance: Instance, claims: Claims) -> None:
    """The rounding equation at a random combination over layers and k."""
    profile, groups = instance.profile, instance.layout.c_lo.count
    network, count = instance.network, len(instance.shape.layers)
    s1 = activations.before(side, instance, network, claims) if network else None
    layers = eq_table(side.challenges(log2_ceil(groups)))[:groups]
    outputs = eq_table(side.challenges(log2_ceil(profile.outputs)))
    total = sum(outputs)
    scales = [x * c % P for x, c in zip(layers, instance.outputs.c, strict=True)]
    # column j of R, combined: m sum_k eq_k R_kj - sum eq sum_k R_kj; once for each draw that has an R
    encoded = count if network else 0
    coefficients = []
    for u, streams in enumerate(instance.streams):
        if u * count < encoded:
            continue
        found = columns(profile, streams, outputs)
        block = [(profile.outputs * combined - total * plain) % P for combined, plain in found]
        for i in range(3 * u * count, 3 * (u + 1) * count):
            scale, kind = scales[i // 3] * instance.outputs.a[i] % P, i % 3 * profile.entries
            coefficients += [scale * x % P for x in block[kind : kind + profile.entries]]
    runs, constant = instance.layout.upper_parts(coefficients, 3 * encoded)
    eq = [x * y % P for x in layers for y in outputs]
    runs.append(Integers(instance.layout.rem, [-x % P for x in eq]))
    value = Form((_multiples(instance, eq) + constant) % P)
    if not (network and s1):
        claims.add(Bits(runs), value)
        return
    s2, biases = activations.outputs(side, instance, network, scales[:count], outputs)
    claims.add(Bits(runs), value - s2.value + -biases)
    activations.relu(side, instance, network, claims, s1, s2)


def _slacks_of_scales(instance: Instance, claims: Claims, scales: list[Form]) -> None:
    """The scale c of each layer is the standardisation of what was rounded."""
    layout, target = instance.layout, scale_target(instance.profile)
    for g, (v, c) in enumerate(zip(scales, instance.outputs.c, strict=True)):
        claims.add(Bits([Integers(layout.c_lo.one(g), [1])]), v * -1 + target)
        claims.add(Bits([Integers(layout.c_hi.one(g), [1])]), v * (c + 1) ** 2 + -(target * c**2 + 1))
