"""Outputs: one vector for each layer, their name, and the vector of the portrait."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import pytest

from huref.artefacts import strict
from huref.artefacts.outputs import Outputs, from_fields, to_fields, vector_digest
from huref.errors import InputError
from huref.profile import named
from tests.support.bundles import robust, whole

TOY, ROBUST = named("toy-2"), named("robust-2")
MADE = Outputs(((1, -2, 3, -4, 5, -6, 7, -8), (8, 7, 6, 5, -5, -6, -7, -8)), (0, 223) * 3, (1, 5) * 3, (1, 9))


def read(fields: dict[str, Any]) -> Outputs:
    return from_fields(strict.Fields(json.loads(json.dumps(fields)), "x"), TOY, 2)


def test_fields_are_read_again() -> None:
    assert read(to_fields(MADE)) == MADE


def test_of_the_core() -> None:
    assert Outputs.of(([*MADE.vectors[0], *MADE.vectors[1]], MADE.shifts, MADE.scales, MADE.vector_scales)) == MADE


def changed(key: str, place: int, value: Any) -> dict[str, Any]:
    values = list(to_fields(MADE)[key])
    values[place] = value
    return to_fields(MADE) | {key: values}


@pytest.mark.parametrize(
    "fields",
    [
        *({key: value for key, value in to_fields(MADE).items() if key != left} for left in to_fields(MADE)),
        *(to_fields(MADE) | {key: []} for key in to_fields(MADE)),
        *(to_fields(MADE) | {key: None} for key in to_fields(MADE)),
        *(changed(key, 0, value) for key in ("shifts", "scales", "vectorScales") for value in (-1, 1 << 41, "1", None)),
        changed("shifts", 5, 224),
        changed("scales", 0, 0),
        changed("scales", 0, (1 << 22) + 1),
        changed("vectorScales", 1, 0),
        changed("vectorScales", 1, 1 << 40),
        *(changed("vectors", 1, value) for value in ([], [0] * 7, [0] * 9, None, 1, "12345678", [True] * 8, [0.5] * 8)),
        *(changed("vectors", 0, [value] * 8) for value in (4096 * 8 + 1, -4096 * 8 - 1, "0", None, [0])),
    ],
)
def test_fields_are_read_strictly(fields: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"'vectors'|'shifts'|'scales'|'vectorScales'"):
        read(fields)


def test_the_digest_is_that_of_all_vectors_in_order() -> None:
    numbers = [*MADE.vectors[0], *MADE.vectors[1]]
    assert MADE.digest == hashlib.sha256(np.array(numbers, dtype=">i4").tobytes()).hexdigest() == vector_digest(numbers)
    exchanged = Outputs(MADE.vectors[::-1], MADE.shifts, MADE.scales, MADE.vector_scales)
    assert exchanged.digest != MADE.digest


def test_the_vector_of_the_portrait_is_the_standardised_sum() -> None:
    random = np.random.default_rng(1)
    rows = random.standard_normal((3, 512))
    rows -= rows.mean(axis=1, keepdims=True)
    rows = np.rint(4096 * rows / rows.std(axis=1, keepdims=True)).astype(int)
    made = Outputs(tuple(tuple(map(int, row)) for row in rows), (0,) * 9, (1,) * 9, (1,) * 3)
    found = np.array(made.portrait_vector(ROBUST))
    total = rows.sum(axis=0)
    assert np.abs(found - 4096 * (total - total.mean()) / total.std()).max() < 1.5
    # and of one vector it is that vector
    alone = Outputs(made.vectors[:1], (0,) * 3, (1,) * 3, (1,))
    assert np.abs(np.array(alone.portrait_vector(ROBUST)) - rows[0]).max() <= 2


def test_layers_that_cancel_have_none() -> None:
    one = robust().statement.outputs[0].vectors[0]
    opposed = Outputs((one, tuple(-z for z in one)), (0,) * 6, (1,) * 6, (1,) * 2)
    assert opposed.portrait_vector(ROBUST) is None


def test_those_of_two_draws_differ() -> None:
    common, own = whole().statement.outputs
    assert common.vectors != own.vectors
    assert common.digest != own.digest
