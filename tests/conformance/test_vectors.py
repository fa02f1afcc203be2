"""Both verifiers give every vector the verdict that it states: valid, or refused at the named check."""

import pytest

from huref import _native
from huref.verifier import reference
from huref.verifier.reference.verify import verify as reference_verify
from tests.conformance import core
from tests.conformance.vectors import Vector, load

VALID, INVALID = load("valid"), load("invalid")


def reference_verdict(vector: Vector) -> str | None:
    """Name of the check by which the reference verifier refuses, or `None`."""
    try:
        reference_verify(vector.statement(), vector.proof)
    except reference.Rejected as refusal:
        return refusal.check
    return None


def native_verdict(vector: Vector) -> str | None:
    """Name of the check by which the native verifier refuses, or `None`. It reads statements by their attributes."""
    try:
        core.verify(vector.statement(), vector.proof)
    except _native.Rejected as refusal:
        check: str = refusal.args[0]
        return check
    return None


def test_there_are_vectors() -> None:
    assert len(VALID) >= 20
    assert len(INVALID) >= 200
    assert all(vector.check is None for vector in VALID)
    assert all(vector.check for vector in INVALID)


#: The binding holds no weights of another shape; the core's own tests read this file (rust/circuits/tests/vectors.rs).
BEYOND_THE_BINDING = "drift-public-matrix-missing"


@pytest.mark.parametrize(
    "vector", [v for v in VALID + INVALID if v.name != BEYOND_THE_BINDING], ids=lambda vector: vector.name
)
def test_native(vector: Vector) -> None:
    assert native_verdict(vector) == vector.check


@pytest.mark.parametrize("vector", VALID + INVALID, ids=lambda vector: vector.name)
def test_reference(vector: Vector) -> None:
    assert reference_verdict(vector) == vector.check
