"""Relation "drift": a committed model differs from another one by at most a bound (specification, "drift").

    Delta_m = alpha_m W_m - beta_m W'_m
    slack_G = sum_(m in G) (num |alpha_m W_m|^2 - den |Delta_m|^2), plus B_G if the bound is absolute

Every slack is an integer of the bit string.
"""

from .. import drift, published
from ..claims import All, Bits, Claims
from ..curve import P
from ..instance import Instance
from ..layout import Integers
from ..poly import dot, eq_table, log2_ceil
from ..side import Side
from ..statement import Drift
from ..sumcheck import sumcheck


def check(side: Side, instance: Instance, statement: Drift, claims: Claims) -> None:
    """Runs the relation."""
    profile, ledger, layout = instance.profile, side.ledger, instance.layout
    rows, (den, num) = drift.rows(statement, profile), drift.weights(statement)

    # what the two sides of each block differ by
    of_block = eq_table(side.challenges(log2_ceil(layout.block.count)))[: layout.block.count]
    of_row = [of_block[row.block] if row else 0 for row in rows]
    d = side.secret().form
    limits = dot(of_block, statement.bound) if isinstance(statement.bound, tuple) else 0
    claims.add(Bits([Integers(layout.block, of_block)]), d * -1 + limits)

    # .. is a sum of squares over rows, then over columns
    point, last = sumcheck(side, d, 3, log2_ceil(len(rows)))
    at_rows = eq_table(point)
    factor = dot(of_row, at_rows)
    point, last = sumcheck(side, last, 2, profile.log_n)
    columns = eq_table(point)
    ours = [row.alpha * x % P if row else 0 for row, x in zip(rows, at_rows, strict=False)]
    theirs = [row.beta * x % P if row else 0 for row, x in zip(rows, at_rows, strict=False)]

    x = side.secret()
    last = last - ledger.product(x, x) * (factor * den)
    if statement.public is None:
        claims.add(All([*ours, *(-y % P for y in theirs)], columns), x.form)
    else:
        slots = instance.shape.slots(profile)
        claims.add(All(ours, columns), x.form + published.evaluate(statement.public, slots, theirs, columns))
    if num:
        w = side.secret()
        last = last + ledger.product(w, w) * (factor * num)
        claims.add(All(ours, columns), w.form)
    ledger.zeros.append(last)
