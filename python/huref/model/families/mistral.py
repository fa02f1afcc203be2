"""Mistral: LLaMA's layout. Sliding windows say who attends to whom, not how, and do not matter here."""

from __future__ import annotations

from dataclasses import replace

from . import llama

FAMILY = replace(llama.FAMILY, name="mistral", types=("mistral",))
