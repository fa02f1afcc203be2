"""Commitments: an id that covers everything, and a strict file."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huref.artefacts.commitment import Commitment, dump, parse, read, write
from huref.errors import InputError, UnsupportedVersionError
from huref.stages.commit import commit_whole
from tests.support.schemas import validate
from tests.support.toys import quantised


@pytest.fixture(scope="module")
def made() -> Commitment:
    return commit_whole(quantised())[0]


def test_the_id_covers_everything(made: Commitment) -> None:
    shape = made.shape
    changed = [
        dataclasses.replace(made, profile="robust-2"),
        dataclasses.replace(made, rows=made.rows[:-1] + bytes([made.rows[-1] ^ 1])),
        *(
            dataclasses.replace(made, shape=dataclasses.replace(shape, **{field: getattr(shape, field) + 1}))
            for field in ("hidden", "heads", "kv_heads", "head_dim", "ffn")
        ),
        dataclasses.replace(made, shape=dataclasses.replace(shape, layers=(0, 2))),
        dataclasses.replace(made, shape=dataclasses.replace(shape, tokens=shape.tokens[::-1])),
    ]
    ids = {made.id, *(other.id for other in changed)}
    assert len(ids) == 1 + len(changed)


def test_commitment_files_are_read_again(made: Commitment, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    write(path, made)
    assert read(path) == made
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
    edit: Callable[[dict[str, Any]], Any], message: str, made: Commitment
) -> None:
    fields = json.loads(dump(made))
    edit(fields)
    with pytest.raises(InputError, match=message) as caught:
        parse(json.dumps(fields).encode(), "c.json")
    assert str(caught.value).startswith("c.json")


def test_unknown_profiles_are_refused(made: Commitment) -> None:
    data = dump(made).replace(b'"toy-2"', b'"toy-9"')
    with pytest.raises(UnsupportedVersionError, match="toy-9"):
        parse(data)
