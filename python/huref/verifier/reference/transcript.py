"""The Fiat-Shamir transcript: the one place where challenges are made (specification, "transcript").

SHAKE-128 over everything absorbed so far. An absorb starts a new output stream; squeezes without one between them
continue it. The first block is the session identifier, zero-filled to the rate of 168 bytes (spongefish, suite
Shake128).
"""

import hashlib

from .curve import P
from .error import ensure

RATE = 168
"""Bytes of a block of SHAKE-128."""


class Transcript:
    """Absorbs everything that is sent and draws everything that is random to the prover."""

    def __init__(self, protocol: bytes, statement: bytes) -> None:
        derivation = hashlib.shake_128(b"irtf-cfrg-fiat-shamir/session-id".ljust(RATE, b"\0") + protocol)
        self._sponge = hashlib.shake_128(derivation.digest(32).ljust(RATE, b"\0") + statement)
        self._squeezed = 0

    def absorb(self, message: bytes) -> None:
        """Absorbs one message, which is never empty."""
        self._sponge.update(message)
        self._squeezed = 0

    def challenge(self) -> int:
        """64 squeezed bytes, big-endian, mod P; the challenge 0 (probability 2^-256) is refused."""
        start, self._squeezed = self._squeezed, self._squeezed + 64
        challenge = int.from_bytes(self._sponge.digest(self._squeezed)[start:], "big") % P
        ensure(challenge != 0, "zero challenge")
        return challenge
