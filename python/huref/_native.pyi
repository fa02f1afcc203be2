"""The Rust core (rust/python). Private: use the functions of `huref`."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol, final

import numpy as np
from numpy.typing import NDArray

from .artefacts.nearness import AnswerKind, Nearness
from .artefacts.opening import Seed
from .artefacts.shape import Shape
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
    "Memory",
    "Piece",
    "Profile",
    "Rejected",
    "Weights",
    "bit_string",
    "blind",
    "check_network",
    "convolve",
    "digest_of_leaves",
    "drift",
    "drift_digest",
    "drift_security",
    "drift_sizes",
    "encode",
    "inverse_embedding",
    "last_words",
    "near",
    "near_digest",
    "near_security",
    "portrait",
    "portrait_patterns",
    "portrait_vector",
    "prove",
    "public_digest",
    "quantise_attention",
    "quantise_embedding",
    "quantise_layer",
    "security",
    "sides",
    "sketches",
    "statement_digest",
    "token_digest",
    "verify",
    "verify_all",
    "verify_drift",
    "verify_near",
]

_Progress = Callable[[str, int, int], object]

#: What outputs are made of, under one draw: z, m numbers a layer; e and a, three a layer; c, one a layer.
_Outputs = tuple[list[int], list[int], list[int], list[int]]

class _Limit(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def values(self) -> Sequence[int]: ...

class _Drift(Protocol):
    """`commitment`: the rows of W, then, unless it is public, those of W'."""

    @property
    def profile(self) -> str: ...
    @property
    def shape(self) -> Shape: ...
    @property
    def commitment(self) -> bytes: ...
    @property
    def exponents(self) -> Sequence[int | None]: ...
    @property
    def partition(self) -> str: ...
    @property
    def limit(self) -> _Limit: ...
    @property
    def context(self) -> _Context: ...

