"""Nearness: how near a committed model comes to the vectors that the other side of a challenge published, with a proof,
in one strict JSON file that anyone can check.

A second kind of statement about the same commitments (specification, "nearness"). It publishes a cosine, an interval of
it or a bound, and nothing else that is computed from the weights: neither vectors nor the scales and shifts by which a
model is recognised. So the claims name no files either: the digest of a public file would say which model it is.

Everything under `statement` is bound by the proof: absorbed, or recomputed here and compared. Which bundle the vectors
came from is claimed; a verifier who has that bundle compares the vectors themselves.

The schema for other implementations is proofs/schemas/nearness.v1.json.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, get_args

from ..errors import BundleTooLargeError, InputError
from ..profile import Profile, named
from . import claims, kinds, strict
from . import commitment as committed
from . import context as contexts
from . import draw as draws
from .bundle import MAX_BYTES, read_commitment
from .challenge import Challenge
from .commitment import Commitment
from .context import NOBODY, Context
from .draw import Draw, sides
from .outputs import Vector, vector_digest
from .proof_file import ProofFile
from .shape import Shape

PROTOCOL = "huref/nearness/v1"
VERSION = kinds.NEARNESS.version
#: A cosine counts multiples of 1/256.
ONE = 256
#: Bounds that answers have unless a policy names others: a bound that follows the cosine says as much as the cosine.
THRESHOLDS = (32, 64, 128, 192)
#: Most vectors of the other side.
MAX_VECTORS = 1 << 16
_MAX_VERSION = (1 << 32) - 1

AnswerKind = Literal["rounded", "below", "at-least"]
ANSWERS: tuple[str, ...] = get_args(AnswerKind)


@dataclass(frozen=True)
class Answer:
    """What is said of the cosines, in multiples of 1/256.

    "rounded": `cosines` has a number k for each pair, and k <= 256 cos < k + 1; pairs are numbered by their vector,
    then by the layer. "below": `cosines` has t alone, and |256 cos| < t for every pair. "at-least": `cosines` has t
    alone, and 256 cos >= t for `pair`: the places, from 0, of their vector and of the layer.
    """

    kind: AnswerKind
    cosines: Vector
    pair: tuple[int, int] | None = None


@dataclass(frozen=True)
class Nearness:
    """The statement: under this challenge the weights behind this commitment have vectors whose cosines with `theirs`
    are as the answer says; the proof was made for this context.

    `commitment`: its rows, 33 bytes each; `theirs`: the other side's vectors one after the other, as in their bundle.
    """

    profile: str
    shape: Shape
    commitment: bytes = field(repr=False)
    draw: Draw
    theirs: Vector = field(repr=False)
    answer: Answer
    context: Context = NOBODY

    @cached_property
    def committed(self) -> Commitment:
        """The commitment that the statement is about."""
        return Commitment(self.profile, self.shape, self.commitment)

    @property
    def challenge(self) -> Challenge:
        """The challenge between both sides."""
        return Challenge.of(self.draw, self.committed.id)

    @cached_property
    def sides(self) -> tuple[int, int]:
        """How many of the statement's tokens P has, and how many Q."""
        return sides(self.shape.tokens, named(self.profile), self.draw.seed(self.committed.id))

    @property
    def vectors(self) -> tuple[Vector, ...]:
        """The other side's vectors."""
        length = named(self.profile).outputs
        return tuple(self.theirs[start : start + length] for start in range(0, len(self.theirs), length))

    @property
    def theirs_digest(self) -> str:
        """The name of the other side's vectors, as a report on their bundle has it."""
        return vector_digest(self.theirs)


@dataclass(frozen=True)
class NearBundle(ProofFile[Nearness]):
    """A parsed file: a proof, and what it says."""

    @property
    def version(self) -> int:
        """Version of the format."""
        return VERSION

    def document(self) -> dict[str, Any]:
        """The fields of the file."""
        statement = self.statement
        if self.claims.their_bundle is None:
            raise InputError("nearness: the claims must name the bundle that the vectors were taken from")
        write = committed.to_reference if self.by_reference else committed.to_fields
        return {
            "mediaType": kinds.NEARNESS.media_type,
            "statement": {
                "version": VERSION,
                "protocol": PROTOCOL,
                "commitment": write(statement.committed),
                "draw": draws.to_fields(statement.draw, statement.committed.id),
                "theirs": statement.vectors,
                "answer": _answer_fields(statement.answer),
                **({"context": contexts.to_fields(statement.context)} if statement.context else {}),
            },
            "claims": self.claims.to_json(),
            "proof": base64.b64encode(self.proof).decode(),
        }


