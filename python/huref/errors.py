"""One error tree and one table of codes: exit status of the command line, HTTP status of the service, and a title.

Every message names what is wrong, where (file, tensor, field) and what to do. None carries a secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar


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
    INTERNAL = 70


@dataclass(frozen=True)
class Code:
    """One row of the table."""

    name: str
    exit: Exit
    http: int
    title: str


TABLE: dict[str, Code] = {
    row.name: row
    for row in (
        Code("proof-rejected", Exit.REJECTED, 422, "A check of the proof failed"),
        Code("image-mismatch", Exit.REJECTED, 422, "The image is not the portrait of the vector"),
        Code("weights-mismatch", Exit.REJECTED, 422, "The weights are not those of the bundle"),
        Code("usage", Exit.USAGE, 400, "Wrong usage"),
        Code("malformed-bundle", Exit.MALFORMED, 400, "The bundle cannot be read"),
        Code("malformed-model", Exit.MALFORMED, 400, "The model folder cannot be used"),
        Code("malformed-input", Exit.MALFORMED, 400, "An input file cannot be read"),
        Code("incomparable", Exit.MALFORMED, 400, "The two fingerprints cannot be compared"),
        Code("unsupported-version", Exit.MALFORMED, 400, "The version is not one of those known"),
        Code("unsupported-media-type", Exit.MALFORMED, 415, "The media type is not that of a bundle"),
        Code("bundle-too-large", Exit.MALFORMED, 413, "The bundle is larger than allowed"),
        Code("not-found", Exit.NOT_FOUND, 404, "There is nothing there"),
        Code("policy-not-met", Exit.POLICY, 422, "The policy is not met, though the mathematics may hold"),
        Code("verifier-busy", Exit.NETWORK, 503, "All verifiers are busy"),
        Code("time-limit", Exit.RESOURCES, 503, "The time limit was reached"),
        Code("memory-limit", Exit.RESOURCES, 503, "The memory limit was reached"),
        Code("unwritable-output", Exit.RESOURCES, 500, "The output cannot be written"),
        Code("internal", Exit.INTERNAL, 500, "Internal error: a bug"),
    )
}


class HurefError(Exception):
    """Base of all errors that huref raises on purpose."""

    code: ClassVar[str] = "internal"

    @property
    def row(self) -> Code:
        """The row of `TABLE` that belongs to this error."""
        return TABLE[self.code]


class ProofRejectedError(HurefError):
    """A check of the proof failed. `check` is its stable name."""

    code = "proof-rejected"

    def __init__(self, check: str, detail: str) -> None:
        super().__init__(detail)
        self.check = check


class ImageMismatchError(HurefError):
    """The image is not the portrait of the vector."""

    code = "image-mismatch"


class WeightsMismatchError(HurefError):
    """The weights are not those of the bundle or commitment."""

    code = "weights-mismatch"


class UsageError(HurefError):
    """The caller asked for something that does not exist, or forgot something."""

    code = "usage"


class MalformedBundleError(HurefError):
    """The bundle is no canonical bundle."""

    code = "malformed-bundle"


class ModelError(HurefError):
    """A model folder cannot be used."""

    code = "malformed-model"


class InputError(HurefError):
    """A token list, fingerprint, commitment, opening or policy file cannot be read."""

    code = "malformed-input"


class IncomparableError(HurefError):
    """Two fingerprints of different profiles, or without anything in common."""

    code = "incomparable"


class UnsupportedVersionError(HurefError):
    """A version, profile or protocol that this release does not know."""

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


class BusyError(HurefError):
    """All verifiers are busy."""

    code = "verifier-busy"


class TimeLimitError(HurefError):
    """A time limit was reached."""

    code = "time-limit"


class MemoryLimitError(HurefError):
    """A memory limit was reached."""

    code = "memory-limit"


class OutputError(HurefError):
    """An output file cannot be written."""

    code = "unwritable-output"


class InternalError(HurefError):
    """A bug: a state that the program itself holds impossible."""

    code = "internal"
