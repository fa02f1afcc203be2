"""The fingerprint in plain Python integers, straight from its definition: slow, and sharing nothing with the Rust core.

Where the core never forms the K x K term, this does: `M_t = sum over query heads of X^ left^T right X^^T` in full, then
`S_t = P M_t Q^T`. Section numbers are those of the specification's chapter "fingerprint".
"""

import hashlib
import math
from dataclasses import dataclass

Matrix = list[list[int]]


@dataclass(frozen=True)
class Rules:
    """The numbers of a profile."""

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

    def label(self, kind: str, seed: bytes) -> bytes:
        """What the stream of a public matrix begins with: the profile's label, and the seed of a challenge."""
        return f"huref/{self.name}/{'challenge/' if seed else ''}{kind}".encode() + seed


ROBUST_1 = Rules("robust-1", sketch=32, outputs=512)
TOY_1 = Rules("toy-1", sketch=4, outputs=8)


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


def sides(tokens: list[bytes], rules: Rules, seed: bytes = b"") -> tuple[Matrix, Matrix]:
    """1. P and Q: the lowest bit of a token's stream is its side, two bits a row are its sign; rows are centred."""
    label, r = rules.label("sketch", seed), rules.sketch
    streams = [hashlib.shake_128(label + token).digest(1 + r // 4) for token in tokens]
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
    """2, 3. `S_t = P M_t Q^T`, r x r, row after row; of a challenge where there is a seed."""
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
    c: int
    norms: list[int]
    remainders: list[int]
    squares: int  # D


def fingerprint(sketches_: list[list[int]], rules: Rules, seed: bytes = b"") -> Fingerprint:
    """4 to 7. Shift, scale, encode, standardise, round; of a challenge where there is a seed."""
    shifts, scales, norms, rounded = [], [], [], []
    for sketch in sketches_:
        e = next(e for e in range(300) if norm(shifted(sketch, e)) < 4**rules.log_norm)
        q = shifted(sketch, e)
        shifts.append(e)
        norms.append(norm(q))
        rounded.append(q)
        scales.append(math.isqrt(4**rules.log_scale // norm(q)))

    m, entries = rules.outputs, rules.sketch**2
    bits = hashlib.shake_128(rules.label("encoder/linear", seed)).digest((m * 3 * entries + 7) // 8)
    sign = [1 - 2 * (bits[i // 8] >> (i % 8) & 1) for i in range(m * 3 * entries)]
    f = []
    for k in range(m):
        row = sign[k * 3 * entries : (k + 1) * 3 * entries]
        kinds = [row[kind * entries : (kind + 1) * entries] for kind in range(3)]
        terms = enumerate(zip(scales, rounded, strict=True))
        f.append(sum(a * sum(r * x for r, x in zip(kinds[t % 3], q, strict=True)) for t, (a, q) in terms))
    centred = [m * x - sum(f) for x in f]

    squares = norm(centred)
    c = math.isqrt(m * 4 ** (rules.fraction_bits + rules.z_fraction_bits) // squares)
    unit = 2**rules.fraction_bits
    z = [(c * x + unit // 2) // unit for x in centred]
    remainders = [c * x + unit // 2 - unit * zk for x, zk in zip(centred, z, strict=True)]
    return Fingerprint(z, shifts, scales, c, norms, remainders, squares)


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
    v = result.c**2 * result.squares
    groups.append((target.bit_length() - 8, [target - v]))
    groups.append((target.bit_length() + 42, [(result.c + 1) ** 2 * v - target * result.c**2 - 1]))
    bits = []
    for width, values in groups:
        for value in values:
            assert 0 <= value < 2**width
            bits += [value >> i & 1 for i in range(width)]
    return bits
