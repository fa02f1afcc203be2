"""The one numeric step of the soundness argument (soundness.md, lemma L3), by directed rounding.

    psi_h(t) = E_{g ~ N(0, 2h)} |cos(g t / 2)|^(2 / t^2)        sup over 0 < t <= 1, at h = 2.31, is below 0.55

With nu = 1 / t^2 >= 1 there are two bounds, both proved in soundness.md:

(a) psi <= (1 + h)^(-1/2) sum_{k in Z} exp(-nu k^2 pi^2 / (1 + h)), which falls with nu: one value covers nu >= 3.
(b) psi = a(nu) (1 + 2 sum_{k >= 1} c_k exp(-k^2 h / nu)), a(nu) = Gamma(nu + 1/2) / (sqrt(pi) Gamma(nu + 1)),
    c_k = prod_{j <= k} (nu - j + 1) / (nu + j), and psi / sqrt(nu) falls with nu: a value at nu_0 covers [nu_0, nu_1]
    with factor sqrt(nu_1 / nu_0) <= 1 + (nu_1 - nu_0) / (2 nu_0).

Numbers are decimals of 30 digits. Every operation here is on non-negative numbers and rounds up (ROUND_CEILING); the
standard library rounds `exp` and `sqrt` correctly to the nearest, so the next larger number is an upper bound; where a
lower bound of a factor is wanted, it is an exact decimal. So what is returned is an upper bound, not an estimate.

Run: python proofs/spec/supremum.py
"""

from decimal import ROUND_CEILING, Context, Decimal, localcontext

H = Decimal("2.31")
BOUND = Decimal("0.55")
"""What rust/circuits/src/security.rs uses."""
SWITCH = Decimal(3)
STEP = Decimal(1) / Decimal(4096)  # exact: 2^-12 has 12 decimal places
PI_BELOW = Decimal("3.14159265358979323846")
"""Below pi by 2e-21: more than a product with it can be rounded up."""
TERMS, SHIFT = 12, 16


def exp_minus(x_below: Decimal) -> Decimal:
    """An upper bound of `exp(-x)` for every x at least this one."""
    return (-x_below).exp().next_plus()


def a_above(nu: Decimal) -> Decimal:
    """An upper bound of `Gamma(nu + 1/2) / (sqrt(pi) Gamma(nu + 1))`, nu an exact decimal.

    `Gamma(x + 1/2) / Gamma(x + 1) <= (x + 1/4)^(-1/2)` (Watson 1959) at x = nu + SHIFT, brought down by the recurrence.
    """
    inverse_square = 1 / (PI_BELOW * (nu + SHIFT + Decimal("0.25")))
    value = inverse_square.sqrt().next_plus()
    for j in range(1, SHIFT + 1):
        value = value * ((nu + j) / (nu + j - Decimal("0.5")))
    return value


def at(nu: Decimal) -> Decimal:
    """An upper bound of psi at nu <= SWITCH, by (b). Negative terms are left out; all have `|c_k| <= 1`."""
    total = Decimal(1)
    for k in range(1, TERMS):
        coefficient = Decimal(2)
        for j in range(1, k + 1):
            coefficient = coefficient * (abs(nu - j + 1) / (nu + j))
        negative = sum(1 for j in range(1, k + 1) if nu - j + 1 < 0) % 2 == 1
        if not negative:
            total += coefficient * exp_minus((k * k * H / nu).next_minus().next_minus())
    # the rest: each 2 e^(-k^2 h / nu) is less than half of the one before
    total += 4 * exp_minus((TERMS * TERMS * H / nu).next_minus().next_minus())
    return a_above(nu) * total


def beyond(nu: Decimal) -> Decimal:
    """An upper bound of psi for every value from nu on, by (a)."""
    exponent = nu * PI_BELOW * PI_BELOW / (1 + H)
    exponent = exponent * (1 - Decimal("1e-25"))  # undoes the roundings up
    # the terms k and -k together are less than half of those before
    theta = 1 + 4 * exp_minus(exponent)
    return (1 / (1 + H)).sqrt().next_plus() * theta


def supremum() -> Decimal:
    """An upper bound of sup psi_h(t) over 0 < t <= 1."""
    with localcontext(Context(prec=30, rounding=ROUND_CEILING)):
        worst, nu = beyond(SWITCH), Decimal(1)
        while nu < SWITCH:
            worst = max(worst, at(nu) * (1 + STEP / (2 * nu)))
            nu += STEP
        return worst


def bits(rows: int, loss: int) -> float:
    """Bits of one side of the projection: `-log2 (e^(h loss / rows) BOUND)^rows`."""
    with localcontext(Context(prec=30)):
        return float(-(rows * BOUND.ln() + H * loss) / Decimal(2).ln())


if __name__ == "__main__":
    print(f"sup psi <= {supremum():.6f} < {BOUND}; each side {bits(256, 26):.2f} bits, both {bits(256, 26) - 1:.2f}")  # noqa: T201
