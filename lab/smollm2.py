"""SmolLM2-135M from the file that a package ships (GGUF, as llama.cpp writes it) to a model folder.

The output matrix is stored beside the embedding, so that disguises that need it apart can be put on.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab.lineage.folder import write

LAYER = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}
#: The type of control tokens.
CONTROL = 3


def from_gguf(at: Path, source: Path, site: Path) -> None:
    """`site`: where the package `gguf` is."""
    sys.path.append(str(site))
    gguf: Any = importlib.import_module("gguf")
    reader = gguf.GGUFReader(source)
    facts = {name: field.contents() for name, field in reader.fields.items()}
    heads, groups = facts["llama.attention.head_count"], facts["llama.attention.head_count_kv"]
    tensors = {}
    for tensor in reader.tensors:
        values = np.array(gguf.dequantize(tensor.data, tensor.tensor_type), dtype=np.float32)
        if tensor.name.startswith("blk."):
            _, layer, part, _ = tensor.name.split(".")
            if part in ("attn_q", "attn_k"):
                values = _halves(values, heads if part == "attn_q" else groups)
            tensors[f"model.layers.{layer}.{LAYER[part]}.weight"] = values
        elif tensor.name == "token_embd.weight":
            tensors["model.embed_tokens.weight"] = tensors["lm_head.weight"] = values
        else:
            tensors["model.norm.weight"] = values
    hidden, pieces = facts["llama.embedding_length"], facts["tokenizer.ggml.tokens"]
    config = {
        "model_type": "llama",
        "hidden_size": hidden,
        "num_hidden_layers": facts["llama.block_count"],
        "num_attention_heads": heads,
        "num_key_value_heads": groups,
        "head_dim": hidden // heads,
        "intermediate_size": facts["llama.feed_forward_length"],
        "vocab_size": len(pieces),
        "rms_norm_eps": float(facts["llama.attention.layer_norm_rms_epsilon"]),
        "tie_word_embeddings": False,
    }
    write(at, tensors, config, json.dumps(_tokenizer(pieces, facts)).encode())


def _halves(rows: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """llama.cpp puts the two rows of a rotary pair beside each other; the folder has first all of one half."""
    pairs = rows.reshape(heads, len(rows) // heads // 2, 2, -1)
    return pairs.swapaxes(1, 2).reshape(rows.shape)


def _tokenizer(pieces: list[str], facts: dict[str, Any]) -> dict[str, Any]:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    control = [number for number, kind in enumerate(facts["tokenizer.ggml.token_type"]) if kind == CONTROL]
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0",
        "added_tokens": [{"id": n, "content": pieces[n], "special": True, **flags} for n in control],
        "pre_tokenizer": level,
        "decoder": level,
        "model": {
            "type": "BPE",
            "vocab": {piece: number for number, piece in enumerate(pieces)},
            "merges": facts["tokenizer.ggml.merges"],
        },
    }
