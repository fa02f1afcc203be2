"""Proofs with one bit changed, for both verifiers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Statement = TypeVar("Statement")
#: The check by which a verifier refuses a proof of a statement; None if it accepts.
Verdict = Callable[[Statement, bytes], str | None]


def checks(
    statement: Statement, proof: bytes, step: int, first: Verdict[Statement], second: Verdict[Statement]
) -> set[str]:
    """The checks by which both refuse it, changed at every so many bytes, in the first point and in the last 70 bytes;
    AssertionError if they differ or one accepts.
    """
    found = set()
    for i in [*range(0, len(proof), step), 1, 32, *range(len(proof) - 70, len(proof), 11)]:
        changed = bytearray(proof)
        changed[i] ^= 1 << (i - 1) % 8  # of the first point the top bit: no point begins so
        check = first(statement, bytes(changed))
        assert check is not None and check == second(statement, bytes(changed)), i
        found.add(check)
    return found
