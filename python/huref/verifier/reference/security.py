"""Bounds and soundness, computed from profile and shape alone (specification, "bounds" and "soundness").

Field equations say something about integers only while no value reaches P/2. What is known about the size of committed
weights is what the projection proves: `|W|_F <= beta`. Everything else follows.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import e, isqrt, log2, sqrt
from typing import NamedTuple

from . import drift, nearness
from .curve import P
from .error import ensure
from .network import LIMIT_BITS, RAISE_BITS, Network, network_of, variables
from .poly import log2_ceil
from .profile import Profile
from .statement import Drift, Nearness, Shape, z_bound

MAX_SIZE = 1 << 16
MAX_FFN = 1 << 24
MAX_ROWS = 1 << 23
"""Rows of all matrices together: a commitment row of 33 bytes holds up to 2^15, so they need their own limit."""


def _check_shape(shape: Shape, profile: Profile) -> None:
    """Refuses what is no shape of this profile, before any loop over its sizes."""

    def demand(ok: bool, detail: str) -> None:
        ensure(ok, "shape", f"shape: {detail}")

    sizes = (shape.hidden, shape.heads, shape.kv_heads, shape.head_dim)
    demand(all(1 <= size <= MAX_SIZE for size in sizes), "a size is zero or above 65536")
    demand(1 <= shape.ffn <= MAX_FFN, "ffn is zero or above 2^24")
    demand(1 <= len(shape.layers) <= MAX_SIZE, "no layers, or too many")
    demand(1 <= len(shape.tokens) <= MAX_SIZE, "no tokens, or too many")
    demand(shape.heads % shape.kv_heads == 0, "the key/value heads do not divide the heads")
    demand(shape.hidden <= profile.n, "the hidden size exceeds a commitment row")
    demand(all(0 <= layer < 1 << 32 for layer in shape.layers), "a layer's number is negative or above 2^32 - 1")
    demand(all(a < b for a, b in pairwise(shape.layers)), "layers are not strictly ascending")
    demand(len(set(shape.tokens)) == len(shape.tokens), "a token stands in the list twice")
    demand(sum(shape.matrices()) <= MAX_ROWS, "the matrices have more than 2^23 rows together")


@dataclass(frozen=True)
class Bounds:
    """Sizes that the bit string and the checks need."""

    n_max: int
    """`sum Y^2 <= n_max`."""
    z_bits: int
    """`|Z_i| < 2^(z_bits - 1)`."""
    c_lo_bits: int
    """Width of the slack `M - V`."""
    c_hi_bits: int
    """Width of the slack `(c + 1)^2 V - M c^2 - 1`."""

    @property
    def norm_bits(self) -> int:
        """Width of the slack `n_max - sum Y^2`."""
        return self.n_max.bit_length()


def scale_target(profile: Profile) -> int:
    """`M = m 2^(2 (w + z_frac))`: what `c^2 sum f'^2` must come close to."""
    return profile.outputs << (2 * (profile.fraction_bits + profile.z_fraction_bits))


def bounds(shape: Shape, profile: Profile, models: int = 1) -> Bounds:
    """Bounds of a shape, for commitments to so many models of it.

    Rejected if the shape is none, or if any value of a statement could reach P/2.
    """
    _check_shape(shape, profile)

    def below(value: int, what: str) -> None:
        ensure(value < P // 2, "shape", f"shape: {what}")

    widest = (1 << (profile.weight_bits - 1)) - 1
    f2 = models * sum(shape.matrices()) * shape.hidden * widest**2
    n_max = (profile.projection**2 * f2 + 1) // 2
    z_bits = 1 + log2_ceil(14 * (isqrt(n_max // 2) + 1))
    beta = isqrt(n_max // profile.projection_loss) + 1
    rows = models * sum(shape.commitment_rows(profile))
    below(rows * profile.n << (z_bits + 2), "the projection could wrap")
    below(profile.projection**2 << (2 * z_bits), "the norm of the projection could wrap")
    tokens = len(shape.tokens)
    sketch = tokens * (isqrt(tokens) + 1)  # at least the norm of a row of P or Q
    below(shape.heads // shape.kv_heads * (sketch * beta**2) ** 2, "a sketch entry could reach p/2")
    q_norm = profile.entries << (2 * profile.q_bits - 2)
    below(((1 << profile.max_log_a) + 1) ** 2 * q_norm, "norms could wrap")
    v_max = profile.outputs * ((z_bound(profile) << profile.fraction_bits) + (1 << (profile.fraction_bits - 1))) ** 2
    below(v_max << (2 * profile.max_log_c + 1), "the standardisation could wrap")
    # c f' of a network: its sums stay below 2^45 whatever is in the bits, and |m f - sum f| <= 2 m max |f|
    below(profile.outputs << (RAISE_BITS + LIMIT_BITS + 2 + profile.max_log_c), "the encoder could wrap")
    top = scale_target(profile).bit_length() + 2
    return Bounds(n_max, z_bits, top - profile.min_log_c, top + profile.max_log_c)


def position_variables(shape: Shape, profile: Profile) -> tuple[int, int]:
    """Positions of a term are numbered (commitment row, slot): variables of the row part and of the slot part."""
    slots = shape.slots(profile)
    rows = max(-(-term.positions // slots) for term in shape.terms())
    return log2_ceil(rows), log2_ceil(slots)


L3_H, L3_SUPREMUM = 2.31, 0.55
"""Of lemma L3: at this h the supremum is below this bound (proofs/spec/supremum.py)."""
WIDEST = 250
"""No entry of a sketch has more bits, because no shift exceeds 250 - q_bits."""


def longest(shape: Shape, profile: Profile, draws: int, custom: Network | None = None) -> int:
    """Bits of the longest bit string of a statement of that shape. Rejected as by `bounds`."""
    found, network = bounds(shape, profile), custom or network_of(profile)
    layers = len(shape.layers)
    one = 3 * (profile.entries * WIDEST + 2 * profile.slack_bits)
    one += profile.outputs * profile.fraction_bits + found.c_lo_bits + found.c_hi_bits
    bits = draws * layers * one + profile.projection_z * found.z_bits + found.norm_bits
    if network is not None:
        inputs = 3 * profile.entries * (profile.log_scale + 2)
        bits += layers * (inputs + sum(convolution.sums * convolution.width for convolution in network.hidden))
    return bits


class Added(NamedTuple):
    """What one kind of statement adds to what all kinds share, in numbers."""

    bits: int
    """Of the bit string, but for Z."""
    claims: int
    zeros: int
    triples: int
    degrees: dict[str, int]
    """By relation."""


def degrees(shape: Shape, profile: Profile, draws: int, custom: Network | None = None) -> dict[str, int]:
    """Degrees of the polynomials that vanish at random challenges, added up by relation. Rejected as by `bounds`.

    A network is counted for every statement, also for one that has no common draw to encode.
    """
    layers, network, found = len(shape.layers), custom or network_of(profile), bounds(shape, profile)
    groups, terms = draws * layers, 3 * draws * layers
    squares = terms + groups - 1 + 3 * log2_ceil(terms * profile.entries + groups * profile.outputs)
    claims, zeros, triples = 2 + 2 * terms + 2 * groups, 1, 1
    by_relation = {"encode": squares + log2_ceil(groups) + log2_ceil(profile.outputs)}
    if network is not None:
        claims, zeros, triples = claims + 5, zeros + 1, triples + 1
        places = sum(variables(network, layers))
        by_relation["activations"] = log2_ceil(3 * layers * profile.entries) + places + 1 + 3 * places
    bits = longest(shape, profile, draws, custom) - profile.projection_z * found.z_bits
    added = _of_sketches(shape, profile, terms, Added(bits, claims, zeros, triples, by_relation))
    return _summed(profile, found, added)


def degrees_of_nearness(statement: Nearness, profile: Profile) -> dict[str, int]:
    """As `degrees`, of a checked statement of nearness."""
    shape, numbers, counts = statement.shape, nearness.NUMBERS, nearness.counts(statement, profile)
    found, layers, terms = bounds(shape, profile), len(shape.layers), 3 * len(shape.layers)
    sign, end = nearness.widths(profile)
    bits = terms * profile.entries * (nearness.common_shift(shape, profile) + numbers.q_bits)
    bits += terms * (numbers.scale_bits + 2 * numbers.slack_bits) + counts.lows * (sign + end) + counts.pairs * end
    norms = terms - 1 + 3 * log2_ceil(terms * profile.entries)
    cosines = layers - 1 + 2 * log2_ceil(profile.outputs) + counts.vectors
    added = Added(
        bits + found.norm_bits,
        claims=1 + 4 * terms + 2 * counts.lows + counts.pairs,
        zeros=2 + terms + layers,
        triples=1 + 3 * terms + layers + counts.pairs,
        degrees={"nearness": norms + cosines},
    )
    return _summed(profile, found, _of_sketches(shape, profile, terms, added))


def degrees_of_drift(statement: Drift, profile: Profile) -> dict[str, int]:
    """As `degrees`, of a checked statement of drift."""
    blocks, relative = drift.blocks(statement, profile), drift.weights(statement)[1] > 0
    rows = log2_ceil(sum(statement.shape.commitment_rows(profile)))
    added = Added(
        blocks * drift.slack_bits(statement, profile),
        claims=2 + relative,
        zeros=1,
        triples=1 + relative,
        degrees={"drift": log2_ceil(blocks) + 3 * rows + 2 * profile.log_n},
    )
    return _summed(profile, bounds(statement.shape, profile, statement.models), added)


def _of_sketches(shape: Shape, profile: Profile, terms: int, added: Added) -> Added:
    """With "terms", and the norm of Y, which are about sketches."""
    sides = 6 * len(shape.layers)
    chains = terms - 1 + 2 * log2_ceil(profile.sketch) + 2 * sum(position_variables(shape, profile))
    products = 2 * terms - 1 + 2 * log2_ceil(shape.hidden)
    shared = {"terms": chains + products, "range": 4 * log2_ceil(profile.projection)}
    claims, zeros, triples = added.claims + 3 + sides + 2, added.zeros + 3, added.triples + terms + sides + 1
    return Added(added.bits, claims, zeros, triples, added.degrees | shared)


def _summed(profile: Profile, found: Bounds, added: Added) -> dict[str, int]:
    """With what all kinds share."""
    bits = added.bits + profile.projection_z * found.z_bits
    variables = log2_ceil(-(-bits // profile.n)) + profile.log_n
    claims, zeros, triples = 5 + added.claims, 1 + added.zeros, 1 + added.triples
    return added.degrees | {
        "bits": variables + 3 * variables,
        "range": added.degrees.get("range", 0) + 2 * log2_ceil(profile.projection) + log2_ceil(profile.projection_z),
        "opening": claims - 1 + 2 * profile.log_n,
        "Sigma-protocol": zeros - 1 + triples - 1 + 2,
        "inner product": 1 + 6 * profile.log_n,
    }


def security(profile: Profile, degrees: dict[str, int]) -> list[tuple[str, float]]:
    """What would have to fail, and -log2 of its probability or of the work, by the degrees of a statement.

    A statement without "terms" needs no bound on the norm.
    """
    side = -profile.projection * log2(L3_SUPREMUM) - L3_H * sqrt(profile.projection_loss) * log2(e)
    return [
        ("discrete logarithm on secp256k1", 128.0),
        ("sumchecks and batching over the scalar field", 255.9 - log2(sum(degrees.values()))),
        ("projection, largest entry (L2)", profile.projection - 1.0),
        *([("projection, norm (L3)", side - 1.0)] if "terms" in degrees else []),
        ("projection, combinations of Y (L1)", float(profile.projection_z)),
    ]
