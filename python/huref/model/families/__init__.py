"""Architecture families: one small file each, found by the `model_type` of config.json.

A family maps a config and tensor names to the plain matrices of `Layer`. To add one: write its file with a `FAMILY`,
list it here, and test its reading against the model's own arithmetic.
"""

from __future__ import annotations

from reprlib import repr as shown

from ...errors import ModelError
from ..config import Config
from . import (
    baichuan,
    bert,
    bloom,
    chatglm,
    deepseek,
    distilbert,
    falcon,
    gemma,
    gemma2,
    gemma3,
    gpt2,
    gpt_neo,
    gpt_neox,
    gptj,
    internlm2,
    llama,
    mistral,
    mixtral,
    mpt,
    olmo,
    olmo2,
    opt,
    phi3,
    qwen2,
    qwen2_moe,
    qwen3,
    qwen3_moe,
    roberta,
    stablelm,
)
from .family import Family

FAMILIES = (
    llama.FAMILY,
    mistral.FAMILY,
    qwen2.FAMILY,
    qwen3.FAMILY,
    gemma.FAMILY,
    gemma2.FAMILY,
    gemma3.FAMILY,
    phi3.FAMILY,
    gpt2.FAMILY,
    gpt_neo.FAMILY,
    gptj.FAMILY,
    gpt_neox.FAMILY,
    bloom.FAMILY,
    falcon.FAMILY,
    mpt.FAMILY,
    opt.FAMILY,
    stablelm.FAMILY,
    olmo.FAMILY,
    olmo2.FAMILY,
    internlm2.FAMILY,
    baichuan.FAMILY,
    chatglm.FAMILY,
    mixtral.FAMILY,
    qwen2_moe.FAMILY,
    qwen3_moe.FAMILY,
    deepseek.FAMILY,
    bert.FAMILY,
    roberta.FAMILY,
    distilbert.FAMILY,
)
BY_TYPE = {kind: family for family in FAMILIES for kind in family.types}


def family_of(config: Config) -> Family:
    """The family of a config; ModelError lists the known ones. Code that comes with a model is never run."""
    if config.model_type not in BY_TYPE:
        known = ", ".join(sorted(BY_TYPE))
        raise ModelError(f"{config.where}: architecture {shown(config.model_type)} is not known; known are: {known}")
    return BY_TYPE[config.model_type]


__all__ = ["FAMILIES", "Family", "family_of"]
