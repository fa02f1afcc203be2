"""A layer's matrices and norms as plain arrays."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from huref.model.layer import Layer, Matrix


def arrays(layer: Layer) -> dict[str, Any]:
    """Field name -> array; of up and down, one array for each expert."""

    def plain(value: Any) -> Any:
        if isinstance(value, Matrix):
            return value.values
        return [matrix.values for matrix in value] if isinstance(value, tuple) else value

    return {field.name: plain(getattr(layer, field.name)) for field in fields(layer)}
