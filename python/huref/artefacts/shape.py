"""Shape: the public sizes of what was committed to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..profile import named
from . import strict
from . import tokens as listed

#: Bounds of every file: sizes, neurons, number of layers, numbers of layers (from 0).
MAX_SIZE, MAX_FFN, MAX_LAYERS, MAX_LAYER = 1 << 16, 1 << 24, 1 << 16, (1 << 16) - 1

#: The matrices of a layer, in committed order.
LAYER = ("q", "k", "v", "o", "up", "down")
#: Their names in messages: two are transposed in the canonical form.
NAMES = ("q", "k", "v", "oT", "up", "downT")
ATTENTION = NAMES[:4]


@dataclass(frozen=True)
class Shape:
    """Public description of the circuit. Weights come in canonical form, so it has no norms, flags or family.

    `hidden` d, `heads` h, `kv_heads` g (divides h), `head_dim` e, `ffn` f (experts concatenated), `layers` strictly
    ascending, `tokens` the byte strings of the selected tokens in selection order, all different.
    """

    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    layers: tuple[int, ...]
    tokens: tuple[bytes, ...]

    @cached_property
    def token_digest(self) -> str:
        """The name of the list of tokens (`huref.artefacts.tokens.digest`)."""
        return listed.digest(self.tokens)

    def matrices(self) -> tuple[int, ...]:
        """Rows of each committed matrix: X, then q, k, v, o, up, down of every layer. All have `hidden` columns."""
        queries, keys = self.heads * self.head_dim, self.kv_heads * self.head_dim
        layer = (queries, keys, keys, queries, self.ffn, self.ffn)
        return (len(self.tokens), *layer * len(self.layers))

    def matrix_names(self) -> tuple[str, ...]:
        """Name of each committed matrix, as in messages of the core: X, then such as `4.q`."""
        return ("X", *(f"{layer}.{name}" for layer in self.layers for name in NAMES))

    def commitment_rows(self, profile: str) -> int:
        """Rows of a commitment: floor(n / d) matrix rows stand side by side, a new matrix starts a new row."""
        slots = max(1, named(profile).columns // self.hidden)  # 0 only for shapes that are refused
        return sum(-(-rows // slots) for rows in self.matrices())


def is_attention(name: str) -> bool:
    """Whether a matrix of that name is one of attention, whose canonical basis turns under the smallest change."""
    return name.rpartition(".")[2] in ATTENTION


def to_fields(shape: Shape) -> dict[str, Any]:
    """The object of a shape in files; the tokens stand beside it."""
    return {
        "hidden": shape.hidden,
        "heads": shape.heads,
        "kvHeads": shape.kv_heads,
        "headDim": shape.head_dim,
        "ffn": shape.ffn,
        "layers": list(shape.layers),
    }


def from_fields(fields: strict.Fields, tokens: tuple[bytes, ...]) -> Shape:
    """The shape of such an object."""
    shape = Shape(
        hidden=fields.integer("hidden", 1, MAX_SIZE),
        heads=fields.integer("heads", 1, MAX_SIZE),
        kv_heads=fields.integer("kvHeads", 1, MAX_SIZE),
        head_dim=fields.integer("headDim", 1, MAX_SIZE),
        ffn=fields.integer("ffn", 1, MAX_FFN),
        layers=read_layers(fields),
        tokens=tokens,
    )
    fields.done()
    return shape


def read_layers(fields: strict.Fields) -> tuple[int, ...]:
    """The field "layers" of any file: numbers from 0, strictly ascending, at least one."""
    layers = fields.integers("layers", 0, MAX_LAYER)
    if not 1 <= len(layers) <= MAX_LAYERS or list(layers) != sorted(set(layers)):
        fields.refuse(f"field 'layers' must hold 1 to {MAX_LAYERS} numbers in ascending order")
    return layers
