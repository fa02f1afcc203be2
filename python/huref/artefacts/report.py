"""Report: what was verified, what is merely claimed, and what was not checked. The three never mix.

The same object for command line, Python and HTTP; its schema is proofs/schemas/report.v1.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar

from pydantic import ConfigDict, TypeAdapter
from pydantic.alias_generators import to_camel

from ..errors import (
    ChallengeMismatchError,
    HurefError,
    ImageMismatchError,
    PolicyError,
    ProofRejectedError,
    WeightsMismatchError,
)

SCHEMA = "https://huref.example/schemas/report/v1"
_CAMEL = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


@dataclass(frozen=True)
class Identity:
    """The bundle: its content digest and the version of its format."""

    __pydantic_config__: ClassVar[ConfigDict] = _CAMEL
    sha256: str
    version: int


@dataclass(frozen=True)
class Proof:
    """A proof that holds: the protocol, the profile, and the least of its security terms in whole bits.

    `layers` and `tokens` (how many) are the prover's choice: a vector over few tokens separates models badly.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _CAMEL
    circuit: str
    profile: str
    security_bits: int
    layers: tuple[int, ...]
    tokens: int


@dataclass(frozen=True)
class Portrait:
    """The portrait of the vector as the verifier draws it; `sha256` of its raw RGB bytes.

    `in_bundle`: the bundle holds the same picture, pixel by pixel. Otherwise it holds none.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _CAMEL
    sha256: str
    in_bundle: bool


@dataclass(frozen=True)
class Picture:
    """A picture of the caller that equals the portrait pixel by pixel; `sha256` of its raw RGB bytes."""

    __pydantic_config__: ClassVar[ConfigDict] = _CAMEL
    sha256: str
    matches: bool = True


@dataclass(frozen=True)
class Weights:
    """A model folder from which the same public outputs were computed.

    `commitment` says whether its rows were computed again too, which needs the opening.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _CAMEL
    commitment: bool
    matches: bool = True


@dataclass(frozen=True)
class Answered:
    """The challenge that the vector answers: between which commitments, with which beacon; hexadecimal digits.

    The seed follows from them. Such a vector is not a fingerprint: it is compared only under the same challenge.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _CAMEL
    commitments: tuple[str, str]
    beacon: str
    seed: str


@dataclass(frozen=True)
class Verified:
    """What was checked and holds; None for the rest.

    `commitment` is the id of the commitment, `vector_digest` the digest of the vector: both are bound by the proof.
    `challenge` is None for the fingerprint itself. `image` is the portrait of the vector, `given_image` a
    picture from the caller, `weights` a model folder from the caller.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _CAMEL
    proof: Proof | None = None
    commitment: str | None = None
    vector_digest: str | None = None
    challenge: Answered | None = None
    image: Portrait | None = None
    given_image: Picture | None = None
    weights: Weights | None = None


@dataclass(frozen=True)
class Claimed:
    """What the bundle says outside the proof."""

    __pydantic_config__: ClassVar[ConfigDict] = _CAMEL
    model_name: str
    files: Mapping[str, str]
    prover: str
    proved_at: str


@dataclass(frozen=True)
class NotChecked:
    """Something that could have been checked: why it was not, and how to check it."""

    __pydantic_config__: ClassVar[ConfigDict] = _CAMEL
    what: str
    why: str
    how: str | None = None


@dataclass(frozen=True)
class Failure:
    """The first check that failed: its stable name, and a sentence."""

    __pydantic_config__: ClassVar[ConfigDict] = _CAMEL
    check: str
    detail: str


@dataclass(frozen=True)
class PolicyUsed:
    """The policy, by name and digest."""

    __pydantic_config__: ClassVar[ConfigDict] = _CAMEL
    name: str
    sha256: str


@dataclass(frozen=True)
class Verifier:
    """The program that checked: version of huref, and seconds that the checks took."""

    __pydantic_config__: ClassVar[ConfigDict] = _CAMEL
    huref: str
    seconds: float


@dataclass(frozen=True)
class Report:
    """The outcome of a verification. `code` is "verified" exactly if `ok`, else a code of `huref.errors.TABLE`."""

    __pydantic_config__: ClassVar[ConfigDict] = _CAMEL
    ok: bool
    code: str
    bundle: Identity
    verified: Verified
    claimed: Claimed
    not_checked: tuple[NotChecked, ...]
    policy: PolicyUsed
    verifier: Verifier
    failure: Failure | None = None
    schema: str = SCHEMA

    def raise_for_status(self) -> None:
        """Return if verified, raise otherwise.

        Raises:
            ProofRejectedError, ImageMismatchError, WeightsMismatchError, ChallengeMismatchError, PolicyError: the error
                that belongs to `code`.

        """
        if self.failure is None:
            return
        check, detail = self.failure.check, self.failure.detail
        if self.code == ProofRejectedError.code:
            raise ProofRejectedError(check, detail)
        raise _REFUSALS[self.code](detail)

    def with_verified(self, *, given_image: Picture | None = None, weights: Weights | None = None) -> Report:
        """The report after the caller's own image or model folder was found to match."""
        given = {"givenImage": given_image, "weights": weights}
        verified = replace(
            self.verified,
            given_image=given_image or self.verified.given_image,
            weights=weights or self.verified.weights,
        )
        left = tuple(entry for entry in self.not_checked if not given.get(entry.what))
        return replace(self, verified=verified, not_checked=left)

    def refused(self, why: HurefError, check: str) -> Report:
        """The report after one more check failed; `check` is "challenge", "image" or "weights"."""
        left = tuple(entry for entry in self.not_checked if entry.what != check)
        return replace(self, ok=False, code=why.code, failure=Failure(check, str(why)), not_checked=left)

    def without(self, what: str) -> Report:
        """The report after something that was not checked before was found to hold."""
        return replace(self, not_checked=tuple(entry for entry in self.not_checked if entry.what != what))

    def not_reached(self, what: str) -> Report:
        """The report where something that was given was not looked at, because a check before it failed."""
        left = tuple(entry for entry in self.not_checked if entry.what != what)
        return replace(self, not_checked=(*left, NotChecked(what, "a check before it failed")))

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values, without what is None."""
        fields: dict[str, Any] = _adapter().dump_python(self, mode="json", by_alias=True, exclude_none=True)
        return {"schema": fields.pop("schema"), **fields}


_REFUSALS: dict[str, type[HurefError]] = {
    error.code: error for error in (ImageMismatchError, WeightsMismatchError, ChallengeMismatchError, PolicyError)
}


@cache
def _adapter() -> TypeAdapter[Report]:
    return TypeAdapter(Report)


def json_schema() -> dict[str, Any]:
    """JSON schema of `Report.to_json`."""
    schema: dict[str, Any] = _tidy(_adapter().json_schema(by_alias=True, mode="serialization"))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA, **schema}


def _tidy(schema: Any) -> Any:
    """Without made-up titles, and without null: what is None is left out of a report."""
    if isinstance(schema, list):
        return [_tidy(item) for item in schema if item != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    tidy = {key: _tidy(item) for key, item in schema.items() if key != "title" and (key, item) != ("default", None)}
    (only,) = tidy.pop("anyOf", [{}])
    return tidy | only
