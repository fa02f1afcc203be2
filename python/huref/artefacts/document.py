"""Documents: what verbs print under `--json`, and the report of a verification.

A document is a frozen dataclass. Its fields are those of the JSON object, in camel case; what is None is left out. The
schemas in proofs/schemas follow from the types (scripts/docs/schemas.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, ClassVar

from ..errors import ADDRESS

#: Where schemas have their names; those of what verbs print.
SCHEMAS = f"{ADDRESS}/schemas"
RESULTS = f"{SCHEMAS}/results"


def camel(name: str) -> str:
    """The name of a field in JSON; names of terms, such as M_a, stay."""
    first, *rest = name.split("_")
    return name if first.isupper() else first + "".join(map(str.capitalize, rest))


class Part:
    """Base of an object inside a document."""

    #: What pydantic needs to make a schema; without a schema nobody imports pydantic.
    __pydantic_config__: ClassVar[Any] = {"alias_generator": camel, "populate_by_name": True, "extra": "forbid"}

    def to_json(self) -> dict[str, Any]:
        """The object as JSON values."""
        value: dict[str, Any] = _plain(self)
        return value


@dataclass(frozen=True, kw_only=True)
class Document(Part):
    """A whole document; `schema` names its schema."""

    schema: str


@dataclass(frozen=True, kw_only=True)
class Result(Document):
    """What a verb prints that did what it was asked for."""

    ok: bool = True


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        named = ((camel(field.name), getattr(value, field.name)) for field in fields(value))
        return {name: _plain(item) for name, item in named if item is not None}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
