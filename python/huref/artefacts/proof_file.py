"""What every file with a proof has: its two digests."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar

from . import strict
from .claims import Claims

S = TypeVar("S")


@dataclass(frozen=True)
class ProofFile(ABC, Generic[S]):
    """A parsed file. `proof`: the bytes of the proof; `by_reference`: the file names its commitments by ids alone."""

    #: Fields of the document that the content digest covers.
    COVERED: ClassVar[tuple[str, ...]] = ("statement", "proof")

    statement: S
    claims: Claims
    proof: bytes = field(repr=False)
    by_reference: bool = field(default=False, kw_only=True)

    @abstractmethod
    def document(self) -> dict[str, Any]:
        """The fields of the file."""

    @cached_property
    def digest(self) -> str:
        """Content digest: SHA-256, in hexadecimal digits, over what the proof is about, and the proof.

        Commitments stand in it by their ids, so both ways to carry them have one digest. Claims lie outside, so they
        can be added later.
        """
        return strict.content_digest(replace(self, by_reference=True).document(), *self.COVERED)

    @cached_property
    def file_digest(self) -> str:
        """SHA-256, in hexadecimal digits, of the file that `dump` writes: claims included."""
        return hashlib.sha256(strict.dump(self.document())).hexdigest()
