"""Fingerprint of profile paper, in a file."""

from __future__ import annotations

from dataclasses import dataclass

from ..profile import PAPER
from . import kinds, strict

OUTPUTS = 512


#: Units of a vector in 1.0, in files: what is lost is below 5e-7 of a standard deviation.
SCALE = 1 << 20


MAX_TOKENS, MAX_LAYER = 4096, (1 << 16) - 1


@dataclass(frozen=True)
class PaperFingerprint:
    """A vector of profile paper: 512 numbers in units of 2^-20, made over `tokens` tokens; `token_digest` is the
    SHA-256 of the list of their ids (one a line, as in the file of a frequency list).
    """

    layers: tuple[int, ...]
    tokens: int
    token_digest: str
    vector: tuple[int, ...]


def dump(fingerprint: PaperFingerprint) -> bytes:
    """The bytes of such a file."""
    return strict.dump(
        {
            "mediaType": kinds.PAPER.media_type,
            "profile": PAPER,
            "layers": fingerprint.layers,
            "scale": SCALE,
            "vector": fingerprint.vector,
            "tokens": {"count": fingerprint.tokens, "digest": fingerprint.token_digest},
        }
    )


def parse(data: bytes, where: str = "fingerprint") -> PaperFingerprint:
    """The fingerprint of a file; `where` names it in messages. InputError: not such a file."""
    fields = kinds.opened(kinds.PAPER, data, where)
    fields.must_be("profile", PAPER)
    layers = fields.integers("layers", 0, MAX_LAYER)
    if not layers or list(layers) != sorted(set(layers)):
        fields.refuse("field 'layers' must be ascending and not empty")
    scale = fields.integer("scale", SCALE, SCALE)
    vector = fields.integers("vector", -OUTPUTS * scale, OUTPUTS * scale, OUTPUTS)
    if not any(vector):
        fields.refuse("field 'vector' is zero")
    tokens = fields.fields("tokens")
    count = tokens.integer("count", 1, MAX_TOKENS)
    digest = tokens.hexadecimal("digest", 32).hex()
    tokens.done()
    fields.done()
    return PaperFingerprint(layers, count, digest, vector)
