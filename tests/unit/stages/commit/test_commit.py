"""Committing: the same rows again from the opening, others from everything else."""

import dataclasses
import hashlib
import traceback
from pathlib import Path

import pytest

from huref import _native
from huref.artefacts.commitment import Commitment
from huref.artefacts.draw import COMMON
from huref.artefacts.opening import FIRST_RULE, RULE, Opening, Seed, write
from huref.errors import WeightsMismatchError
from huref.model import open_model
from huref.profile import named
from huref.stages.commit import commit, commit_whole, recommit
from huref.stages.prove import prove
from huref.stages.quantise import choose
from huref.stages.tokens import select
from tests.support import models, toys
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


def test_seeds_of_the_first_openings_give_their_commitments() -> None:
    """SHA-256 of the rows that the first version made of this seed; another rule, other blinds."""
    seed, model = bytes(range(32)), quantised()
    first = commit_whole(model, seed=Seed(seed, FIRST_RULE))[0].rows
    assert hashlib.sha256(first).hexdigest() == "3a92367d40bb3332b67b6573cbf81dbafb75864d89ea491893ae375655553b02"
    today = commit_whole(model, seed=Seed(seed))[0].rows
    assert hashlib.sha256(today).hexdigest() == "cd8184235198b7cb573dafe87ae355fc1f0209fdec7f4a6c5f0bcd3a00c96a17"


def test_a_proof_uses_the_blinds_of_its_opening() -> None:
    for rule in (FIRST_RULE, RULE):
        model = quantised()
        commitment, opening = commit_whole(model, seed=Seed(bytes(32), rule))
        assert recommit(model, opening) == commitment
        _, proof, _ = prove(model, opening, commitment, (COMMON,))
        assert proof
        with pytest.raises(WeightsMismatchError):
            recommit(model, dataclasses.replace(opening, seed=Seed(bytes(32), FIRST_RULE + RULE - rule)))


def test_an_interrupted_commitment_of_the_first_rule_is_finished(tmp_path: Path) -> None:
    """An earlier version wrote the opening, and was killed before it wrote the commitment."""
    model, rules = open_model(models.network("llama", 4).write(tmp_path / "model")), named("toy-2")
    source = choose(model, select(model, rules), (0, 1), rules)
    commitment, opening = commit_whole(source.whole(), seed=Seed(bytes(32), FIRST_RULE))
    write(tmp_path / "opening", opening)
    assert commit(source, written=tmp_path / "opening")[0] == commitment


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
