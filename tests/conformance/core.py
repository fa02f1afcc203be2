"""The core's verifier, given the reference verifier's values."""

from types import SimpleNamespace
from typing import Any

from huref import _native
from huref.verifier import reference


def nearness(statement: reference.Nearness) -> Any:
    """As the core reads it: with one draw, no list."""
    (draw,) = statement.draws
    return SimpleNamespace(**vars(statement), draw=draw)


def verify(statement: reference.Statement | reference.Nearness, proof: bytes) -> None:
    """Raises `_native.Rejected`. The core reads the fields of both kinds."""
    if isinstance(statement, reference.Nearness):
        _native.verify_near(nearness(statement), proof)
    else:
        _native.verify(statement, proof)
