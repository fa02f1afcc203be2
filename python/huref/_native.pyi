"""The Rust core (rust/python). Private: use the functions of `huref`."""

from collections.abc import Callable, Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

#: Identifiers of the protocols, absorbed by the transcript, and version of the statement's encoding.
PROTOCOLS: tuple[str, str]
VERSION: int

_Progress = Callable[[str, int, int], object]
#: Shape, commitment, public outputs, challenge, proof.
Claim = tuple[dict[str, Any], bytes, dict[str, Any], bytes | None, bytes]

class Rejected(Exception):  # noqa: N818 (the name says what happened, to a proof, not to the program)
    """A statement or proof was refused; `args` is (check, detail)."""

@final
class Weights:
    """Quantised weights in canonical form. Secret."""

    @staticmethod
    def from_integers(name: str, shape: dict[str, Any], matrices: Sequence[NDArray[np.int16]]) -> Weights: ...
    @staticmethod
    def from_pieces(name: str, shape: dict[str, Any], pieces: Sequence[Piece]) -> Weights: ...
    @property
    def shape(self) -> dict[str, Any]: ...
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
    shape: dict[str, Any],
    embedding: NDArray[Any],
    layer_norm: bool,
    unit_rows: bool,
    progress: _Progress | None = None,
) -> Piece: ...
def quantise_layer(
    name: str,
    shape: dict[str, Any],
    number: int,
    layer: dict[str, Any],
    layer_norm: bool,
    progress: _Progress | None = None,
) -> Piece: ...
def digest_state(name: str) -> bytes: ...
def blind(name: str, sums: bytes, state: bytes, seed_bytes: bytes) -> bytes: ...
def sketches(
    weights: Weights, progress: _Progress | None = None, challenge: bytes | None = None
) -> list[list[int]]: ...
def encode(name: str, sketches: Sequence[Sequence[int]], challenge: bytes | None = None) -> dict[str, Any]: ...

#: Weights (flat), bias, stride and shift.
_Convolution = tuple[NDArray[np.int8], NDArray[np.int32], int, int]

def encode_by(name: str, convolutions: Sequence[_Convolution], sketches: Sequence[Sequence[int]]) -> dict[str, Any]: ...
def convolve(convolutions: Sequence[_Convolution], side: int, x: NDArray[np.int64]) -> list[int]: ...
def bit_string(name: str, shape: dict[str, Any], sketches: Sequence[Sequence[int]]) -> bytes: ...
def prove(
    weights: Weights,
    seed_bytes: bytes,
    commitment: bytes,
    progress: _Progress | None = None,
    challenge: bytes | None = None,
) -> tuple[dict[str, Any], bytes]: ...
def verify(
    name: str,
    shape: dict[str, Any],
    commitment: bytes,
    public: dict[str, Any],
    proof: bytes,
    challenge: bytes | None = None,
) -> None: ...
def verify_all(name: str, given: Sequence[Claim]) -> list[Exception | None]: ...
def statement_digest(
    name: str, shape: dict[str, Any], commitment: bytes, public: dict[str, Any], challenge: bytes | None = None
) -> bytes: ...
def security(name: str, shape: dict[str, Any]) -> list[tuple[str, float]]: ...
def generators_digest(name: str) -> str: ...
def parameters(name: str) -> dict[str, int]: ...
def token_digest(tokens: Sequence[bytes]) -> bytes: ...
