"""Architecture families: one small file each, found by the `model_type` of config.json.

A family maps a config and tensor names to the plain matrices of `Layer`. To add one: write its file with a `FAMILY`,
list it here, and test its reading against the model's own arithmetic.
"""

from __future__ import annotations

from ...errors import ModelError
from ..config import Config
from . import bert, gpt2, llama
from .family import Family

FAMILIES = (llama.FAMILY, bert.FAMILY, gpt2.FAMILY)
BY_TYPE = {kind: family for family in FAMILIES for kind in family.types}


def family_of(config: Config) -> Family:
    """The family of a config; ModelError lists the known ones. Code that comes with a model is never run."""
    if config.model_type not in BY_TYPE:
        known = ", ".join(sorted(BY_TYPE))
        raise ModelError(f"{config.path}: architecture {config.model_type!r} is not known; known are: {known}")
    return BY_TYPE[config.model_type]


__all__ = ["FAMILIES", "Family", "family_of"]
