"""What the public matrices P, Q and R are drawn from (specification, "challenge").

The labels of the profile, or those of a challenge, each followed by its seed of 32 bytes.
"""

from .profile import Labels, Profile


def labels(profile: Profile, challenge: bytes | None) -> Labels:
    """The labels of a statement: of the fingerprint itself (None), or of the answer to a challenge."""
    return profile.fingerprint if challenge is None else profile.challenge


def seed(challenge: bytes | None) -> bytes:
    """What follows a label: the seed of the challenge, or nothing."""
    return challenge or b""
