"""Policy: what a verifier accepts. It comes from the verifier, never from a bundle."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .. import disk
from ..errors import InputError, UsageError
from ..image import MAX_BYTES as MAX_IMAGE_BYTES
from ..profile import DEFAULT as DEFAULT_PROFILE
from ..profile import PROVABLE
from . import strict
from .bundle import MAX_BYTES
from .context import Context, checked
from .shape import MAX_LAYERS, MAX_SIZE

_MAX_POLICY_BYTES = 1 << 16


@dataclass(frozen=True)
class Policy:
    """What is accepted: `profiles`; fewest bits of security (computed from the shape); largest bundle and PNG file in
    bytes; least `hidden` size and number of `tokens`, most `layers`; which part of the tokens, in percent, each side of
    every draw has at least; whether there must be `own_vectors`; `owner` and `audience` that the proof must name.
    """

    name: str = "default"
    profiles: tuple[str, ...] = (DEFAULT_PROFILE,)
    security_bits: int = 120
    max_bundle_bytes: int = MAX_BYTES
    max_image_bytes: int = MAX_IMAGE_BYTES
    hidden: int = 16
    tokens: int = 64
    layers: int = 1024
    side_percent: int = 25
    own_vectors: bool = False
    owner: str | None = None
    audience: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The fields under their names in policy files."""
        fields = asdict(self) | {"profiles": list(self.profiles)}
        return {key.replace("_", "-"): value for key, value in fields.items() if value is not None}

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal digits, of the fields as JSON with sorted keys and without white space."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("ascii")).hexdigest()


DEFAULT = Policy()


def read(path: Path) -> Policy:
    """The policy in a TOML file. Fields that it leaves out, except the name, have the values of `DEFAULT`.

    Raises:
        NotFoundError: there is no such file.
        InputError: the file is not TOML, has an unknown field, or a value that no policy may have.

    """
    try:
        import tomllib

        table = tomllib.loads(disk.read(path, _MAX_POLICY_BYTES).decode("utf-8"))
    except (ValueError, RecursionError):
        raise InputError(f"{path}: not TOML in UTF-8") from None
    fields = strict.Fields(table, str(path), InputError)

    def number(key: str, low: int, high: int, default: int) -> int:
        return fields.integer(key, low, high) if fields.has(key) else default

    def text(key: str) -> str | None:
        return fields.text(key) if fields.has(key) else None

    policy = Policy(
        name=fields.text("name"),
        profiles=_profiles(fields) if fields.has("profiles") else DEFAULT.profiles,
        security_bits=number("security-bits", 0, 256, DEFAULT.security_bits),
        max_bundle_bytes=number("max-bundle-bytes", 1, disk.MAX_BYTES, DEFAULT.max_bundle_bytes),
        max_image_bytes=number("max-image-bytes", 1, MAX_IMAGE_BYTES, DEFAULT.max_image_bytes),
        hidden=number("hidden", 1, MAX_SIZE, DEFAULT.hidden),
        tokens=number("tokens", 1, MAX_SIZE, DEFAULT.tokens),
        layers=number("layers", 1, MAX_LAYERS, DEFAULT.layers),
        side_percent=number("side-percent", 0, 50, DEFAULT.side_percent),
        own_vectors=fields.boolean("own-vectors") if fields.has("own-vectors") else DEFAULT.own_vectors,
        owner=text("owner"),
        audience=text("audience"),
    )
    fields.done()
    if not policy.name or not policy.name.isprintable():
        fields.refuse("field 'name' must be printable text")
    try:
        checked(Context(policy.owner or "", policy.audience or ""))
    except UsageError as why:
        fields.refuse(str(why))
    return policy


def _profiles(fields: strict.Fields) -> tuple[str, ...]:
    names = fields.items("profiles")
    if not names or any(name not in PROVABLE for name in names):
        fields.refuse(f"field 'profiles' must be a list of known profiles: {', '.join(PROVABLE)}")
    return tuple(sorted(set(names)))
