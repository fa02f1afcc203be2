"""Both verifiers on the same mutated statements and proofs: they agree on every one, check by check.

python -m tests.fuzz.differential --count 100000 --seed 1
python -m tests.fuzz.differential --seconds 60
"""

from __future__ import annotations

import argparse
import collections
import sys
import time

from huref import _native
from huref.verifier import reference
from huref.verifier.reference.verify import verify as reference_verify
from tests.conformance.vectors import load
from tests.fuzz.mutate import Case, mutated

BASES = ("grouped", "multi-head", "multi-query", "one-row", "challenged")


def bases() -> list[Case]:
    """Valid vectors to start from."""
    vectors = {vector.name: vector for vector in load("valid")}
    return [
        Case(v.profile, v.sizes, v.tokens, v.commitment, v.outputs, v.proof, v.challenge)
        for v in map(vectors.__getitem__, BASES)
    ]


def values(case: Case) -> tuple[reference.Shape, reference.Public]:
    """Shape and outputs, as both verifiers read them."""
    sizes, outputs = case.sizes, case.outputs
    numbers = (sizes[key] for key in ("hidden", "heads", "kvHeads", "headDim", "ffn"))
    shape = reference.Shape(*numbers, layers=tuple(sizes["layers"]), tokens=case.tokens)
    return shape, reference.Public(tuple(outputs["z"]), tuple(outputs["e"]), tuple(outputs["a"]), outputs["c"])


def native(case: Case) -> str | None:
    """The check by which the native verifier refuses; `None` if it accepts."""
    shape, public = values(case)
    try:
        _native.verify(case.profile, shape, case.commitment, public, case.proof, case.challenge)
    except _native.Rejected as refusal:
        return str(refusal.args[0])
    except ValueError as unknown:
        # an unknown profile is an error of the caller on the native side
        assert "unknown profile" in str(unknown), unknown
        return "profile"
    return None


def pure(case: Case) -> str | None:
    """The check by which the reference verifier refuses; `None` if it accepts."""
    shape, public = values(case)
    try:
        statement = reference.Statement(case.profile, shape, case.commitment, public, case.challenge)
        reference_verify(statement, case.proof)
    except reference.Refused as refusal:
        return refusal.check
    return None


def agree(case: Case) -> str:
    """Name of the check by which both refuse; raises if they differ or accept what was changed."""
    if case in BASE_CASES:
        return "unchanged"
    first, second = native(case), pure(case)
    assert first is not None and second is not None, f"accepted: native {first}, reference {second}"
    assert first == second, f"native {first}, reference {second}"
    return second


BASE_CASES = bases()


def main() -> None:
    """Runs cases until the count or the time is reached and prints how often each check refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10**9)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    start, checks = time.monotonic(), collections.Counter[str]()
    for index in range(options.count):
        if time.monotonic() - start > options.seconds:
            break
        try:
            checks[agree(mutated(options.seed, index, BASE_CASES))] += 1
        except Exception as why:
            raise SystemExit(f"seed {options.seed}, case {index}: {why!r}") from why
    seconds = time.monotonic() - start
    lines = [f"{checks.total()} cases, seed {options.seed}, {seconds:.0f} s: both verifiers agree"]
    lines += [f"{times:8d}  {check}" for check, times in checks.most_common()]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
