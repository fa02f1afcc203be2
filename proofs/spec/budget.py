"""The error budget of soundness.md, term by term, in exact rationals; every verifier's figures are compared with it.

It reads the profiles and the canonical bytes of the trained network, and shares no code with a verifier. Errors over
the field are `degree / P`, one degree for each challenge that a relation or opening.md names; those of the projection
are the lemmas'. A logarithm is rounded down, so that no figure promises more than there is.

Run: python proofs/spec/budget.py
"""

import hashlib
import json
from fractions import Fraction
from math import isqrt
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
P = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""The order of secp256k1."""
H, SUPREMUM = Fraction(231, 100), Fraction(55, 100)
"""Of lemma L3; supremum.py shows that they belong together."""
WIDEST = 250
"""Bits of the widest entry of a sketch: no statement has a larger shift."""
PLACES = 60
"""Binary places of a logarithm."""


class Shape(NamedTuple):
    """d, h, g, e, f, and how many layers and tokens."""

    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    layers: int
    tokens: int


class Degree(NamedTuple):
    """Polynomials of one relation that vanish at random challenges: how many challenges, and the degree in each."""

    relation: str
    challenge: str
    count: int
    degree: int


class Bounds(NamedTuple):
    """What bounds.md computes of a shape: `N_max`, and the widths of Z and of the two slacks of a scale."""

    n_max: int
    z_bits: int
    c_lo_bits: int
    c_hi_bits: int


def log(x: int) -> int:
    """The ceiling of the logarithm to base 2."""
    return (x - 1).bit_length()


def profile(name: str) -> dict[str, int]:
    """The numbers of a profile; "sums" and "sum_bits" of its network, hidden sums of a layer and their bits in all."""
    fields = json.loads((ROOT / "proofs" / "profiles" / f"{name}.json").read_text())
    numbers = {key: value for key, value in fields.items() if isinstance(value, int)}
    if fields["encoder"]["kind"] == "cnn":
        widths = hidden_widths(fields["encoder"]["network"], numbers["sketch"])
        numbers |= {"sums": sum(count for count, _ in widths), "sum_bits": sum(count * bits for count, bits in widths)}
    return numbers


def hidden_widths(network: str, side: int) -> list[tuple[int, int]]:
    """How many sums each hidden convolution of a layer has, and the bits of each (fingerprint.md, commitments.md)."""
    data = next(data for data in (toy_network(), trained_network()) if hashlib.sha256(data).hexdigest() == network)
    at, largest, widths = len(b"huref/cnn/v1") + 1, 1 << 12, []
    for _ in range(data[at - 1]):
        out, fan, size, stride, shift = (int.from_bytes(data[at + 4 * i :][:4], "big") for i in range(5))
        weights, biases = at + 20, at + 20 + out * fan * size**2
        at = biases + 4 * out
        signed = [byte - 256 * (byte > 127) for byte in data[weights:biases]]
        kernels = [sum(map(abs, signed[i * fan * size**2 :][: fan * size**2])) for i in range(out)]
        added = [abs(int.from_bytes(data[biases + 4 * i :][:4], "big", signed=True)) for i in range(out)]
        half = (1 << shift) // 2
        largest = max(largest * kernel + bias for kernel, bias in zip(kernels, added, strict=True)) + half
        side = (side - size) // stride + 1
        widths.append((out * side**2, largest.bit_length() + 1))
        largest >>= shift
    return widths[:-1]


def toy_network() -> bytes:
    """By the rule of fingerprint.md."""
    stream, data = hashlib.shake_128(b"huref/toy-2/network").digest(1 << 10), b"huref/cnn/v1\x03"
    for sizes in ((4, 3, 2, 1, 7), (3, 4, 2, 1, 5), (2, 3, 1, 1, 0)):
        count = sizes[0] * sizes[1] * sizes[2] ** 2
        weights, biases, stream = stream[:count], stream[count:][: 2 * sizes[0]], stream[count + 2 * sizes[0] :]
        data += b"".join(size.to_bytes(4, "big") for size in sizes) + weights
        for i in range(0, len(biases), 2):
            data += int.from_bytes(biases[i : i + 2], "big", signed=True).to_bytes(4, "big", signed=True)
    return data


def trained_network() -> bytes:
    """As `lab/encoder` wrote it."""
    return (ROOT / "rust" / "circuits" / "src" / "networks" / "robust-2-cnn.bin").read_bytes()


def matrices(shape: Shape) -> list[int]:
    """Rows of every committed matrix."""
    queries, keys = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    return [shape.tokens] + shape.layers * [queries, keys, keys, queries, shape.ffn, shape.ffn]


def bounds(shape: Shape, numbers: dict[str, int]) -> Bounds | None:
    """The bounds of a shape; None if it is refused."""
    n, m, projection = 1 << numbers["log_n"], numbers["outputs"], numbers["projection"]
    sizes = (shape.hidden, shape.heads, shape.kv_heads, shape.head_dim, shape.layers, shape.tokens)
    if not (all(1 <= size <= 1 << 16 for size in sizes) and 1 <= shape.ffn <= 1 << 24 and shape.hidden <= n):
        return None
    if shape.heads % shape.kv_heads or sum(matrices(shape)) > 1 << 23:
        return None
    f2 = sum(matrices(shape)) * shape.hidden * (2 ** (numbers["weight_bits"] - 1) - 1) ** 2
    n_max = -(-(projection**2) * f2 // 2)
    z_bits = 1 + log(14 * (isqrt(n_max // 2) + 1))
    beta = isqrt(n_max // numbers["projection_loss"]) + 1
    sketch = shape.tokens * (isqrt(shape.tokens) + 1)
    rows = sum(-(-count // (n // shape.hidden)) for count in matrices(shape))
    w = numbers["fraction_bits"]
    largest_z = 2 ** (numbers["z_fraction_bits"] + -(-m.bit_length() // 2))
    reached = (
        rows * n * 2 ** (z_bits + 2),
        projection**2 * 2 ** (2 * z_bits),
        shape.heads // shape.kv_heads * (sketch * beta**2) ** 2,
        (2 ** numbers["max_log_a"] + 1) ** 2 * numbers["sketch"] ** 2 * 2 ** (2 * numbers["q_bits"] - 2),
        m * (largest_z * 2**w + 2 ** (w - 1)) ** 2 * 2 ** (2 * numbers["max_log_c"] + 1),
        m * 2 ** (20 + 44 + 2 + numbers["max_log_c"]),
    )
    if max(reached) >= P // 2:
        return None
    top = (m * 2 ** (2 * (w + numbers["z_fraction_bits"]))).bit_length() + 2
    return Bounds(n_max, z_bits, top - numbers["min_log_c"], top + numbers["max_log_c"])


def most_bits(shape: Shape, numbers: dict[str, int], draws: int) -> int:
    """Bits of the longest bit string of a statement of that shape. ValueError if the shape is refused."""
    found = bounds(shape, numbers)
    if found is None:
        raise ValueError(f"no statement has the shape {shape}")
    groups = draws * shape.layers
    terms = 3 * groups
    bits = terms * numbers["sketch"] ** 2 * WIDEST + 2 * terms * numbers["slack_bits"]
    bits += groups * (numbers["outputs"] * numbers["fraction_bits"] + found.c_lo_bits + found.c_hi_bits)
    bits += numbers["projection_z"] * found.z_bits + found.n_max.bit_length()
    if "sums" in numbers:
        inputs = 3 * numbers["sketch"] ** 2 * (numbers["log_scale"] + 2)
        bits += shape.layers * (inputs + numbers["sum_bits"])
    return bits


def degrees(shape: Shape, numbers: dict[str, int], draws: int, bits: int) -> list[Degree]:
    """Every challenge over the field in the order of the protocol, for a bit string of so many bits."""
    network = "sums" in numbers
    r2, m = numbers["sketch"] ** 2, numbers["outputs"]
    groups = draws * shape.layers
    terms, sides = 3 * groups, 6 * shape.layers
    places = log(shape.layers) + log(numbers["sums"]) if network else 0
    claims, zeros = 12 + sides + 2 * terms + 2 * groups + 5 * network, 5 + network
    triples = terms + sides + 3 + network
    return [
        *of_terms(shape, numbers, terms),
        *of_bits(numbers, bits),
        Degree("encode", "theta", 1, terms + groups - 1),
        Degree("encode", "squares", log(terms * r2 + groups * m), 3),
        *([Degree("activations", "xi", log(3 * shape.layers * r2), 1)] if network else []),
        *([Degree("activations", "zeta", places, 1)] if network else []),
        Degree("encode", "kappa 1", log(groups), 1),
        Degree("encode", "kappa 2", log(m), 1),
        *([Degree("activations", "lambda", 1, 1)] if network else []),
        *([Degree("activations", "activations", places, 3)] if network else []),
        *of_range(numbers),
        Degree("range", "squares of Y", 2 * log(numbers["projection"]), 2),
        *of_all(numbers, claims, zeros, triples),
    ]


def of_terms(shape: Shape, numbers: dict[str, int], terms: int) -> list[Degree]:
    """Those of "terms", with so many terms of all draws."""
    slots = (1 << numbers["log_n"]) // shape.hidden
    most = max(shape.heads * shape.head_dim, shape.ffn)
    return [
        Degree("terms", "rho", 1, terms - 1),
        Degree("terms", "ri", log(numbers["sketch"]), 1),
        Degree("terms", "rj", log(numbers["sketch"]), 1),
        Degree("terms", "chains", log(-(-most // slots)) + log(slots), 2),
        Degree("terms", "beta", 1, 2 * terms - 1),
        Degree("terms", "matrix-vector", log(shape.hidden), 2),
    ]


def of_bits(numbers: dict[str, int], bits: int) -> list[Degree]:
    """Those of "bits"."""
    variables = log(-(-bits >> numbers["log_n"])) + numbers["log_n"]
    return [Degree("bits", "tau", variables, 1), Degree("bits", "bits", variables, 3)]


def of_range(numbers: dict[str, int]) -> list[Degree]:
    """Those of the first two steps of "range"."""
    side = log(numbers["projection"])
    last = log(numbers["projection_z"])
    return [Degree("range", "r1", side, 1), Degree("range", "r2", side, 1), Degree("range", "rz", last, 1)]


def of_all(numbers: dict[str, int], claims: int, zeros: int, triples: int) -> list[Degree]:
    """Those that follow the relations."""
    return [
        Degree("opening", "gamma", 1, claims - 1),
        Degree("opening", "sigma", numbers["log_n"], 2),
        Degree("Sigma-protocol", "mu", 1, zeros - 1),
        Degree("Sigma-protocol", "nu", 1, triples - 1),
        Degree("Sigma-protocol", "e", 1, 2),
        Degree("inner product", "u", 1, 1),
        Degree("inner product", "x", numbers["log_n"], 6),
    ]


class Near(NamedTuple):
    """A statement of nearness: vectors in question, pairs, and how many of the pairs have a sign and a low end."""

    vectors: int
    pairs: int
    lows: int


def bits_of_nearness(shape: Shape, numbers: dict[str, int], near: Near) -> int:
    """Bits of the bit string (nearness.md). ValueError if the shape is refused."""
    found = bounds(shape, numbers)
    if found is None:
        raise ValueError(f"no statement has the shape {shape}")
    terms, m, sketch = 3 * shape.layers, numbers["outputs"], numbers["sketch"]
    most = max(shape.heads * shape.head_dim, shape.ffn)
    shift = log(shape.tokens**3 * shape.hidden * sketch * isqrt(most))
    shift = max(0, shift + 4 * (numbers["weight_bits"] - 1) - 4 + 8 - 56)
    largest = m * 2**25 * m * (2 * m * 3 * sketch * 2**70) ** 2
    sign, end = isqrt(largest).bit_length() + 1, (257**2 * largest).bit_length()
    bits = terms * (sketch**2 * (shift + 57) + 54 + 2 * 128) + near.lows * (sign + end) + near.pairs * end
    return bits + numbers["projection_z"] * found.z_bits + found.n_max.bit_length()


def degrees_of_nearness(shape: Shape, numbers: dict[str, int], near: Near) -> list[Degree]:
    """As `degrees`, of a statement of nearness."""
    terms, sides, layers = 3 * shape.layers, 6 * shape.layers, shape.layers
    claims = 10 + sides + 1 + 4 * terms + 2 * near.lows + near.pairs
    triples = terms + sides + 2 + 1 + 3 * terms + layers + near.pairs
    return [
        *of_terms(shape, numbers, terms),
        *of_bits(numbers, bits_of_nearness(shape, numbers, near)),
        Degree("nearness", "theta", 1, terms - 1),
        Degree("nearness", "norms", log(terms * numbers["sketch"] ** 2), 3),
        Degree("nearness", "delta", 1, layers - 1),
        Degree("nearness", "vectors", log(numbers["outputs"]), 2),
        Degree("nearness", "omega", 1, near.vectors),
        *of_range(numbers),
        Degree("range", "squares of Y", 2 * log(numbers["projection"]), 2),
        *of_all(numbers, claims, 4 + 1 + terms + 1 + layers, triples),
    ]


class Drift(NamedTuple):
    """A statement of drift: committed models, exponents (None: not spoken of), partition, b or the B of each block."""

    models: int
    factors: list[int | None]
    partition: str
    bound: int | list[int]


def blocks_of(shape: Shape, numbers: dict[str, int], drift: Drift) -> list[int]:
    """For each block its rows, each as often as the square of its alpha says."""
    slots, blocks = (1 << numbers["log_n"]) // shape.hidden, []
    for count, exponent in zip(matrices(shape), drift.factors, strict=True):
        if exponent is not None:
            rows, square = -(-count // slots), 4 ** max(exponent, 0)
            blocks += [square] * rows if drift.partition == "rows" else [rows * square]
    return [sum(blocks)] if drift.partition == "whole" else blocks


def bits_of_drift(shape: Shape, numbers: dict[str, int], drift: Drift) -> int:
    """Bits of the bit string (drift.md)."""
    widest, blocks = 2 ** (numbers["weight_bits"] - 1) - 1, blocks_of(shape, numbers, drift)
    if isinstance(drift.bound, int):
        largest = drift.bound**2 * 2 ** numbers["log_n"] * max(blocks) * widest**2
    else:
        largest = max(1, *drift.bound)
    n_max = -(-(numbers["projection"] ** 2) * drift.models * sum(matrices(shape)) * shape.hidden * widest**2 // 2)
    z_bits = 1 + log(14 * (isqrt(n_max // 2) + 1))
    return len(blocks) * largest.bit_length() + numbers["projection_z"] * z_bits


def degrees_of_drift(shape: Shape, numbers: dict[str, int], drift: Drift) -> list[Degree]:
    """As `degrees`, of a statement of drift."""
    relative, slots = isinstance(drift.bound, int), (1 << numbers["log_n"]) // shape.hidden
    rows = sum(-(-count // slots) for count in matrices(shape))
    return [
        *of_bits(numbers, bits_of_drift(shape, numbers, drift)),
        *of_range(numbers),
        Degree("drift", "rho", log(len(blocks_of(shape, numbers, drift))), 1),
        Degree("drift", "rows", log(rows), 3),
        Degree("drift", "columns", numbers["log_n"], 2),
        *of_all(numbers, 7 + relative, 2, 2 + relative),
    ]


def total(found: list[Degree]) -> int:
    """The sum of all degrees."""
    return sum(one.count * one.degree for one in found)


def exp_above(x: Fraction) -> Fraction:
    """An upper bound of `e^x`: the series, its rest by a geometric one."""
    term, value, k = Fraction(1), Fraction(0), 0
    while k < 4 * x + 80:
        value, k = value + term, k + 1
        term = term * x / k
    return value + term / (1 - x / (k + 1))


def projection_errors(numbers: dict[str, int]) -> dict[str, Fraction]:
    """The errors of the lemmas, by the names of the table; `projection_loss` is a square."""
    rows, loss = numbers["projection"], isqrt(numbers["projection_loss"])
    return {
        "L2": Fraction(2, 2**rows),
        "L3": 2 * SUPREMUM**rows * exp_above(H * loss),
        "L1": Fraction(1, 2 ** numbers["projection_z"]),
    }


def bits_of(error: Fraction) -> Fraction:
    """`-log2` of an error, rounded down to 2^-60: digit after digit, by squares of 256 bits that are rounded down."""
    x = 1 / error
    whole = x.numerator.bit_length() - x.denominator.bit_length()
    whole -= Fraction(2) ** whole > x
    y, digits = int(x / Fraction(2) ** whole * 2**256), 0
    for _ in range(PLACES):
        y = y * y >> 256
        over = y >> 257
        y, digits = y >> over, 2 * digits + over
    return whole + Fraction(digits, 2**PLACES)


SHAPES = {
    "MiniLM": Shape(384, 12, 12, 32, 1536, 2, 4096),
    "7B, 2 layers": Shape(4096, 32, 32, 128, 11008, 2, 4096),
    "7B, 32 layers": Shape(4096, 32, 32, 128, 11008, 32, 4096),
    "70B, 80 layers": Shape(8192, 64, 8, 128, 28672, 80, 4096),
}
CASES = [
    ("robust-2", "MiniLM", 1),
    ("robust-2", "MiniLM", 2),
    ("robust-2", "7B, 2 layers", 2),
    ("robust-2-cnn", "7B, 2 layers", 2),
    ("robust-2", "7B, 32 layers", 2),
    ("robust-2-cnn", "70B, 80 layers", 2),
]


def table() -> str:
    """Sums of degrees by relation, and bits: the table of soundness.md."""
    head, columns = [], []
    for name, shape, draws in CASES:
        numbers = profile(name)
        found = degrees(SHAPES[shape], numbers, draws, most_bits(SHAPES[shape], numbers, draws))
        errors = {"all over the field": Fraction(total(found), P)} | projection_errors(numbers)
        column = {one.relation: "0" for one in found}
        for relation in column:
            column[relation] = str(total([one for one in found if one.relation == relation]))
        column["**sum of degrees**"] = str(total(found))
        errors["all of these"] = sum(errors.values(), Fraction(0))
        for what, error in errors.items():
            column[f"bits, {what}"] = f"{int(100 * bits_of(error)) / 100:.2f}"
        head.append(f"{name}, {shape}, {draws} draw{'s' * (draws > 1)}")
        columns.append(column)
    names = list(dict.fromkeys(name for column in reversed(columns) for name in column))
    rows = [["", *head], ["---"] * (len(head) + 1)]
    rows += [[name, *(column.get(name, "") for column in columns)] for name in names]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    print(table())  # noqa: T201
