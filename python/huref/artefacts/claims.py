"""Claims: what a prover says outside the proof. Nothing binds them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ..errors import shown
from . import strict
from .document import Part
from .shape import MAX_LAYERS

MAX_TEXT, MAX_FILES = 200, 1024
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


@dataclass(frozen=True)
class Claims(Part):
    """What the prover says outside the proof; nobody has checked it.

    `model_name` for people; `model_layers`: how many layers the config names; `files` file name (no folder) -> SHA-256
    in hexadecimal digits; `prover` program and version; `proved_at` as `YYYY-MM-DDTHH:MM:SSZ`. `their_bundle`: in a
    nearness file the content digest of the bundle that the other side's vectors were taken from; None in bundles.
    """

    model_name: str
    model_layers: int
    files: Mapping[str, str]
    prover: str
    proved_at: str
    their_bundle: str | None = None


def from_fields(fields: strict.Fields) -> Claims:
    """The claims of these fields."""
    files = fields.take_value("files")
    if not isinstance(files, dict) or len(files) > MAX_FILES:
        fields.refuse(f"field 'files' must be an object with at most {MAX_FILES} fields")
    for name, digest in files.items():
        if not is_file_name(name):
            fields.refuse(f"field 'files': {shown(name)} must be a file name without a folder")
        if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
            fields.refuse(f"field 'files': {shown(name)} must have 64 lower-case hexadecimal digits")
    claims = Claims(
        printable(fields, "modelName"),
        fields.integer("modelLayers", 1, MAX_LAYERS),
        files,
        printable(fields, "prover"),
        fields.text("provedAt"),
    )
    if not is_time(claims.proved_at):
        fields.refuse("field 'provedAt' must be a time such as 2026-01-31T12:00:00Z")
    fields.done()
    return claims


def is_file_name(name: str) -> bool:
    """Whether claims may list a file of this name: no folder, nothing that a terminal would not show."""
    return _is_text(name) and name not in (".", "..") and not any(separator in name for separator in "/\\:")


def _is_text(value: str) -> bool:
    """No control characters, no direction marks, no lone surrogates: people will read it on a terminal."""
    return 0 < len(value) <= MAX_TEXT and value.isprintable()


def printable(fields: strict.Fields, key: str) -> str:
    """A string of at most `MAX_TEXT` characters that a terminal shows as they are."""
    value = fields.text(key)
    if not _is_text(value):
        fields.refuse(f"field {key!r} must have 1 to {MAX_TEXT} printable characters")
    return value


def time_text(time: datetime) -> str:
    """A time in UTC as claims, reports and receipts have it, YYYY-MM-DDTHH:MM:SSZ; parts of a second are left out."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_time(value: str) -> bool:
    """Whether a text is a time that exists, as YYYY-MM-DDTHH:MM:SSZ."""
    try:
        return _TIME.fullmatch(value) is not None and datetime.fromisoformat(value) is not None
    except ValueError:
        return False
