"""What a request for a proof says: a folder, layers, and the key under which it may be sent again."""

from __future__ import annotations

from typing import Any

from ...artefacts import strict
from ...errors import BundleTooLargeError, UsageError
from .folder import LONGEST, NAMES

#: Bytes of a request.
MOST_BYTES = 1 << 14
_MOST_LAYERS, _LAST_LAYER = 1024, 65535
_KEY_LONGEST = 200
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["folder"],
    "properties": {
        "folder": {
            "type": "string",
            "maxLength": LONGEST,
            "pattern": f"^{NAMES}$",
            "description": "A folder below the one that the operator mounted.",
        },
        "layers": {
            "description": "Layers, counted from 0, or all active ones; without it, those of the profile.",
            "anyOf": [
                {"type": "string", "const": "all"},
                {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": _MOST_LAYERS,
                    "items": {"type": "integer", "minimum": 0, "maximum": _LAST_LAYER},
                },
            ],
        },
    },
}
#: The header of the key, as OpenAPI describes it.
KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": _KEY_LONGEST, "pattern": "^[!-~]+$"},
    "description": "The same key is the same job.",
}


def key_of(text: str | None) -> str | None:
    """The key of a request. UsageError: it is none that can be kept."""
    if text is not None and not (0 < len(text) <= _KEY_LONGEST and text.isascii() and text.isprintable()):
        raise UsageError(f"Idempotency-Key must have 1 to {_KEY_LONGEST} printable ASCII characters")
    return text


def parse(body: bytes) -> dict[str, Any]:
    """What is asked for. InputError: nothing that can be. BundleTooLargeError."""
    if len(body) > MOST_BYTES:
        raise BundleTooLargeError(f"a request for a proof has at most {MOST_BYTES} bytes")
    fields = strict.parse(body, "request")
    asked: dict[str, Any] = {"folder": fields.text("folder")}
    if fields.has("layers"):
        given = fields.take_value("layers")
        if given != "all":
            given = strict.Fields({"layers": given}, "request").integers("layers", 0, _LAST_LAYER)
            if not 0 < len(given) <= _MOST_LAYERS:
                fields.refuse(f"field 'layers' must be \"all\" or a list of 1 to {_MOST_LAYERS} layers")
        asked["layers"] = given if given == "all" else list(given)
    fields.done()
    return asked
