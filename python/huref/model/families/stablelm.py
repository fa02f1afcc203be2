"""StableLM: LLaMA's layout with LayerNorm; both halves may stand side by side and read the same norm."""

from __future__ import annotations

from dataclasses import replace

from ..architecture import Architecture
from ..config import Config
from ..layer import Layer, Reader
from . import llama


def architecture(config: Config) -> Architecture:
    """Sizes of a StableLM-type config. ModelError as for every family, and for LayerNorms on queries and keys."""
    config.require("qk_layernorm", (False,), "LayerNorms on queries and keys cannot be read")
    a = llama.architecture(config)
    return replace(a, head_dim=config.head_size(a.hidden, a.heads), layer_norm=True)


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index` with one norm or two."""
    at, parallel = f"layers.{index}.", reader.config.flag("use_parallel_residual", False)
    first = reader.vector(at + "input_layernorm.weight")
    second = first if parallel else reader.vector(at + "post_attention_layernorm.weight")
    return replace(llama.matrices(reader, index), attention_norm=first, ffn_norm=second)


FAMILY = replace(llama.FAMILY, name="stablelm", types=("stablelm",), architecture=architecture, layer=layer)
