"""The fingerprint in plain Python integers, straight from its definition: slow, and sharing nothing with the Rust core.

Where the core never forms the K x K term, this does: `M_t = sum over query heads of X^ left^T right X^^T` in full, then
`S_t = P M_t Q^T`. Section numbers are those of the specification's chapter "fingerprint".
"""

import hashlib
import math
from dataclasses import dataclass
from operator import mul

Matrix = list[list[int]]


@dataclass(frozen=True)
class Rules:
    """Name and numbers of a profile."""

    name: str
    sketch: int  # r
    outputs: int  # m
    log_norm: int = 26  # a rounded sketch has norm below 2^26
    log_scale: int = 40  # terms are scaled to norm 2^40
    fraction_bits: int = 64  # of the last rounding
    z_fraction_bits: int = 12
    slack_bits: int = 70
    q_bits: int = 27
    min_log_c: int = 10


ROBUST_2 = Rules("robust-2", sketch=32, outputs=512)
TOY_2 = Rules("toy-2", sketch=4, outputs=8)


@dataclass(frozen=True)
class Model:
    """Small integers in canonical form; o and down transposed, so that every matrix has d columns."""

    heads: int
    kv_heads: int
    head_dim: int
    tokens: list[bytes]
    embedding: Matrix
    layers: list[dict[str, Matrix]]  # q, k, v, oT, up, downT

    def terms(self) -> list[Matrix]:
        """The d x d middle part `left^T right` of every term, in the order a, b, f of layer after layer."""
        out = []
        for layer in self.layers:
            key_head = [h * self.kv_heads // self.heads for h in range(self.heads)]
            rows = [g * self.head_dim + i for g in key_head for i in range(self.head_dim)]
            spread = {name: [layer[name][row] for row in rows] for name in "kv"}
            out += [
                product(transposed(layer["q"]), spread["k"]),
                product(transposed(spread["v"]), layer["oT"]),
                product(transposed(layer["up"]), layer["downT"]),
            ]
        return out


def transposed(a: Matrix) -> Matrix:
    return [list(column) for column in zip(*a, strict=True)]


def product(a: Matrix, b: Matrix) -> Matrix:
    columns = transposed(b)
    return [[sum(x * y for x, y in zip(row, column, strict=True)) for column in columns] for row in a]


def label(rules: Rules, seed: bytes, what: str) -> bytes:
    """What the streams of a draw begin with; a draw without a seed is the common one."""
    return f"huref/{rules.name}/{'fresh/' if seed else ''}{what}".encode() + seed


def sides(tokens: list[bytes], rules: Rules, seed: bytes = b"") -> tuple[Matrix, Matrix]:
    """1. P and Q: the lowest bit of a token's stream is its side, two bits a row are its sign; rows are centred."""
    r, begin = rules.sketch, label(rules, seed, "sketch")
    streams = [hashlib.shake_128(begin + token).digest(1 + r // 4) for token in tokens]
    both = []
    for side in (0, 1):
        here = [stream[0] % 2 == side for stream in streams]
        matrix = []
        for i in range(r):
            codes = [stream[1 + i // 4] // 4 ** (i % 4) % 4 for stream in streams]
            signs = [{2: 1, 3: -1}.get(code, 0) if on else 0 for code, on in zip(codes, here, strict=True)]
            matrix.append([sum(here) * s - sum(signs) if on else 0 for s, on in zip(signs, here, strict=True)])
        both.append(matrix)
    return both[0], both[1]


def sketches(model: Model, rules: Rules, seed: bytes = b"") -> list[list[int]]:
    """2, 3. `S_t = P M_t Q^T`, r x r, row after row; of the draw with this seed."""
    p, q = sides(model.tokens, rules, seed)
    out = []
    for middle in model.terms():
        term = product(product(model.embedding, middle), transposed(model.embedding))
        out.append([x for row in product(product(p, term), transposed(q)) for x in row])
    return out


@dataclass(frozen=True)
class Fingerprint:
    """Public outputs, and the secrets behind them that the bit string shows."""

    z: list[int]
    e: list[int]
    a: list[int]
    c: list[int]
    norms: list[int]
    remainders: list[int]
    squares: list[int]  # D of each layer


def fingerprint(sketches_: list[list[int]], rules: Rules, seed: bytes = b"") -> Fingerprint:
    """4 to 7. Shift, scale; then layer by layer encode, standardise, round; under the draw with this seed."""
    result = Fingerprint([], [], [], [], [], [], [])
    rounded = []
    for sketch in sketches_:
        e = next(e for e in range(300) if norm(shifted(sketch, e)) < 4**rules.log_norm)
        q = shifted(sketch, e)
        rounded.append(q)
        result.e.append(e)
        result.norms.append(norm(q))
        result.a.append(math.isqrt(4**rules.log_scale // norm(q)))

    m, entries = rules.outputs, rules.sketch**2
    bits = hashlib.shake_128(label(rules, seed, "encoder/linear")).digest((m * 3 * entries + 7) // 8)
    sign = [1 - 2 * (bits[i // 8] >> (i % 8) & 1) for i in range(m * 3 * entries)]
    for t in range(0, len(rounded), 3):
        scaled = [a * x for a, q in zip(result.a[t : t + 3], rounded[t : t + 3], strict=True) for x in q]
        f = [sum(map(mul, sign[k * 3 * entries : (k + 1) * 3 * entries], scaled)) for k in range(m)]
        z, c, squares, remainders = standard(f, rules)
        result.z.extend(z)
        result.c.append(c)
        result.squares.append(squares)
        result.remainders.extend(remainders)
    return result


def standard(f: list[int], rules: Rules) -> tuple[list[int], int, int, list[int]]:
    """7. Mean 0, standard deviation 1: z, the scale c, the squares D, and what the rounding leaves."""
    m, unit = rules.outputs, 2**rules.fraction_bits
    centred = [m * x - sum(f) for x in f]
    squares = norm(centred)
    c = math.isqrt(m * 4 ** (rules.fraction_bits + rules.z_fraction_bits) // squares)
    z = [(c * x + unit // 2) // unit for x in centred]
    return z, c, squares, [c * x + unit // 2 - unit * zk for x, zk in zip(centred, z, strict=True)]


def shifted(sketch: list[int], e: int) -> list[int]:
    """`floor((s + half) / 2^e)`."""
    return [(s + (2 ** (e - 1) if e else 0)) // 2**e for s in sketch]


def norm(values: list[int]) -> int:
    """The squared norm."""
    return sum(x * x for x in values)


def bit_string(sketches_: list[list[int]], result: Fingerprint, rules: Rules) -> list[int]:
    """The part of the committed bit string that the weights determine: sketches, slacks, remainders, slacks of c."""
    groups: list[tuple[int, list[int]]] = []
    for sketch, e in zip(sketches_, result.e, strict=True):
        offset = 2 ** (e + rules.q_bits - 1) + (2 ** (e - 1) if e else 0)
        groups.append((e + rules.q_bits, [s + offset for s in sketch]))
    top = 4**rules.log_scale
    pairs = list(zip(result.a, result.norms, strict=True))
    groups.append((rules.slack_bits, [top - a * a * n for a, n in pairs]))
    groups.append((rules.slack_bits, [(a + 1) ** 2 * n - top - 1 for a, n in pairs]))
    groups.append((rules.fraction_bits, result.remainders))
    target = rules.outputs * 4 ** (rules.fraction_bits + rules.z_fraction_bits)
    scales = [(c, c**2 * d) for c, d in zip(result.c, result.squares, strict=True)]
    groups.append((target.bit_length() - 8, [target - v for _, v in scales]))
    groups.append((target.bit_length() + 42, [(c + 1) ** 2 * v - target * c**2 - 1 for c, v in scales]))
    bits = []
    for width, values in groups:
        for value in values:
            assert 0 <= value < 2**width
            bits += [value >> i & 1 for i in range(width)]
    return bits
