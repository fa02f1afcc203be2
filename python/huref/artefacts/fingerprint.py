"""Fingerprint: a vector without a proof, with the token list that it was made over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import UsageError
from ..profile import named
from . import kinds, outputs, strict, tokens
from .challenge import Challenge
from .outputs import Outputs
from .shape import read_layers


@dataclass(frozen=True)
class Fingerprint:
    """A fingerprint without a proof: what its maker says, not what anyone has checked.

    `profile` is the set of rules, `layers` the layers that were used (ascending), `tokens` the byte strings of the
    selected tokens in order, `outputs` the vector and its scales. `challenge`
    is the one that the vector answers; such a vector is not a fingerprint, and only a bundle carries it.
    """

    profile: str
    layers: tuple[int, ...]
    tokens: tuple[bytes, ...]
    outputs: Outputs
    challenge: Challenge | None = None

    @property
    def vector(self) -> tuple[int, ...]:
        """The fingerprint itself: mean 0 and standard deviation 1 in units of 1 / `units`."""
        return self.outputs.vector

    @property
    def units(self) -> int:
        """Units of the vector in 1.0."""
        return named(self.profile).units

    @property
    def token_digest(self) -> str:
        """Digest of the token list, in hexadecimal digits."""
        return tokens.digest(self.tokens)


def dump(fingerprint: Fingerprint) -> bytes:
    """The bytes of a fingerprint file.

    Raises:
        UsageError: the vector answers a challenge.

    """
    if fingerprint.challenge is not None:
        raise UsageError("the answer to a challenge is not a fingerprint; prove it with 'huref prove --challenge'")
    return strict.dump(
        {
            "mediaType": kinds.FINGERPRINT.media_type,
            "profile": fingerprint.profile,
            "layers": fingerprint.layers,
            "units": fingerprint.units,
            **outputs.to_fields(fingerprint.outputs),
            "tokens": tokens.to_fields(fingerprint.tokens),
        }
    )


def parse(data: bytes, where: str = "fingerprint") -> Fingerprint:
    """The fingerprint of a file; `where` names it in messages.

    Raises:
        InputError: the bytes are not a fingerprint file, or contradict themselves.
        UnsupportedVersionError: the profile is not known to this release.

    """
    fields = kinds.opened(kinds.FINGERPRINT, data, where)
    profile = fields.profile()
    layers = read_layers(fields)
    fields.integer("units", profile.units, profile.units)
    found = outputs.from_fields(fields, profile, len(layers))
    listed = tokens.from_fields(fields.fields("tokens"))
    fields.done()
    if not _standardised(found.vector, profile.units):
        fields.refuse("field 'vector' does not have mean 0 and standard deviation 1")
    return Fingerprint(profile.name, layers, listed, found)


def _standardised(z: Sequence[int], units: int) -> bool:
    """Rounding moves each entry by at most 1/2, and the scale c >= 2^10 is rounded down by less than 1."""
    target = len(z) * units * units
    return abs(sum(z)) <= len(z) and abs(sum(x * x for x in z) - target) <= target // 256
