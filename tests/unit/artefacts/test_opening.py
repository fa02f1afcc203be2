"""Openings: private files, and a seed that shows itself to nobody."""

import copy
import dataclasses
import json
import os
import pickle
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from huref.artefacts.opening import FIRST_RULE, MAX_FILE, RULE, Opening, Seed, read, write
from huref.errors import InputError, NotFoundError, OutputError, UnsupportedVersionError
from huref.stages.commit import commit_whole
from tests.support.schemas import validate
from tests.support.toys import SHAPE, quantised


@pytest.fixture(scope="module")
def made() -> Opening:
    return commit_whole(quantised())[1]


def test_opening_files_are_private_and_read_again(made: Opening, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write(path, made)
    assert path.stat().st_mode & 0o777 == 0o600
    validate("opening", path.read_bytes())
    again = read(path)
    assert again.commitment == made.commitment
    assert again.seed.reveal() == made.seed.reveal()
    assert (again.profile, again.layers, again.tokens) == ("toy-2", SHAPE.layers, SHAPE.tokens)
    assert again.aligned_to is None
    assert again.seed.rule == made.seed.rule == RULE
    aligned = replace(made, aligned_to="ab" * 32)
    write(tmp_path / "aligned", aligned)
    validate("opening", (tmp_path / "aligned").read_bytes())
    assert read(tmp_path / "aligned").aligned_to == "ab" * 32
    with pytest.raises(OutputError, match="not overwritten"):
        write(path, made)
    for mode in (0o644, 0o640, 0o620, 0o660, 0o602):
        path.chmod(mode)
        with pytest.raises(InputError, match="chmod 600"):
            read(path)


def test_openings_of_others_are_refused(made: Opening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret"
    write(path, made)
    monkeypatch.setattr(os, "getuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(InputError, match="of another user"):
        read(path)


def test_openings_are_read_strictly(made: Opening, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    with pytest.raises(NotFoundError):
        read(path)
    write(path, replace(made, seed=Seed(bytes([0xCD]) * 32)))
    good = json.loads(path.read_bytes())
    path.write_text(json.dumps(good))
    assert read(path).layers == made.layers
    listed = good["tokens"]
    bad: list[dict[str, Any]] = [
        *({"seed": "cd" * 31}, {"seed": "CD" * 32}, {"commitment": "x"}, {"mediaType": "x"}, {"more": 1}),
        *({"layers": layers} for layers in ([], [1, 0], [0, 0], [-1], [65536], 0, None)),
        *({"tokens": listed | edit} for edit in ({"count": 15}, {"digest": "00" * 32}, {"list": []}, {"more": 1})),
        *({"profile": name} for name in ("", "robust-9", "paper", 1)),
        *({"alignedTo": digest} for digest in ("", "ab" * 31, "AB" * 32, None, 1)),
        *({"blinds": rule} for rule in (0, 1, 3, "2", None)),
    ]
    for edit in bad:
        path.write_text(json.dumps(good | edit))
        with pytest.raises((InputError, UnsupportedVersionError)) as caught:
            read(path)
        assert "cdcd" not in "".join(traceback.format_exception(caught.value)).lower()
    for field in good.keys() - {"blinds"}:
        path.write_text(json.dumps({name: value for name, value in good.items() if name != field}))
        with pytest.raises(InputError, match=f"'{field}' is missing"):
            read(path)
    path.write_bytes(b" " * (MAX_FILE + 1))
    with pytest.raises(InputError, match="larger than"):
        read(path)


def test_the_first_openings_say_no_rule(made: Opening, tmp_path: Path) -> None:
    first = replace(made, seed=Seed(made.seed.reveal(), FIRST_RULE))
    write(tmp_path / "secret", first)
    assert "blinds" not in json.loads((tmp_path / "secret").read_bytes())
    validate("opening", (tmp_path / "secret").read_bytes())
    assert read(tmp_path / "secret").seed.rule == FIRST_RULE


def test_the_seed_shows_itself_to_nobody(made: Opening) -> None:
    shown = f"{made} {made!r} {made.seed} {vars(made)} {[made]}"
    assert made.seed.reveal().hex() not in shown
    assert repr(made.seed.reveal()) not in shown
    for copied in (copy.deepcopy, pickle.dumps, dataclasses.asdict, json.dumps):
        with pytest.raises(TypeError) as caught:
            copied(made)
        assert made.seed.reveal().hex() not in "".join(traceback.format_exception(caught.value))
