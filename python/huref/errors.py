"""One error tree and one table of codes: exit status of the command line, HTTP status of the service, and a title.

Every message names what is wrong, where (file, tensor, field) and what to do. None carries a secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Self

#: The project's address, of which those of schemas and problem types are made. A placeholder: it has none yet.
ADDRESS = "https://huref.example"


class Exit(IntEnum):
    """Exit codes of the command line."""

    OK = 0
    REJECTED = 1
    USAGE = 2
    MALFORMED = 3
    NOT_FOUND = 4
    POLICY = 5
    RESOURCES = 6
    NETWORK = 7
    CONTRADICTED = 8
    UNKNOWN = 9
    INTERNAL = 70


@dataclass(frozen=True)
class Code:
    """One row of the table: stable name, exit status, HTTP status, what happened, what to do."""

    name: str
    exit: Exit
    http: int
    title: str
    remedy: str


TABLE: dict[str, Code] = {
    row.name: row
    for row in (
        Code(
            "proof-rejected",
            Exit.REJECTED,
            422,
            "A check of the proof failed",
            "Do not trust the bundle; the report names the check. Ask its owner for an intact file.",
        ),
        Code(
            "image-mismatch",
            Exit.REJECTED,
            422,
            "The image is not what is drawn of the vector",
            "Do not trust the image; what is drawn of the proved vector looks different.",
        ),
        Code(
            "weights-mismatch",
            Exit.REJECTED,
            422,
            "The weights are not those of the bundle",
            "Check that the folder holds the model that was proved, and that an opening belongs to its commitment.",
        ),
        Code(
            "challenge-mismatch",
            Exit.REJECTED,
            422,
            "The challenge is not the one that the bundle answers",
            "Use the challenge file that names this commitment, or ask for a bundle that answers yours.",
        ),
        Code(
            "context-mismatch",
            Exit.REJECTED,
            422,
            "The proof was not made for what was expected",
            "The party that showed it need not have made it. Ask the party you deal with for a proof over your nonce.",
        ),
        Code(
            "nearness-mismatch",
            Exit.REJECTED,
            422,
            "The vectors are not those of the other side's bundle",
            "Nothing is known about whose vectors these are. Ask for the bundle that they were taken from.",
        ),
        Code(
            "attestation-rejected",
            Exit.REJECTED,
            422,
            "The attestation does not hold for this bundle",
            "Do not trust the publisher's name. Ask for the attestation of this very bundle, and who signs.",
        ),
        Code(
            "timestamp-rejected",
            Exit.REJECTED,
            422,
            "The date does not hold for this file",
            "Do not trust the date. Ask for the tokens of this very file, and for the certificates of the authorities.",
        ),
        Code(
            "log-rejected",
            Exit.REJECTED,
            422,
            "What a log or a witness signed does not hold",
            "Do not trust its date. Ask for the proof of this very bundle or commitment, and for a policy you accept.",
        ),
        Code(
            "split-view",
            Exit.CONTRADICTED,
            422,
            "A log signed two histories",
            "Keep both signed heads, which anybody can check, and show them to the other users of the log.",
        ),
        Code(
            "no-attestation",
            Exit.NOT_FOUND,
            422,
            "The file holds no attestation of a model fingerprint",
            "It may be one of another kind, such as build provenance. Ask the publisher for that of the bundle.",
        ),
        Code(
            "usage",
            Exit.USAGE,
            400,
            "Wrong usage",
            "The message names the argument; `--help` lists all of them.",
        ),
        Code(
            "malformed-bundle",
            Exit.MALFORMED,
            400,
            "The bundle cannot be read",
            "The message names the field; the format is in proofs/schemas/bundle.v2.json. Fetch the file again.",
        ),
        Code(
            "malformed-model",
            Exit.MALFORMED,
            400,
            "The model folder cannot be used",
            "The message names file and tensor. Download the folder again, or choose other layers or another model.",
        ),
        Code(
            "malformed-input",
            Exit.MALFORMED,
            400,
            "An input file cannot be read",
            "The message names file and field.",
        ),
        Code(
            "incomparable",
            Exit.MALFORMED,
            400,
            "The two fingerprints cannot be compared",
            "Make both under one profile, from models that share tokens; two bundles under one challenge, or none.",
        ),
        Code(
            "unsupported-version",
            Exit.MALFORMED,
            400,
            "The version is not known",
            "Install a newer release of huref.",
        ),
        Code(
            "unsupported-media-type",
            Exit.MALFORMED,
            415,
            "The media type is not that of a bundle",
            "Send `application/vnd.huref.bundle.v2+json` or `application/json`, not compressed.",
        ),
        Code(
            "bundle-too-large",
            Exit.MALFORMED,
            413,
            "The bundle is larger than allowed",
            "Verify it with a policy that allows more bytes.",
        ),
        Code(
            "not-found",
            Exit.NOT_FOUND,
            404,
            "There is nothing there",
            "Check the path.",
        ),
        Code(
            "method-not-allowed",
            Exit.USAGE,
            405,
            "This path does not have the method",
            "The `Allow` header lists the methods that it has.",
        ),
        Code(
            "not-authorised",
            Exit.NETWORK,
            401,
            "Writing needs a token",
            "Send `Authorization: Bearer TOKEN`; the operator makes tokens with `huref serve token create`.",
        ),
        Code(
            "forbidden",
            Exit.NETWORK,
            403,
            "This is not allowed here",
            "The message says what is missing: a scope of the token, or a folder in which the service keeps things.",
        ),
        Code(
            "rate-limited",
            Exit.NETWORK,
            429,
            "Too many requests",
            "Try again after the seconds in `Retry-After`.",
        ),
        Code(
            "headers-too-large",
            Exit.NETWORK,
            431,
            "Request line and headers are too large",
            "Send fewer headers, or shorter ones.",
        ),
        Code(
            "policy-not-met",
            Exit.POLICY,
            422,
            "The policy is not met, though the mathematics may hold",
            "The report names the rule. Ask for a bundle under an accepted profile, or use your own policy.",
        ),
        Code(
            "request-timeout",
            Exit.NETWORK,
            408,
            "The request did not arrive in time",
            "Send it again over a faster connection.",
        ),
        Code(
            "verifier-busy",
            Exit.NETWORK,
            503,
            "All verifiers are busy",
            "Try again after the seconds in `Retry-After`.",
        ),
        Code(
            "verifier-lost",
            Exit.RESOURCES,
            503,
            "The verifier ended before it answered",
            "Try again; if the same bundle causes it twice, report it as a bug.",
        ),
        Code(
            "time-limit",
            Exit.RESOURCES,
            503,
            "The time limit was reached",
            "Verify on your own machine with `huref verify`, which has no limit.",
        ),
        Code(
            "memory-limit",
            Exit.RESOURCES,
            503,
            "There is too little memory",
            "Choose fewer layers or tokens, or a machine with more; what a service refuses, `huref verify` checks.",
        ),
        Code(
            "unwritable-output",
            Exit.RESOURCES,
            500,
            "The output cannot be written",
            "Check that the folder exists, is writable and has room.",
        ),
        Code(
            "store-failed",
            Exit.RESOURCES,
            503,
            "The store cannot be read or written",
            "What was accepted is kept. Try again when the folder has room, or the object store answers.",
        ),
        Code(
            "machine-unfit",
            Exit.RESOURCES,
            503,
            "This machine is not ready for the work",
            "The message names what is not: room on the disk, the number of open files, or the clock.",
        ),
        Code(
            "cluster-failed",
            Exit.NETWORK,
            503,
            "The cluster did not do the work",
            "Check that it runs, and that its workers have huref, see the model folder and have memory for a layer.",
        ),
        Code(
            "card-contradicted",
            Exit.CONTRADICTED,
            422,
            "The card names a parent that the weights do not have",
            "Look at the evidence; ask the publisher which model it was made from.",
        ),
        Code(
            "card-unknown",
            Exit.UNKNOWN,
            422,
            "The card names no parent, or the weights leave it open",
            "Ask the publisher which model it was made from, and compare with that.",
        ),
        Code(
            "hub-failed",
            Exit.NETWORK,
            502,
            "The model hub did not send what was asked for",
            "Try again: what has come is kept. `hf auth login` gives a token where one is needed.",
        ),
        Code(
            "service-failed",
            Exit.NETWORK,
            502,
            "A signing service or time-stamp authority did not do what was asked",
            "Nothing was written; try again, or name another service.",
        ),
        Code(
            "internal",
            Exit.INTERNAL,
            500,
            "Internal error: a bug",
            "Report it with the input, if it is public, and the output of `huref version`.",
        ),
    )
}


class HurefError(Exception):
    """Base of all errors that huref raises on purpose."""

    code: ClassVar[str] = "internal"

    @property
    def row(self) -> Code:
        """The row of `TABLE` that belongs to this error."""
        return TABLE[self.code]

    def within(self, where: object) -> Self:
        """The same error; its message now begins with the file that it is about."""
        self.args = (f"{where}: {self}",)
        return self


class ProofRejectedError(HurefError):
    """A check of the proof failed. `check` is its stable name."""

    code = "proof-rejected"

    def __init__(self, check: str, detail: str) -> None:
        super().__init__(detail)
        self.check = check


class ImageMismatchError(HurefError):
    """The image is not what is drawn of the vector."""

    code = "image-mismatch"


class WeightsMismatchError(HurefError):
    """The weights are not those of the bundle or commitment."""

    code = "weights-mismatch"


class ChallengeMismatchError(HurefError):
    """A bundle or an opening has nothing to do with the challenge that was given."""

    code = "challenge-mismatch"


class ContextMismatchError(HurefError):
    """A proof was made for another owner, audience or nonce than was expected."""

    code = "context-mismatch"


class NearnessMismatchError(HurefError):
    """A proof of nearness is about other vectors than those of the bundle that was given."""

    code = "nearness-mismatch"


class AttestationError(HurefError):
    """An attestation does not hold: another kind, signer, bundle or file. `step`: which step of the check failed."""

    code = "attestation-rejected"

    def __init__(self, step: str, detail: str) -> None:
        super().__init__(detail)
        self.step = step


class NoAttestationError(AttestationError):
    """What was signed is a statement of another kind."""

    code = "no-attestation"


class TimestampError(HurefError):
    """A date does not hold: another file, an authority that is not trusted, a token that is broken."""

    code = "timestamp-rejected"


class LogError(HurefError):
    """A checkpoint, a proof or a tile of a log, or what a witness signed, does not hold."""

    code = "log-rejected"


class SplitViewError(HurefError):
    """A log signed two trees, of which neither is the beginning of the other."""

    code = "split-view"


class UsageError(HurefError):
    """The caller asked for something that does not exist, or left something out."""

    code = "usage"


class CommitmentMissingError(UsageError):
    """A bundle names its commitment by its id alone, and nobody gave that. `commitment`: the id."""

    def __init__(self, commitment: str, detail: str) -> None:
        super().__init__(detail)
        self.commitment = commitment


class MalformedBundleError(HurefError):
    """The bytes are not a canonical bundle."""

    code = "malformed-bundle"


class ModelError(HurefError):
    """A model folder cannot be used."""

    code = "malformed-model"


class InputError(HurefError):
    """A token list, fingerprint, commitment, opening, nearness or policy file cannot be read."""

    code = "malformed-input"


class IncomparableError(HurefError):
    """Two fingerprints have different profiles, or nothing in common."""

    code = "incomparable"


class UnsupportedVersionError(HurefError):
    """A version, profile or protocol is not known to this release."""

    code = "unsupported-version"


class UnsupportedMediaTypeError(HurefError):
    """The media type of a request is not that of a bundle."""

    code = "unsupported-media-type"


class BundleTooLargeError(HurefError):
    """The bundle is larger than allowed."""

    code = "bundle-too-large"


class NotFoundError(HurefError):
    """A file or object does not exist."""

    code = "not-found"


class PolicyError(HurefError):
    """The verifier's policy is not met."""

    code = "policy-not-met"


