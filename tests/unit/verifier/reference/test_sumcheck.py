"""Sumcheck against plain sums."""

import random
from collections.abc import Iterator

import pytest

from huref.verifier.reference.curve import P
from huref.verifier.reference.pads import Form
from huref.verifier.reference.poly import dot, eq_table
from huref.verifier.reference.sumcheck import sumcheck
from tests.support.conversation import Conversation
from tests.support.conversation import sumcheck as messages

RANDOM = random.Random(3)
A, B = ([RANDOM.randrange(P) for _ in range(16)] for _ in range(2))


@pytest.mark.parametrize("wrong", [0, 1])
def test_the_last_claim_is_the_polynomial_at_the_point_only_if_the_sum_is_right(wrong: int) -> None:
    def prover(drawn: list[int]) -> Iterator[int]:
        yield from messages(drawn, [list(A), list(B)], 2, lambda v: v[0] * v[1])

    point, last = sumcheck(Conversation(prover), Form((dot(A, B) + wrong) % P), 2, 4)
    eq = eq_table(point)
    assert (last.constant == dot(eq, A) * dot(eq, B) % P) == (not wrong)
