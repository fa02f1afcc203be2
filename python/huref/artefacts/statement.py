"""The statement that a proof is about: every public value, and nothing else (specification, "statement")."""

from __future__ import annotations

from dataclasses import dataclass

from .challenge import Challenge
from .commitment import Commitment
from .outputs import Outputs
from .shape import Shape

#: Protocols of a proof: of the fingerprint itself, and of the answer to a challenge.
PROTOCOL, CHALLENGE_PROTOCOL = "huref/fingerprint/v1", "huref/challenge/v1"


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
        return PROTOCOL if self.challenge is None else CHALLENGE_PROTOCOL
