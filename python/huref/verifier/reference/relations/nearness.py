"""Relation "nearness": cosines of the vectors in the bit string with published ones (specification, "nearness").

    N_t = sum_j q_(t,j)^2,      P_t = a_t N_t,      a_t P_t <= 2^140 < (a_t + 1)^2 N_t           term t
    f'_l = m f_l - sum f_l,     f_l = sum over the terms t of layer l of a_t R q_t               layer l
    D_l = sum_k f'_l[k]^2,      G_(v,l) = <z_v, f'_l>                                            z_v of theirs
    low^2 Z_v D_l <= 2^16 G_(v,l)^2 < high^2 Z_v D_l,   or with the other end strict             Z_v = sum_k z_v[k]^2

Scales, norms, D and G are secret. The shift of all terms follows from the shape.
"""

from dataclasses import dataclass

from ..claims import Bits, Claims
from ..curve import P
from ..encoder import columns
from ..instance import Instance
from ..layout import Group, Integers
from ..nearness import LEAST_SCALE, NUMBERS, in_question, intervals, vectors
from ..pads import Sent, combined
from ..poly import dot, eq_table, log2_ceil, powers
from ..side import Side
from ..statement import Nearness
from ..sumcheck import sumcheck


@dataclass(frozen=True)
class Products:
    """`squares[l]` is D_l, `with_theirs[v][l]` is G_(v,l)."""

    squares: list[Sent]
    with_theirs: list[list[Sent]]


def check(side: Side, instance: Instance, statement: Nearness, claims: Claims) -> None:
    """Runs the relation."""
    theirs = in_question(statement, instance.profile)
    norms = _norms(side, instance, claims)
    scales = _scales(side, instance, claims, norms)
    products = _vectors(side, instance, claims, theirs, scales)
    _intervals(side, instance, statement, claims, products)


def _norms(side: Side, instance: Instance, claims: Claims) -> list[Sent]:
    """The sums of squares of the rounded sketches."""
    layout, per = instance.layout, instance.profile.entries
    norms = [side.secret() for _ in layout.sketches]
    thetas, entries = powers(side.challenge(), len(norms)), per * len(norms)
    point, last = sumcheck(side, combined([norm.form for norm in norms], thetas), 3, log2_ceil(entries))
    q = side.secret()
    eq = eq_table(point)[:entries]
    factor = sum(theta * sum(eq[t * per : (t + 1) * per]) for t, theta in enumerate(thetas))
    side.ledger.zeros.append(last - side.ledger.product(q, q) * factor)
    runs, constant = layout.upper_parts(eq)
    claims.add(Bits(runs), q.form + constant)
    return norms


def _one(group: Group, index: int) -> Bits:
    return Bits([Integers(group.one(index), [1])])


def _scales(side: Side, instance: Instance, claims: Claims, norms: list[Sent]) -> list[Sent]:
    """The scale of each term follows from its norm."""
    layout, ledger, top, scales = instance.layout, side.ledger, 1 << (2 * NUMBERS.log_scale), []
    for t, norm in enumerate(norms):
        a, p = side.secret(), side.secret()
        ledger.zeros.append(p.form - ledger.product(a, norm))
        square = ledger.product(a, p)
        claims.add(_one(layout.scale, t), a.form + -LEAST_SCALE)
        claims.add(_one(layout.slack_lo, t), square * -1 + top)
        claims.add(_one(layout.slack_hi, t), square + p.form * 2 + norm.form + (-top - 1))
        scales.append(a)
    return scales


def _vectors(
    side: Side, instance: Instance, claims: Claims, theirs: list[tuple[int, ...]], scales: list[Sent]
) -> Products:
    """Norms of the vectors of all layers, and their inner products with the vectors in question."""
    profile, layers, per = instance.profile, len(instance.shape.layers), instance.profile.entries
    squares = [side.secret() for _ in range(layers)]
    with_theirs = [[side.secret() for _ in range(layers)] for _ in theirs]
    deltas = powers(side.challenge(), layers)
    claim = combined([square.form for square in squares], deltas)
    point, last = sumcheck(side, claim, 2, log2_ceil(profile.outputs))
    at_point = []
    for delta in deltas:
        at_point.append(side.secret())
        last = last - side.ledger.product(at_point[-1], at_point[-1]) * delta
    side.ledger.zeros.append(last)

    # <y, f'> = sum_t a_t <B, q_t> for y = eq(point) + sum_v omega^(v + 1) z_v
    omegas = powers(side.challenge(), len(theirs) + 1)
    y = [dot(omegas, entries) for entries in zip(eq_table(point), *theirs, strict=True)]
    total = sum(y)
    b = [(profile.outputs * mixed - total * plain) % P for mixed, plain in columns(profile, instance.streams[0], y)]
    for layer, value in enumerate(at_point):
        of_layer = [value.form, *(row[layer].form for row in with_theirs)]
        zero = combined(of_layer, omegas)
        for kind in range(3):
            h, t = side.secret(), 3 * layer + kind
            runs, constant = instance.layout.upper_parts(b[kind * per : (kind + 1) * per], t)
            claims.add(Bits(runs), h.form + constant)
            zero = zero - side.ledger.product(scales[t], h)
        side.ledger.zeros.append(zero)
    return Products(squares, with_theirs)


def _intervals(side: Side, instance: Instance, statement: Nearness, claims: Claims, products: Products) -> None:
    """Every slack of an interval is an integer of the bit string."""
    layout, layers = instance.layout, len(instance.shape.layers)
    theirs = vectors(statement, instance.profile)
    for j, (i, layer, sign, low, high) in enumerate(intervals(statement.answer, layers, len(theirs))):
        g = products.with_theirs[0 if statement.answer.pair else i][layer]
        square = side.ledger.product(g, g) * (1 << (2 * NUMBERS.cosine_bits))
        limit = products.squares[layer].form * dot(theirs[i], theirs[i])
        if sign is not None and low is not None:
            claims.add(_one(layout.sign, j), g.form * sign)
            claims.add(_one(layout.low, j), square - limit * low.at**2 + -int(low.strict))
        claims.add(_one(layout.high, j), limit * high.at**2 - square + -int(high.strict))
