"""Relation "bits": everything in the bit rows is 0 or 1 (specification, "bits").

With `b` the multilinear extension of the bit string,

    sum_x eq(tau, x) b(x) (b(x) - 1) = 0
"""

from ..claims import BitPoint, Claims
from ..instance import Instance
from ..pads import Form
from ..poly import eq_at
from ..side import Side
from ..sumcheck import sumcheck


def check(side: Side, instance: Instance, claims: Claims) -> None:
    """Runs the relation."""
    tau = side.challenges(instance.bit_variables)
    point, last = sumcheck(side, Form(), 3, instance.bit_variables)
    b = side.secret()
    booleanity = side.ledger.product(b, b) - b.form
    side.ledger.zeros.append(last - booleanity * eq_at(tau, point))
    claims.add(BitPoint(point), b.form)
