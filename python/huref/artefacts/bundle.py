"""Bundle: statement, proof and image in one strict JSON file that anyone can check.

JSON is a view. What the proof is about is the statement's canonical binary form, which the verifier computes again from
the parsed values; so no rule of JSON can open a gap. Everything under `statement` is bound by the proof: each field is
absorbed by the transcript, or is recomputed here from absorbed fields and compared (`version`, `protocol`,
the media type, count and digest of the tokens and id of `commitment`). `claims` are bound by nothing.

A statement may answer a challenge. Then it has another protocol and one field more, `challenge`, which names the
commitments and the beacon; the core absorbs its seed.

`image` is the portrait of the vector, unless the maker left it out: it follows from the vector, and is most of a
bundle. It is always null where a vector has no portrait: under profiles whose vectors do not have 512 entries, and
under a challenge, where a vector is nobody's identity.

The schema for other implementations is proofs/schemas/bundle.v1.json.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from .. import _native
from ..absent import absent
from ..errors import BundleTooLargeError, InputError, MalformedBundleError
from ..profile import named
from . import challenge as challenges
from . import claims, commitment, kinds, outputs, portrait, strict
from .claims import Claims
from .portrait import Portrait, has_portrait
from .statement import Statement

VERSION = kinds.BUNDLE.version
#: Room for a commitment to nine layers of a 405B model, or to all layers of most models (5 MB for 32 layers of 7B).
MAX_BYTES = 32 << 20
_MAX_VERSION = (1 << 32) - 1

if _native.VERSION != VERSION:
    raise ImportError("the native module of huref belongs to another release; install huref again")


@dataclass(frozen=True)
class Bundle:
    """A parsed bundle. `proof`: the bytes of the proof; `image`: None if there is no portrait, or it was left out."""

    statement: Statement
    claims: Claims
    proof: bytes
    image: Portrait | None
    attestations: tuple[()] = ()

    @property
    def version(self) -> int:
        """Version of the format."""
        return VERSION

    @cached_property
    def digest(self) -> str:
        """Content digest: SHA-256, in hexadecimal digits, over statement, proof and image.

        Claims and attestations lie outside, so both can be added later. The bytes are those of RFC 8785: these three
        fields hold ASCII strings and integers alone, for which sorted keys without white space are all it demands.
        """
        document = _document(self)
        covered = {key: document[key] for key in ("statement", "proof", "image")}
        return hashlib.sha256(json.dumps(covered, sort_keys=True, separators=(",", ":")).encode("ascii")).hexdigest()


def dump(bundle: Bundle) -> bytes:
    """The one file of a bundle, in ASCII. What this returns can be parsed.

    Raises:
        MalformedBundleError: the bundle has a value that no bundle may hold; the message names the field.

    """
    data = strict.dump(_document(bundle))
    parse(data, max_bytes=len(data))
    return data


def load(source: Path | BinaryIO, max_bytes: int = MAX_BYTES) -> Bundle:
    """The bundle in a file or stream, of which at most `max_bytes` + 1 bytes are read.

    Raises:
        NotFoundError: there is no such file.
        InputError: the file cannot be read.
        BundleTooLargeError, MalformedBundleError, UnsupportedVersionError: as for `parse`.

    """
    try:
        if isinstance(source, Path):
            with source.open("rb") as file:
                return parse(file.read(max_bytes + 1), str(source), max_bytes)
        return parse(source.read(max_bytes + 1), "stdin", max_bytes)
    except FileNotFoundError as why:
        raise absent(Path(why.filename)) from None
    except OSError as why:
        raise InputError(f"{source}: cannot be read ({why.strerror})") from None


def parse(data: bytes, where: str = "bundle", max_bytes: int = MAX_BYTES) -> Bundle:
    """The bundle of a file; `where` names it in messages. Checks the form of everything and the proof of nothing.

    Raises:
        BundleTooLargeError: there are more than `max_bytes` bytes.
        UnsupportedVersionError: the media type, version, protocol or profile is not known to this release.
        MalformedBundleError: the bytes are not a bundle for any other reason; the message names the field.

    """
    if len(data) > max_bytes:
        raise BundleTooLargeError(f"{where}: more than {max_bytes} bytes")
    if not data:
        raise MalformedBundleError(f"{where}: empty")
    top = kinds.opened(kinds.BUNDLE, data, where, MalformedBundleError)
    statement = _read_statement(top.fields("statement"))
    stated = claims.from_fields(top.fields("claims"))
    proof = top.base64("proof")
    image = None if top.null("image") else portrait.from_fields(top.fields("image"))
    if image is not None and not has_portrait(statement):
        top.refuse("field 'image' must be null: only a fingerprint of 512 numbers has a portrait")
    if top.items("attestations"):
        top.refuse("field 'attestations' must be an empty list in this version")
    top.done()
    return Bundle(statement, stated, proof, image)


def _read_statement(fields: strict.Fields) -> Statement:
    fields.known("version", fields.integer("version", 0, _MAX_VERSION), VERSION)
    stated = fields.text("protocol")
    part = fields.fields("commitment")
    part.must_be("mediaType", kinds.COMMITMENT.media_type)
    committed = commitment.from_fields(part)
    profile = named(committed.profile)
    protocol = fields.known("protocol", stated, profile.fingerprint.protocol, profile.challenge.protocol)
    part = fields.fields("outputs")
    found = outputs.from_fields(part, profile, len(committed.shape.layers))
    part.done()
    answered = challenges.from_fields(fields.fields("challenge")) if protocol == profile.challenge.protocol else None
    fields.done()
    if answered is not None and committed.id not in answered.commitments:
        fields.refuse("field 'challenge' does not name this commitment")
    return Statement(committed, found, answered)


def _document(bundle: Bundle) -> dict[str, Any]:
    statement, challenge, image = bundle.statement, bundle.statement.challenge, bundle.image
    return {
        "mediaType": kinds.BUNDLE.media_type,
        "statement": {
            "version": VERSION,
            "protocol": statement.protocol,
            "commitment": commitment.to_fields(statement.commitment),
            "outputs": outputs.to_fields(statement.outputs),
            **({} if challenge is None else {"challenge": challenges.to_fields(challenge)}),
        },
        "claims": bundle.claims.to_json(),
        "proof": base64.b64encode(bundle.proof).decode(),
        "image": None if image is None else portrait.to_fields(image),
        "attestations": list(bundle.attestations),
    }
