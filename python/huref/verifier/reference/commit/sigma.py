"""One Sigma-protocol for everything that is left: pads, linear constraints, products, the opening of one row.

Prover: `x_s`, `x_v` random; sends `Com(x_s)`, `Com(x_v)`, `T_1`, `T_0`, `u_lin`, `u_open`; after the challenge e the
masked pads `zs = e s + x_s` in clear and, through the inner-product argument, the masked row `z_v = e v + x_v`.

    pads                 Com(zs; b_s) = e P_s + X_s
    linear constraints   <lambda, zs> + e lambda_0 = u_lin,         lambda = sum_i mu^i zeros_i
    products             Com(sum_k nu^k (z_i z_j - e z_k); b_t) = e T_1 + T_0
    opening              <eq(sigma), z_v> = e last_0 + u_open + <last, zs>
"""

from collections.abc import Sequence

from ..curve import P
from ..pads import Form, Ledger, combined
from ..poly import powers


def combine_zeros(ledger: Ledger, mu: int) -> Form:
    """The zeros, combined by powers of mu."""
    return combined(ledger.zeros, powers(mu, len(ledger.zeros)))


def combine_triples(ledger: Ledger, nu: int, z: Sequence[int], e: int) -> int:
    """`sum_k nu^k (z_i z_j - e z_k)` over the triples."""
    weighted = zip(ledger.triples, powers(nu, len(ledger.triples)), strict=True)
    return sum(nu * (z[i] * z[j] - e * z[k]) for (i, j, k), nu in weighted) % P
