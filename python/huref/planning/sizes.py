"""Sizes of commitment and proof by the closed formulas of the specification ("the interactive part", counts)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isqrt, log2

from ..artefacts import portrait
from ..artefacts.shape import Shape
from ..profile import named

POINT, SCALAR = 33, 32
#: Bytes of a file beside lists, proof and image, with claims about some files.
FIELDS = 50_000


@dataclass(frozen=True)
class Sizes:
    """What a statement of this shape costs, under so many draws, before any weight is read. One value is estimated:
    `shift`.
    """

    profile: str
    shape: Shape
    draws: int = 2

    @cached_property
    def _p(self) -> dict[str, int]:
        return named(self.profile).numbers

    @property
    def _per_row(self) -> int:
        return (1 << self._p["log_n"]) // self.shape.hidden

    @property
    def terms(self) -> int:
        """T: three for each layer."""
        return 3 * len(self.shape.layers)

    @property
    def integers(self) -> int:
        """Committed weights."""
        return sum(self.shape.matrices()) * self.shape.hidden

    @property
    def rows(self) -> int:
        """Commitment rows."""
        return self.shape.commitment_rows(self.profile)

    @property
    def commitment_bytes(self) -> int:
        """The points of a commitment."""
        return POINT * self.rows

    @property
    def commitment_file(self) -> int:
        """Most bytes that the file of a commitment has, and that a bundle has without its proof and image."""
        tokens = sum(2 * len(token) + len('"",') for token in self.shape.tokens)
        return tokens + _base64(self.commitment_bytes) + FIELDS + len("1000000,") * len(self.shape.layers)

    @property
    def shift(self) -> int:
        """A typical shift e of a term: how many bits a sketch entry is longer than 27. Within 3 for trained models."""
        s = self.shape
        return max(0, round(61 + 1.5 * log2(s.hidden / 384) + 3 * log2(len(s.tokens) / 4096)))

    @property
    def bits(self) -> int:
        """Length of the committed bit string at typical shifts."""
        return self.bits_at([self.shift] * self.draws * self.terms)

    def bits_at(self, shifts: Sequence[int]) -> int:
        """Length of the committed bit string; `shifts`: e of each term under each draw."""
        p = self._p
        widest = (1 << (p["weight_bits"] - 1)) - 1
        norm = -(-(p["projection"] ** 2) * self.integers * widest**2 // 2)
        z_bits = 1 + (14 * (isqrt(norm // 2) + 1) - 1).bit_length()
        target = (p["outputs"] << 2 * (p["fraction_bits"] + p["z_fraction_bits"])).bit_length()
        sketches = p["sketch"] ** 2 * sum(e + p["q_bits"] for e in shifts)
        terms, vectors = self.draws * self.terms, self.draws * len(self.shape.layers)
        slacks = 2 * target + 2 - p["min_log_c"] + p["max_log_c"] + 2
        vector = p["outputs"] * p["fraction_bits"] + slacks
        drawn = sketches + 2 * terms * p["slack_bits"] + vectors * vector
        return drawn + p["projection_z"] * z_bits + norm.bit_length()

    @property
    def proof_bytes(self) -> int:
        """The proof without the commitment, at typical shifts."""
        return self.proof_bytes_at([self.shift] * self.draws * self.terms)

    def bundle_file(self, image: int) -> int:
        """About the most bytes that the file of a bundle has. `image`: pixels along a side of its image, or 0."""
        longest = self.proof_bytes_at([self.shift + 8] * self.draws * self.terms)
        numbers = self._p["outputs"] * len(self.shape.layers) + 3 * self.terms
        outputs = self.draws * numbers * len("-2147483648,")
        pixels = 3 * image**2 if self._p["outputs"] == portrait.OUTPUTS else 0  # those of a PNG file are compressed
        return self.commitment_file + outputs + _base64(longest) + _base64(pixels)

    def nearness_file(self, vectors: int) -> int:
        """About the most bytes that the file of a proof of nearness has, to so many vectors of the other side."""
        theirs = vectors * self._p["outputs"] * len("-2147483648,")
        # more bits of an entry, and for each pair two slacks, a sign, a scalar with its pad and one of its square
        layers = len(self.shape.layers)
        bits = self.terms * self._p["sketch"] ** 2 * 40 + 640 * vectors * layers
        rows = -(-bits >> self._p["log_n"])
        return self.bundle_file(image=0) + theirs + _base64(POINT * rows + 4 * SCALAR * vectors * layers)

    def drift_file(self, blocks: int, models: int) -> int:
        """About the most bytes that a file of drift has, which speaks of so many blocks of so many committed models."""
        # a slack for each block, less than 128 bits wide; then what the proof of a fingerprint has but for its bits
        rows = -(-128 * blocks >> self._p["log_n"])
        return models * self.commitment_file + _base64(self.proof_bytes + POINT * rows)

    def proof_bytes_at(self, shifts: Sequence[int]) -> int:
        """The proof without the commitment; `shifts`: e of each term under each draw."""
        bits = self.bits_at(shifts)
        p, t, u, g = self._p, self.terms, self.draws, self.draws * len(self.shape.layers)
        positions = max(self.shape.matrices()[1:])
        k = _log2(-(-positions // self._per_row)) + _log2(self._per_row)
        h, b, j = _log2(self.shape.hidden), _log2(bits), _log2(u * t * p["sketch"] ** 2 + g * p["outputs"])
        projection, n = _log2(p["projection"]), p["log_n"]
        sends = 9 + 2 * k + 3 * u * t + 2 * t + 2 * h + 3 * b + 3 * j + g + 4 * projection + 2 * n
        pads = sends + u * t + 2 * t + 3
        auxiliary = -(-bits >> n) + -(-(p["projection"] ** 2) >> n)
        return SCALAR * (sends + pads + 6) + POINT * (auxiliary + 5 + 2 * n)


def _base64(size: int) -> int:
    """Characters that stand for so many bytes."""
    return 4 * -(-size // 3)


def _log2(number: int) -> int:
    """Rounded up."""
    return (number - 1).bit_length()
