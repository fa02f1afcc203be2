"""Real bundles for tests, each made once in a process by the real prover."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from huref import _native
from huref.artefacts import portrait
from huref.artefacts.bundle import Bundle
from huref.artefacts.challenge import Challenge, between
from huref.artefacts.claims import Claims
from huref.artefacts.commitment import Commitment
from huref.artefacts.context import NOBODY, Context
from huref.artefacts.draw import COMMON, OWN, Draw
from huref.artefacts.drift import Drift, DriftBundle
from huref.artefacts.nearness import Answer, AnswerKind, NearBundle, Nearness
from huref.artefacts.outputs import Outputs
from huref.artefacts.policy import Policy
from huref.artefacts.shape import Shape
from huref.artefacts.statement import Statement
from tests.support import toys

CLAIMS = Claims(
    model_name="example model",
    model_layers=4,
    files={"model.safetensors": "ab" * 32, "config.json": "cd" * 32},
    prover="huref 0.1.0",
    proved_at="2026-01-31T12:00:00Z",
)
_TOY = Shape(6, 4, 2, 2, 12, layers=(0,), tokens=tuple(b"token-%d" % i for i in range(16)))
_ROBUST = Shape(64, 2, 2, 32, 128, layers=(3,), tokens=tuple(b"token-%d" % i for i in range(64)))


def _committed(
    profile: str, shape: Shape, seed: int, secret: int | None = None
) -> tuple[_native.Weights, bytes, bytes]:
    """Small random weights, the seed of their commitment, its rows."""
    weights = toys.quantised(seed, shape, profile, largest=999).weights
    blinds = bytes([seed if secret is None else secret]) * 32
    return weights, blinds, toys.rows(profile, shape, weights, blinds)


def _prove(
    profile: str,
    shape: Shape,
    seed: int,
    draws: tuple[Draw, ...] = (COMMON,),
    context: Context = NOBODY,
    secret: int | None = None,
) -> tuple[Statement, bytes]:
    """Statement and proof of small random weights; another `secret` gives another commitment to the same."""
    weights, blinds, rows = _committed(profile, shape, seed, secret)
    outputs, proof = _native.prove(weights, blinds, rows, draws, context)
    commitment = Commitment(profile, shape, rows)
    return Statement(commitment, draws, tuple(map(Outputs.of, outputs)), context), proof


@cache
def toy(seed: int = 1) -> Bundle:
    """A bundle of profile toy-2, which has no portrait; a few hundredths of a second."""
    statement, proof = _prove("toy-2", _TOY, seed)
    return Bundle(statement, CLAIMS, proof, image=None)


CONTEXT = Context("name:Alice", "court of Utrecht", bytes(range(16)))


@cache
def whole(seed: int = 1, context: Context = CONTEXT) -> Bundle:
    """A toy with common and own vectors, made for somebody."""
    statement, proof = _prove("toy-2", _TOY, seed, (COMMON, OWN), context)
    return Bundle(statement, CLAIMS, proof, image=None)


BEACON = bytes(range(32))


@cache
def proved(draws: tuple[Draw, ...], context: Context = NOBODY) -> Bundle:
    """Toy 1 with these draws, made for somebody."""
    statement, proof = _prove("toy-2", _TOY, 1, draws, context)
    return Bundle(statement, CLAIMS, proof, image=None)


@cache
def toy_challenge(beacon: bytes = BEACON) -> Challenge:
    """The challenge between toys 1 and 2."""
    names = (Commitment("toy-2", _TOY, _committed("toy-2", _TOY, seed)[2]).id for seed in (1, 2))
    return between(*names, beacon)


@cache
def answer(seed: int = 1, beacon: bytes = BEACON) -> Bundle:
    """Toy 1 or 2 answers their challenge."""
    challenge = toy_challenge(beacon)
    own = Commitment("toy-2", _TOY, _committed("toy-2", _TOY, seed)[2]).id
    statement, proof = _prove("toy-2", _TOY, seed, (challenge.draw(own),))
    return Bundle(statement, CLAIMS, proof, image=None)


@cache
def nearness(kind: AnswerKind = "rounded", bound: int = 0, context: Context = NOBODY) -> NearBundle:
    """Toy 2 answers the challenge of the toys by how near it comes to `answer()`."""
    theirs, (weights, blinds, rows) = answer(), _committed("toy-2", _TOY, 2)
    draw, z = toy_challenge().draw(Commitment("toy-2", _TOY, rows).id), theirs.statement.outputs[0].z
    (said, cosines, pair), proof = _native.near(weights, blinds, rows, draw, z, (kind, bound), context)
    statement = Nearness("toy-2", _TOY, rows, draw, z, Answer(said, tuple(cosines), pair), context)
    return NearBundle(statement, replace(CLAIMS, files={}, their_bundle=theirs.digest), proof)


@cache
def second() -> _native.Weights:
    """Toy 1 after a small change."""
    noise = np.random.default_rng(3)
    changed = [m + noise.integers(-9, 10, m.shape, dtype=np.int16) for m in toys.matrices(_TOY, 1, 999)]
    return _native.Weights.from_integers("toy-2", _TOY, changed)


@cache
def drift(public: bool = False, context: Context = NOBODY) -> DriftBundle:
    """From toy 1 to `second()`, committed to or public; of one matrix nothing is said."""
    weights, blinds, rows = _committed("toy-2", _TOY, 1)
    changed, seeds = second(), [blinds]
    commitments = [Commitment("toy-2", _TOY, rows)]
    if not public:
        seeds.append(bytes([2]) * 32)
        commitments.append(Commitment("toy-2", _TOY, toys.rows("toy-2", _TOY, changed, seeds[1])))
    exponents = (0, 0, 0, None, 0, 0, 0)
    rows = b"".join(commitment.rows for commitment in commitments)
    (bound,), proof = _native.drift(weights, changed, seeds, rows, exponents, "matrices", ("relative", ()), context)
    digest = _native.public_digest(changed).hex() if public else None
    statement = Drift(tuple(commitments), exponents, "matrices", bound, digest, context)
    return DriftBundle(statement, replace(CLAIMS, files={}), proof)


@cache
def robust(context: Context = NOBODY, secret: int = 1) -> Bundle:
    """A bundle of profile robust-2 at the smallest sensible shape, made for somebody; a few seconds.

    Another `secret` gives the same vector under another commitment.
    """
    statement, proof = _prove("robust-2", _ROBUST, 1, context=context, secret=secret)
    return Bundle(statement, CLAIMS, proof, portrait.draw(statement))


@cache
def listed(seed: int = 1, secret: int | None = None, start: int = 0) -> Bundle:
    """A bundle of profile robust-2 over enough tokens for a verdict, the first of them with that number; two layers."""
    shape = replace(_ROBUST, layers=(1, 3), tokens=tuple(b"token-%d" % i for i in range(start, start + 96)))
    statement, proof = _prove("robust-2", shape, seed, secret=secret)
    return Bundle(statement, CLAIMS, proof, image=None)


@cache
def unproved(secret: int) -> Commitment:
    """One of many commitments to the weights of `robust`, without a proof."""
    return Commitment("robust-2", _ROBUST, _committed("robust-2", _ROBUST, 1, secret)[2])


#: Accepts the toys, which have no security.
TOY_POLICY = Policy(name="toys", profiles=("toy-2",), security_bits=0, hidden=1, tokens=1, side_percent=0)
#: The same as a policy file.
TOY_RULES = """name = "toys"
profiles = ["toy-2"]
security-bits = 0
hidden = 1
tokens = 1
side-percent = 0
"""
