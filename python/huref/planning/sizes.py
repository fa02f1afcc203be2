"""Sizes of commitment and proof by the closed formulas of the specification ("the interactive part", counts)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isqrt, log2

from .. import _native
from ..artefacts.bundle import PORTRAIT_OUTPUTS
from ..artefacts.shape import Shape
from ..artefacts.statement import Statement
from ..errors import MalformedBundleError
from ..profile import named

POINT, SCALAR = 33, 32
#: Bytes of a file beside lists, proof and image, with claims about some files; of a portrait, which is less compressed.
FIELDS, PORTRAIT = 50_000, 3 * 512 * 512


@dataclass(frozen=True)
class Sizes:
    """What a statement of this shape costs, before any weight is read. One value is estimated: `shift`."""

    profile: str
    shape: Shape

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
        return self.bits_at([self.shift] * self.terms)

    def bits_at(self, shifts: Sequence[int]) -> int:
        """Length of the committed bit string; `shifts`: e of each term."""
        p = self._p
        widest = (1 << (p["weight_bits"] - 1)) - 1
        norm = -(-(p["projection"] ** 2) * self.integers * widest**2 // 2)
        z_bits = 1 + (14 * (isqrt(norm // 2) + 1) - 1).bit_length()
        target = (p["outputs"] << 2 * (p["fraction_bits"] + p["z_fraction_bits"])).bit_length()
        sketches = p["sketch"] ** 2 * sum(e + p["q_bits"] for e in shifts)
        slacks = 2 * self.terms * p["slack_bits"] + 2 * target + 2 - p["min_log_c"] + p["max_log_c"] + 2
        return sketches + slacks + p["outputs"] * p["fraction_bits"] + p["projection_z"] * z_bits + norm.bit_length()

    @property
    def proof_bytes(self) -> int:
        """The proof without the commitment, at typical shifts."""
        return self.proof_bytes_at([self.shift] * self.terms)

    def bundle_file(self, image: bool) -> int:
        """About the most bytes that the file of a bundle has, with the portrait or without."""
        longest = self.proof_bytes_at([self.shift + 8] * self.terms)
        outputs = len("-2147483648,") * (self._p["outputs"] + 2 * self.terms)
        drawn = image and self._p["outputs"] == PORTRAIT_OUTPUTS
        return self.commitment_file + outputs + _base64(longest) + _base64(PORTRAIT) * drawn

    def proof_bytes_at(self, shifts: Sequence[int]) -> int:
        """The proof without the commitment; `shifts`: e of each term."""
        bits = self.bits_at(shifts)
        p, t = self._p, self.terms
        positions = max(self.shape.matrices()[1:])
        k = _log2(-(-positions // self._per_row)) + _log2(self._per_row)
        h, b, j = _log2(self.shape.hidden), _log2(bits), _log2(t * p["sketch"] ** 2)
        m, projection, n = _log2(p["outputs"]), _log2(p["projection"]), p["log_n"]
        sends = 2 * k + 4 * t + 2 * h + 3 * b + t + 3 * j + 2 * m + 4 * projection + 2 * n + 12
        pads = sends + 3 * t + 4
        auxiliary = -(-bits >> n) + -(-(p["projection"] ** 2) >> n)
        return SCALAR * (sends + pads + 6) + POINT * (auxiliary + 5 + 2 * n)


def security(statement: Statement) -> list[tuple[str, float]]:
    """Terms of the soundness error: what would have to fail, and -log2 of its probability or of the work.

    MalformedBundleError: no statement can have this shape.
    """
    try:
        return _native.security(statement.profile, statement.shape)
    except _native.Rejected as refusal:
        raise MalformedBundleError(f"bundle, statement: {refusal.args[1]}") from None


def _base64(size: int) -> int:
    """Characters that stand for so many bytes."""
    return 4 * -(-size // 3)


def _log2(number: int) -> int:
    """Rounded up."""
    return (number - 1).bit_length()
