"""Proofs are checked before they are handed out, and belong to one commitment, one opening, one model."""

import dataclasses
from typing import Any

import pytest

from huref import _native
from huref.artefacts.draw import COMMON, OWN, Draw
from huref.artefacts.statement import Statement
from huref.errors import InternalError, ModelError, WeightsMismatchError
from huref.stages.commit import commit_whole as commit
from huref.stages.encode import encode
from huref.stages.prove import prove
from huref.stages.sketch import sketch
from huref.verifier.both import rejection
from tests.support.bundles import BEACON, CONTEXT
from tests.support.toys import SHAPE, quantised

DRAWS = (COMMON, OWN)


def accepted(statement: Statement, proof: bytes) -> bool:
    return rejection(statement, proof, "both") is None


def test_the_statement_is_that_of_the_fingerprint() -> None:
    model = quantised()
    commitment, opening = commit(model)
    statement, proof, _ = prove(model, opening, commitment, DRAWS, CONTEXT)
    assert accepted(statement, proof)
    seeds = [draw.seed(commitment.id) for draw in DRAWS]
    sketches = sketch(model, "cpu", seeds=seeds)
    expected = [encode(model, *pair).outputs for pair in zip(sketches, seeds, strict=True)]
    assert statement == Statement(commitment, DRAWS, tuple(expected), CONTEXT)


@pytest.mark.parametrize("draw", [COMMON, OWN, Draw("own", BEACON), Draw("challenge", BEACON, bytes(32))], ids=str)
def test_one_draw_alone(draw: Draw) -> None:
    model = quantised()
    commitment, opening = commit(model)
    statement, proof, _ = prove(model, opening, commitment, (draw,))
    assert accepted(statement, proof)
    seed = draw.seed(commitment.id)
    (sketches,) = sketch(model, "cpu", seeds=(seed,))
    assert statement.outputs == (encode(model, sketches, seed).outputs,)


def test_two_proofs_of_one_statement_share_nothing() -> None:
    model = quantised()
    commitment, opening = commit(model)
    (one, first, _), (two, second, _) = (prove(model, opening, commitment, DRAWS, CONTEXT) for _ in range(2))
    assert one == two
    windows = [{proof[i : i + 8] for i in range(len(proof) - 8)} for proof in (first, second)]
    assert not windows[0] & windows[1]


def test_proofs_do_not_carry_over_to_other_commitments() -> None:
    model = quantised()
    commitment, opening = commit(model)
    other, _ = commit(model)
    statement, proof, _ = prove(model, opening, commitment, DRAWS, CONTEXT)
    assert not accepted(dataclasses.replace(statement, commitment=other), proof)


def test_what_does_not_belong_together_is_refused() -> None:
    model, other = quantised(), quantised(seed=2)
    commitment, opening = commit(model)
    strange_commitment, strange_opening = commit(other)
    with pytest.raises(WeightsMismatchError, match="the opening is that of commitment"):
        prove(model, strange_opening, commitment, DRAWS)
    with pytest.raises(WeightsMismatchError, match="do not give commitment"):
        prove(model, strange_opening, strange_commitment, DRAWS)
    with pytest.raises(WeightsMismatchError, match="do not give commitment"):
        prove(model, dataclasses.replace(opening, seed=strange_opening.seed), commitment, DRAWS)
    moved = quantised(shape=dataclasses.replace(SHAPE, layers=(0, 2)))
    with pytest.raises(WeightsMismatchError, match="other sizes, layers or tokens"):
        prove(moved, opening, commitment, DRAWS)


def test_a_proof_that_does_not_verify_is_never_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = _native.prove

    def broken(*arguments: Any) -> tuple[list[Any], bytes]:
        public, proof = honest(*arguments)
        return public, proof[:-1] + bytes([proof[-1] ^ 1])

    model = quantised()
    commitment, opening = commit(model)
    monkeypatch.setattr(_native, "prove", broken)
    with pytest.raises(InternalError, match="fails its own check"):
        prove(model, opening, commitment, DRAWS, CONTEXT)


def test_degenerate_models_are_refused() -> None:
    model = quantised()
    zero = [model.weights.matrix(i).copy() for i in range(13)]
    zero[1][:] = 0
    weights = _native.Weights.from_integers("toy-2", SHAPE, zero)
    model = dataclasses.replace(model, weights=weights)
    commitment, opening = commit(model)
    with pytest.raises(ModelError, match="term a of layer number 0 is zero"):
        prove(model, opening, commitment, DRAWS, CONTEXT)
