"""Both verifiers on the same mutated statements and proofs: they agree on every one, check by check.

python -m tests.fuzz.differential --count 100000 --seed 1
python -m tests.fuzz.differential --seconds 60
"""

from __future__ import annotations

from huref import _native
from huref.verifier import reference
from huref.verifier.reference.verify import verify as reference_verify
from tests.conformance import core
from tests.conformance.vectors import Vector, load
from tests.fuzz.campaign import run
from tests.fuzz.mutate import mutated

BASES = (
    *("grouped", "multi-head", "multi-query", "one-row", "layers-apart", "challenge", "own-beacon", "context-nonce"),
    *("network", "network-three-layers", "custom", "custom-three-layers"),
)


def bases() -> tuple[list[Vector], list[Vector], list[Vector]]:
    """Valid vectors to start from: fingerprints, nearness, drift."""
    vectors = load("valid")
    found = {vector.name: vector for vector in vectors}
    of_kind = [[vector for vector in vectors if vector.answer], [vector for vector in vectors if vector.drift]]
    return [found[name] for name in BASES], *of_kind


def native(case: Vector) -> str | None:
    """The check by which the native verifier refuses; `None` if it accepts."""
    try:
        core.verify(case.statement(), case.proof)
    except _native.Rejected as refusal:
        return str(refusal.args[0])
    except ValueError as unknown:
        # an unknown profile is an error of the caller on the native side
        assert "unknown profile" in str(unknown), unknown
        return "profile"
    return None


def pure(case: Vector) -> str | None:
    """The check by which the reference verifier refuses; `None` if it accepts."""
    try:
        reference_verify(case.statement(), case.proof)
    except reference.Rejected as refusal:
        return refusal.check
    return None


def agree(case: Vector) -> str:
    """Name of the check by which both refuse; raises if they differ or accept what was changed."""
    statement = case.statement()
    if case in DRIFT_CASES or (statement, case.proof) in BASE_STATEMENTS:
        return "unchanged"
    first, second = native(case), pure(case)
    assert first is not None and second is not None, f"accepted: native {first}, reference {second}"
    # the native verifier has no value for such a draw, answer or bound, and refuses it before anything else
    # (specification, "opening")
    no_draw = first == "draws" and not all(map(representable, statement.draws))
    no_answer = isinstance(statement, reference.Nearness) and first == "interval" and not in_form(statement.answer)
    no_bound = isinstance(statement, reference.Drift) and first == "bound" and not held(statement.bound)
    assert first == second or no_draw or no_answer or no_bound, f"native {first}, reference {second}"
    return second


def representable(draw: reference.Draw) -> bool:
    """A draw with nothing but what its kind has: a beacon, an id of 32 bytes, a network."""
    has = {"own": ("beacon",), "challenge": ("beacon", "other"), "custom": ("network",)}.get(draw.kind, ())
    none = all(name in has or not getattr(draw, name) for name in ("beacon", "other", "network"))
    return none and len(draw.other) == 32 * (draw.kind == "challenge")


def in_form(answer: reference.Answer) -> bool:
    """A list of cosines; one that is not negative; or one and a pair."""
    if answer.kind == "rounded":
        return answer.pair is None
    return (answer.pair is None) == (answer.kind == "below") and len(answer.cosines) == 1 and answer.cosines[0] >= 0


def held(bound: int | tuple[int, ...]) -> bool:
    """An absolute one, or a relative one of 32 bits."""
    return isinstance(bound, tuple) or bound < 1 << 32


KINDS = BASE_CASES, NEAR_CASES, DRIFT_CASES = bases()
BASE_STATEMENTS = [(case.statement(), case.proof) for case in BASE_CASES + NEAR_CASES]


def main() -> None:
    """Runs cases of all kinds."""
    run(__doc__, "both verifiers agree", lambda seed, index: [agree(mutated(seed, index, cases)) for cases in KINDS])


if __name__ == "__main__":
    main()
