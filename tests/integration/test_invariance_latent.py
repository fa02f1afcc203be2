"""Freedoms of multi-head latent attention: what the network does not feel, the fingerprint does not show."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.integration.test_families import CASES, Case, Theirs
from tests.integration.test_invariance import vector
from tests.integration.test_invariance_layouts import EXTREME, MILD, invertible, orthogonal, spread
from tests.support import models

Array = NDArray[np.float64]
Tensors = dict[str, Array]
Rng = np.random.Generator
VOCABULARY, HIDDEN, HEADS, OWN, VALUES = 600, 64, 4, 12, 10
QUERIES = ("q_a_proj", "q_a_layernorm", "q_b_proj")
KEYS = ("kv_a_proj_with_mqa", "kv_a_layernorm", "kv_b_proj")
#: Gates of the heads' entries; numbers that queries are multiplied by.
GATES, FACTORS = ("g_proj", "linear_gate"), ("ssmax_scaling.s", "ssmax_scaling.b")
#: What Mistral Large 4 calls the parts of its layers, and others.
NAMES = {
    **{"attention.wkv_a_with_mqa": "self_attn.kv_a_proj_with_mqa", "attention.kv_a_norm": "self_attn.kv_a_layernorm"},
    **{"attention.wkv_b": "self_attn.kv_b_proj", "attention.wq": "self_attn.q_proj", ".attention.": ".self_attn."},
    **{"attention_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm"},
}
#: Fields in which a case for disguises differs: layers that are alike, no choice among positions.
FIELDS = {"mistral_large4": {"no_rope_layers": [1, 1], "index_topk": 64}}


def places(tensors: Tensors) -> list[str]:
    """What stands before the names of each attention."""
    return [name.removesuffix(f"{KEYS[0]}.weight") for name in tensors if name.endswith(f"{KEYS[0]}.weight")]


def out(at: str, tensors: Tensors) -> str:
    return next(name for name in (f"{at}o_proj.weight", f"{at}dense.weight") if name in tensors)


def turn_latents(tensors: Tensors, rng: Rng, strength: float) -> None:
    """The norm of a latent feels neither a rotation nor a scale; its weight goes into what reads it."""
    for at in places(tensors):
        for latent, norm, reads in (QUERIES, KEYS):
            if f"{at}{norm}.weight" not in tensors:  # direct queries
                continue
            weight, rank = tensors[f"{at}{norm}.weight"], len(tensors[f"{at}{norm}.weight"])
            rotation = orthogonal(rng, rank)
            for name in (f"{at}{reads}.weight", *((f"{at}indexer.wq_b.weight",) if norm == QUERIES[1] else ())):
                if name in tensors:
                    tensors[name] = tensors[name] * weight @ rotation.T
            rows = tensors[f"{at}{latent}.weight"]
            rows[:rank] = rotation @ rows[:rank] * spread(rng, strength, 1).clip(1)
            weight[:] = 1


def shared(at: str, tensors: Tensors) -> int:
    """Rows of the keys that all heads share."""
    return len(tensors[f"{at}{KEYS[0]}.weight"]) - len(tensors[f"{at}{KEYS[1]}.weight"])


def queries(at: str, tensors: Tensors) -> str:
    return next(name for name in (f"{at}q_b_proj.weight", f"{at}q_proj.weight") if name in tensors)


def mix_heads(tensors: Tensors, rng: Rng, strength: float) -> None:
    """Entries without positions of a head's queries and keys, its values; heads change places."""
    for at in places(tensors):
        named, written = queries(at, tensors), out(at, tensors)
        gated = any(f"{at}{gate}.weight" in tensors for gate in GATES)
        q = tensors[named].reshape(HEADS, OWN + shared(at, tensors), -1)
        kv = tensors[f"{at}kv_b_proj.weight"].reshape(HEADS, OWN + VALUES, -1)
        o = tensors[written].T.reshape(HEADS, VALUES, -1)
        order = np.arange(HEADS) if gated else rng.permutation(HEADS)
        for head in range(HEADS):
            basis, values = invertible(rng, OWN, strength), invertible(rng, VALUES, strength)
            q[head, :OWN] = basis @ q[head, :OWN]
            kv[head, :OWN] = np.linalg.inv(basis).T @ kv[head, :OWN]
            if not gated:  # entry by entry
                kv[head, OWN:] = values @ kv[head, OWN:]
                o[head] = np.linalg.inv(values).T @ o[head]
        for name, part in ((named, q), (f"{at}kv_b_proj.weight", kv)):
            tensors[name] = part[order].reshape(HEADS * part.shape[1], -1)
        tensors[written] = o[order].reshape(HEADS * VALUES, -1).T
        for name in (f"{at}{factor}" for factor in FACTORS):
            if name in tensors:
                tensors[name] = tensors[name][order]