class _Draw(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def beacon(self) -> bytes: ...
    @property
    def other(self) -> bytes: ...
    @property
    def network(self) -> bytes: ...

class _Context(Protocol):
    @property
    def owner(self) -> str: ...
    @property
    def audience(self) -> str: ...
    @property
    def nonce(self) -> bytes: ...

class _Public(Protocol):
    @property
    def z(self) -> Sequence[int]: ...
    @property
    def e(self) -> Sequence[int]: ...
    @property
    def a(self) -> Sequence[int]: ...
    @property
    def c(self) -> Sequence[int]: ...

class _Shape(Protocol):
    @property
    def hidden(self) -> int: ...
    @property
    def heads(self) -> int: ...
    @property
    def kv_heads(self) -> int: ...
    @property
    def head_dim(self) -> int: ...
    @property
    def ffn(self) -> int: ...
    @property
    def layers(self) -> Sequence[int]: ...
    @property
    def tokens(self) -> Sequence[bytes]: ...

class _Statement(Protocol):
    """A statement, read by its attributes: that of the reference verifier."""

    @property
    def profile(self) -> str: ...
    @property
    def shape(self) -> _Shape: ...
    @property
    def commitment(self) -> bytes: ...
    @property
    def draws(self) -> Sequence[_Draw]: ...
    @property
    def outputs(self) -> Sequence[_Public]: ...
    @property
    def context(self) -> _Context: ...

@final
class Profile:
    """A complete set of rules, as the core has it; `huref.profile.Profile` says what the fields are."""

    name: str
    numbers: list[tuple[str, int]]
    generators: str
    encoder: Literal["linear", "cnn"]
    network: str | None
    protocol: str
    common: tuple[str, str]
    fresh: tuple[str, str]
    purpose: str
    tokens: str
    words_first: bool
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
    def stream_digest(self) -> bytes: ...
    def piece(self, index: int) -> Piece: ...

@final
class Memory:
    """Memory of one layer, which `quantise_layer` uses again for the next. Secret, like what was in it."""

    def __new__(cls) -> Memory: ...

@final
class Piece:
    """The integers of the embeddings, or of one layer. Secret, like everything that is computed from them."""

    @property
    def rows(self) -> int: ...
    def digests(self, size: int = ...) -> list[bytes]: ...
    def sums(self, start: int, stop: int, progress: _Progress | None = None) -> bytes: ...

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
    memory: Memory | None = None,
    base: Piece | None = None,
) -> Piece: ...
def quantise_attention(
    name: str, shape: Shape, number: int, layer: Layer, layer_norm: bool, memory: Memory | None = None
) -> Piece: ...
def digest_of_leaves(name: str, leaves: Sequence[bytes]) -> bytes: ...
def blind(name: str, sums: bytes, digest: bytes, seed: Seed | bytes) -> bytes: ...
def sketches(
    weights: Weights, progress: _Progress | None = None, seeds: Sequence[bytes | None] | None = None
) -> list[list[int]]: ...
def encode(
    name: str,
    sketches: Sequence[Sequence[int]],
    seeds: Sequence[bytes | None] | None = None,
    network: bytes | None = None,
) -> list[_Outputs]: ...
def check_network(name: str, data: bytes) -> None: ...
def portrait(vector: NDArray[np.int32]) -> NDArray[np.uint8]: ...
def portrait_patterns() -> NDArray[np.bool_]: ...
def portrait_vector(name: str, z: Sequence[int]) -> list[int] | None: ...
def convolve(convolutions: Sequence[Convolution], side: int, x: NDArray[np.int64]) -> list[int]: ...
def bit_string(name: str, shape: Shape, sketches: Sequence[Sequence[int]]) -> bytes: ...
def prove(
    weights: Weights,
    seed: Seed | bytes,
    commitment: bytes,
    draws: Sequence[_Draw],
    context: _Context,
    progress: _Progress | None = None,
) -> tuple[list[_Outputs], bytes]: ...
def near(
    weights: Weights,
    seed: Seed | bytes,
    commitment: bytes,
    draw: _Draw,
    theirs: Sequence[int],
    asked: tuple[AnswerKind, int],
    context: _Context,
    progress: _Progress | None = None,
) -> tuple[tuple[AnswerKind, list[int], tuple[int, int] | None], bytes]: ...
def verify(statement: _Statement, proof: bytes) -> None: ...
def verify_near(statement: Nearness, proof: bytes) -> None: ...
def near_security(statement: Nearness) -> list[tuple[str, float]]: ...
def near_digest(statement: Nearness) -> bytes: ...
def drift_sizes(first: Weights, second: Weights) -> list[tuple[int, int, int]]:
    """For each matrix the exponent with which the first model comes nearest to the second, and there the squared norms
    of their difference and of the first.
    """

def drift(
    first: Weights,
    second: Weights,
    seeds: Sequence[Seed | bytes],
    commitment: bytes,
    exponents: Sequence[int | None],
    partition: str,
    limit: tuple[str, Sequence[int]],
    context: _Context,
    progress: _Progress | None = None,
) -> tuple[list[int], bytes]:
    """The values of the limit, and the proof. With one seed, the second model is public. A relative limit without a
    value is the least that holds.
    """

def verify_drift(statement: _Drift, proof: bytes, public: Weights | None = None) -> None: ...
def drift_security(statement: _Drift, public: Weights | None = None) -> list[tuple[str, float]]: ...
def drift_digest(statement: _Drift, public: Weights | None = None) -> bytes: ...
def public_digest(public: Weights) -> bytes:
    """SHA-256 of the integers of a public model, as a statement has it."""

def last_words(handle: int, words: bytes, code: int) -> None:
    """What an allocation that fails writes, and the exit code with which it ends the program."""

def verify_all(name: str, given: Sequence[tuple[_Statement, bytes]]) -> list[Exception | None]: ...
def statement_digest(statement: _Statement) -> bytes: ...
def security(name: str, shape: Shape, draws: int = 2, network: bytes | None = None) -> list[tuple[str, float]]: ...
def sides(beginning: bytes, tokens: Sequence[bytes]) -> tuple[int, int]: ...
def token_digest(tokens: Sequence[bytes]) -> bytes: ...
