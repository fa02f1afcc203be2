"""The inner-product argument (Bootle et al. 2016, Bulletproofs 2018) for a public second vector.

Claim: `P = <a, G> + <a, b> U`. In each round, with halves `a = (a', a'')`,

    L = <a', G''> + <a', b''> U,     R = <a'', G'> + <a'', b'> U
    a <- a' x + a'' / x,    G <- G' / x + G'' x,    b <- b' / x + b'' x,    P <- P + x^2 L + x^-2 R
"""

from collections.abc import Iterable

from ..curve import P


def coefficients(rounds: Iterable[tuple[int, int]]) -> list[int]:
    """Coefficient of every original generator after all rounds `(x, 1/x)`; the first round is most significant."""
    out = [1]
    for x, inverse in rounds:
        out = [y for s in out for y in (s * inverse % P, s * x % P)]
    return out
