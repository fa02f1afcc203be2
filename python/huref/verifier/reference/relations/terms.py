"""Relation "terms": the sketches in the bit string are those of the committed weights (specification, "terms").

    sum_i rho^i S~_i(ri, rj) = sum_i rho^i sum_k A_i[k] B_i[k]         i = u T + t: term t of draw u; k over positions
    A_i[k] = sum_l left_t[wire(k)][l] x_(u,left)[l],    x_(u,left)  = X^T P_u^T eq(ri)  l over hidden indices
    B_i[k] = sum_l right_t[wire(k)][l] x_(u,right)[l],  x_(u,right) = X^T Q_u^T eq(rj)

The point of the positions is the same for every draw: a matrix has one row weight, and the draws meet in the embedding,
where `x_left = sum_u beta^(2 T u) x_(u,left)`, and x_right likewise. Powers of rho and beta run on through all draws.

A position i stands at index `(i div slots) 2^sv + (i mod slots)`: commitment row, then slot.
"""

from ..claims import Bits, Claims, Matrix
from ..curve import P
from ..instance import Instance
from ..layout import Integers
from ..pads import combined
from ..poly import eq_table, log2_ceil, powers
from ..security import position_variables
from ..side import Side
from ..statement import Side as Factor
from ..sumcheck import sumcheck
from ..tokens import sketch_matrices


def _row_weights(instance: Instance, factor: Factor, positions: int, high: list[int], low: list[int]) -> list[int]:
    """`eq(s)` pushed through the wiring of one factor of a term: one weight for each row of its matrix."""
    shape, slots = instance.shape, instance.shape.slots(instance.profile)
    rows = [0] * shape.matrices()[factor.matrix]
    for i in range(positions):
        row, slot = divmod(i, slots)
        rows[shape.row_of(factor, i)] += high[row] * low[slot]
    return [x % P for x in rows]


def check(side: Side, instance: Instance, claims: Claims) -> None:
    """Runs the relation."""
    profile, shape, layout = instance.profile, instance.shape, instance.layout
    terms, draws = shape.terms(), len(instance.streams)

    # a random point of all sketches, read off the bits
    rhos = powers(side.challenge(), draws * len(terms))
    ei = eq_table(side.challenges(log2_ceil(profile.sketch)))
    ej = eq_table(side.challenges(log2_ceil(profile.sketch)))
    runs, constant = [], 0
    for rho, group in zip(rhos, layout.sketches, strict=True):
        entry = [rho * x % P * y % P for x in ei for y in ej]
        # the bits hold S + 2^(width-1) + half
        e = layout.shift(group)
        offset = (1 << (group.width - 1)) + (1 << (e - 1) if e else 0)
        constant += sum(entry) * offset
        runs.append(Integers(group, entry))
    value = side.secret().form
    claims.add(Bits(runs), value + constant)

    # .. is a sum over positions
    row_variables, slot_variables = position_variables(shape, profile)
    s, last = sumcheck(side, value, 2, row_variables + slot_variables)
    high, low = eq_table(s[:row_variables]), eq_table(s[row_variables:])
    values = []
    for rho in rhos:
        a, b = side.secret(), side.secret()
        last = last - side.ledger.product(a, b) * rho
        values += [a.form, b.form]
    side.ledger.zeros.append(last)

    # all matrix-vector products at once
    factors = [(factor, term.positions) for term in terms for factor in (term.left, term.right)]
    betas = powers(side.challenge(), len(values))
    mix = betas[:: len(factors)]
    point, last = sumcheck(side, combined(values, betas), 2, log2_ceil(shape.hidden))
    claims.columns = eq_table(point)[: shape.hidden]
    x = side.secret(), side.secret()
    matrices = [sketch_matrices(profile, streams, shape.tokens) for streams in instance.streams]
    for which, eq in enumerate((ei, ej)):
        rows = [pair[which].combine([factor * y % P for y in eq]) for factor, pair in zip(mix, matrices, strict=True)]
        claims.add(Matrix(0, [sum(column) % P for column in zip(*rows, strict=True)]), x[which].form)
    for m, ((factor, positions), beta) in enumerate(zip(factors, betas[: len(factors)], strict=True)):
        v_m = side.secret()
        claims.add(Matrix(factor.matrix, _row_weights(instance, factor, positions, high, low)), v_m.form)
        last = last - side.ledger.product(v_m, x[m % 2]) * beta
    side.ledger.zeros.append(last)
