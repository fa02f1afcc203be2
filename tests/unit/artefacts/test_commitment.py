"""Commitments, openings and their files."""

import copy
import dataclasses
import json
import pickle
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huref import _native
from huref.artefacts.commitment import (
    Commitment,
)
from huref.artefacts.commitment import (
    dump as dump_commitment,
)
from huref.artefacts.commitment import (
    parse as parse_commitment,
)
from huref.artefacts.commitment import (
    read as read_commitment,
)
from huref.artefacts.commitment import (
    write as write_commitment,
)
from huref.artefacts.opening import Opening, Seed
from huref.artefacts.opening import read as read_opening
from huref.artefacts.opening import write as write_opening
from huref.errors import (
    InputError,
    NotFoundError,
    OutputError,
    UnsupportedVersionError,
    WeightsMismatchError,
)
from huref.stages.commit import commit_whole as commit
from huref.stages.commit import recommit
from tests.support import toys
from tests.support.schemas import validate
from tests.support.toys import SHAPE, quantised


@pytest.fixture(scope="module")
def made() -> tuple[Commitment, Opening]:
    return commit(quantised())


def test_the_opening_gives_the_same_commitment_again(made: tuple[Commitment, Opening]) -> None:
    commitment, opening = made
    assert opening.commitment == commitment.id
    assert recommit(quantised(), opening) == commitment
    assert len(commitment.rows) == 33 * SHAPE.commitment_rows("toy-1")


def test_equal_weights_commit_differently(made: tuple[Commitment, Opening]) -> None:
    commitment, opening = made
    other, other_opening = commit(quantised())
    assert other.rows != commitment.rows
    assert other.id != commitment.id
    assert other_opening.seed.reveal() != opening.seed.reveal()


def test_one_seed_blinds_two_models_differently(made: tuple[Commitment, Opening]) -> None:
    """Equal rows of two models under one seed must not show as equal: blinds depend on all weights."""
    _, opening = made
    model = quantised()
    changed = [model.weights.matrix(i).copy() for i in range(13)]
    changed[-1][0, 0] ^= 1
    other = _native.Weights.from_integers("toy-1", SHAPE, changed)
    rows = [toys.rows("toy-1", SHAPE, weights, opening.seed.reveal()) for weights in (model.weights, other)]
    split = [{data[i : i + 33] for i in range(0, len(data), 33)} for data in rows]
    assert not split[0] & split[1]


def test_other_weights_or_shapes_do_not_open(made: tuple[Commitment, Opening]) -> None:
    _, opening = made
    other_layers = dataclasses.replace(SHAPE, layers=(0, 2))
    for model in (quantised(seed=2), quantised(shape=other_layers)):
        with pytest.raises(WeightsMismatchError, match="Give the model folder and the options"):
            recommit(model, opening)


def test_the_id_covers_everything(made: tuple[Commitment, Opening]) -> None:
    commitment, _ = made
    shape = commitment.shape
    changed = [
        dataclasses.replace(commitment, profile="robust-1"),
        dataclasses.replace(commitment, rows=commitment.rows[:-1] + bytes([commitment.rows[-1] ^ 1])),
        *(
            dataclasses.replace(commitment, shape=dataclasses.replace(shape, **{field: getattr(shape, field) + 1}))
            for field in ("hidden", "heads", "kv_heads", "head_dim", "ffn")
        ),
        dataclasses.replace(commitment, shape=dataclasses.replace(shape, layers=(0, 2))),
        dataclasses.replace(commitment, shape=dataclasses.replace(shape, tokens=shape.tokens[::-1])),
    ]
    ids = {commitment.id, *(other.id for other in changed)}
    assert len(ids) == 1 + len(changed)


# Files


