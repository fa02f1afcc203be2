"""Freedoms that LLaMA, BERT and GPT-2 do not have: norms on heads and behind halves, experts, a norm behind the
embedding.

Each change is made on the tensors of a tiny random model of transformers, whose own outputs must stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.integration.test_families import CASES, Case, Theirs
from tests.integration.test_invariance import vector
from tests.support import models

Tensors = dict[str, NDArray[np.float64]]
Change = Callable[[Tensors, np.random.Generator], Tensors]

VOCABULARY, HIDDEN, HEADS, GROUPS, SIZE, EXPERTS = 600, 52, 4, 2, 16, 3
ATTENTION = re.compile(r"layers\.\d+\.self_attn\.")


def scales(rng: np.random.Generator, *shape: int) -> NDArray[np.float64]:
    """From 1 to 1024. Smaller ones could be felt: a norm adds its epsilon."""
    return np.exp2(rng.uniform(0, 10, shape))


def permute_hidden(tensors: Tensors, rng: np.random.Generator) -> Tensors:
    """No other size of these models is that of the hidden state, so it is told by its size."""
    order = rng.permutation(HIDDEN)
    out = {}
    for name, tensor in tensors.items():
        for axis, size in enumerate(tensor.shape):
            tensor = tensor.take(order, axis) if size == HIDDEN else tensor
        out[name] = tensor
    return out


def scale_each_head(tensors: Tensors, rng: np.random.Generator) -> Tensors:
    """A norm on each head takes any scale of its rows away."""
    out = dict(tensors)
    for name in tensors:
        if name.endswith(("q_proj.weight", "k_proj.weight")):
            heads = tensors[name].reshape(-1, SIZE, HIDDEN)
            out[name] = (heads * scales(rng, len(heads), 1, 1)).reshape(-1, HIDDEN)
    return out


def scale_values(tensors: Tensors, rng: np.random.Generator) -> Tensors:
    """A norm without weights on the values of each head takes any scale of its rows away."""
    out = dict(tensors)
    for name in tensors:
        if name.endswith("v_proj.weight"):
            heads = tensors[name].reshape(-1, SIZE, HIDDEN)
            out[name] = (heads * scales(rng, len(heads), 1, 1)).reshape(-1, HIDDEN)
    return out


def scale_all_heads(tensors: Tensors, rng: np.random.Generator) -> Tensors:
    """A norm over all heads takes one scale away."""
    return {
        name: tensor * scales(rng, 1) if name.endswith(("q_proj.weight", "k_proj.weight")) else tensor
        for name, tensor in tensors.items()
    }


def scale_what_is_normed_after(tensors: Tensors, rng: np.random.Generator) -> Tensors:
    """A norm behind o or down takes its scale away."""
    return {
        name: tensor * scales(rng, 1) if name.endswith(("o_proj.weight", "down_proj.weight")) else tensor
        for name, tensor in tensors.items()
    }


def rescale_neurons(tensors: Tensors, rng: np.random.Generator) -> Tensors:
    """Gated neurons: up times c, down divided by c; experts too."""
    out = dict(tensors)
    for name in tensors:
        up, down = ("w3.", "w2.") if "w3.weight" in name else ("up_proj.", "down_proj.")
        if name.endswith(up + "weight"):
            factors = scales(rng, len(tensors[name]))
            out[name] = tensors[name] * factors[:, None]
            out[name.replace(up, down)] = tensors[name.replace(up, down)] / factors
    return out


def permute_experts(tensors: Tensors, rng: np.random.Generator) -> Tensors:
    """Experts change places, and so do the rows of the router."""
    out, order = dict(tensors), np.roll(rng.permutation(EXPERTS), 1)
    for name in tensors:
        if name.endswith(("mlp.gate.weight", "block_sparse_moe.gate.weight")):
            out[name] = tensors[name][order]
        found = re.search(r"experts\.(\d+)\.", name)
        if found:
            out[name] = tensors[name.replace(found[0], f"experts.{order[int(found[1])]}.")]
    return out


def scale_tokens(tensors: Tensors, rng: np.random.Generator) -> Tensors:
    """A norm directly behind the embedding takes the scale of every row away."""
    name = "word_embeddings.weight"
    return tensors | {name: tensors[name] * scales(rng, VOCABULARY, 1)}


def shift_tokens(tensors: Tensors, rng: np.random.Generator) -> Tensors:
    """A LayerNorm directly behind the embedding takes a constant in every row away."""
    name = "word_embeddings.weight"
    return tensors | {name: tensors[name] + 10 * rng.standard_normal((VOCABULARY, 1))}


ALLOWED: dict[str, tuple[Change, ...]] = {
    "mistral": (permute_hidden, rescale_neurons),
    "qwen2": (permute_hidden, rescale_neurons),
    "gemma": (permute_hidden, rescale_neurons),
    "phi3": (permute_hidden,),
    "stablelm": (rescale_neurons,),
    "olmo": (permute_hidden, rescale_neurons),
    "qwen3_moe": (permute_hidden, permute_experts, scale_each_head, rescale_neurons),
    "qwen3": (permute_hidden, scale_each_head, rescale_neurons),
    "gemma2": (permute_hidden, scale_what_is_normed_after, rescale_neurons),
    "gemma3": (permute_hidden, scale_each_head, scale_what_is_normed_after, rescale_neurons),
    "olmo2": (permute_hidden, scale_all_heads, scale_what_is_normed_after, rescale_neurons),
    "mixtral": (permute_hidden, permute_experts, rescale_neurons),
    "qwen2_moe": (permute_hidden, permute_experts, rescale_neurons),
    "gemma3n": (permute_hidden, scale_each_head, scale_values, scale_what_is_normed_after, rescale_neurons),
    "gemma4": (permute_hidden, scale_what_is_normed_after, rescale_neurons),
    "embedding_gemma2": (permute_hidden, scale_what_is_normed_after, rescale_neurons),
    "bloom": (scale_tokens, shift_tokens),
}


def write(case: Case, folder: Path, change: Change | None) -> tuple[Path, NDArray[np.float64]]:
    """The folder of a model, changed or not, and what it makes of a sentence, whatever the order of hidden units."""
    import torch
    from safetensors.numpy import load_file
    from transformers import AutoModel

    sizes = {"vocab_size": VOCABULARY}
    if case.config not in {"StableLmConfig", "BloomConfig"}:  # their heads share the hidden state evenly
        sizes |= {"head_dim": SIZE, "hidden_size": HIDDEN}
    sizes |= {"vocab_size_per_layer_input": VOCABULARY} if "vocab_size_per_layer_input" in case.fields else {}
    theirs = Theirs(Case(**{**vars(case), "fields": case.fields | sizes}))
    theirs.save(folder)
    (folder / "tokenizer.json").write_text(models.trained("bert", VOCABULARY))
    if change:
        tensors: Tensors = load_file(folder / "model.safetensors")
        changed = change(
            {name: tensor.astype(np.float64) for name, tensor in tensors.items()}, np.random.default_rng(3)
        )
        models.write_weights(folder, {name: np.ascontiguousarray(t.astype(np.float32)) for name, t in changed.items()})
    model = AutoModel.from_pretrained(folder).double().eval()
    model.config._experts_implementation = "eager"
    with torch.no_grad():
        states = model(torch.arange(100, 120)[None]).last_hidden_state[0].numpy()
    return folder, states @ states.T


@pytest.mark.parametrize(("family", "change"), [(f, c) for f, changes in ALLOWED.items() for c in changes])
def test_change(family: str, change: Change, tmp_path: Path) -> None:
    first, expected = write(CASES[family], tmp_path / "a", None)
    second, states = write(CASES[family], tmp_path / "b", change)
    np.testing.assert_allclose(states, expected, atol=1e-3 * np.abs(expected).max())
    a, b = vector(first), vector(second)
    assert a @ b >= 0.999
