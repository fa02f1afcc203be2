"""Relation "range": no value of the statement wraps around P (specification, "range").

W is the matrix of all commitment rows, A and C are ternary and drawn after W was committed to, D after Y:

    Y = A W C^T,   Z = D Y,   |Z_i| < 2^(z_bits - 1),   sum Y^2 <= n_max
"""

from dataclasses import dataclass

from ..claims import All, Bits, Claims, Y
from ..curve import P
from ..instance import Instance
from ..layout import Integers
from ..poly import eq_table, log2_ceil
from ..side import Side
from ..sumcheck import sumcheck
from ..ternary import Ternary


@dataclass(frozen=True)
class Ternaries:
    """The three projections: A, proj x commitment rows; C, proj x n; D, proj_z x proj^2."""

    a: Ternary
    c: Ternary
    d: Ternary


def check(side: Side, instance: Instance, claims: Claims, ternary: Ternaries) -> None:
    """No entry of W is large: that of Z within its bits."""
    profile, layout = instance.profile, instance.layout
    log = log2_ceil(profile.projection)
    e1, e2 = eq_table(side.challenges(log)), eq_table(side.challenges(log))
    ez = eq_table(side.challenges(log2_ceil(profile.projection_z)))[: profile.projection_z]

    # Y = A W C^T at a random point
    value = side.secret().form
    claims.add(Y([x * y % P for x in e1 for y in e2]), value)
    claims.add(All(ternary.a.combine(e1), ternary.c.combine(e2)), value)

    # Z = D Y, and the bits of Z
    value = side.secret().form
    claims.add(Y(ternary.d.combine(ez)), value)
    claims.add(Bits([Integers(layout.z, ez)]), value + (sum(ez) << (instance.bounds.z_bits - 1)))


def norm(side: Side, instance: Instance, claims: Claims) -> None:
    """`sum Y^2 <= n_max`."""
    norm = side.secret().form
    point, last = sumcheck(side, norm, 2, 2 * log2_ceil(instance.profile.projection))
    y = side.secret()
    side.ledger.zeros.append(last - side.ledger.product(y, y))
    claims.add(Y(eq_table(point)), y.form)
    claims.add(Bits([Integers(instance.layout.norm, [1])]), norm * -1 + instance.bounds.n_max)
