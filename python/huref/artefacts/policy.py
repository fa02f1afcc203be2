"""Policy: what a verifier accepts. It comes from the verifier, never from a bundle."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from .. import disk
from ..errors import InputError, UsageError
from ..image import MAX_BYTES as MAX_IMAGE_BYTES
from ..profile import DEFAULT as DEFAULT_PROFILE
from ..profile import PROFILES
from . import strict
from .bundle import MAX_BYTES
from .claims import is_file_name, is_time
from .context import Context, checked
from .nearness import ONE
from .shape import MAX_LAYERS, MAX_SIZE

MAX_FILE_BYTES = 1 << 16
#: Names of signers, as reports show them: a key, or an identity and who vouches for it.
_SIGNER = re.compile(r"(p256|ed25519|ml-dsa-44):[0-9a-f]{64}|https://[!-~]{1,240} [!-~]{1,240}", re.ASCII)
_NETWORK = re.compile(r"[0-9a-f]{64}", re.ASCII)
_IMAGE = re.compile(r"portrait|stylegan2:[0-9a-f]{64}", re.ASCII)
#: A name, and digits of the SHA-256 of the root certificate.
_AUTHORITY = re.compile(r"[ -~]{1,100} \([0-9a-f]{16}\)", re.ASCII)
_SIGNERS = "signers: 'p256:', 'ed25519:' or 'ml-dsa-44:' and 64 hexadecimal digits, or 'https://ISSUER SUBJECT'"


@dataclass(frozen=True)
class Policy:
    """What is accepted: `profiles`; fewest bits of security (computed from the shape); largest bundle and PNG file in
    bytes; least `hidden` size and number of `tokens`, most `layers`; which part of the tokens, in percent, each side of
    every draw has at least; whether there must be `own_vectors`; the `owners` of whom the proof must name one, and the
    `audience` that it must name; the `signers` of whom one must have signed an attestation of it, and the `files` that
    must be there, all as signed; the time `dated_before`, at which it must have existed, and the `authorities` all of
    whom must have dated it; the `images` of which the bundle's must be one, and drawn again: "portrait", or
    "stylegan2:" and the SHA-256 of a generator; the ids of the `networks` of which that of custom vectors must be one,
    besides being at hand. What is empty demands nothing.
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
    owners: tuple[str, ...] = ()
    audience: str | None = None
    signers: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    dated_before: str | None = None
    authorities: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    thresholds: tuple[int, ...] = ()
    networks: tuple[str, ...] = ()

    @property
    def demands_attestation(self) -> bool:
        """Whether a bundle alone, without an attestation, cannot meet it."""
        return bool(self.signers or self.files)

    @property
    def of_proofs(self) -> Policy:
        """What it demands of every proof: nothing about parties, signers, dates and images."""
        parties = replace(self, owners=(), audience=None, signers=(), files=(), dated_before=None, authorities=())
        return replace(parties, own_vectors=False, images=())

    @property
    def demands_date(self) -> bool:
        """Whether a bundle whose date nobody has checked cannot meet it."""
        return bool(self.dated_before or self.authorities)

    def to_json(self) -> dict[str, Any]:
        """The fields under their names in policy files; what demands nothing is left out."""
        fields = {key.replace("_", "-"): value for key, value in asdict(self).items() if value not in (None, ())}
        return {key: list(value) if isinstance(value, tuple) else value for key, value in fields.items()}

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal digits, of the fields as JSON with sorted keys and without white space."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("ascii")).hexdigest()


DEFAULT = Policy()


def read(path: Path) -> Policy:
    """The policy in a TOML file. NotFoundError: there is no such file. InputError: as for `parse`."""
    return parse(disk.read(path, MAX_FILE_BYTES), str(path))


def parse(data: bytes, where: str) -> Policy:
    """The policy of a TOML file; `where` names it in messages. Fields that it leaves out, except the name, have the
    values of `DEFAULT`.

    Raises:
        InputError: the file is not TOML, has an unknown field, or a value that no policy may have.

    """
    try:
        import tomllib

        table = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise InputError(f"{where}: not TOML in UTF-8") from None
    fields = strict.Fields(table, where, InputError)

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
        owners=_listed(fields, "owners", _is_owner, "owners, such as 'name:Alice'"),
        audience=text("audience"),
        signers=_listed(fields, "signers", _SIGNER.fullmatch, _SIGNERS),
        files=_listed(fields, "files", _is_inside, "names of files below the folder of a release"),
        dated_before=text("dated-before"),
        authorities=_listed(fields, "authorities", _AUTHORITY.fullmatch, "authorities, as reports name them"),
        images=_listed(fields, "images", _IMAGE.fullmatch, "images: 'portrait', or 'stylegan2:' and a SHA-256"),
        thresholds=tuple(sorted(set(fields.integers("thresholds", 1, ONE)))) if fields.has("thresholds") else (),
        networks=_listed(fields, "networks", _NETWORK.fullmatch, "networks: each the SHA-256 of an encoder file"),
    )
    fields.done()
    if not policy.name or not policy.name.isprintable():
        fields.refuse("field 'name' must be printable text")
    if policy.dated_before is not None and not is_time(policy.dated_before):
        fields.refuse("field 'dated-before' must be a time such as 2026-01-31T12:00:00Z")
    try:
        checked(Context(audience=policy.audience or ""))
    except UsageError as why:
        fields.refuse(str(why))
    return policy


def _profiles(fields: strict.Fields) -> tuple[str, ...]:
    names = fields.items("profiles")
    if not names or any(name not in tuple(PROFILES) for name in names):
        fields.refuse(f"field 'profiles' must be a list of known profiles: {', '.join(PROFILES)}")
    return tuple(sorted(set(names)))


def _listed(fields: strict.Fields, key: str, known: Callable[[str], object], words: str) -> tuple[str, ...]:
    """A field that may be left out: a list of texts that are known to be `words`."""
    if not fields.has(key):
        return ()
    items = fields.items(key)
    if not items or not all(isinstance(item, str) and known(item) for item in items):
        fields.refuse(f"field {key!r} must be a list of {words}")
    return tuple(sorted(set(items)))


def _is_owner(text: str) -> bool:
    try:
        return bool(checked(Context(owner=text)))
    except UsageError:
        return False


def _is_inside(text: str) -> bool:
    return all(map(is_file_name, text.split("/")))
