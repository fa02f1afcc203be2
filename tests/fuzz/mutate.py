"""Cases: a valid toy statement and proof, changed in one place or a few. Case i of a seed is always the same."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from tests.conformance.vectors import Vector
from tests.fuzz import drift, nearness

P = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
Q = 2**256 - 2**32 - 977
POINT, SCALAR = 33, 32
LISTS = ("vectors", "shifts", "scales", "vectorScales")
SIZES = (0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 64, 511, 512, 513, 65536, 65537, 2**24, 2**24 + 1, 2**32 - 1)


Mutation = Callable[[random.Random, Vector, Vector], Vector]


def _point(rng: random.Random, other: bytes) -> bytes:
    """A point, or something that is nearly one."""
    x = rng.choice((0, 1, 2, 5, Q - 1, Q, Q + 1, 2**256 - 1, rng.randrange(2**256)))
    if rng.random() < 0.1:
        return other
    return rng.choice((bytes(POINT), bytes([rng.choice((0, 1, 2, 3, 4, 255))]) + x.to_bytes(32, "big")))


def _scalar(rng: random.Random) -> bytes:
    return rng.choice((0, 1, 2, P - 1, P, P + 1, 2**256 - 1, rng.randrange(P))).to_bytes(32, "big")


def _bytes(rng: random.Random, data: bytes) -> bytes:
    """A bit flipped, bytes replaced, removed, inserted or exchanged."""
    at, length = rng.randrange(len(data) + 1), rng.choice((1, 2, 8, SCALAR, POINT))
    kind = rng.randrange(5)
    if kind == 0 and at < len(data):
        return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
    if kind == 1:
        part = data[at : at + length]
        return data[:at] + rng.randbytes(len(part)) + data[at + length :]
    if kind == 2:
        return data[:at] + data[at + length :]
    if kind == 3:
        return data[:at] + rng.randbytes(length) + data[at:]
    return data[at:] + data[:at]


def _early(rng: random.Random, case: Vector, _: Vector) -> Vector:
    """The first points of the proof, or its length."""
    if rng.random() < 0.3:
        return replace(case, proof=_cut(rng, case))
    return replace(case, proof=_point(rng, case.proof[:POINT]) + case.proof[POINT:])


def _cut(rng: random.Random, case: Vector) -> bytes:
    return case.proof[: rng.randrange(len(case.proof))] + rng.randbytes(rng.choice((0, 0, 1, SCALAR)))


def _proof(rng: random.Random, case: Vector, other: Vector) -> Vector:
    """Any part of the proof: parts do not say where they begin, so most of these are read as other values."""
    data, kind = case.proof, rng.randrange(4)
    at = rng.randrange(len(data) - POINT)
    if kind == 0:
        return replace(case, proof=data[:at] + other.proof[at : at + SCALAR] + data[at + SCALAR :])
    if kind == 1:
        return replace(case, proof=data[:at] + _scalar(rng) + data[at + SCALAR :])
    if kind == 2:
        return replace(case, proof=data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :])
    return replace(case, proof=_bytes(rng, data))


def _rows(rng: random.Random, case: Vector, other: Vector) -> Vector:
    data, at = case.commitment, POINT * rng.randrange(len(case.commitment) // POINT)
    if rng.random() < 0.5:
        return replace(case, commitment=_bytes(rng, data))
    return replace(case, commitment=data[:at] + _point(rng, other.commitment[at : at + POINT]) + data[at + POINT :])


def _outputs(rng: random.Random, case: Vector, other: Vector) -> Vector:
    """One number of the outputs of a draw, or how many there are."""
    if not case.draws:
        return case
    at, key = rng.randrange(len(case.draws)), rng.choice(LISTS)
    draw = dict(case.draws[at])
    kind = rng.choices(range(3), (2, 2, 16))[0]
    if kind == 0:
        draw[key] = other.draws[0][key]
    elif kind == 1 and draw[key]:
        draw[key] = rng.choice((draw[key][1:], draw[key] + draw[key][-1:]))
    elif key == "vectors" and draw[key]:
        layer = rng.randrange(len(draw[key]))
        draw[key] = [_numbers(rng, v, key) if i == layer else v for i, v in enumerate(draw[key])]
    elif key != "vectors":
        draw[key] = _numbers(rng, draw[key], key)
    return replace(case, draws=[*case.draws[:at], draw, *case.draws[at + 1 :]])


def _numbers(rng: random.Random, numbers: list[int], key: str) -> list[int]:
    """One of them left out, doubled or replaced."""
    if not numbers:
        return numbers
    values, at = list(numbers), rng.randrange(len(numbers))
    kind = rng.choices(range(4), (4, 4, 10, 2))[0]
    if kind == 0:
        values.pop(at)
    elif kind == 1:
        values.insert(at, rng.choice(values))
    elif kind == 2 and key == "vectorScales":
        values[at] = rng.choice((0, 1, 2**10 - 1, 2**40, 2**63, 2**64 - 1, values[at] % 2**63 + 1))
    elif kind == 2:
        values[at] = rng.choice((0, 1, 223, 224, 2**14 - 1, 2**14 + 1, 2**15 + 1, 2**22 + 1, 2**31, 2**32 - 1))
        values[at] *= rng.choice((1, -1)) if key == "vectors" else 1
    else:
        # the formats have no room for more than 32 bits, or 64 of a vector's scale
        least, most = (-(2**31) if key == "vectors" else 0), 2 ** (64 if key == "vectorScales" else 32) - 1
        values[at] = min(most, max(least, values[at] + rng.choice((-1, 1))))
    return values


def _sizes(rng: random.Random, case: Vector, _: Vector) -> Vector:
    key = rng.choice(tuple(case.sizes))
    if key != "layers":
        return replace(case, sizes=case.sizes | {key: rng.choice(SIZES)})
    layers = list(case.sizes["layers"])
    kind = rng.randrange(4)
    if kind == 0:
        layers.append(rng.choice((0, 1, 2, 65536, 2**32 - 1)))
    elif kind == 1:
        layers.pop()
    elif kind == 2:
        layers.reverse()
    else:
        layers[0] = rng.choice((1, 7, 2**32 - 1))
    return replace(case, sizes=case.sizes | {"layers": layers})


def _tokens(rng: random.Random, case: Vector, _: Vector) -> Vector:
    tokens, at = list(case.tokens), rng.randrange(len(case.tokens))
    kind = rng.randrange(5)
    if kind == 0:
        tokens = tokens[:at]
    elif kind == 1:
        tokens[at] = rng.choice(tokens)
    elif kind == 2:
        tokens[at] = rng.randbytes(rng.randrange(5))
    elif kind == 3:
        tokens.insert(at, rng.randbytes(3))
    else:
        rng.shuffle(tokens)
    return replace(case, tokens=tuple(tokens))


def _profile(rng: random.Random, case: Vector, _: Vector) -> Vector:
    return replace(case, profile=rng.choice(("robust-2", "robust-2-cnn", "toy-2", "toy-2-cnn", "toy-3", "", "toy-2 ")))


def _draws(rng: random.Random, case: Vector, other: Vector) -> Vector:
    """Draws left out, doubled, exchanged, of another kind, or with other commitments, beacons and networks."""
    draws, at = [dict(draw) for draw in case.draws], rng.randrange(len(case.draws) + 1)
    kind = rng.randrange(6)
    if kind == 0 or at == len(draws):
        draws = rng.choice((draws[1:], draws + draws[:1], draws[::-1], other.draws))
    elif kind == 1:
        draws[at]["kind"] = rng.choice(("common", "own", "challenge", "custom"))
    elif kind == 2:
        draws[at]["beacon"] = rng.randbytes(rng.choice((0, 1, 31, 32, 48, 64, 65))).hex()
    elif kind == 3:
        draws[at]["other"] = rng.randbytes(rng.choice((0, 31, 32, 33))).hex()
    elif kind == 4 and draws[at].get("network"):
        network = bytes.fromhex(draws[at]["network"])
        draws[at]["network"] = rng.choice((network[:-1], network + b"\0", _flipped(rng, network))).hex()
    elif draws[at].get("beacon"):
        draws[at]["beacon"] = _flipped(rng, bytes.fromhex(draws[at]["beacon"])).hex()
    return replace(case, draws=draws)


def _flipped(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]


TEXTS = (
    *("", " ", "~", "\x7f", "\0", "x" * 200, "x" * 201, "Alice", "name:", "name:Alice", "name:Alice ", "name:\n"),
    *("name:A\u0301lice", "name:" + "x" * 200, "ed25519:" + "0f" * 32, "ed25519:" + "0F" * 32, "ed25519:" + "0f" * 31),
    *("https://a b", "https://a  b", "https://a", "https:/a b", "http://a b", f"https://{'i' * 240} s"),
)


def _context(rng: random.Random, case: Vector, other: Vector) -> Vector:
    """Another owner, audience or nonce, of a form that is allowed or not."""
    key = rng.choice(("owner", "audience", "nonce"))
    value = rng.randbytes(rng.choice((0, 1, 15, 16, 17, 64, 65))).hex() if key == "nonce" else rng.choice(TEXTS)
    return replace(case, context=rng.choice((case.context | {key: value}, other.context, {})))


# Mutations that leave every encoding intact cost a whole verification on both sides: they are rare, not absent.
MUTATIONS: tuple[tuple[Mutation, float], ...] = (
    (_early, 0.2),
    (_rows, 0.2),
    (_outputs, 0.2),
    (_sizes, 0.18),
    (_tokens, 0.04),
    (_proof, 0.04),
    (_profile, 0.02),
    (_draws, 0.08),
    (_context, 0.06),
)
#: The same of nearness, which has no outputs, and of drift, which has no draws either.
OF_NEARNESS: dict[Mutation, Mutation] = {_outputs: nearness.said, _draws: nearness.challenge}
OF_DRIFT: dict[Mutation, Mutation] = {_outputs: drift.said, _draws: drift.said}


def mutated(seed: int, index: int, bases: list[Vector]) -> Vector:
    """Case `index`: one to three changes of one of the bases, all of which are of one kind."""
    rng = random.Random(f"{seed}/{index}")
    case, other = rng.sample(bases, 2)
    mutations, weights = zip(*MUTATIONS, strict=True)
    of_kind = OF_NEARNESS if case.answer else OF_DRIFT if case.drift else {}
    for mutation in rng.choices(mutations, weights, k=rng.choice((1, 1, 1, 2, 3))):
        if _is_empty(case):
            break
        case = of_kind.get(mutation, mutation)(rng, case, other)
    return case


def _is_empty(case: Vector) -> bool:
    """Something is already missing altogether."""
    lists = (case.tokens, case.sizes["layers"])
    return not all(lists) or min(len(case.proof), len(case.commitment)) <= POINT
