"""Profiles: named, complete sets of the rules of a fingerprint (proofs/profiles).

Fingerprints are comparable only under one profile.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import _native
from .errors import UnsupportedVersionError, shown

DEFAULT = "robust-1"
#: The definition of HuRef's authors (`huref.paper`): floating point, no rule set of the core, never proved.
PAPER = "paper"
#: Profiles for everyday use. `toy-1` exists for tests and vectors and has no security.
KNOWN = ("robust-1", "toy-1")


@dataclass(frozen=True)
class Profile:
    """A profile and those of its numbers that Python needs.

    `tokens` K, `sketch` r (a sketch is r x r), `outputs` length of the vector, `weight_bits` bits of a quantised
    weight, `scale` units of the vector in 1.0, `layers` how many of the last layers are taken by default,
    `words_first` whether short words are taken before all other tokens.
    """

    name: str
    tokens: int
    sketch: int
    outputs: int
    weight_bits: int
    scale: int
    layers: int = 2
    words_first: bool = False


def named(name: str) -> Profile:
    """The profile of that name. UnsupportedVersionError for an unknown name, and for that of the paper."""
    if name == PAPER:
        raise UnsupportedVersionError(
            "profile paper is computed in floating point, for comparison with published results: it can be neither "
            f"committed to nor proved; use {DEFAULT}"
        )
    if name not in KNOWN:
        known = ", ".join(KNOWN)
        raise UnsupportedVersionError(f"profile {shown(name)} is not known; known profiles: {known}")
    numbers = _native.parameters(name)
    return Profile(
        name=name,
        tokens=numbers["tokens"],
        sketch=numbers["sketch"],
        outputs=numbers["outputs"],
        weight_bits=numbers["weight_bits"],
        scale=1 << numbers["z_fraction_bits"],
    )
