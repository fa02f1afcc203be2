"""Fingerprint: vectors without a proof, one for each layer, with the token list that they were made over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..errors import IncomparableError, UsageError
from ..profile import named
from . import kinds, outputs, strict, tokens
from .outputs import Outputs, Vector
from .shape import read_layers

#: Why vectors under a custom draw are no evidence.
FOREIGN = (
    "encoder not of this release: its network can be made to give two models the same vectors, and nobody knows how "
    "alike those of strangers are, so they are neither compared nor searched, and have no p-value"
)


@dataclass(frozen=True)
class Fingerprint:
    """A fingerprint without a proof: what its maker says, not what anyone has checked.

    `profile` is the set of rules, `layers` the layers that were used (ascending), `tokens` the byte strings of the
    selected tokens in order, `outputs` the vectors and their scales. `seed` is that of the draw under which the vectors
    were made, None for the common one. Only vectors of one seed can be compared, and only bundles carry those of a
    seed. `network` is the SHA-256 of the encoder, in hexadecimal digits, where that is not of this release; such
    vectors have no portrait, and nothing here compares or searches them.
    """

    profile: str
    layers: tuple[int, ...]
    tokens: tuple[bytes, ...]
    outputs: Outputs
    seed: bytes | None = None
    network: str | None = None

    @property
    def vectors(self) -> tuple[Vector, ...]:
        """One vector for each layer: mean 0 and standard deviation 1 in units of 1 / `units`."""
        return self.outputs.vectors

    @cached_property
    def vector(self) -> Vector | None:
        """The vector of all layers together, from which the portrait is drawn; None where there is none."""
        return None if self.network is not None else self.outputs.portrait_vector(named(self.profile))

    @property
    def units(self) -> int:
        """Units of a vector in 1.0."""
        return named(self.profile).units

    @property
    def token_digest(self) -> str:
        """Digest of the token list, in hexadecimal digits."""
        return tokens.digest(self.tokens)


def dump(fingerprint: Fingerprint) -> bytes:
    """The bytes of a fingerprint file.

    Raises:
        UsageError: the vectors were made under a seed.

    """
    if fingerprint.seed is not None:
        raise UsageError("vectors under a seed are no fingerprint; prove them with 'huref prove'")
    return strict.dump(
        {
            "mediaType": kinds.FINGERPRINT.media_type,
            "profile": fingerprint.profile,
            **({} if fingerprint.network is None else {"network": fingerprint.network}),
            "layers": fingerprint.layers,
            "units": fingerprint.units,
            "vector": fingerprint.vector,
            **outputs.to_fields(fingerprint.outputs),
            "tokens": tokens.to_fields(fingerprint.tokens),
        }
    )


def parse(data: bytes, where: str = "fingerprint") -> Fingerprint:
    """The fingerprint of a file; `where` names it in messages.

    Raises:
        InputError: the bytes are not a fingerprint file, or contradict themselves.
        UnsupportedVersionError: the profile is not known to this release.
        IncomparableError: the encoder is not of this release.

    """
    fields = kinds.opened(kinds.FINGERPRINT, data, where)
    profile = fields.profile()
    if fields.has("network"):
        fields.hexadecimal("network", 32)
        raise IncomparableError(f"{where}: {FOREIGN}")
    layers = read_layers(fields)
    fields.integer("units", profile.units, profile.units)
    top = profile.units * profile.outputs
    whole = None if fields.null("vector") else fields.integers("vector", -top, top, profile.outputs)
    found = outputs.from_fields(fields, profile, len(layers))
    listed = tokens.from_fields(fields.fields("tokens"))
    fields.done()
    if not all(_is_standardised(vector, profile.units) for vector in found.vectors):
        fields.refuse("field 'vectors' must hold vectors of mean 0 and standard deviation 1")
    fingerprint = Fingerprint(profile.name, layers, listed, found)
    if fingerprint.vector != whole:
        fields.refuse("field 'vector' is not that of 'vectors'")
    return fingerprint


def _is_standardised(z: Sequence[int], units: int) -> bool:
    """Rounding moves each entry by at most 1/2, and the scale c >= 2^10 is rounded down by less than 1."""
    target = len(z) * units * units
    return abs(sum(z)) <= len(z) and abs(sum(x * x for x in z) - target) <= target // 256
