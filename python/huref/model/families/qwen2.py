"""Qwen2: LLaMA's layout, with biases on q, k and v, which are in no term; also inside Qwen2-VL and 2.5-VL."""

from __future__ import annotations

from dataclasses import replace

from . import llama

FAMILY = replace(
    llama.FAMILY, name="qwen2", types=("qwen2", "qwen2_vl", "qwen2_5_vl", "qwen2_vl_text", "qwen2_5_vl_text")
)