def scale_positions(tensors: Tensors, rng: Rng, strength: float) -> None:
    """The shared part of the keys times a number, that of all queries divided by it; queries times a number, what they
    are multiplied by divided by it.
    """
    for at in places(tensors):
        factor, rows = spread(rng, strength, 1), shared(at, tensors)
        keys = tensors[f"{at}kv_a_proj_with_mqa.weight"]
        keys[len(keys) - rows :] *= factor
        q = tensors[queries(at, tensors)].reshape(HEADS, OWN + rows, -1)
        q[:, OWN:] /= factor
        if f"{at}{FACTORS[0]}" in tensors:
            factors = spread(rng, strength, HEADS)
            q *= factors[:, None, None]
            for name in FACTORS:
                tensors[f"{at}{name}"] /= factors


def rotate_hidden(tensors: Tensors, rng: Rng, strength: float) -> None:
    """Norm weights go into what reads them, by way of others; then the basis of the hidden state is turned."""
    rotation = orthogonal(rng, HIDDEN)
    for name, tensor in tensors.items():
        at = ".".join(name.split(".")[:2]) + "."
        norm = at + ("input_layernorm" if "attn" in name or "attention." in name else "post_attention_layernorm")
        half = re.search(r"(?:self_attn|mlps)(\.\d)\.", name)  # of a layer that is a pair
        norm += (half[1] if half else ".0" if f"{norm}.0.weight" in tensors else "") + ".weight"
        if name.endswith(("o_proj.weight", "down_proj.weight", "down_proj", "attention.dense.weight", ".w2.weight")):
            tensors[name] = rotation @ tensor
        elif "embed" in name:
            tensors[name] = tensor @ rotation.T
        elif tensor.ndim > 1 and tensor.shape[-1] == HIDDEN and norm in tensors:
            tensors[name] = tensor * tensors[norm] @ rotation.T
        elif "hc_" in name and tensor.ndim > 1:  # of all streams of hidden states
            tensors[name] = (tensor.reshape(len(tensor), -1, HIDDEN) @ rotation.T).reshape(tensor.shape)
    for tensor in tensors.values():
        if tensor.shape == (HIDDEN,):
            tensor[:] = 1
    del strength


Change = Callable[[Tensors, Rng, float], None]
CHANGES: tuple[Change, ...] = (turn_latents, mix_heads, scale_positions, rotate_hidden)


def all_together(tensors: Tensors, rng: Rng, strength: float) -> None:
    for change in CHANGES:
        change(tensors, rng, strength)


def drawn(name: str) -> Theirs:
    case = CASES[name]
    sizes = {"hidden_size": HIDDEN, "vocab_size": VOCABULARY} | FIELDS.get(name, {})
    return Theirs(Case(**{**vars(case), "fields": case.fields | sizes}))


def write(theirs: Theirs, name: str, folder: Path, change: Change | None, strength: float) -> tuple[Path, Array]:
    import torch
    from safetensors.numpy import load_file
    from transformers import AutoModel

    theirs.save(folder)
    (folder / "tokenizer.json").write_text(models.trained("bert", VOCABULARY))
    stored = load_file(folder / "model.safetensors")
    names = {key: key for key in stored}
    for old, new in NAMES.items() if name == "mistral_large4" else ():
        names = {key: own.replace(old, new) for key, own in names.items()}
    tensors = {names[key]: tensor.astype(np.float64) for key, tensor in stored.items()}
    for key in [key for key in tensors if key == "norm.weight" or "post_mlp" in key]:  # behind, in a rotation's way
        tensors[key][:] = 1
    if change:
        change(tensors, np.random.default_rng(5), strength)
    models.write_weights(folder, {key: np.ascontiguousarray(tensors[own]) for key, own in names.items()})
    model = AutoModel.from_pretrained(folder, dtype=torch.float64).eval()
    model.config._experts_implementation = "eager"
    with torch.no_grad():
        states = model(torch.arange(100, 120)[None]).last_hidden_state[0].numpy()
    stored = {key: np.ascontiguousarray(tensors[own].astype(np.float32)) for key, own in names.items()}
    models.write_weights(folder, stored)
    return folder, states @ states.T


@pytest.mark.parametrize("strength", [MILD, EXTREME], ids=["mild", "extreme"])
@pytest.mark.parametrize(
    "name",
    [
        *("deepseek_v3", "mistral4", "glm4_moe_lite", "minicpm3", "deepseek_v2", "deepseek_v2, direct queries"),
        *("hy_v4", "axk1", "glm5_next", "mistral_large4"),
        *("deepseek_v32", "glm_moe_dsa", "youtu", "sarvam_mla", "kimi_linear", "bailing_hybrid", "longcat_flash"),
    ],
)
def test_disguise(name: str, strength: float, tmp_path: Path) -> None:
    theirs = drawn(name)
    first, expected = write(theirs, name, tmp_path / "a", None, strength)
    original = vector(first)
    for change in (*CHANGES, all_together):
        second, states = write(theirs, name, tmp_path / change.__name__, change, strength)
        assert np.abs(states - expected).max() < 1e-3 * np.abs(expected).max(), change.__name__
        assert original @ vector(second) >= 0.999, change.__name__
