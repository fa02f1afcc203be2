"""Drift: how far a committed model is from a second one, committed to or public, with a proof, in one strict JSON file
that anyone can check.

A third kind of statement about the same commitments (specification, "drift"). It publishes one number, by which the
integers differ at most in every block, and nothing else that is computed from the weights.

Everything under `statement` is bound by the proof. Of a public model the statement has the digest of its integers; who
checks the proof needs the file that they follow from.

The schema for other implementations is proofs/schemas/drift.v1.json.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

from ..errors import BundleTooLargeError
from . import claims, kinds, strict
from . import commitment as committed
from . import context as contexts
from .bundle import MAX_BYTES, read_commitment
from .commitment import Commitment
from .context import NOBODY, Context
from .proof_file import ProofFile
from .shape import Shape

PROTOCOL = "huref/drift/v1"
VERSION = kinds.DRIFT.version
#: A bound counts multiples of 1/1024.
ONE = 1024
#: The models are multiplied by powers of two up to this exponent.
MAX_EXPONENT = 4
_MAX_VERSION = (1 << 32) - 1

Partition = Literal["rows", "matrices", "whole"]
PARTITIONS: tuple[str, ...] = get_args(Partition)


class Limit(NamedTuple):
    """A bound as the core reads it."""

    kind: Literal["relative"]
    values: tuple[int, ...]


@dataclass(frozen=True)
class Drift:
    """The statement: in every block, the integers W behind the first commitment and those W' of the second model differ
    by at most `bound`/1024 of the norm of W; the proof was made for this context.

    `commitments`: that of W, and of W' unless W' is `public`, which is the digest of its integers, in hexadecimal
    digits. `exponents`: for each matrix the power of two by which W is multiplied (W' if it is negative), None if
    nothing is said of the matrix. `partition`: what a block is.
    """

    commitments: tuple[Commitment, ...]
    exponents: tuple[int | None, ...]
    partition: Partition
    bound: int
    public: str | None = None
    context: Context = NOBODY

    @property
    def profile(self) -> str:
        """The rules of both commitments."""
        return self.commitments[0].profile

    @property
    def shape(self) -> Shape:
        """The shape of both models."""
        return self.commitments[0].shape

    @property
    def commitment(self) -> bytes:
        """The rows of all commitments."""
        return b"".join(commitment.rows for commitment in self.commitments)

    @property
    def limit(self) -> Limit:
        """The bound, as the core reads it."""
        return Limit("relative", (self.bound,))


@dataclass(frozen=True)
class DriftBundle(ProofFile[Drift]):
    """A parsed file: a proof, and what it says."""

    @property
    def version(self) -> int:
        """Version of the format."""
        return VERSION

    def document(self) -> dict[str, Any]:
        """The fields of the file."""
        statement = self.statement
        write = committed.to_reference if self.by_reference else committed.to_fields
        second = dict(zip(("later",), map(write, statement.commitments[1:]), strict=False))
        return {
            "mediaType": kinds.DRIFT.media_type,
            "statement": {
                "version": VERSION,
                "protocol": PROTOCOL,
                "commitment": write(statement.commitments[0]),
                **second,
                **({} if statement.public is None else {"public": statement.public}),
                "exponents": statement.exponents,
                "partition": statement.partition,
                "limit": {"kind": statement.limit.kind, "bound": statement.bound},
                **({"context": contexts.to_fields(statement.context)} if statement.context else {}),
            },
            "claims": self.claims.to_json() | {"files": dict(sorted(self.claims.files.items()))},
            "proof": base64.b64encode(self.proof).decode(),
        }


def dump(bundle: DriftBundle) -> bytes:
    """The one file, in ASCII. What this returns can be parsed. InputError: it has a value that no file may hold."""
    data = strict.dump(bundle.document())
    parse(data, max_bytes=len(data), commitments=bundle.statement.commitments if bundle.by_reference else ())
    return data


def parse(
    data: bytes, where: str = "drift", max_bytes: int = MAX_BYTES, commitments: Sequence[Commitment] = ()
) -> DriftBundle:
    """The value of a file; `where` names it in messages. Checks the form of everything and the proof of nothing.

    `commitments`: among them those of a file which names its own by ids alone.

    Raises:
        BundleTooLargeError: there are more than `max_bytes` bytes.
        UnsupportedVersionError: the media type, version, protocol or profile is not known to this release.
        InputError: the bytes are no such file for any other reason; the message names the field.
        CommitmentMissingError: the file names a commitment by id alone, and it is not among `commitments`.

    """
    if len(data) > max_bytes:
        raise BundleTooLargeError(f"{where}: more than {max_bytes} bytes")
    top = kinds.opened(kinds.DRIFT, data, where)
    statement, by_reference = _read_statement(top.fields("statement"), commitments, where)
    stated = claims.from_fields(top.fields("claims"))
    proof = top.base64("proof")
    top.done()
    return DriftBundle(statement, stated, proof, by_reference=by_reference)


def _read_statement(fields: strict.Fields, given: Sequence[Commitment], where: str) -> tuple[Drift, bool]:
    fields.known("version", fields.integer("version", 0, _MAX_VERSION), VERSION)
    fields.known("protocol", fields.text("protocol"), PROTOCOL)
    models, by_reference = _read_models(fields, given, where)
    public = fields.hexadecimal("public", 32).hex() if len(models) == 1 else None
    exponents = _read_exponents(fields, len(models[0].shape.matrices()))
    partition = fields.text("partition")
    if partition not in PARTITIONS:
        fields.refuse("field 'partition' must be rows, matrices or whole")
    part = fields.fields("limit")
    part.must_be("kind", "relative")
    bound = part.integer("bound", 1, ONE)
    part.done()
    context = contexts.from_fields(fields.fields("context")) if fields.has("context") else NOBODY
    fields.done()
    return Drift(models, exponents, partition, bound, public, context), by_reference  # type: ignore[arg-type]


def _read_models(fields: strict.Fields, given: Sequence[Commitment], where: str) -> tuple[tuple[Commitment, ...], bool]:
    """The commitments, and whether all are named by their ids alone."""
    keys = ("commitment", "later") if fields.has("later") else ("commitment",)
    read = [read_commitment(fields.fields(key), given, where) for key in keys]
    models, forms = tuple(commitment for commitment, _ in read), {form for _, form in read}
    if len(forms) > 1:
        fields.refuse("fields 'commitment' and 'later' must both be whole, or both be ids alone")
    if len({(model.profile, model.shape) for model in models}) > 1:
        fields.refuse("fields 'commitment' and 'later' must have one profile, one shape, the same tokens")
    return models, forms.pop()


def _read_exponents(fields: strict.Fields, matrices: int) -> tuple[int | None, ...]:
    """One for each matrix, of which null says nothing."""
    listed = fields.items("exponents", matrices)
    for exponent in listed:
        fitting = type(exponent) is int and -MAX_EXPONENT <= exponent <= MAX_EXPONENT
        if not (exponent is None or fitting):
            fields.refuse(f"field 'exponents' must hold null and integers from -{MAX_EXPONENT} to {MAX_EXPONENT}")
    if all(exponent is None for exponent in listed):
        fields.refuse("field 'exponents' must speak of a matrix")
    return tuple(listed)
