"""Files against their published schemas."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from huref.artefacts.document import SCHEMAS
from huref.artefacts.kinds import KINDS

#: Versions of files that are not the first.
VERSIONS = {kind.name: kind.version for kind in KINDS.values()}
FOLDER = Path(__file__).parents[2] / "proofs" / "schemas"


@cache
def schema(name: str) -> Draft202012Validator:
    """The schema in proofs/schemas of that name, which itself is a schema."""
    version = VERSIONS.get(name, 1)
    found = json.loads((FOLDER / f"{name}.v{version}.json").read_bytes())
    Draft202012Validator.check_schema(found)
    return Draft202012Validator(found)


def validate(name: str, data: bytes) -> None:
    """That file follows the schema of that name."""
    schema(name).validate(json.loads(data))


def validated(data: str | bytes) -> Any:
    """A document or artefact, which follows the schema that it names itself."""
    document = json.loads(data)
    if "schema" in document:
        name = document["schema"].removeprefix(f"{SCHEMAS}/").removesuffix("/v1")
    else:
        name = next(kind.name for kind in KINDS.values() if kind.media_type == document["mediaType"])
    schema(name).validate(document)
    return document
