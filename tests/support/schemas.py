"""Files against their published schemas."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator

FOLDER = Path(__file__).parents[2] / "proofs" / "schemas"


def validate(name: str, data: bytes) -> None:
    """That file follows proofs/schemas/NAME.v1.json, which itself is a schema."""
    schema = json.loads((FOLDER / f"{name}.v1.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(data))
