"""The statement that a proof is about: every public value, and nothing else (specification, "statement")."""

from __future__ import annotations

from dataclasses import dataclass

from ..profile import named
from .challenge import Challenge
from .commitment import Commitment
from .outputs import Outputs
from .shape import Shape


@dataclass(frozen=True)
class Statement:
    """These outputs are those of the weights behind this commitment.

    `challenge`: the one that the outputs answer; None for the fingerprint itself.
    """

    commitment: Commitment
    outputs: Outputs
    challenge: Challenge | None = None

    @property
    def profile(self) -> str:
        """Name of the profile."""
        return self.commitment.profile

    @property
    def shape(self) -> Shape:
        """The shape of the committed weights."""
        return self.commitment.shape

    @property
    def protocol(self) -> str:
        """Name and version of the protocol: the two kinds of statement have different ones."""
        profile = named(self.profile)
        return (profile.fingerprint if self.challenge is None else profile.challenge).protocol
