"""A few hundred cases of the differential run (tests/fuzz/differential.py), so that it cannot rot."""

import pytest

from tests.conformance.vectors import Vector
from tests.fuzz.differential import BASE_CASES, DRIFT_CASES, NEAR_CASES, agree, native, pure
from tests.fuzz.mutate import mutated


@pytest.mark.parametrize("case", BASE_CASES + NEAR_CASES + DRIFT_CASES, ids=lambda case: case.name)
def test_bases_are_accepted(case: Vector) -> None:
    assert native(case) is None
    assert pure(case) is None


def test_both_verifiers_agree() -> None:
    checks = {agree(mutated(0, index, BASE_CASES)) for index in range(400)}
    assert {
        "shape",
        "lengths",
        "draws",
        "context",
        "point",
        "commitment rows",
        "proof length",
        "linear constraints",
    } <= checks


def test_both_verifiers_agree_about_nearness() -> None:
    checks = {agree(mutated(0, index, NEAR_CASES)) for index in range(200)}
    assert {"shape", "draws", "context", "vector", "interval", "point", "proof length", "linear constraints"} <= checks


def test_both_verifiers_agree_about_drift() -> None:
    checks = {agree(mutated(0, index, DRIFT_CASES)) for index in range(300)}
    of_drift = {"factors", "bound", "public model"}
    assert of_drift | {"shape", "context", "point", "commitment rows", "proof length", "linear constraints"} <= checks


def test_a_case_is_a_function_of_its_number() -> None:
    assert mutated(0, 5, BASE_CASES) == mutated(0, 5, BASE_CASES)
    assert mutated(0, 5, BASE_CASES) != mutated(0, 6, BASE_CASES)