def dump(bundle: NearBundle) -> bytes:
    """The one file, in ASCII. What this returns can be parsed. InputError: it has a value that no file may hold."""
    data = strict.dump(bundle.document())
    parse(data, max_bytes=len(data), commitments=(bundle.statement.committed,) if bundle.by_reference else ())
    return data


def parse(
    data: bytes, where: str = "nearness", max_bytes: int = MAX_BYTES, commitments: Sequence[Commitment] = ()
) -> NearBundle:
    """The value of a file; `where` names it in messages. Checks the form of everything and the proof of nothing.

    `commitments`: among them that of a file which names it by id alone.

    Raises:
        BundleTooLargeError: there are more than `max_bytes` bytes.
        UnsupportedVersionError: the media type, version, protocol or profile is not known to this release.
        InputError: the bytes are no such file for any other reason; the message names the field.
        CommitmentMissingError: the file names its commitment by id alone, and it is not among `commitments`.

    """
    if len(data) > max_bytes:
        raise BundleTooLargeError(f"{where}: more than {max_bytes} bytes")
    top = kinds.opened(kinds.NEARNESS, data, where)
    statement, by_reference = _read_statement(top.fields("statement"), commitments, where)
    part = top.fields("claims")
    their_bundle = part.hexadecimal("theirBundle", 32).hex()
    stated = replace(claims.from_fields(part), their_bundle=their_bundle)
    proof = top.base64("proof")
    top.done()
    return NearBundle(statement, stated, proof, by_reference=by_reference)


def _read_statement(fields: strict.Fields, given: Sequence[Commitment], where: str) -> tuple[Nearness, bool]:
    fields.known("version", fields.integer("version", 0, _MAX_VERSION), VERSION)
    fields.known("protocol", fields.text("protocol"), PROTOCOL)
    commitment, by_reference = read_commitment(fields.fields("commitment"), given, where)
    profile, shape = named(commitment.profile), commitment.shape
    part = fields.fields("draw")
    draw = draws.from_fields(part, commitment.id)
    part.done()
    if draw.kind != "challenge":
        fields.refuse("field 'draw' must be a challenge")
    theirs = _read_theirs(fields, profile)
    answer = _read_answer(fields.fields("answer"), len(theirs) // profile.outputs, len(shape.layers))
    context = contexts.from_fields(fields.fields("context")) if fields.has("context") else NOBODY
    fields.done()
    return Nearness(profile.name, shape, commitment.rows, draw, theirs, answer, context), by_reference


def _read_theirs(fields: strict.Fields, profile: Profile) -> Vector:
    top = profile.units * profile.outputs
    vectors = fields.vectors("theirs", -top, top, None, profile.outputs)
    if not 1 <= len(vectors) <= MAX_VECTORS:
        fields.refuse(f"field 'theirs' must hold 1 to {MAX_VECTORS} vectors")
    return tuple(z for vector in vectors for z in vector)


def _read_answer(fields: strict.Fields, vectors: int, layers: int) -> Answer:
    kind, pair = fields.text("kind"), None
    if kind == "rounded":
        cosines = fields.integers("cosines", -ONE, ONE, vectors * layers)
    elif kind in ANSWERS:
        cosines = (fields.integer("cosine", 1, ONE),)
    else:
        fields.refuse("field 'kind' must be rounded, below or at-least")
    if kind == "at-least":
        i, j = fields.integers("pair", 0, MAX_VECTORS, 2)
        if i >= vectors or j >= layers:
            fields.refuse(f"field 'pair' must be places in lists of {vectors} vectors and {layers} layers")
        pair = (i, j)
    fields.done()
    return Answer(kind, cosines, pair)  # type: ignore[arg-type]  # one of the three


def _answer_fields(answer: Answer) -> dict[str, Any]:
    if answer.kind == "rounded":
        return {"kind": answer.kind, "cosines": answer.cosines}
    pair = {} if answer.pair is None else {"pair": answer.pair}
    return {"kind": answer.kind, "cosine": answer.cosines[0], **pair}