class NotAuthorisedError(HurefError):
    """A request to write came without a token that counts."""

    code = "not-authorised"


class ForbiddenError(HurefError):
    """A token does not allow this, or the service does not."""

    code = "forbidden"


class RateLimitedError(HurefError):
    """A client sends too many requests. `seconds`: when the next one may come."""

    code = "rate-limited"

    def __init__(self, seconds: int, detail: str) -> None:
        super().__init__(detail)
        self.seconds = seconds


class HeadersTooLargeError(HurefError):
    """Request line and headers are larger, or more, than allowed."""

    code = "headers-too-large"


class BusyError(HurefError):
    """All verifiers are busy."""

    code = "verifier-busy"


class RequestTimeoutError(HurefError):
    """A request did not arrive in time."""

    code = "request-timeout"


class VerifierLostError(HurefError):
    """The verifier process ended before it answered."""

    code = "verifier-lost"


class TimeLimitError(HurefError):
    """A time limit was reached."""

    code = "time-limit"


class MemoryLimitError(HurefError):
    """A memory limit was reached."""

    code = "memory-limit"


class OutputError(HurefError):
    """An output file cannot be written."""

    code = "unwritable-output"


class StoreError(HurefError):
    """The folder or object store of a registry cannot be read or written."""

    code = "store-failed"


class MachineError(HurefError):
    """A machine lacks something that a service needs: room, open files, a clock that is right."""

    code = "machine-unfit"


class ClusterError(HurefError):
    """A cluster cannot be reached, gives no worker, or loses one after the other."""

    code = "cluster-failed"


class CardContradictedError(HurefError):
    """A model is unrelated to the parent that its card names."""

    code = "card-contradicted"


class CardUnknownError(HurefError):
    """A model card names no parent, or the weights leave open whether it is one."""

    code = "card-unknown"


class HubError(HurefError):
    """A model hub cannot be reached, refuses, or does not send what was asked for."""

    code = "hub-failed"


class ServiceError(HurefError):
    """A signing service or time-stamp authority cannot be reached, refuses, or sends something else."""

    code = "service-failed"


class InternalError(HurefError):
    """A bug: a state that should be impossible."""

    code = "internal"


def shown(text: str) -> str:
    """A stranger's text in a form that is safe in a message: short, printable, quoted."""
    return ascii(text if len(text) <= 60 else text[:57] + "...")


class ModelWarning(UserWarning):
    """A model was read, but not all of what is beside it; the message names what, and what to do about it."""
