"""The common vectors of a model, as the service passes them on: taken from files by a worker, kept, and searched."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..artefacts import tokens
from ..artefacts.bundle import Bundle
from ..artefacts.fingerprint import Fingerprint
from ..artefacts.outputs import Outputs
from ..profile import named
from ..similarity.database import common

_NUMBER = np.dtype("<i4")


@dataclass(frozen=True)
class Common:
    """`digest`: that of the list of tokens; `numbers`: those of all layers, signed integers of 32 bits, little-endian;
    `listed`: the tokens, packed, or b"" where they are known by their digest alone.
    """

    profile: str
    digest: str
    layers: tuple[int, ...]
    numbers: bytes
    listed: bytes = b""

    @classmethod
    def of(cls, found: Fingerprint) -> Common:
        """Those of a fingerprint."""
        numbers = np.array(found.vectors, _NUMBER).tobytes()
        return cls(found.profile, found.token_digest, found.layers, numbers, tokens.packed(found.tokens))

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Common:
        """What `to_json` made of it."""
        numbers, listed = (base64.b64decode(fields[name]) for name in ("numbers", "listed"))
        return cls(fields["profile"], fields["digest"], tuple(fields["layers"]), numbers, listed)

    def to_json(self) -> dict[str, Any]:
        """JSON values, for the answer of a worker."""
        numbers, listed = (base64.b64encode(data).decode() for data in (self.numbers, self.listed))
        return vars(self) | {"numbers": numbers, "listed": listed}

    @property
    def vectors(self) -> NDArray[np.int32]:
        """The vectors, a row for each layer."""
        return np.frombuffer(self.numbers, _NUMBER).reshape(len(self.layers), -1)

    def fingerprint(self, listed: tuple[bytes, ...]) -> Fingerprint:
        """What is compared, over these tokens. Its scales are not known here."""
        vectors = tuple(map(tuple, self.vectors.tolist()))
        return Fingerprint(named(self.profile).name, self.layers, listed, Outputs(vectors, (), (), ()))


def vectors_of(bundle: Bundle) -> Common:
    """Those of a bundle; without any if it has none, or one that is zero, which no model has."""
    found = common(bundle)
    return NONE if found is None or not all(map(any, found.vectors)) else Common.of(found)


NONE = Common("", "", (), b"")
