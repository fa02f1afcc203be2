"""Bundle: statement, proof and image in one strict JSON file that anyone can check.

JSON is a view. What the proof is about is the statement's canonical binary form, which the verifier computes again from
the parsed values; so no rule of JSON can open a gap. Everything under `statement` is bound by the proof: each field is
absorbed by the transcript, or is recomputed here from absorbed fields and compared (`version`, `protocol`, the media
type, seeds, count and digest of the tokens and id of `commitment`). `claims` are bound by nothing; the file digest
covers them.

The rows of a commitment to a whole model can be larger than a bundle may be. So a bundle may name its commitment by id
alone; then the commitment's file is given beside it.

`image` is the portrait of the common vectors, unless the maker left it out: it follows from them, and is most of a
bundle. It is always null where there is no portrait: under profiles whose vectors do not have 512 entries, and without
a common draw.

The schema for other implementations is proofs/schemas/bundle.v2.json.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from .. import _native
from ..absent import absent
from ..errors import BundleTooLargeError, CommitmentMissingError, InputError, MalformedBundleError
from ..foreign import foreign
from ..profile import named
from . import claims, kinds, outputs, portrait, strict
from . import commitment as committed
from . import context as contexts
from . import draw as draws
from .commitment import Commitment
from .context import NOBODY
from .portrait import Portrait, portrayed
from .proof_file import ProofFile
from .statement import Statement

VERSION = kinds.BUNDLE.version
#: Room for a commitment to nine layers of a 405B model, or to all layers of most models (5 MB for 32 layers of 7B).
MAX_BYTES = 32 << 20
_MAX_VERSION = (1 << 32) - 1

if _native.VERSION != VERSION:
    raise ImportError("the native module of huref belongs to another release; install huref again")


@dataclass(frozen=True)
class Bundle(ProofFile[Statement]):
    """A parsed bundle. `image`: None if there is no portrait, or it was left out. Attestations can be added later, as
    claims can: the content digest covers neither.
    """

    COVERED = ("statement", "proof", "image")

    image: Portrait | None
    attestations: tuple[()] = ()

    @property
    def version(self) -> int:
        """Version of the format."""
        return VERSION

    def document(self) -> dict[str, Any]:
        """The fields of the file."""
        statement, image, own = self.statement, self.image, self.statement.commitment.id
        write = committed.to_reference if self.by_reference else committed.to_fields
        pairs = zip(statement.draws, statement.outputs, strict=True)
        return {
            "mediaType": kinds.BUNDLE.media_type,
            "statement": {
                "version": VERSION,
                "protocol": named(statement.profile).protocol,
                "commitment": write(statement.commitment),
                "draws": [draws.to_fields(draw, own) | outputs.to_fields(found) for draw, found in pairs],
                **({"context": contexts.to_fields(statement.context)} if statement.context else {}),
            },
            "claims": self.claims.to_json() | {"files": dict(sorted(self.claims.files.items()))},
            "proof": base64.b64encode(self.proof).decode(),
            "image": None if image is None else portrait.to_fields(image),
            "attestations": list(self.attestations),
        }


def dump(bundle: Bundle) -> bytes:
    """The one file of a bundle, in ASCII. What this returns can be parsed.

    Raises:
        MalformedBundleError: the bundle has a value that no bundle may hold; the message names the field.

    """
    data = strict.dump(bundle.document())
    parse(data, max_bytes=len(data), commitments=(bundle.statement.commitment,) if bundle.by_reference else ())
    return data


def load(source: Path | BinaryIO, max_bytes: int = MAX_BYTES, commitments: Sequence[Commitment] = ()) -> Bundle:
    """The bundle in a file or stream, of which at most `max_bytes` + 1 bytes are read.

    `commitments`: among them that of a bundle which names it by id alone.

    Raises:
        NotFoundError: there is no such file.
        InputError: the file cannot be read.
        BundleTooLargeError, MalformedBundleError, UnsupportedVersionError, CommitmentMissingError: as for `parse`.

    """
    return parse(*contents(source, max_bytes), max_bytes, commitments)


def contents(source: Path | BinaryIO, max_bytes: int) -> tuple[bytes, str]:
    """At most `max_bytes` + 1 bytes of a file or stream, and its name. NotFoundError, InputError: it cannot be read."""
    try:
        if isinstance(source, Path):
            with source.open("rb") as file:
                return file.read(max_bytes + 1), str(source)
        return source.read(max_bytes + 1), "stdin"
    except FileNotFoundError as why:
        raise absent(Path(why.filename)) from None
    except OSError as why:
        raise InputError(f"{source}: cannot be read ({why.strerror})") from None


def parse(
    data: bytes, where: str = "bundle", max_bytes: int = MAX_BYTES, commitments: Sequence[Commitment] = ()
) -> Bundle:
    """The bundle of a file; `where` names it in messages. Checks the form of everything and the proof of nothing.

    `commitments`: among them that of a bundle which names it by id alone.

    Raises:
        BundleTooLargeError: there are more than `max_bytes` bytes.
        UnsupportedVersionError: the media type, version, protocol or profile is not known to this release.
        MalformedBundleError: the bytes are not a bundle for any other reason; the message names the field.
        CommitmentMissingError: the bundle names its commitment by id alone, and it is not among `commitments`.

    """
    if len(data) > max_bytes:
        other = foreign(data)
        if other is not None:
            raise MalformedBundleError(f"{where}: {other}; expected a bundle")
        raise BundleTooLargeError(f"{where}: more than {max_bytes} bytes")
    if not data:
        raise MalformedBundleError(f"{where}: empty")
    top = kinds.opened(kinds.BUNDLE, data, where, MalformedBundleError)
    statement, by_reference = _read_statement(top.fields("statement"), commitments, where)
    stated = claims.from_fields(top.fields("claims"))
    proof = top.base64("proof")
    image = None if top.null("image") else portrait.from_fields(top.fields("image"))
    if image is not None and portrayed(statement) is None:
        top.refuse("field 'image' must be null: only common vectors of 512 numbers have a portrait")
    if top.items("attestations"):
        top.refuse("field 'attestations' must be an empty list in this version")
    top.done()
    return Bundle(statement, stated, proof, image, by_reference=by_reference)


def _read_statement(fields: strict.Fields, given: Sequence[Commitment], where: str) -> tuple[Statement, bool]:
    fields.known("version", fields.integer("version", 0, _MAX_VERSION), VERSION)
    protocol = fields.text("protocol")
    commitment, by_reference = read_commitment(fields.fields("commitment"), given, where)
    profile, layers = named(commitment.profile), len(commitment.shape.layers)
    fields.known("protocol", protocol, profile.protocol)
    drawn, found = [], []
    for draw in fields.objects("draws"):
        drawn.append(draws.from_fields(draw, commitment.id))
        found.append(outputs.from_fields(draw, profile, layers))
        draw.done()
    if tuple(draw.kind for draw in drawn) not in draws.LISTS:
        fields.refuse("field 'draws' must hold common, own, challenge, custom, or common or custom and own")
    context = contexts.from_fields(fields.fields("context")) if fields.has("context") else NOBODY
    fields.done()
    return Statement(commitment, tuple(drawn), tuple(found), context), by_reference


def read_commitment(fields: strict.Fields, given: Sequence[Commitment], where: str) -> tuple[Commitment, bool]:
    """The commitment of a statement, and whether it is named by its id alone; then it must be among those `given`."""
    fields.must_be("mediaType", kinds.COMMITMENT.media_type)
    by_reference = not fields.has("rows")
    return _referred(fields, given, where) if by_reference else committed.from_fields(fields), by_reference


def _referred(fields: strict.Fields, given: Sequence[Commitment], where: str) -> Commitment:
    """The commitment of which a bundle holds the id alone."""
    name = fields.hexadecimal("id", 32).hex()
    fields.done()
    for commitment in given:
        if commitment.id == name:
            return commitment
    held = f"; given: {', '.join(f'{commitment.id[:16]}...' for commitment in given)}" if given else ""
    raise CommitmentMissingError(
        name, f"{where}: names commitment {name} by its id alone{held}; give the commitment's file: --commitment FILE"
    )
