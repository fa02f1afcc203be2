"""Draws: what the public matrices P, Q and R come from (specification, "draws").

The common draw is known before a model is committed to. The matrices of an own draw follow from the statement's own
commitment, those of a challenge from two commitments and a beacon. A custom draw has the sketch matrices of the common
one, and a network that belongs to no release in place of R.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from .error import ensure
from .profile import Labels, Profile

KINDS = ("common", "own", "challenge", "custom")
LISTS = (("common",), ("own",), ("challenge",), ("common", "own"), ("custom",), ("custom", "own"))
CUSTOM_LABEL = b"huref/custom/encoder/cnn"
"""What a statement says of the encoder of a custom draw, before the network's id. It belongs to no profile."""


@dataclass(frozen=True)
class Draw:
    """One set of P, Q and R; `other` is the id of the other commitment of a challenge, `network` the canonical bytes of
    the network of a custom draw.
    """

    kind: str
    beacon: bytes = b""
    other: bytes = b""
    network: bytes = b""

    def labels(self, profile: Profile) -> Labels:
        """Labels of its streams."""
        return profile.common if self.kind in ("common", "custom") else profile.fresh

    def encoder(self, profile: Profile) -> bytes:
        """What a statement says of its encoder: the label, and the id of the network that encodes the common draw."""
        if self.kind == "custom":
            return CUSTOM_LABEL + hashlib.sha256(self.network).digest()
        network = profile.network if self.kind == "common" else None
        return self.labels(profile).encoder + (network or b"")

    def seed(self, own: bytes) -> bytes:
        """What follows a label, in a statement about the commitment with that id."""
        if self.kind in ("common", "custom"):
            return b""
        if self.kind == "own":
            return hashlib.sha256(b"huref/own-seed/v1" + own + self.beacon).digest()
        ids = min(own, self.other) + max(own, self.other)
        return hashlib.sha256(b"huref/challenge-seed/v1" + ids + self.beacon).digest()


@dataclass(frozen=True)
class Streams:
    """What the streams begin with from which P and Q (one stream for each token, whose bytes follow) and R are read."""

    sketch: bytes
    encoder: bytes


def streams(draw: Draw, profile: Profile, own: bytes) -> Streams:
    """Those of a draw in a statement about the commitment with that id."""
    labels, seed = draw.labels(profile), draw.seed(own)
    return Streams(labels.sketch + seed, draw.encoder(profile) + seed)


def check(draws: tuple[Draw, ...], lists: Sequence[tuple[str, ...]] = LISTS) -> None:
    """Checks that the list is one of these, and its beacons and ids of the right lengths."""
    ensure(tuple(draw.kind for draw in draws) in lists, "draws")
    for draw in draws:
        beacons = {"own": (0, *range(32, 65)), "challenge": range(32, 65)}.get(draw.kind, (0,))
        ensure(len(draw.beacon) in beacons and len(draw.other) == 32 * (draw.kind == "challenge"), "draws")
        ensure(draw.kind == "custom" or not draw.network, "draws")
