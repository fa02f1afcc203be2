"""What the public matrices P, Q and R are drawn from (specification, "challenge").

The labels of the profile, or those of a challenge, each followed by its seed of 32 bytes.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Labels:
    """Names of the protocol and of the streams of sketch matrices and encoder."""

    protocol: bytes
    sketch: bytes
    encoder: bytes


FINGERPRINT = Labels(b"huref/fingerprint/v1", b"huref/robust-1/sketch", b"huref/robust-1/encoder/linear")
CHALLENGE = Labels(
    b"huref/challenge/v1", b"huref/robust-1/challenge/sketch", b"huref/robust-1/challenge/encoder/linear"
)


def labels(challenge: bytes | None) -> Labels:
    """The labels of a statement: of the fingerprint itself (None), or of the answer to a challenge."""
    return FINGERPRINT if challenge is None else CHALLENGE


def seed(challenge: bytes | None) -> bytes:
    """What follows a label: the seed of the challenge, or nothing."""
    return challenge or b""
