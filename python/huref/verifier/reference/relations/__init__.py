"""What holds between the committed values: terms, bits, encode, range, and one opening."""

from ..claims import Claims
from ..commit.open import Opening, open_claims
from ..context import Context
from ..side import Side
from . import bits, encode, terms
from . import range as range_


def run(side: Side, context: Context, ternary: range_.Ternaries) -> Opening:
    """Runs all relations and leaves one opening."""
    claims = Claims()
    terms.check(side, context, claims)
    bits.check(side, context, claims)
    encode.check(side, context, claims)
    range_.check(side, context, claims, ternary)
    return open_claims(side, context, claims)
