"""Bundle: statement, proof and image in one strict JSON file that anyone can check.

JSON is a view. What the proof is about is the statement's canonical binary form, which the verifier computes again from
the parsed values; so no rule of JSON can open a gap. Everything under `statement` is bound by the proof: each field is
absorbed by the transcript, or is recomputed here from absorbed fields and compared (`version`, `protocol`,
`tokens.digest`, `commitment.id`). `claims` are bound by nothing.

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
from ..errors import (
    BundleTooLargeError,
    InputError,
    MalformedBundleError,
)
from ..foreign import foreign
from . import kinds, strict
from .challenge import take as take_challenge
from .challenge import values as challenge_values
from .claims import Claims, printable
from .claims import read as read_claims
from .shape import Shape, commitment_id
from .statement import Public, Statement

VERSION = kinds.BUNDLE.version
SCHEME = "pedersen-rows-secp256k1"
#: Room for a commitment to nine layers of a 405B model, or to all layers of most models (5 MB for 32 layers of 7B).
MAX_BYTES = 32 << 20
#: Portraits take vectors of this length; a profile with another one has no image.
PORTRAIT_OUTPUTS = 512

if _native.VERSION != VERSION:
    raise ImportError("the native module of huref belongs to another release; install huref again")

_MAX_SIZE, _MAX_FFN, _U32, _Z, _C = 1 << 16, 1 << 24, (1 << 32) - 1, (1 << 31) - 1, (1 << 40) - 1


@dataclass(frozen=True)
class Image:
    """A portrait: PNG file, SHA-256 (hex) of its raw RGB bytes, and the name of the renderer that drew it."""

    png: bytes
    rgb_sha256: str
    renderer: str


@dataclass(frozen=True)
class Bundle:
    """A parsed bundle. `proof`: the bytes of the proof; `image`: None if there is no portrait, or it was left out."""

    statement: Statement
    claims: Claims
    proof: bytes
    image: Image | None
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
        other = foreign(data)
        if other is not None:
            raise MalformedBundleError(f"{where}: {other}; expected a bundle")
        raise BundleTooLargeError(f"{where}: more than {max_bytes} bytes")
    if not data:
        raise MalformedBundleError(f"{where}: empty")
    top = kinds.opened(kinds.BUNDLE, data, where, MalformedBundleError)
    statement = _read_statement(top.fields("statement"))
    claims = read_claims(top.fields("claims"))
    proof = top.base64("proof")
    image = _read_image(top, has_portrait(statement))
    if top.items("attestations"):
        top.refuse("field 'attestations' must be an empty list in this version")
    top.done()
    return Bundle(statement, claims, proof, image)


def has_portrait(statement: Statement) -> bool:
    """Whether a vector has a portrait: a fingerprint of 512 numbers, not the answer to a challenge."""
    return len(statement.public.z) == PORTRAIT_OUTPUTS and statement.challenge is None


def _read_statement(fields: strict.Fields) -> Statement:
    fields.known("version", fields.integer("version", 0, _U32), VERSION)
    profile = fields.provable_profile()
    answer = profile.challenge.protocol
    protocol = fields.known("protocol", fields.text("protocol"), profile.fingerprint.protocol, answer)
    sizes = fields.fields("shape")
    shape = Shape(
        hidden=sizes.integer("hidden", 1, _MAX_SIZE),
        heads=sizes.integer("heads", 1, _MAX_SIZE),
        kv_heads=sizes.integer("kvHeads", 1, _MAX_SIZE),
        head_dim=sizes.integer("headDim", 1, _MAX_SIZE),
        ffn=sizes.integer("ffn", 1, _MAX_FFN),
        layers=sizes.integers("layers", 0, _U32),
        tokens=_read_tokens(fields.fields("tokens")),
    )
    sizes.done()
    if not 1 <= len(shape.layers) <= _MAX_SIZE:
        fields.refuse(f"a bundle has 1 to {_MAX_SIZE} layers, this one has {len(shape.layers)}")
    rows = _read_commitment(fields.fields("commitment"), profile.name, shape)
    outputs, terms = fields.fields("outputs"), 3 * len(shape.layers)
    public = Public(
        z=outputs.integers("z", -_Z, _Z, profile.outputs),
        e=outputs.integers("e", 0, _U32, terms),
        a=outputs.integers("a", 0, _U32, terms),
        c=outputs.integer("c", 0, _C),
    )
    outputs.done()
    challenge = take_challenge(fields.fields("challenge")) if protocol == answer else None
    fields.done()
    statement = Statement(profile.name, shape, rows, public, challenge)
    if challenge is not None and statement.commitment_id not in challenge.commitments:
        fields.refuse("field 'challenge' does not name this commitment")
    return statement


def _read_tokens(fields: strict.Fields) -> tuple[bytes, ...]:
    digest, tokens = fields.text("digest"), fields.byte_strings("list")
    if not 1 <= len(tokens) <= _MAX_SIZE:
        fields.refuse(f"a bundle has 1 to {_MAX_SIZE} tokens, this one has {len(tokens)}")
    if digest != _native.token_digest(list(tokens)).hex():
        fields.refuse("field 'digest' is not that of the list")
    fields.done()
    return tokens


def _read_commitment(fields: strict.Fields, profile: str, shape: Shape) -> bytes:
    if fields.text("scheme") != SCHEME:
        fields.refuse(f"field 'scheme' must be {SCHEME!r}")
    if fields.take("hiding") is not True:
        fields.refuse("field 'hiding' must be true")
    rows = fields.base64("rows", 33 * shape.commitment_rows(profile))
    if fields.text("id") != commitment_id(profile, shape, rows):
        fields.refuse("field 'id' is not that of profile, shape, tokens and rows")
    fields.done()
    return rows


def _read_image(top: strict.Fields, may_have_one: bool) -> Image | None:
    if top.null("image"):
        return None
    if not may_have_one:
        top.refuse("field 'image' must be null: only a fingerprint of 512 numbers has a portrait")
    fields = top.fields("image")
    image = Image(fields.base64("png"), fields.hexadecimal("rgbSha256", 32).hex(), printable(fields, "renderer"))
    if not image.renderer.isascii():
        fields.refuse("field 'renderer' must be ASCII")
    fields.done()
    return image


def _document(bundle: Bundle) -> dict[str, Any]:
    statement, image = bundle.statement, bundle.image
    shape, public, challenge = statement.shape, statement.public, statement.challenge
    answered = {} if challenge is None else {"challenge": challenge_values(challenge)}
    return {
        "mediaType": kinds.BUNDLE.media_type,
        "statement": {
            "version": VERSION,
            "protocol": statement.protocol,
            "profile": statement.profile,
            "shape": {
                "hidden": shape.hidden,
                "heads": shape.heads,
                "kvHeads": shape.kv_heads,
                "headDim": shape.head_dim,
                "ffn": shape.ffn,
                "layers": list(shape.layers),
            },
            "tokens": {
                "digest": _native.token_digest(list(shape.tokens)).hex(),
                "list": [token.hex() for token in shape.tokens],
            },
            "commitment": {
                "scheme": SCHEME,
                "hiding": True,
                "id": statement.commitment_id,
                "rows": base64.b64encode(statement.commitment).decode(),
            },
            "outputs": {"z": list(public.z), "e": list(public.e), "a": list(public.a), "c": public.c},
            **answered,
        },
        "claims": bundle.claims.to_json(),
        "proof": base64.b64encode(bundle.proof).decode(),
        "image": image
        and {
            "png": base64.b64encode(image.png).decode(),
            "rgbSha256": image.rgb_sha256,
            "renderer": image.renderer,
        },
        "attestations": list(bundle.attestations),
    }
