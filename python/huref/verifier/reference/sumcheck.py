"""The sumcheck protocol (Lund, Fortnow, Karloff, Nisan 1992) over masked messages (specification, "sumcheck").

Claim: the sum of a polynomial of degree D over the cube is a secret form. In each round the prover sends `g(0), g(2),
.., g(D)`; `g(1) := claim - g(0)` by definition, so no round is checked separately: consistency lies in the forms.
"""

from .pads import Form, combined
from .poly import lagrange
from .side import Side


def sumcheck(side: Side, claim: Form, degree: int, rounds: int) -> tuple[list[int], Form]:
    """Runs a sumcheck. Returns the point and the form that the polynomial must equal there."""
    point = []
    for _ in range(rounds):
        at_zero = side.secret().form
        values = [at_zero, claim - at_zero]
        values += [side.secret().form for _ in range(2, degree + 1)]
        r = side.challenge()
        point.append(r)
        claim = combined(values, lagrange(degree, r))
    return point, claim
