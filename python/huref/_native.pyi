"""The Rust core (rust/python). Private: use the functions of `huref`."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, final

import numpy as np
from numpy.typing import NDArray

from .artefacts.shape import Shape
from .artefacts.statement import Public
from .cnn.network import Convolution
from .model.layer import Layer

#: Version of the statement's encoding.
VERSION: int
#: Version of the release.
RELEASE: str
#: All profiles, the default first.
PROFILES: tuple[Profile, ...]

__all__ = [
    "PROFILES",
    "RELEASE",
    "VERSION",
    "Piece",
    "Profile",
    "Rejected",
    "Weights",
    "bit_string",
    "blind",
    "convolve",
    "digest_state",
    "encode",
    "encode_by",
    "inverse_embedding",
    "last_words",
    "prove",
    "quantise_embedding",
    "quantise_layer",
    "security",
    "sketches",
    "statement_digest",
    "token_digest",
    "verify",
    "verify_all",
]

_Progress = Callable[[str, int, int], object]

#: The arguments of `huref.artefacts.statement.Public`.
_Outputs = tuple[list[int], list[int], list[int], int]
#: Shape, commitment, public outputs, challenge, proof.
_Claim = tuple[Shape, bytes, Public, bytes | None, bytes]

@final
class Profile:
    """A complete set of rules, as the core has it; `huref.profile.Profile` says what the fields are."""

    name: str
    numbers: list[tuple[str, int]]
    generators: str
    encoder: Literal["linear", "cnn"]
    network: str | None
    fingerprint: tuple[str, str, str]
    challenge: tuple[str, str, str]
    purpose: str
    tokens: str
    layers: int

class Rejected(Exception):  # noqa: N818 (the name says what happened, to a proof, not to the program)
    """A statement or proof was refused; `args` is (check, detail)."""

@final
class Weights:
    """Quantised weights in canonical form. Secret."""

    @staticmethod
    def from_integers(name: str, shape: Shape, matrices: Sequence[NDArray[np.int16]]) -> Weights: ...
    @staticmethod
    def from_pieces(name: str, shape: Shape, pieces: Sequence[Piece]) -> Weights: ...
    def matrix(self, index: int) -> NDArray[np.int16]: ...
    def piece(self, index: int) -> Piece: ...

@final
class Piece:
    """The integers of the embeddings, or of one layer. Secret, like everything that is computed from them."""

    @property
    def rows(self) -> int: ...
    def digests(self, size: int) -> list[bytes]: ...
    def sums(self, start: int, stop: int, progress: _Progress | None = None) -> bytes: ...
    def absorb(self, state: bytes) -> bytes: ...

def quantise_embedding(
    name: str,
    shape: Shape,
    embedding: NDArray[Any],
    layer_norm: bool,
    unit_rows: bool,
    progress: _Progress | None = None,
) -> Piece: ...
def inverse_embedding(embedding: NDArray[Any], layer_norm: bool, unit_rows: bool) -> NDArray[np.float64]: ...
def quantise_layer(
    name: str,
    shape: Shape,
    number: int,
    layer: Layer,
    layer_norm: bool,
    progress: _Progress | None = None,
) -> Piece: ...
def digest_state(name: str) -> bytes: ...
def blind(name: str, sums: bytes, state: bytes, seed_bytes: bytes) -> bytes: ...
def sketches(
    weights: Weights, progress: _Progress | None = None, challenge: bytes | None = None
) -> list[list[int]]: ...
def encode(name: str, sketches: Sequence[Sequence[int]], challenge: bytes | None = None) -> _Outputs: ...
def encode_by(name: str, convolutions: Sequence[Convolution], sketches: Sequence[Sequence[int]]) -> _Outputs: ...
def convolve(convolutions: Sequence[Convolution], side: int, x: NDArray[np.int64]) -> list[int]: ...
def bit_string(name: str, shape: Shape, sketches: Sequence[Sequence[int]]) -> bytes: ...
def prove(
    weights: Weights,
    seed_bytes: bytes,
    commitment: bytes,
    progress: _Progress | None = None,
    challenge: bytes | None = None,
) -> tuple[_Outputs, bytes]: ...
def verify(
    name: str,
    shape: Shape,
    commitment: bytes,
    public: Public,
    proof: bytes,
    challenge: bytes | None = None,
) -> None: ...
def last_words(handle: int, words: bytes, code: int) -> None:
    """What an allocation that fails writes, and the exit code with which it ends the program."""

def verify_all(name: str, given: Sequence[_Claim]) -> list[Exception | None]: ...
def statement_digest(
    name: str, shape: Shape, commitment: bytes, public: Public, challenge: bytes | None = None
) -> bytes: ...
def security(name: str, shape: Shape) -> list[tuple[str, float]]: ...
def token_digest(tokens: Sequence[bytes]) -> bytes: ...
