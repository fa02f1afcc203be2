"""Committing: the same rows again from the opening, others from everything else."""

import dataclasses
import traceback

import pytest

from huref import _native
from huref.artefacts.commitment import Commitment
from huref.artefacts.opening import Opening, Seed
from huref.errors import WeightsMismatchError
from huref.stages.commit import commit_whole, recommit
from tests.support import toys
from tests.support.toys import SHAPE, quantised


@pytest.fixture(scope="module")
def made() -> tuple[Commitment, Opening]:
    return commit_whole(quantised())


def test_the_opening_gives_the_same_commitment_again(made: tuple[Commitment, Opening]) -> None:
    commitment, opening = made
    assert opening.commitment == commitment.id
    assert recommit(quantised(), opening) == commitment
    assert len(commitment.rows) == 33 * SHAPE.commitment_rows("toy-2")


def test_equal_weights_commit_differently(made: tuple[Commitment, Opening]) -> None:
    commitment, opening = made
    other, other_opening = commit_whole(quantised())
    assert other.rows != commitment.rows
    assert other.id != commitment.id
    assert other_opening.seed.reveal() != opening.seed.reveal()


def test_one_seed_blinds_two_models_differently(made: tuple[Commitment, Opening]) -> None:
    """Equal rows of two models under one seed must not show as equal: blinds depend on all weights."""
    _, opening = made
    model = quantised()
    changed = [model.weights.matrix(i).copy() for i in range(13)]
    changed[-1][0, 0] ^= 1
    other = _native.Weights.from_integers("toy-2", SHAPE, changed)
    rows = [toys.rows("toy-2", SHAPE, weights, opening.seed.reveal()) for weights in (model.weights, other)]
    split = [{data[i : i + 33] for i in range(0, len(data), 33)} for data in rows]
    assert not split[0] & split[1]


def test_other_weights_or_shapes_do_not_open(made: tuple[Commitment, Opening]) -> None:
    _, opening = made
    other_layers = dataclasses.replace(SHAPE, layers=(0, 2))
    for model in (quantised(seed=2), quantised(shape=other_layers)):
        with pytest.raises(WeightsMismatchError, match="Give the model folder given to `huref commit`"):
            recommit(model, opening)


def test_no_traceback_shows_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even one that shows the local names of every frame."""
    seeds = []
    fresh = Seed.fresh

    def spy() -> Seed:
        seeds.append(fresh())
        return seeds[-1]

    monkeypatch.setattr(Seed, "fresh", spy)

    def stop(*_step: object) -> None:
        raise RuntimeError("stopped")

    model = quantised(shape=dataclasses.replace(SHAPE, ffn=60_000))
    with pytest.raises(RuntimeError, match="stopped") as caught:
        commit_whole(model, stop)
    lines = traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()
    text = "".join(line for line in lines if "seeds" not in line)
    assert "seed = Seed(secret)" in text
    assert seeds[0].reveal().hex() not in text
    assert repr(seeds[0].reveal())[2:-1] not in text
