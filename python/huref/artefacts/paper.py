"""Fingerprint of profile paper, in a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..profile import PAPER
from . import strict

if TYPE_CHECKING:
    pass


MEDIA_TYPE = "application/vnd.huref.paper.v1+json"


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

    def to_json(self) -> bytes:
        """The file of `huref fingerprint --profile paper`."""
        return strict.dump(
            {
                "mediaType": MEDIA_TYPE,
                "profile": PAPER,
                "layers": self.layers,
                "scale": SCALE,
                "vector": self.vector,
                "tokens": {"count": self.tokens, "digest": self.token_digest},
            }
        )

    @classmethod
    def from_json(cls, data: bytes, where: str) -> PaperFingerprint:
        """The fingerprint of a file; `where` names it in messages. InputError: not such a file."""
        fields = strict.parse(data, where)
        fields.must_be("mediaType", MEDIA_TYPE)
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
        return cls(layers, count, digest, vector)


def is_paper(path: Path) -> bool:
    """Whether that is a file of such a fingerprint, by its beginning."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return MEDIA_TYPE.encode("ascii") in file.read(4 * len(MEDIA_TYPE))
    except OSError:  # whoever reads it says so
        return False