def test_commitment_files_are_read_again(made: tuple[Commitment, Opening], tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    write_commitment(path, made[0])
    assert read_commitment(path) == made[0]
    assert path.read_bytes().isascii()
    validate("commitment", path.read_bytes())


def change(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda fields: fields.update({key: value})


def reshape(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda fields: fields["shape"].update({key: value})


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (change("mediaType", "application/vnd.huref.opening.v1+json"), "this is an opening, a secret"),
        (change("id", "00" * 32), "'id' is not that of"),
        (reshape("heads", 5), "no statement has this shape"),
        (reshape("hidden", 513), "no statement has this shape"),
        (reshape("hidden", 7), "'id' is not that of"),
        (reshape("ffn", 0), "not between"),
        (reshape("layers", [1, 0]), "ascending"),
        (reshape("layers", []), "ascending"),
        (reshape("layers", [0, 0]), "ascending"),
        (change("rows", ""), "must hold"),
        (change("more", 1), "unknown field"),
        (reshape("more", 1), "'shape': unknown field"),
        (lambda fields: fields["shape"].pop("kvHeads"), "'kvHeads' is missing"),
        (lambda fields: fields["tokens"]["list"].reverse(), "digest"),
    ],
)
def test_commitment_files_are_read_strictly(
    edit: Callable[[dict[str, Any]], Any], message: str, made: tuple[Commitment, Opening]
) -> None:
    fields = json.loads(dump_commitment(made[0]))
    edit(fields)
    with pytest.raises(InputError, match=message) as caught:
        parse_commitment(json.dumps(fields).encode(), "c.json")
    assert str(caught.value).startswith("c.json")


def test_unknown_profiles_are_refused(made: tuple[Commitment, Opening]) -> None:
    data = dump_commitment(made[0]).replace(b'"toy-1"', b'"toy-9"')
    with pytest.raises(UnsupportedVersionError, match="toy-9"):
        parse_commitment(data)


def test_opening_files_are_private_and_read_again(made: tuple[Commitment, Opening], tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_opening(path, made[1])
    assert path.stat().st_mode & 0o777 == 0o600
    validate("opening", path.read_bytes())
    read = read_opening(path)
    assert read.commitment == made[1].commitment
    assert read.seed.reveal() == made[1].seed.reveal()
    with pytest.raises(OutputError, match="not overwritten"):
        write_opening(path, made[1])
    path.chmod(0o644)
    with pytest.raises(InputError, match="chmod 600"):
        read_opening(path)


def test_openings_are_read_strictly(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    with pytest.raises(NotFoundError):
        read_opening(path)
    good = {"mediaType": "application/vnd.huref.opening.v1+json", "commitment": "ab" * 32, "seed": "cd" * 32}
    bad = [{"seed": "cd" * 31}, {"seed": "CD" * 32}, {"commitment": "x"}, {"mediaType": "x"}, {"more": 1}]
    path.touch(mode=0o600)
    for edit in bad:
        path.write_text(json.dumps(good | edit))
        with pytest.raises(InputError) as caught:
            read_opening(path)
        assert "cdcd" not in "".join(traceback.format_exception(caught.value)).lower()
    path.write_text("x" * 5000)
    with pytest.raises(InputError, match="larger than"):
        read_opening(path)


# The seed


def test_the_seed_shows_itself_to_nobody(made: tuple[Commitment, Opening]) -> None:
    _, opening = made
    shown = f"{opening} {opening!r} {opening.seed} {vars(opening)} {[opening]}"
    assert opening.seed.reveal().hex() not in shown
    assert repr(opening.seed.reveal()) not in shown
    for copied in (copy.deepcopy, pickle.dumps, dataclasses.asdict, json.dumps):
        with pytest.raises(TypeError) as caught:
            copied(opening)
        assert opening.seed.reveal().hex() not in "".join(traceback.format_exception(caught.value))


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
        commit(model, stop)
    lines = traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()
    text = "".join(line for line in lines if "seeds" not in line)
    assert "seed = Seed(secret)" in text
    assert seeds[0].reveal().hex() not in text
    assert repr(seeds[0].reveal())[2:-1] not in text
