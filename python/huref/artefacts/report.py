"""Report: what was verified, what is merely claimed, and what was not checked. The three never mix.

The same object for command line, Python and HTTP; its schema is proofs/schemas/report.v1.json.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..errors import (
    ChallengeMismatchError,
    HurefError,
    ImageMismatchError,
    PolicyError,
    ProofRejectedError,
    WeightsMismatchError,
)
from .claims import Claims
from .document import SCHEMAS, Document, Part


@dataclass(frozen=True)
class Identity(Part):
    """The bundle: its content digest and the version of its format."""

    sha256: str
    version: int


@dataclass(frozen=True)
class Proof(Part):
    """A proof that holds: the protocol, the profile, and the least of its security terms in whole bits.

    `layers` and `tokens` (how many) are the prover's choice: a vector over few tokens separates models badly.
    """

    protocol: str
    profile: str
    security_bits: int
    layers: tuple[int, ...]
    tokens: int


@dataclass(frozen=True)
class Drawing(Part):
    """The portrait of the vector as the verifier draws it; `sha256` of its raw RGB bytes.

    `in_bundle`: the bundle holds the same picture, pixel by pixel. Otherwise it holds none.
    """

    sha256: str
    in_bundle: bool


@dataclass(frozen=True)
class Picture(Part):
    """A picture of the caller that equals the portrait pixel by pixel; `sha256` of its raw RGB bytes."""

    sha256: str
    matches: bool = True


@dataclass(frozen=True)
class Weights(Part):
    """A model folder from which the same public outputs were computed.

    `commitment` says whether its rows were computed again too, which needs the opening.
    """

    commitment: bool
    matches: bool = True


@dataclass(frozen=True)
class Answered(Part):
    """The challenge that the vector answers: between which commitments, with which beacon; hexadecimal digits.

    The seed follows from them. Such a vector is not a fingerprint: it is compared only under the same challenge.
    """

    commitments: tuple[str, str]
    beacon: str
    seed: str


@dataclass(frozen=True)
class Verified(Part):
    """What was checked and holds; None for the rest.

    `commitment` is the id of the commitment, `vector_digest` the digest of the vector: both are bound by the proof.
    `challenge` is None for the fingerprint itself. `image` is the portrait of the vector, `given_image` a
    picture from the caller, `weights` a model folder from the caller.
    """

    proof: Proof | None = None
    commitment: str | None = None
    vector_digest: str | None = None
    challenge: Answered | None = None
    image: Drawing | None = None
    given_image: Picture | None = None
    weights: Weights | None = None


@dataclass(frozen=True)
class NotChecked(Part):
    """Something that could have been checked: why it was not, and how to check it."""

    what: str
    why: str
    how: str | None = None


@dataclass(frozen=True)
class Failure(Part):
    """The first check that failed: its stable name, and a sentence."""

    check: str
    detail: str


@dataclass(frozen=True)
class PolicyUsed(Part):
    """The policy, by name and digest."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Verifier(Part):
    """The program that checked: version of huref, and seconds that the checks took."""

    huref: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Report(Document):
    """The outcome of a verification. `code` is "verified" exactly if `ok`, else a code of `huref.errors.TABLE`."""

    schema: str = f"{SCHEMAS}/report/v1"
    ok: bool
    code: str
    bundle: Identity
    verified: Verified
    claimed: Claims
    not_checked: tuple[NotChecked, ...]
    policy: PolicyUsed
    verifier: Verifier
    failure: Failure | None = None

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


_REFUSALS: dict[str, type[HurefError]] = {
    error.code: error for error in (ImageMismatchError, WeightsMismatchError, ChallengeMismatchError, PolicyError)
}
