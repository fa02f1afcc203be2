"""Cases: a valid toy statement and proof, changed in one place or a few. Case i of a seed is always the same."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

P = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
Q = 2**256 - 2**32 - 977
POINT, SCALAR = 33, 32
SIZES = (0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 64, 511, 512, 513, 65536, 65537, 2**24, 2**24 + 1, 2**32 - 1)


@dataclass(frozen=True)
class Case:
    """Everything that a verifier is given. `sizes` are the fields of a shape without the tokens."""

    profile: str
    sizes: dict[str, Any]
    tokens: tuple[bytes, ...]
    commitment: bytes
    outputs: dict[str, Any]
    proof: bytes
    challenge: bytes | None = None


Mutation = Callable[[random.Random, Case, Case], Case]


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


def _early(rng: random.Random, case: Case, _: Case) -> Case:
    """The first points of the proof, or its length."""
    if rng.random() < 0.3:
        return replace(case, proof=_cut(rng, case))
    return replace(case, proof=_point(rng, case.proof[:POINT]) + case.proof[POINT:])


def _cut(rng: random.Random, case: Case) -> bytes:
    return case.proof[: rng.randrange(len(case.proof))] + rng.randbytes(rng.choice((0, 0, 1, SCALAR)))


def _proof(rng: random.Random, case: Case, other: Case) -> Case:
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


def _rows(rng: random.Random, case: Case, other: Case) -> Case:
    data, at = case.commitment, POINT * rng.randrange(len(case.commitment) // POINT)
    if rng.random() < 0.5:
        return replace(case, commitment=_bytes(rng, data))
    return replace(case, commitment=data[:at] + _point(rng, other.commitment[at : at + POINT]) + data[at + POINT :])


def _outputs(rng: random.Random, case: Case, other: Case) -> Case:
    outputs = dict(case.outputs)
    key = rng.choice(("z", "e", "a", "c"))
    if rng.random() < 0.1:
        return replace(case, outputs=outputs | {key: other.outputs[key]})
    if key == "c":
        outputs["c"] = rng.choice((0, 1, 2**10 - 1, 2**40, 2**63, 2**64 - 1, case.outputs["c"] % 2**63 + 1))
        return replace(case, outputs=outputs)
    values, at = list(outputs[key]), rng.randrange(len(outputs[key]))
    kind = rng.choices(range(4), (4, 4, 10, 2))[0]
    if kind == 0:
        values.pop(at)
    elif kind == 1:
        values.insert(at, rng.choice(values))
    elif kind == 2:
        values[at] = rng.choice((0, 1, 223, 224, 2**14 - 1, 2**14 + 1, 2**15 + 1, 2**22 + 1, 2**31, 2**32 - 1))
        values[at] *= rng.choice((1, -1)) if key == "z" else 1
    else:
        # the formats have no room for more than 32 bits
        values[at] = min(2**32 - 1, max(0 if key != "z" else -(2**31), values[at] + rng.choice((-1, 1))))
    return replace(case, outputs=outputs | {key: values})


def _sizes(rng: random.Random, case: Case, _: Case) -> Case:
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


def _tokens(rng: random.Random, case: Case, _: Case) -> Case:
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


def _profile(rng: random.Random, case: Case, _: Case) -> Case:
    return replace(case, profile=rng.choice(("robust-1", "toy-2", "", "toy-1 ")))


def _challenge(rng: random.Random, case: Case, other: Case) -> Case:
    """Given, taken away, exchanged, or one bit of it flipped."""
    seed = case.challenge or rng.randbytes(32)
    at = rng.randrange(32)
    flipped = seed[:at] + bytes([seed[at] ^ 1 << rng.randrange(8)]) + seed[at + 1 :]
    return replace(case, challenge=rng.choice((flipped, other.challenge, None)))


# Mutations that leave every encoding intact cost a whole verification on both sides: they are rare, not absent.
MUTATIONS: tuple[tuple[Mutation, float], ...] = (
    (_early, 0.24),
    (_rows, 0.24),
    (_outputs, 0.24),
    (_sizes, 0.18),
    (_tokens, 0.04),
    (_proof, 0.04),
    (_profile, 0.02),
    (_challenge, 0.02),
)


def mutated(seed: int, index: int, bases: list[Case]) -> Case:
    """Case `index`: one to three changes of one of the bases."""
    rng = random.Random(f"{seed}/{index}")
    case, other = rng.sample(bases, 2)
    mutations, weights = zip(*MUTATIONS, strict=True)
    for mutation in rng.choices(mutations, weights, k=rng.choice((1, 1, 1, 2, 3))):
        if _is_empty(case):
            break
        case = mutation(rng, case, other)
    return case


def _is_empty(case: Case) -> bool:
    """Something is already missing altogether."""
    lists = (case.tokens, case.sizes["layers"], case.outputs["z"], case.outputs["e"], case.outputs["a"])
    return not all(lists) or min(len(case.proof), len(case.commitment)) <= POINT
