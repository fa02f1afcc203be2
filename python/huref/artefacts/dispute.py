"""Dispute: two commitments, what each must answer for, and the beacon that will decide, in one public file.

It is opened before the beacon is known, so that nobody can choose it, and closed with the beacon. Dates are what the
parties say; nothing in this file proves them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from .. import disk
from ..errors import InputError, UsageError
from . import kinds, strict
from .challenge import Challenge, between
from .claims import is_time, printable
from .document import Part
from .draw import read_beacon
from .shape import MAX_LAYERS, read_layers
from .tokens import MAX_TOKENS

#: A dispute file has a few kilobytes, and three lists of layers.
MAX_FILE = 4 << 20


@dataclass(frozen=True)
class Dated(Part):
    """When a commitment was published, and where: claimed. `time` as `YYYY-MM-DDTHH:MM:SSZ`."""

    time: str
    source: str


@dataclass(frozen=True)
class Party(Part):
    """One side: the id of its commitment, the layers of that, how many tokens it has, and the digest of their list.

    `model_layers`: how many layers its config names, as it claims; `published`: when, as it claims. None: not said.
    """

    commitment: str
    layers: tuple[int, ...]
    tokens: int
    token_digest: str
    model_layers: int | None = None
    published: Dated | None = None


@dataclass(frozen=True)
class Dispute(Part):
    """A dispute under a profile. `layers`: those that both sides must have committed to.

    `source` and `round` say which beacon decides; `beacon`, in hexadecimal digits, is None until the dispute is closed.
    """

    profile: str
    parties: tuple[Party, Party]
    layers: tuple[int, ...]
    source: str
    round: str
    beacon: str | None = None

    @property
    def challenge(self) -> Challenge | None:
        """The challenge that both sides answer; None until the dispute is closed."""
        a, b = self.parties
        return None if self.beacon is None else between(a.commitment, b.commitment, bytes.fromhex(self.beacon))


def must_be_closed(dispute: Dispute, where: str = "the dispute") -> Challenge:
    """The challenge of a closed dispute; UsageError if it is still open."""
    if dispute.challenge is None:
        raise UsageError(f"{where}: not closed, so there is no challenge yet; run: huref dispute close")
    return dispute.challenge


def closed(dispute: Dispute, beacon: bytes) -> Dispute:
    """The dispute with its beacon. UsageError if the beacon is too short or too long."""
    a, b = dispute.parties
    return replace(dispute, beacon=between(a.commitment, b.commitment, beacon).beacon.hex())


def dump(dispute: Dispute) -> bytes:
    """The bytes of a dispute file. What this returns can be parsed.

    Raises:
        UsageError: the dispute has a value that no file may hold; the message names the field.

    """
    data = strict.dump({"mediaType": kinds.DISPUTE.media_type, **dispute.to_json()})
    try:
        parse(data)
    except InputError as why:
        raise UsageError(str(why)) from None
    return data


def parse(data: bytes, where: str = "dispute") -> Dispute:
    """The dispute of a file; `where` names it in messages.

    Raises:
        InputError: not a dispute file, or one that contradicts itself.
        UnsupportedVersionError: the profile is not known to this release.

    """
    fields = kinds.opened(kinds.DISPUTE, data, where)
    profile = fields.profile().name
    parties = [_party(party) for party in fields.objects("parties")]
    if len(parties) != 2 or parties[0].commitment >= parties[1].commitment:
        fields.refuse("field 'parties' must hold two sides with different commitments, in ascending order of their ids")
    layers = read_layers(fields)
    for party in parties:
        if not set(layers) <= set(party.layers):
            fields.refuse(f"field 'layers' has one to which commitment {party.commitment[:16]}... was not made")
    source, period = printable(fields, "source"), printable(fields, "round")
    beacon = read_beacon(fields).hex() if fields.has("beacon") else None
    fields.done()
    return Dispute(profile, (parties[0], parties[1]), layers, source, period, beacon)


def _party(fields: strict.Fields) -> Party:
    party = Party(
        fields.hexadecimal("commitment", 32).hex(),
        read_layers(fields),
        fields.integer("tokens", 1, MAX_TOKENS),
        fields.hexadecimal("tokenDigest", 32).hex(),
        fields.integer("modelLayers", 1, MAX_LAYERS) if fields.has("modelLayers") else None,
        _dated(fields.fields("published")) if fields.has("published") else None,
    )
    fields.done()
    return party


def _dated(fields: strict.Fields) -> Dated:
    dated = Dated(fields.text("time"), printable(fields, "source"))
    if not is_time(dated.time):
        fields.refuse("field 'time' must be a time such as 2026-01-31T12:00:00Z")
    fields.done()
    return dated


def read(path: Path) -> Dispute:
    """The dispute in a file. NotFoundError if it is missing, and the errors of `parse`."""
    return parse(disk.read(path, MAX_FILE), str(path))


def write(path: Path, dispute: Dispute) -> None:
    """Write a dispute file. OutputError if it cannot be written, and the error of `dump`."""
    disk.write(path, dump(dispute))
