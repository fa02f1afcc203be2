"""OLMo: LLaMA's layout with LayerNorms that have no weights."""

from __future__ import annotations

from dataclasses import replace

from ..architecture import Architecture
from ..config import Config
from . import llama


def architecture(config: Config) -> Architecture:
    """Sizes of an OLMo-type config."""
    return replace(llama.architecture(config), layer_norm=True)


FAMILY = replace(llama.FAMILY, name="olmo", types=("olmo",), architecture=architecture, layer=llama.matrices)
