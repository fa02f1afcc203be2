"""Relation "bits" with a prover whose bit string is plain."""

import random
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from huref.verifier.reference.claims import BitPoint, Claims
from huref.verifier.reference.poly import dot, eq_table
from huref.verifier.reference.relations import bits
from tests.support.conversation import Conversation, sumcheck

VARIABLES = 6
BITS = random.Random(4).choices((0, 1), k=1 << VARIABLES)


def checked(string: list[int]) -> tuple[Conversation, Claims]:
    def prover(drawn: list[int]) -> Iterator[int]:
        tables = [eq_table(drawn), list(string)]
        yield from sumcheck(drawn, tables, 3, lambda v: v[0] * v[1] * (v[1] - 1))
        yield tables[1][0]

    side, claims = Conversation(prover), Claims()
    context: Any = SimpleNamespace(bit_variables=VARIABLES)  # all that the relation asks of it
    bits.check(side, context, claims)
    return side, claims


def test_bits_hold_and_the_claim_is_their_extension() -> None:
    side, claims = checked(BITS)
    assert set(BITS) == {0, 1}
    assert side.holds
    (weights,), (value,) = claims.weights, claims.values
    assert isinstance(weights, BitPoint)
    assert value.constant == dot(eq_table(weights.point), BITS)


@pytest.mark.parametrize("entry", [2, -1, 1 << 200])
def test_anything_else_does_not(entry: int) -> None:
    side, _ = checked([*BITS[:20], entry, *BITS[21:]])
    assert not side.holds
