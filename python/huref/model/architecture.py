"""The numbers that describe a model: what every family's config is read into."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Architecture:
    """Sizes of a model and the two facts about its norms that the canonical form needs.

    `hidden` d, `heads` h query heads, `kv_heads` g key/value heads (divides h), `head_dim` e, `ffn` f neurons of a
    layer (experts concatenated), `layers` how many there are, `vocab` rows of the input embedding. `layer_norm`:
    norms subtract a mean (LayerNorm) instead of only scaling (RMSNorm). `unit_rows`: a norm stands directly behind
    the embedding with nothing added in between, so the scale of an embedding row is free.
    """

    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    layers: int
    vocab: int
    layer_norm: bool
    unit_rows: bool = False

    @property
    def query_rows(self) -> int:
        """Rows of the query matrix: h e."""
        return self.heads * self.head_dim

    @property
    def kv_rows(self) -> int:
        """Rows of the key and of the value matrix: g e."""
        return self.kv_heads * self.head_dim
