"""What holds between the committed values, and one final claim.

Of a fingerprint: terms, bits, encode, range; of nearness: terms, bits, nearness, range; of drift: bits, the projection
of range, drift.
"""

from ..claims import Claims
from ..commit.open import FinalClaim, open_claims
from ..instance import Instance
from ..side import Side
from ..statement import Drift, Nearness
from . import bits, drift, encode, nearness, terms
from . import range as range_


def run(side: Side, instance: Instance, ternary: range_.Ternaries) -> FinalClaim:
    """Runs all relations and leaves one final claim."""
    claims, statement = Claims(), instance.statement
    if isinstance(statement, Drift):
        bits.check(side, instance, claims)
        range_.check(side, instance, claims, ternary)
        drift.check(side, instance, statement, claims)
        return open_claims(side, instance, claims)
    terms.check(side, instance, claims)
    bits.check(side, instance, claims)
    if isinstance(statement, Nearness):
        nearness.check(side, instance, statement, claims)
    else:
        encode.check(side, instance, claims)
    range_.check(side, instance, claims, ternary)
    range_.norm(side, instance, claims)
    return open_claims(side, instance, claims)
