"""Draws: seeds that follow from the commitment, fields that say no more than that, and the sides of a token list."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest

from huref.artefacts import strict
from huref.artefacts.draw import COMMON, OWN, Draw, challenge_seed, from_fields, sides, to_fields
from huref.errors import InputError
from huref.profile import named
from huref.stages.sketch import matrices
from tests.support.bundles import BEACON

ONE, TWO = "0a" * 32, "b0" * 32
CHALLENGE = Draw("challenge", BEACON, bytes.fromhex(TWO))
DRAWS = [COMMON, OWN, Draw("own", BEACON), Draw("own", BEACON * 2), CHALLENGE]


def read(fields: dict[str, Any], own: str = ONE) -> Draw:
    return from_fields(strict.Fields(fields, "x"), own)


def test_seeds_are_those_of_the_specification() -> None:
    one, two = bytes.fromhex(ONE), bytes.fromhex(TWO)
    assert COMMON.seed(ONE) is None
    assert OWN.seed(ONE) == hashlib.sha256(b"huref/own-seed/v1" + one).digest()
    assert Draw("own", BEACON).seed(ONE) == hashlib.sha256(b"huref/own-seed/v1" + one + BEACON).digest()
    assert CHALLENGE.seed(ONE) == hashlib.sha256(b"huref/challenge-seed/v1" + one + two + BEACON).digest()
    assert CHALLENGE.seed(ONE) == challenge_seed(two, one, BEACON)


def test_a_seed_changes_with_commitment_beacon_and_kind() -> None:
    drawn = [
        *(draw.seed(own) for draw in DRAWS[1:] for own in (ONE, "0b" * 32)),
        Draw("own", BEACON[::-1]).seed(ONE),
        Draw("challenge", BEACON[::-1], bytes.fromhex(TWO)).seed(ONE),
        Draw("challenge", BEACON, bytes(32)).seed(ONE),
    ]
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize("draw", DRAWS, ids=str)
def test_fields_are_read_again(draw: Draw) -> None:
    fields = to_fields(draw, ONE)
    assert read(fields) == draw
    expected = {"common": {"kind"}, "own": {"kind", "seed"}, "challenge": {"kind", "seed", "commitments"}}[draw.kind]
    assert set(fields) == expected | ({"beacon"} if draw.beacon else set())


def test_both_sides_of_a_challenge_write_one_draw() -> None:
    other = Draw("challenge", BEACON, bytes.fromhex(ONE))
    fields = to_fields(CHALLENGE, ONE)
    assert fields == to_fields(other, TWO)
    assert (read(fields), read(fields, TWO)) == (CHALLENGE, other)


@pytest.mark.parametrize(
    ("draw", "edit", "words"),
    [
        (COMMON, {"kind": "public"}, "must be common, own, challenge or custom"),
        (COMMON, {"kind": 1}, "must be a string"),
        (COMMON, {"kind": "own"}, "'seed' is missing"),
        (COMMON, {"kind": "challenge"}, "'commitments' is missing"),
        (OWN, {"seed": "00" * 32}, "'seed' is not the one that follows"),
        (OWN, {"seed": "00" * 31}, "'seed' must be 64"),
        (OWN, {"seed": None}, "'seed' must"),
        (OWN, {"beacon": BEACON.hex()}, "'seed' is not the one that follows"),
        (OWN, {"beacon": ""}, "32 to 64 bytes"),
        (OWN, {"beacon": "00" * 31}, "32 to 64 bytes"),
        (OWN, {"beacon": "00" * 65}, "32 to 64 bytes"),
        (OWN, {"beacon": None}, "'beacon' must"),
        (OWN, {"kind": "challenge"}, "'commitments' is missing"),
        (CHALLENGE, {"beacon": ""}, "32 to 64 bytes"),
        (CHALLENGE, {"commitments": [TWO, ONE]}, "ascending"),
        (CHALLENGE, {"commitments": [ONE, ONE]}, "two different ids"),
        (CHALLENGE, {"commitments": [ONE]}, "2 items"),
        (CHALLENGE, {"commitments": [ONE, "b1" * 32]}, "'seed' is not the one that follows"),
        (CHALLENGE, {"commitments": ["0b" * 32, TWO]}, "does not name the commitment of this statement"),
        (CHALLENGE, {"commitments": ["0a" * 31, TWO]}, "32 bytes"),
    ],
)
def test_fields_are_read_strictly(draw: Draw, edit: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        read(to_fields(draw, ONE) | edit)


def test_the_draw_of_one_commitment_is_not_that_of_another() -> None:
    for draw in (OWN, Draw("own", BEACON)):
        with pytest.raises(InputError, match="'seed' is not the one that follows"):
            read(to_fields(draw, ONE), TWO)


@pytest.mark.parametrize("seed", [None, bytes(32), BEACON], ids=str)
def test_sides_are_those_of_the_sketch_matrices(seed: bytes | None) -> None:
    profile, tokens = named("robust-2"), tuple(b"token %d" % i for i in range(300))
    p, q = matrices(tokens, profile, seed)
    counted = sides(tokens, profile, seed)
    assert counted == tuple(int(np.count_nonzero(side.any(axis=0))) for side in (p, q))
    assert sum(counted) == 300
    assert 100 < counted[0] < 200


def test_sides_of_a_lopsided_list() -> None:
    profile = named("robust-2")
    left = [b"token %d" % i for i in range(200) if sides([b"token %d" % i], profile, None) == (1, 0)]
    right = [b"token %d" % i for i in range(200) if sides([b"token %d" % i], profile, None) == (0, 1)]
    assert len(left) + len(right) == 200
    assert sides([*left[:2], *right], profile, None) == (2, len(right))
    # a seed draws the sides again
    assert min(sides([*left[:2], *right], named("robust-2"), bytes(32))) > 20
