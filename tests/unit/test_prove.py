"""Proving from a model folder: which draws, for whom, against which commitment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import huref
from huref import Commitment, Opening
from huref.artefacts import commitment as commitments
from huref.artefacts.context import Context
from huref.artefacts.draw import COMMON, OWN, Draw
from huref.errors import UsageError, WeightsMismatchError
from huref.stages import commit as stage
from tests.support import models
from tests.support.bundles import BEACON, CONTEXT, TOY_POLICY

Made = tuple[Path, Commitment, Opening]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = models.network("llama").write(tmp_path_factory.mktemp("model"))
    return folder, *huref.commit(folder, profile="toy-2", layers=(0, 2))


def test_profile_layers_and_tokens_are_those_of_the_opening(made: Made) -> None:
    folder, commitment, opening = made
    bundle = huref.prove(folder, opening=opening)
    assert bundle.statement.commitment == commitment
    assert bundle.statement.shape.layers == (0, 2)
    assert bundle.claims.model_layers == 3
    for surplus in ({"layers": (0, 2)}, {"tokens": commitment.shape.tokens}):
        with pytest.raises(UsageError, match="the opening says which layers and tokens"):
            huref.prove(folder, opening=opening, **surplus)  # type: ignore[arg-type]


def test_rows_of_a_commitment_that_is_given_are_not_made_again(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, commitment, opening = made

    def never(*_: object) -> Commitment:
        raise AssertionError("the rows were made again")

    monkeypatch.setattr(stage, "recommit", never)
    commitments.write(tmp_path / "c.json", commitment)
    for known in (commitment, tmp_path / "c.json"):
        bundle = huref.prove(folder, opening=opening, commitment=known)
        assert huref.verify(bundle, policy=TOY_POLICY).ok
    with pytest.raises(UsageError, match="give the opening too"):
        huref.prove(folder, commitment=commitment)


def test_a_commitment_to_something_else_is_refused(made: Made) -> None:
    folder, _, opening = made
    other, _ = huref.commit(folder, profile="toy-2", layers=(0, 2))
    with pytest.raises(WeightsMismatchError, match="the opening is that of commitment"):
        huref.prove(folder, opening=opening, commitment=other)


def test_other_weights_than_those_of_the_commitment_are_refused(made: Made, tmp_path: Path) -> None:
    _, commitment, opening = made
    strange = models.network("llama", seed=5).write(tmp_path / "strange")
    for known in (None, commitment):
        with pytest.raises(WeightsMismatchError, match="do not give commitment"):
            huref.prove(strange, opening=opening, commitment=known)


@pytest.mark.parametrize(
    ("options", "draws"),
    [({}, (COMMON, OWN)), ({"own": False}, (COMMON,)), ({"beacon": BEACON}, (COMMON, Draw("own", BEACON)))],
)
def test_draws_are_common_and_own_unless_somebody_says_otherwise(
    options: dict[str, Any], draws: tuple[Draw, ...], made: Made
) -> None:
    bundle = huref.prove(made[0], opening=made[2], commitment=made[1], context=CONTEXT, **options)
    assert bundle.statement.draws == draws
    assert bundle.statement.context == CONTEXT
    assert huref.verify(bundle, policy=TOY_POLICY, expected=CONTEXT, weights=made[0], opening=made[2]).ok


@pytest.mark.parametrize(
    "options",
    [
        {"beacon": b"x" * 31},
        {"beacon": b"x" * 65},
        {"beacon": BEACON, "own": False},
        {"context": Context("Alice")},
        {"context": Context(nonce=b"x")},
    ],
    ids=str,
)
def test_what_no_proof_can_have_is_refused_before_any_work(options: dict[str, Any], tmp_path: Path) -> None:
    """The folder is not even opened."""
    with pytest.raises(UsageError):
        huref.prove(tmp_path / "none", **options)
