"""Fingerprint files."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from huref import _native
from huref.artefacts.fingerprint import Fingerprint, dump, parse
from huref.errors import InputError, UnsupportedVersionError, UsageError
from huref.stages.encode import encode
from huref.stages.sketch import sketch
from tests.support.schemas import validate
from tests.support.toys import SHAPE, quantised


@pytest.fixture(scope="module")
def made() -> Fingerprint:
    model = quantised()
    return encode(model, *sketch(model, "cpu"))


def test_files_are_read_again(made: Fingerprint) -> None:
    assert parse(dump(made)) == made
    validate("fingerprint", dump(made))
    fields = json.loads(dump(made))
    assert made.vector is not None
    assert fields["vector"] == list(made.vector)
    assert fields["vectors"] == [list(vector) for vector in made.vectors]
    assert len(made.vectors) == len(made.layers) == 2
    assert "seed" not in fields
    assert fields["units"] == 4096
    assert fields["tokens"]["count"] == 16
    assert fields["tokens"]["digest"] == _native.token_digest(list(SHAPE.tokens)).hex() == made.token_digest


def change(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda fields: fields.update({key: value})


def scaled(factor: int) -> Callable[[dict[str, Any]], None]:
    return lambda fields: fields["vectors"].__setitem__(1, [z * factor for z in fields["vectors"][1]])


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (change("mediaType", "x"), "the media type is 'x'; expected a fingerprint"),
        (change("units", 4095), "4095 is not between"),
        (change("vectors", [[0] * 8] * 2), "mean 0 and standard deviation 1"),
        (scaled(2), "mean 0 and standard deviation 1"),
        (lambda fields: fields["vector"].append(0), "must have 8 items, it has 9"),
        (lambda fields: fields["vectors"][0].append(0), "'vectors' must hold lists of 8 integers"),
        (lambda fields: fields["vectors"].pop(), "'vectors' must have 2 items, it has 1"),
        (change("vectors", [1, 2]), "'vectors' must hold lists"),
        (change("vectors", None), "'vectors' must be a list"),
        (change("vector", [0] * 8), "'vector' is not that of 'vectors'"),
        (change("vector", None), "'vector' is not that of 'vectors'"),
        (lambda fields: fields["shifts"].pop(), "'shifts' must have 6 items, it has 5"),
        (lambda fields: fields["scales"].pop(), "'scales' must have 6 items, it has 5"),
        (lambda fields: fields["vectorScales"].pop(), "'vectorScales' must have 2 items, it has 1"),
        (change("vectorScales", [0, 1]), "not between"),
        (change("vectorScales", [1 << 40, 1]), "not between"),
        (change("scales", [0] * 6), "not between"),
        (change("shifts", [224] * 6), "not between"),
        (change("seed", "00" * 32), "unknown field 'seed'"),
        (change("layers", [1, 0]), "ascending"),
        (change("layers", []), "must hold 1 to 65536 numbers in ascending order"),
        (change("more", 1), "unknown field 'more'"),
        (lambda fields: fields["tokens"].update(digest="00" * 32), "digest"),
        (lambda fields: fields["tokens"].update(count=15), "must have 15 items"),
        (lambda fields: fields.pop("vector"), "'vector' is missing"),
    ],
)
def test_files_are_read_strictly(edit: Callable[[dict[str, Any]], Any], message: str, made: Fingerprint) -> None:
    fields = json.loads(dump(made))
    edit(fields)
    with pytest.raises(InputError, match=message) as caught:
        parse(json.dumps(fields).encode(), "x.json")
    assert str(caught.value).startswith("x.json")


def test_vectors_that_cancel_have_no_common_vector(made: Fingerprint) -> None:
    """Each layer has one all the same, and the file says null."""
    one = made.vectors[0]
    opposed = replace(made, outputs=replace(made.outputs, vectors=(one, tuple(-z for z in one))))
    assert opposed.vector is None
    assert json.loads(dump(opposed))["vector"] is None
    assert parse(dump(opposed)) == opposed
    validate("fingerprint", dump(opposed))


def test_vectors_under_a_seed_are_no_fingerprint_file(made: Fingerprint) -> None:
    with pytest.raises(UsageError, match="no fingerprint; prove them"):
        dump(replace(made, seed=bytes(32)))


def test_unknown_profiles_are_refused(made: Fingerprint) -> None:
    with pytest.raises(UnsupportedVersionError, match="toy-9"):
        parse(dump(made).replace(b'"toy-2"', b'"toy-9"'))
