"""Fingerprint: a vector without a proof, with the token list that it was made over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .. import _native
from ..errors import UsageError
from ..profile import named
from . import kinds, strict
from .challenge import Challenge
from .statement import Public

#: Bounds of what a file may say; the real ones are far below.
MAX_LAYER, MAX_SHIFT, MAX_SCALE = (1 << 16) - 1, 223, 1 << 22


@dataclass(frozen=True)
class Fingerprint:
    """A fingerprint without a proof: what its maker says, not what anyone has checked.

    `profile` is the set of rules, `layers` the layers that were used (ascending), `tokens` the byte strings of the
    selected tokens in order, `public` the vector and its scales. `challenge` is the one that the vector answers; such a
    vector is not a fingerprint, and only a bundle carries it.
    """

    profile: str
    layers: tuple[int, ...]
    tokens: tuple[bytes, ...]
    public: Public
    challenge: Challenge | None = None

    @property
    def vector(self) -> tuple[int, ...]:
        """The fingerprint itself: mean 0 and standard deviation 1 in units of 1 / `scale`."""
        return self.public.z

    @property
    def scale(self) -> int:
        """Units of the vector in 1.0."""
        return named(self.profile).scale

    @property
    def token_digest(self) -> str:
        """Digest of the token list, in hexadecimal digits."""
        return _native.token_digest(list(self.tokens)).hex()


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
            "scale": fingerprint.scale,
            "vector": fingerprint.public.z,
            "e": fingerprint.public.e,
            "a": fingerprint.public.a,
            "c": fingerprint.public.c,
            "tokens": strict.token_list(fingerprint.tokens),
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
    layers = fields.integers("layers", 0, MAX_LAYER)
    if not layers or list(layers) != sorted(set(layers)):
        fields.refuse("field 'layers' must be ascending and not empty")
    scale = fields.integer("scale", profile.scale, profile.scale)
    top = scale * profile.outputs
    z = fields.integers("vector", -top, top, profile.outputs)
    terms = 3 * len(layers)
    e = fields.integers("e", 0, MAX_SHIFT, terms)
    a = fields.integers("a", 1, MAX_SCALE, terms)
    c = fields.integer("c", 1, 1 << 40)
    tokens = fields.tokens("tokens")
    fields.done()
    if not _standardised(z, scale):
        fields.refuse("field 'vector' does not have mean 0 and standard deviation 1")
    return Fingerprint(profile.name, layers, tokens, Public(z, e, a, c))


def _standardised(z: Sequence[int], scale: int) -> bool:
    """Rounding moves each entry by at most 1/2, and the scale c >= 2^10 is rounded down by less than 1."""
    target = len(z) * scale * scale
    return abs(sum(z)) <= len(z) and abs(sum(x * x for x in z) - target) <= target // 256
