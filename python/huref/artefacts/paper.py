"""Fingerprint of profile paper, in a file."""

from __future__ import annotations

from dataclasses import dataclass

from ..profile import PAPER
from . import kinds, strict
from .shape import read_layers

OUTPUTS = 512


#: Units of a vector in 1.0, in files: what is lost is below 5e-7 of a standard deviation.
UNITS = 1 << 20


MAX_TOKENS = 4096


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
            "units": UNITS,
            "vector": fingerprint.vector,
            "tokenIds": {"count": fingerprint.tokens, "digest": fingerprint.token_digest},
        }
    )


def parse(data: bytes, where: str = "fingerprint") -> PaperFingerprint:
    """The fingerprint of a file; `where` names it in messages. InputError: not such a file."""
    fields = kinds.opened(kinds.PAPER, data, where)
    fields.must_be("profile", PAPER)
    layers = read_layers(fields)
    fields.integer("units", UNITS, UNITS)
    vector = fields.integers("vector", -OUTPUTS * UNITS, OUTPUTS * UNITS, OUTPUTS)
    if not any(vector):
        fields.refuse("field 'vector' is zero")
    tokens = fields.fields("tokenIds")
    count = tokens.integer("count", 1, MAX_TOKENS)
    digest = tokens.hexadecimal("digest", 32).hex()
    tokens.done()
    fields.done()
    return PaperFingerprint(layers, count, digest, vector)
