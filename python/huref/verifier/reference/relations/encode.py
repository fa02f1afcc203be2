"""Relation "encode": `z` is the encoding of the sketches in the bit string (specification, "encode").

    N_t = sum_j q_j^2,            a_t^2 N_t <= 2^80 < (a_t + 1)^2 N_t
    c f'_k + 2^63 = z_k 2^64 + rem_k,   f'_k = m f_k - sum f,   f_k = sum_t a_t <R_k, q_t>
    V = sum_k (z_k 2^64 + g_k)^2,       V <= M < (c + 1)^2 V / c^2,   g_k = rem_k - 2^63

`q_j` are the bits of a sketch entry from position `e_t` up, so shift and range cost nothing.
"""

from ..claims import Bits, Claims
from ..context import Context
from ..curve import P
from ..encoder import columns
from ..layout import Integers
from ..pads import Form, combined
from ..poly import dot, eq_table, log2_ceil, powers
from ..security import scale_target
from ..side import Side
from ..sumcheck import sumcheck


def check(side: Side, context: Context, claims: Claims) -> None:
    """Runs the relation."""
    _norms(side, context, claims)
    _rounding(side, context, claims)
    _scale(side, context, claims)


def _upper_parts(context: Context, weights: list[int]) -> tuple[list[Integers], int]:
    """Weights over the bits that give `sum_j weights[j] q_j`, up to the returned constant."""
    per = context.profile.entries
    groups = zip(context.layout.sketches, context.public.e, strict=True)
    runs = [Integers(group, weights[t * per : (t + 1) * per], e) for t, (group, e) in enumerate(groups)]
    return runs, sum(weights) << (context.profile.q_bits - 1)


def _norms(side: Side, context: Context, claims: Claims) -> None:
    """The norms, and the scales that follow from them."""
    profile, layout, terms = context.profile, context.layout, len(context.public.e)
    norms = [side.secret().form for _ in range(terms)]
    thetas = powers(side.challenge(), terms)
    point, last = sumcheck(side, combined(norms, thetas), 3, log2_ceil(profile.entries * terms))
    q = side.secret()
    eq = eq_table(point)[: profile.entries * terms]
    factor = sum(theta * sum(eq[t * profile.entries : (t + 1) * profile.entries]) for t, theta in enumerate(thetas))
    side.ledger.zeros.append(last - side.ledger.product(q, q) * factor)
    runs, constant = _upper_parts(context, eq)
    claims.add(Bits(runs), q.form + constant)
    top = 1 << (2 * profile.log_scale)
    for t, (norm, a) in enumerate(zip(norms, context.public.a, strict=True)):
        claims.add(Bits([Integers(layout.slack_lo.one(t), [1])]), norm * -(a**2) + top)
        claims.add(Bits([Integers(layout.slack_hi.one(t), [1])]), norm * (a + 1) ** 2 + (-top - 1))


def _rounding(side: Side, context: Context, claims: Claims) -> None:
    """The rounding equation at a random combination over k."""
    profile, public = context.profile, context.public
    eq = eq_table(side.challenges(log2_ceil(profile.outputs)))
    total = sum(eq)
    # column j of R, combined: m sum_k eq_k R_kj - sum eq sum_k R_kj
    block = [
        (profile.outputs * combined - total * plain) % P for combined, plain in columns(profile, context.challenge, eq)
    ]
    coefficients = []
    for t, a in enumerate(public.a):
        kind = t % 3 * profile.entries
        coefficients += [public.c * a * x % P for x in block[kind : kind + profile.entries]]
    runs, constant = _upper_parts(context, coefficients)
    runs.append(Integers(context.layout.rem, [-x % P for x in eq]))
    w = profile.fraction_bits
    target = (dot(eq, public.z) << w) - (total << (w - 1)) + constant
    claims.add(Bits(runs), Form(target % P))


def _scale(side: Side, context: Context, claims: Claims) -> None:
    """The scale c is the standardisation of what was rounded."""
    profile, public, layout = context.profile, context.public, context.layout
    w, z = profile.fraction_bits, list(public.z)
    half = 1 << (w - 1)
    b, e = side.secret().form, side.secret().form
    claims.add(Bits([Integers(layout.rem, z)]), b + sum(z) * half)
    point, last = sumcheck(side, e, 2, log2_ceil(profile.outputs))
    g = side.secret()
    side.ledger.zeros.append(last - side.ledger.product(g, g))
    eq = eq_table(point)
    claims.add(Bits([Integers(layout.rem, eq)]), g.form + sum(eq) * half)
    v = b * (1 << (w + 1)) + e + (sum(x * x for x in z) << (2 * w))
    target, c = scale_target(profile), public.c
    claims.add(Bits([Integers(layout.c_lo, [1])]), v * -1 + target)
    claims.add(Bits([Integers(layout.c_hi, [1])]), v * (c + 1) ** 2 + -(target * c**2 + 1))
