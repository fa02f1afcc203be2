"""Statements: every part is bound by the proof, and what follows from them is computed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from huref.artefacts.context import NOBODY, Context
from huref.artefacts.draw import COMMON, OWN, Draw, sides
from huref.artefacts.outputs import vector_digest
from huref.artefacts.statement import Statement
from huref.profile import named
from huref.verifier.both import rejection
from tests.support.bundles import BEACON, CONTEXT, answer, robust, toy, toy_challenge, whole

MADE = whole().statement


def test_draws_and_their_outputs() -> None:
    assert MADE.draws == (COMMON, OWN)
    assert MADE.drawn("common") == (COMMON, MADE.outputs[0])
    assert MADE.drawn("own") == (OWN, MADE.outputs[1])
    assert MADE.drawn("challenge") is None
    assert MADE.challenge is None
    answered = answer().statement
    assert answered.challenge == toy_challenge()
    assert (answered.drawn("common"), answered.drawn("own")) == (None, None)


def test_the_portrait_is_that_of_the_common_vectors_alone() -> None:
    assert MADE.vector == MADE.outputs[0].portrait_vector(named("toy-2"))
    assert MADE.vector is not None
    assert MADE.vector_digest == vector_digest(MADE.vector)
    assert toy().statement.vector == MADE.vector  # of the same weights, whatever else is proved
    assert robust().statement.vector is not None
    own = replace(MADE, draws=(OWN,), outputs=MADE.outputs[1:])
    for without in (own, answer().statement):
        assert (without.vector, without.vector_digest) == (None, None)


def test_sides_are_those_of_its_own_tokens() -> None:
    """What is kept of one list says nothing of another one, of another profile or of another draw."""
    tokens = MADE.shape.tokens
    for _ in range(2):
        for some in (tokens, tokens[1:], tokens[:20]):
            for name in ("toy-2", "robust-2"):
                commitment = replace(MADE.commitment, profile=name, shape=replace(MADE.shape, tokens=some))
                made = replace(MADE, commitment=commitment)
                seeds = [draw.seed(commitment.id) for draw in made.draws]
                assert made.sides == tuple(sides(some, named(name), seed) for seed in seeds)


def outputs_with(**changes: Any) -> Statement:
    """The statement with other own outputs."""
    return replace(MADE, outputs=(MADE.outputs[0], replace(MADE.outputs[1], **changes)))


OWN_OUTPUTS = MADE.outputs[1]
VECTOR = OWN_OUTPUTS.vectors[0]


@pytest.mark.parametrize("verifier", ["rust", "python"])
@pytest.mark.parametrize(
    "other",
    [
        replace(MADE, draws=MADE.draws[::-1], outputs=MADE.outputs[::-1]),
        replace(MADE, draws=MADE.draws[::-1]),
        replace(MADE, outputs=MADE.outputs[::-1]),
        replace(MADE, draws=(COMMON,), outputs=MADE.outputs[:1]),
        replace(MADE, draws=(OWN,), outputs=MADE.outputs[1:]),
        replace(MADE, draws=(COMMON, Draw("own", BEACON))),
        replace(MADE, draws=(COMMON, COMMON), outputs=MADE.outputs[:1] * 2),
        replace(MADE, draws=(COMMON, Draw("challenge", BEACON, bytes(32)))),
        replace(MADE, draws=(), outputs=()),
        replace(MADE, context=NOBODY),
        replace(MADE, context=replace(CONTEXT, owner="name:Mallory")),
        replace(MADE, context=replace(CONTEXT, audience="court of Delft")),
        replace(MADE, context=replace(CONTEXT, nonce=CONTEXT.nonce + b"\0")),
        replace(MADE, context=Context(audience=CONTEXT.owner, nonce=CONTEXT.nonce)),
        replace(MADE, commitment=toy(2).statement.commitment),
        outputs_with(vectors=((VECTOR[0] + 1, *VECTOR[1:]),)),
        outputs_with(vectors=(VECTOR, VECTOR)),
        outputs_with(vectors=()),
        outputs_with(vectors=(VECTOR[:-1],)),
        outputs_with(shifts=(OWN_OUTPUTS.shifts[0] + 1, *OWN_OUTPUTS.shifts[1:])),
        outputs_with(scales=OWN_OUTPUTS.scales[::-1]),
        outputs_with(vector_scales=(OWN_OUTPUTS.vector_scales[0] - 1,)),
        outputs_with(vector_scales=()),
    ],
)
def test_the_proof_binds_every_part(other: Statement, verifier: Any) -> None:
    assert other != MADE
    assert rejection(other, whole().proof, verifier) is not None
    assert rejection(MADE, whole().proof, verifier) is None
