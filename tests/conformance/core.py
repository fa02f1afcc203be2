"""The core's verifier, given the reference verifier's values."""

from types import SimpleNamespace

from huref import _native
from huref.verifier import reference


def verify(statement: reference.Statement | reference.Nearness, proof: bytes) -> None:
    """Raises `_native.Rejected`. The core reads the fields of both; in nearness it has one draw, no list."""
    if isinstance(statement, reference.Nearness):
        (draw,) = statement.draws
        _native.verify_near(SimpleNamespace(**vars(statement), draw=draw), proof)
    else:
        _native.verify(statement, proof)
