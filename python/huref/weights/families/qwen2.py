"""Qwen2: LLaMA's layout, with biases on q, k and v, which are in no term."""

from __future__ import annotations

from dataclasses import replace

from . import llama

FAMILY = replace(llama.FAMILY, name="qwen2", types=("qwen2",))
