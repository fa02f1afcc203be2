"""Entries of the log: what kind of thing exists, and its digest. Never free text.

The bytes of an entry are lines of ASCII, each with a newline behind it:

    huref/registry-entry/v1
    commitment
    <64 hexadecimal digits: the digest>
    <64 more: the digest of the common vector, for bundles that have one; the line is absent otherwise>
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from ..artefacts.bundle import Bundle
from ..errors import InputError

#: `bundle`: the content digest of a bundle; `commitment`: the id of a commitment; `attestation`: SHA-256 of its file.
Kind = Literal["bundle", "commitment", "attestation"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LABEL = "huref/registry-entry/v1"
_FORM = re.compile(rf"{LABEL}\n(bundle|commitment|attestation)\n([0-9a-f]{{64}})\n(?:([0-9a-f]{{64}})\n)?")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Entry:
    """`kind`, `sha256` and `vector`, digests in hexadecimal digits; `vector` beside bundles alone, "" if there is none.

    The `vector` says which common vector the bundle showed, so that everybody can find the bundles with a vector.
    """

    kind: Kind
    sha256: str
    vector: str = ""

    @property
    def data(self) -> bytes:
        """The bytes. InputError: a digest that is none, or a vector where there can be none."""
        if (
            self.kind not in KINDS
            or not _DIGEST.fullmatch(self.sha256)
            or not _DIGEST.fullmatch(self.vector or "0" * 64)
        ):
            raise InputError("an entry of the log has a kind and digests of 64 hexadecimal digits in lower case")
        if self.vector and self.kind != "bundle":
            raise InputError("in the log, only entries of bundles name a vector")
        return "".join(f"{line}\n" for line in (LABEL, self.kind, self.sha256, self.vector) if line).encode()


def parse(data: bytes) -> Entry:
    """The entry of these bytes. InputError: there is none."""
    found = _FORM.fullmatch(data.decode("latin-1"))
    if found is None or (found[3] and found[1] != "bundle"):
        raise InputError("these bytes are no entry of a huref log")
    kind = next(kind for kind in KINDS if kind == found[1])
    return Entry(kind, found[2], found[3] or "")


def of_bundle(bundle: Bundle) -> tuple[Entry, ...]:
    """The entries that date a bundle: its own, which names its vector, and that of its commitment."""
    statement = bundle.statement
    return (
        Entry("bundle", bundle.digest, statement.vector_digest or ""),
        Entry("commitment", statement.commitment.id),
    )
