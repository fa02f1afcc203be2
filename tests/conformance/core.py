"""The core's verifier, given the reference verifier's values."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from huref import _native
from huref.verifier import reference


def nearness(statement: reference.Nearness) -> Any:
    """As the core reads it: with one draw, no list."""
    (draw,) = statement.draws
    return SimpleNamespace(**vars(statement), draw=draw)


def drift(statement: reference.Drift) -> Any:
    """As the core reads it, without its public model."""
    bound = statement.bound
    limit = ("absolute", list(bound)) if isinstance(bound, tuple) else ("relative", [bound])
    fields = {name: value for name, value in vars(statement).items() if name not in ("public", "factors", "bound")}
    return SimpleNamespace(
        **fields, exponents=list(statement.factors), limit=SimpleNamespace(kind=limit[0], values=limit[1])
    )


def public(statement: reference.Drift) -> _native.Weights | None:
    """The public model of a statement, if there is one; of the shape of its own that has one column.

    The core is given models only, so one with a matrix too few is refused here.
    """
    if statement.public is None:
        return None
    matrices = [np.ascontiguousarray(matrix).reshape(-1, 1) for matrix in statement.public]
    if len(matrices) % 6 != 1:
        raise _native.Rejected("public model", "no model has so many matrices")
    tokens, queries, keys, _, _, neurons = map(len, matrices[:6])
    listed = tuple(i.to_bytes(4) for i in range(tokens))
    layers = tuple(range(len(matrices) // 6))
    shape = reference.Shape(1, queries // keys, 1, keys, neurons, layers, listed)
    return _native.Weights.from_integers("toy-2", shape, matrices)


def verify(statement: reference.Statement | reference.Nearness | reference.Drift, proof: bytes) -> None:
    """Raises `_native.Rejected`. The core reads the fields of all kinds."""
    if isinstance(statement, reference.Nearness):
        _native.verify_near(nearness(statement), proof)
    elif isinstance(statement, reference.Drift):
        _native.verify_drift(drift(statement), proof, public(statement))
    else:
        _native.verify(statement, proof)


def security(statement: reference.Nearness | reference.Drift) -> list[tuple[str, float]]:
    """Every term of the error of a statement."""
    if isinstance(statement, reference.Drift):
        return _native.drift_security(drift(statement), public(statement))
    return _native.near_security(nearness(statement))
