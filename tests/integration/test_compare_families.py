"""Two folders of families that are built otherwise than LLaMA: experts, shared ones, latent attention, layers without
attention, fused matrices, ALiBi, an encoder beside a decoder. Copies are related, strangers are not.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import huref
from tests.integration.test_families import CASES, Case, Theirs
from tests.support import models

FAMILIES = ("falcon, new", "bloom", "gpt_oss", "deepseek_v3", "qwen3_5", "olmo2", "t5", "gemma3")
VOCABULARY = 600


def changed(source: Path, at: Path, noise: float, seed: int) -> Path:
    """A copy with noise of that share of its deviation on every matrix; 0 for a matrix of its own instead."""
    shutil.copytree(source, at)
    rng = np.random.default_rng(seed)
    for file in at.glob("*.safetensors"):
        tensors = load_file(file)
        for name, values in tensors.items():
            if values.ndim > 1 and values.dtype.kind == "f":
                drawn = values.std() * rng.standard_normal(values.shape)
                tensors[name] = (values + noise * drawn if noise else drawn).astype(values.dtype)
        save_file(tensors, file, metadata={"format": "pt"})
    return at


@pytest.mark.parametrize("family", FAMILIES)
def test_copies_and_strangers(family: str, tmp_path: Path) -> None:
    case = CASES[family]
    fields = case.fields | {"vocab_size": VOCABULARY}
    original = Theirs(Case(**vars(case) | {"fields": fields})).save(tmp_path / "a")
    (original / "tokenizer.json").write_text(json.dumps(models.TOKENIZERS["gpt2"](VOCABULARY)))
    copied = huref.compare(original, changed(original, tmp_path / "copy", 0.03, 1))
    assert copied.verdict == "related"
    assert copied.shared is not None
    assert copied.shared["feed-forward"] in ("the same", "equal")
    strangers = huref.compare(original, changed(original, tmp_path / "stranger", 0, 2))
    assert strangers.verdict == "unrelated", strangers.reason
