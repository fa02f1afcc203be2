"""Real bundles for tests, each made once in a process by the real prover."""

from __future__ import annotations

from functools import cache

from huref import _native
from huref.artefacts import portrait
from huref.artefacts.bundle import Bundle
from huref.artefacts.challenge import Challenge, between, seed_of
from huref.artefacts.claims import Claims
from huref.artefacts.commitment import Commitment
from huref.artefacts.outputs import Outputs
from huref.artefacts.policy import Policy
from huref.artefacts.shape import Shape
from huref.artefacts.statement import Statement
from tests.support import toys

CLAIMS = Claims(
    model_name="example model",
    files={"model.safetensors": "ab" * 32, "config.json": "cd" * 32},
    prover="huref 0.1.0",
    proved_at="2026-01-31T12:00:00Z",
)
_TOY = Shape(6, 4, 2, 2, 12, layers=(0,), tokens=tuple(b"token-%d" % i for i in range(16)))
_ROBUST = Shape(64, 2, 2, 32, 128, layers=(3,), tokens=tuple(b"token-%d" % i for i in range(64)))


def _committed(profile: str, shape: Shape, seed: int) -> tuple[_native.Weights, bytes, bytes]:
    """Small random weights, the seed of their commitment, its rows."""
    weights, secret = toys.quantised(seed, shape, profile, largest=999).weights, bytes([seed]) * 32
    return weights, secret, toys.rows(profile, shape, weights, secret)


def _prove(profile: str, shape: Shape, seed: int, answered: Challenge | None = None) -> tuple[Statement, bytes]:
    """Statement and proof of small random weights."""
    weights, secret, commitment = _committed(profile, shape, seed)
    public, proof = _native.prove(weights, secret, commitment, challenge=seed_of(answered))
    return Statement(Commitment(profile, shape, commitment), Outputs.of(public), answered), proof


@cache
def toy(seed: int = 1) -> Bundle:
    """A bundle of profile toy-1, which has no portrait; a few hundredths of a second."""
    statement, proof = _prove("toy-1", _TOY, seed)
    return Bundle(statement, CLAIMS, proof, image=None)


BEACON = bytes(range(32))


@cache
def toy_challenge(beacon: bytes = BEACON) -> Challenge:
    """The challenge between toys 1 and 2."""
    names = (Commitment("toy-1", _TOY, _committed("toy-1", _TOY, seed)[2]).id for seed in (1, 2))
    return between(*names, beacon)


@cache
def answer(seed: int = 1, beacon: bytes = BEACON) -> Bundle:
    """Toy 1 or 2 answers their challenge."""
    statement, proof = _prove("toy-1", _TOY, seed, toy_challenge(beacon))
    return Bundle(statement, CLAIMS, proof, image=None)


@cache
def robust() -> Bundle:
    """A bundle of profile robust-1 at the smallest sensible shape; a few seconds."""
    statement, proof = _prove("robust-1", _ROBUST, 1)
    return Bundle(statement, CLAIMS, proof, portrait.draw(statement))


#: Accepts the toys, which have no security.
TOY_POLICY = Policy(name="toys", profiles=("toy-1",), security_bits=0)
