"""What holds between the committed values: terms, bits, encode or nearness, range, and one final claim."""

from ..claims import Claims
from ..commit.open import FinalClaim, open_claims
from ..instance import Instance
from ..side import Side
from ..statement import Nearness
from . import bits, encode, nearness, terms
from . import range as range_


def run(side: Side, instance: Instance, ternary: range_.Ternaries) -> FinalClaim:
    """Runs all relations and leaves one final claim."""
    claims = Claims()
    terms.check(side, instance, claims)
    bits.check(side, instance, claims)
    if isinstance(instance.statement, Nearness):
        nearness.check(side, instance, instance.statement, claims)
    else:
        encode.check(side, instance, claims)
    range_.check(side, instance, claims, ternary)
    return open_claims(side, instance, claims)
