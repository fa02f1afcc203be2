"""Profiles: named, complete sets of the rules of a fingerprint. Fingerprints are comparable only under one profile.

The core has the table (rust/circuits/src/profile.rs); `proofs/profiles` has a file for each.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from . import _native
from .errors import UnsupportedVersionError, shown

#: The definition of HuRef's authors (`huref.paper`): floating point, no rule set of the core, never proved.
PAPER = "paper"


@dataclass(frozen=True)
class Labels:
    """Names of the streams that the public matrices of a draw are read from."""

    sketch: str
    encoder: str


@dataclass(frozen=True)
class Profile:
    """A profile. `purpose` is for people; `numbers` are those that the transcript absorbs, in its order.

    `generators`: SHA-256 of the generators of row commitments, in hexadecimal digits. `encoder`: what turns sketches
    into a vector, a public matrix ("linear") or the trained network ("cnn") whose file has the SHA-256 `network`.
    `protocol`: of the transcript of a proof. `common` and `fresh`: the labels of the draw that is the same for every
    model, and of draws that have a seed, which follows the label. Unless someone asks for others, the tokens that come
    first when ranked after `token_label` are taken, short words before all others if `words_first`, and the last
    `layers` layers that are active.
    """

    name: str
    purpose: str
    numbers: dict[str, int] = field(hash=False)
    generators: str
    encoder: Literal["linear", "cnn"]
    network: str | None
    protocol: str
    common: Labels
    fresh: Labels
    token_label: str
    words_first: bool
    layers: int

    @property
    def tokens(self) -> int:
        """K: how many tokens are selected from a full vocabulary."""
        return self.numbers["tokens"]

    @property
    def sketch(self) -> int:
        """r: a sketch is r x r."""
        return self.numbers["sketch"]

    @property
    def outputs(self) -> int:
        """Length of the vector."""
        return self.numbers["outputs"]

    @property
    def weight_bits(self) -> int:
        """Bits of a quantised weight."""
        return self.numbers["weight_bits"]

    @property
    def units(self) -> int:
        """Units of the vector in 1.0."""
        return 1 << self.numbers["z_fraction_bits"]

    @property
    def columns(self) -> int:
        """n: columns of a commitment row."""
        return 1 << self.numbers["log_n"]


def _read(native: _native.Profile) -> Profile:
    return Profile(
        native.name,
        native.purpose,
        dict(native.numbers),
        native.generators,
        native.encoder,
        native.network,
        native.protocol,
        Labels(*native.common),
        Labels(*native.fresh),
        native.tokens,
        native.words_first,
        native.layers,
    )


PROFILES = {profile.name: profile for profile in map(_read, _native.PROFILES)}
#: The default comes first. Those called toy exist for tests and vectors and have no security.
DEFAULT = next(iter(PROFILES))


def named(name: str) -> Profile:
    """The profile of that name; UnsupportedVersionError for an unknown one, and for that of the paper."""
    if name == PAPER:
        raise UnsupportedVersionError(
            "profile paper is computed in floating point, for comparison with published results: it can be neither "
            f"committed to nor proved; use {DEFAULT}"
        )
    if name not in PROFILES:
        known = ", ".join(PROFILES)
        raise UnsupportedVersionError(f"profile {shown(name)} is not known; known profiles: {known}")
    return PROFILES[name]
