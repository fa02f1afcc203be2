"""The verifier, from top to bottom. Read it beside rust/circuits/src/verify.rs: same order, same names.

It answers for every input, with nothing or with `Rejected`.
"""

from . import relations
from .commit.generators import generators
from .commit.ipa import coefficients
from .commit.sigma import combine_triples, combine_zeros
from .curve import POINT, SCALAR, P, Point
from .error import ensure
from .instance import Instance
from .msm import msm
from .poly import dot
from .relations.range import Ternaries
from .side import Side
from .statement import Public, known_profile
from .ternary import Ternary
from .wire import Reader, read_points


def proof_length(instance: Instance) -> int:
    """Bytes of a proof: a function of the statement, so that nothing in a proof says how long anything is."""
    profile, (pads, triples) = instance.profile, instance.pads()
    points = 5 + profile.y_rows + instance.layout.rows + 2 * profile.log_n
    scalars = (pads - triples) + 2 + pads + 3 + 1
    return POINT * points + SCALAR * scalars


def _vanishes(points: list[Point], scalars: list[int]) -> bool:
    return msm(points, scalars) is None


def verify(statement: Public, proof: bytes) -> None:
    """Checks a proof of a statement. Raises `Rejected`, which names the check that failed, and nothing else."""
    profile = known_profile(statement)
    ensure(isinstance(proof, bytes), "malformed", "a proof is a byte string")
    commitment = read_points(statement.commitment)
    instance = Instance(profile, statement, commitment)
    gens = generators(profile.log_n, profile.generators)
    pads, _ = instance.pads()
    ensure(pads <= profile.n, "more pads than generators")
    ensure(len(proof) == proof_length(instance), "proof length", f"{len(proof)} bytes, not {proof_length(instance)}")
    side = Side(instance.transcript(), Reader(proof))

    # phase 1: the one-time pads, before any challenge
    pad_point = side.point()

    # phase 2: the projection Y
    seed = side.challenge()
    a = Ternary(seed, b"A", profile.projection, len(commitment))
    c = Ternary(seed, b"C", profile.projection, profile.n)
    y_points = side.points(profile.y_rows)

    # phase 3: the bit string
    seed = side.challenge()
    d = Ternary(seed, b"D", profile.projection_z, profile.projection**2)
    bit_points = side.points(instance.layout.rows)

    # the relations leave linear constraints, products and one final claim
    opening = relations.run(side, instance, Ternaries(a, c, d))
    ensure(side.ledger.used == pads, "ledger")

    # one Sigma-protocol for all of them
    mu, nu = side.challenge(), side.challenge()
    zero = combine_zeros(side.ledger, mu)
    x_s, x_v, t_1, t_0 = side.points(4)
    u_lin, u_open = side.scalars(2)
    e = side.challenge()
    zs = side.scalars(pads)
    blind_s, blind_v, blind_t = side.scalars(3)

    # the masked row, by the inner-product argument
    u_challenge = side.challenge()
    folds: list[tuple[Point, int]] = []
    rounds = []
    for _ in range(profile.log_n):
        left, right = side.points(2)
        x = side.challenge()
        inverse = pow(x, -1, P)
        folds += [(left, x * x % P), (right, inverse * inverse % P)]
        rounds.append((x, inverse))
    last, _ = side.proof.scalar()
    side.proof.end()

    # linear constraints
    ensure((zero.linear(zs) + e * zero.constant - u_lin) % P == 0, "linear constraints")

    # pads: Com(zs; blind_s) = e P_s + X_s
    points = [*gens.g[:pads], gens.h, pad_point, x_s]
    ensure(_vanishes(points, [*zs, blind_s, -e, -1]), "pads")

    # products: Com(sum nu^k (z_i z_j - e z_k); blind_t) = e T_1 + T_0
    product = combine_triples(side.ledger, nu, zs, e)
    ensure(_vanishes([gens.g[0], gens.h, t_1, t_0], [product, blind_t, -e, -1]), "products")

    # opening: e V + X_v - blind_v H + value U + sum (x^2 L + x^-2 R) = last (<s, G> + <s, eq> U)
    s = coefficients(rounds)
    expected = e * opening.value.constant + u_open + opening.value.linear(zs)
    u = u_challenge * (expected - last * dot(s, opening.eq))
    points = [*gens.g, gens.h, gens.u, x_v, *commitment, *y_points, *bit_points]
    scalars = [*(-last * x for x in s), -blind_v, u, 1, *(e * w for w in opening.rows)]
    for point, weight in folds:
        points.append(point)
        scalars.append(weight)
    ensure(_vanishes(points, scalars), "opening")
