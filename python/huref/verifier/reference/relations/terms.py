"""Relation "terms": the sketches in the bit string are those of the committed weights (specification, "terms").

    sum_t rho^t S~_t(ri, rj) = sum_t rho^t sum_k A_t[k] B_t[k]          k over positions
    A_t[k] = sum_l left_t[wire(k)][l] x_u[l],   x_u = X^T P^T eq(ri)     l over hidden indices
    B_t[k] = sum_l right_t[wire(k)][l] x_v[l],  x_v = X^T Q^T eq(rj)

A position i stands at index `(i div slots) 2^sv + (i mod slots)`: commitment row, then slot.
"""

from ..claims import Bits, Claims, Matrix
from ..context import Context
from ..curve import P
from ..layout import Integers
from ..pads import combined
from ..poly import eq_table, log2_ceil, powers
from ..security import position_variables
from ..side import Side
from ..statement import Side as Factor
from ..sumcheck import sumcheck
from ..tokens import sketch_matrices


def _row_weights(context: Context, factor: Factor, positions: int, high: list[int], low: list[int]) -> list[int]:
    """`eq(s)` pushed through the wiring of one factor of a term: one weight for each row of its matrix."""
    shape, slots = context.shape, context.shape.slots(context.profile)
    rows = [0] * shape.matrices()[factor.matrix]
    for i in range(positions):
        row, slot = divmod(i, slots)
        rows[shape.row_of(factor, i)] += high[row] * low[slot]
    return [x % P for x in rows]


def check(side: Side, context: Context, claims: Claims) -> None:
    """Runs the relation."""
    profile, shape, layout = context.profile, context.shape, context.layout
    terms = shape.terms()
    p, q = sketch_matrices(profile, context.challenge, shape.tokens)

    # a random point of all sketches, read off the bits
    rhos = powers(side.challenge(), len(terms))
    ei = eq_table(side.challenges(log2_ceil(profile.sketch)))
    ej = eq_table(side.challenges(log2_ceil(profile.sketch)))
    u, v = p.combine(ei), q.combine(ej)
    runs, constant = [], 0
    for rho, group, e in zip(rhos, layout.sketches, context.public.e, strict=True):
        entry = [rho * x % P * y % P for x in ei for y in ej]
        # the bits hold S + 2^(width-1) + half
        offset = (1 << (group.width - 1)) + (1 << (e - 1) if e else 0)
        constant += sum(entry) * offset
        runs.append(Integers(group, entry))
    value = side.secret().form
    claims.add(Bits(runs), value + constant)

    # .. is a sum over positions
    row_variables, slot_variables = position_variables(shape, profile)
    s, last = sumcheck(side, value, 2, row_variables + slot_variables)
    high, low = eq_table(s[:row_variables]), eq_table(s[row_variables:])
    factors, values = [], []
    for term, rho in zip(terms, rhos, strict=True):
        a, b = side.secret(), side.secret()
        last = last - side.ledger.product(a, b) * rho
        factors += [(term.left, term.positions), (term.right, term.positions)]
        values += [a.form, b.form]
    side.ledger.zeros.append(last)

    # all matrix-vector products at once
    betas = powers(side.challenge(), len(values))
    point, last = sumcheck(side, combined(values, betas), 2, log2_ceil(shape.hidden))
    claims.columns = eq_table(point)[: shape.hidden]
    x = side.secret(), side.secret()
    claims.add(Matrix(0, u), x[0].form)
    claims.add(Matrix(0, v), x[1].form)
    for m, ((factor, positions), beta) in enumerate(zip(factors, betas, strict=True)):
        v_m = side.secret()
        claims.add(Matrix(factor.matrix, _row_weights(context, factor, positions, high, low)), v_m.form)
        last = last - side.ledger.product(v_m, x[m % 2]) * beta
    side.ledger.zeros.append(last)
