"""Opening: the secret behind a commitment, in a file that only its owner may read."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from .. import disk
from ..errors import InputError
from . import kinds, strict, tokens
from .commitment import Commitment
from .shape import read_layers

#: An opening file has a few hundred bytes, and a token list.
MAX_FILE = 16 << 20


#: Rules by which blinds follow from a seed and the weights (proofs/spec/commitments.md): that of the first openings,
#: and that of new ones.
FIRST_RULE, RULE = 1, 2


class Seed:
    """32 secret bytes from which all blinds follow, by that `rule`. Never shown: no repr, no comparison, no pickle."""

    __slots__ = ("_secret", "rule")

    def __init__(self, secret: bytes, rule: int = RULE) -> None:
        if len(secret) != 32:
            raise InputError("a seed has 32 bytes")
        self._secret, self.rule = secret, rule

    @classmethod
    def fresh(cls) -> Seed:
        """A seed from the operating system's random source."""
        return cls(secrets.token_bytes(32))

    def reveal(self) -> bytes:
        """The secret bytes. Do not bind them to a name: tracebacks show names."""
        return self._secret

    def __repr__(self) -> str:
        return "Seed(secret)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a seed is not copied, pickled or sent anywhere")


@dataclass(frozen=True)
class Opening:
    """What the owner keeps: the seed behind a commitment. Secret.

    `commitment` is its id; `profile`, `layers` and `tokens` say what it was made of, so that nobody types them again.
    `aligned_to`: the digest of the base that attention was aligned to (`huref.stages.base.Base`), None if there was
    none.
    """

    commitment: str
    seed: Seed = field(repr=False)
    profile: str
    layers: tuple[int, ...]
    tokens: tuple[bytes, ...] = field(repr=False)
    aligned_to: str | None = None

    @classmethod
    def of(cls, commitment: Commitment, seed: Seed, aligned_to: str | None = None) -> Opening:
        """The opening of a commitment that was made with this seed."""
        shape = commitment.shape
        return cls(commitment.id, seed, commitment.profile, shape.layers, shape.tokens, aligned_to)


def write(path: Path, opening: Opening) -> None:
    """Write an opening to a new file that only its owner may read. OutputError if that fails or the file exists."""
    fields = {
        "mediaType": kinds.OPENING.media_type,
        "commitment": opening.commitment,
        "seed": opening.seed.reveal().hex(),
        **({} if opening.seed.rule == FIRST_RULE else {"blinds": opening.seed.rule}),
        "profile": opening.profile,
        "layers": opening.layers,
        "tokens": tokens.to_fields(opening.tokens),
        **({} if opening.aligned_to is None else {"alignedTo": opening.aligned_to}),
    }
    disk.write_private(path, strict.dump(fields))


def parse(data: bytes, where: str = "opening") -> Opening:
    """The opening of a file; `where` names it in messages. InputError if it is not an opening file."""
    fields = kinds.opened(kinds.OPENING, data, where)
    commitment = fields.hexadecimal("commitment", 32).hex()
    rule = fields.integer("blinds", RULE, RULE) if fields.has("blinds") else FIRST_RULE
    seed = Seed(fields.hexadecimal("seed", 32), rule)
    profile, layers = fields.profile().name, read_layers(fields)
    listed = tokens.from_fields(fields.fields("tokens"))
    aligned_to = fields.hexadecimal("alignedTo", 32).hex() if fields.has("alignedTo") else None
    opening = Opening(commitment, seed, profile, layers, listed, aligned_to)
    fields.done()
    return opening


def read(path: Path) -> Opening:
    """The opening in a file.

    Raises:
        NotFoundError: there is no such file.
        InputError: the file is not an opening, belongs to another user, or may be read or written by others.

    """
    data, status = disk.read_with_status(path, MAX_FILE)
    opening = parse(data, str(path))
    disk.must_be_private(path, status)
    return opening
