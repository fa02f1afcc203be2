"""Report: what was verified, what is merely claimed, and what was not checked. The three never mix.

The same object for command line, Python and HTTP; its schema is proofs/schemas/report.v1.json.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ..errors import (
    AttestationError,
    ChallengeMismatchError,
    ContextMismatchError,
    HurefError,
    ImageMismatchError,
    LogError,
    NearnessMismatchError,
    NoAttestationError,
    PolicyError,
    ProofRejectedError,
    TimestampError,
    WeightsMismatchError,
)
from .claims import Claims
from .dispute import Dispute
from .document import SCHEMAS, Document, Part
from .draw import Kind
from .drifted import Drifted
from .intervals import Near


@dataclass(frozen=True)
class Identity(Part):
    """The bundle, nearness or drift file: its content digest, that of the whole file with its claims, and the version
    of its format.
    """

    sha256: str
    file_sha256: str
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
    """The image of the vector as the verifier draws it; `sha256` of its raw RGB bytes.

    `in_bundle`: the bundle holds the same picture, pixel by pixel. Otherwise it holds none. `generator`: SHA-256 of the
    file that it was drawn with; without one it is the portrait.
    """

    sha256: str
    in_bundle: bool
    generator: str | None = None


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
class Drawn(Part):
    """The vectors of one draw. `kind`: "common", "own", "challenge" or "custom".

    `digest` of the vectors; `sides`: how many tokens P and Q have; `seed` and `beacon` of a draw that has them;
    `commitments`: those of a challenge; `network`: the SHA-256 of the encoder of a custom draw, which is not of this
    release. Digests, seeds and beacons in hexadecimal digits. Vectors are compared only
    with vectors of the same seed.
    """

    kind: Kind
    digest: str
    sides: tuple[int, int]
    seed: str | None = None
    beacon: str | None = None
    commitments: tuple[str, str] | None = None
    network: str | None = None


@dataclass(frozen=True)
class MadeFor(Part):
    """Whom the proof was made for, by somebody who knows the committed weights; the nonce in hexadecimal digits.

    `owner` is who made it, as the prover says. `expected`: which of them the caller demanded.
    """

    owner: str | None = None
    audience: str | None = None
    nonce: str | None = None
    expected: tuple[str, ...] = ()


@dataclass(frozen=True)
class Attested(Part):
    """A signature over the bundle: by which key, and over a predicate of which type.

    `bound`: the proof names this signer as its owner, so the signer knew the weights. `files`: how many files the
    folder of the caller has, all of them as signed.
    """

    signer: str
    predicate_type: str
    bound: bool
    files: int | None = None


@dataclass(frozen=True)
class Dated(Part):
    """Since when a file exists at the latest: `by` is a time in UTC, to the second.

    `what`: "bundle", "commitment" or "attestation"; each of them shows that the commitment existed by then.
    `source` is "authorities", of which `authorities` names those that signed a token that holds, or "log", a
    transparency log; `tokens`: how many there are, those of authorities that nobody trusts here included.
    """

    what: str
    by: str
    source: Literal["authorities", "log"]
    authorities: tuple[str, ...] = ()
    tokens: int = 0


@dataclass(frozen=True)
class Logged(Part):
    """An entry of an append-only log: `log` is its origin, `index` the entry's, `size` that of the tree that has it.

    `what`: "bundle" or "commitment"; each of them shows that the commitment existed. `witnesses`: who cosigned that
    tree, by the names of their keys, of the `known` ones that the caller's policy counts; `by` is the latest time that
    they gave, in UTC, and right as long as the clock of one of them is; None if none of them cosigned.
    """

    what: str
    log: str
    index: int
    size: int
    witnesses: tuple[str, ...]
    known: int
    by: str | None = None


@dataclass(frozen=True)
class Verified(Part):
    """What was checked and holds; None for the rest.

    `commitment` is the id of the commitment, `draws` the vectors, `made_for` the context: all are bound by the proof.
    `nearness`: of a nearness file, which has no vectors, what it says instead; `drift`: of a drift file.
    `vector_digest` names the vector of the portrait, which follows from the common vectors. `image` is the portrait,
    `given_image` a picture from the caller, `weights` a model folder from the caller; `attestation` who signed, `dates`
    since when, `logged` in which log; without them every date is claimed only.
    """

    proof: Proof | None = None
    commitment: str | None = None
    draws: tuple[Drawn, ...] | None = None
    made_for: MadeFor | None = None
    vector_digest: str | None = None
    image: Drawing | None = None
    given_image: Picture | None = None
    weights: Weights | None = None
    attestation: Attested | None = None
    dates: tuple[Dated, ...] | None = None
    logged: Logged | None = None
    nearness: Near | None = None
    drift: Drifted | None = None


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
    """The outcome of a verification. `code` is "verified" exactly if `ok`, else a code of `huref.errors.TABLE`.

    `dispute`: what the file of the dispute says that the bundle answers in; its dates are claimed.
    """

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
    dispute: Dispute | None = None

    def raise_for_status(self) -> None:
        """Return if verified, raise otherwise.

        Raises:
            ProofRejectedError, ImageMismatchError, WeightsMismatchError, ChallengeMismatchError, ContextMismatchError,
                NearnessMismatchError, PolicyError, AttestationError, TimestampError, LogError: that of `code`.

        """
        if self.failure is None:
            return
        check, detail = self.failure.check, self.failure.detail
        if self.code == ProofRejectedError.code:
            raise ProofRejectedError(check, detail)
        if self.code in (AttestationError.code, NoAttestationError.code):
            kind = AttestationError if self.code == AttestationError.code else NoAttestationError
            raise kind(check.removeprefix("attestation "), detail)
        raise _REFUSALS[self.code](detail)

    def with_verified(self, *, given_image: Picture | None = None, weights: Weights | None = None) -> Report:
        """The report after the caller's own image or model folder was found to match."""
        given = {"files": weights}
        verified = replace(
            self.verified,
            given_image=given_image or self.verified.given_image,
            weights=weights or self.verified.weights,
        )
        left = tuple(entry for entry in self.not_checked if not given.get(entry.what))
        return replace(self, verified=verified, not_checked=left)

    def refused(self, why: HurefError, check: str, what: str | None = None) -> Report:
        """The report after one more check failed; `check` names it, such as "context", and `what` that which was looked
        at, if it has a name of its own. The first failure stays: after it, this is only named as not reached.
        """
        what = check if what is None else what
        if not self.ok:
            return self.not_reached(what)
        left = tuple(entry for entry in self.not_checked if entry.what != what)
        return replace(self, ok=False, code=why.code, failure=Failure(check, str(why)), not_checked=left)

    def now_checked(self, what: str) -> Report:
        """The report after something that was not checked before was found to hold."""
        return replace(self, not_checked=tuple(entry for entry in self.not_checked if entry.what != what))

    def near(self, found: Near) -> Report:
        """The report after more was found about a nearness file."""
        return replace(self, verified=replace(self.verified, nearness=found))

    def dated(self, found: Dated) -> Report:
        """The report with one more date."""
        dates = (*(self.verified.dates or ()), found)
        return replace(self, verified=replace(self.verified, dates=dates))

    def expecting(self, names: tuple[str, ...]) -> Report:
        """The report after these parts of the context were found to be what the caller expected."""
        made = replace(self.verified.made_for or MadeFor(), expected=names)
        return replace(self, verified=replace(self.verified, made_for=made))

    def not_reached(self, what: str) -> Report:
        """The report where something that was given was not looked at, because a check before it failed."""
        return self.not_known(what, "a check before it failed")

    def not_known(self, what: str, why: str, how: str | None = None) -> Report:
        """The report where something could have been checked and was not."""
        left = tuple(entry for entry in self.not_checked if entry.what != what)
        return replace(self, not_checked=(*left, NotChecked(what, why, how)))


_REFUSALS: dict[str, type[HurefError]] = {
    error.code: error
    for error in (
        ImageMismatchError,
        WeightsMismatchError,
        ChallengeMismatchError,
        ContextMismatchError,
        LogError,
        NearnessMismatchError,
        PolicyError,
        TimestampError,
    )
}
