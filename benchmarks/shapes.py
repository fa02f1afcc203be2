"""Models for the benchmark: real safetensors folders, shapes of known models, weights drawn with a realistic spread.

python -m benchmarks.shapes SHAPE FOLDER [LAYERS [SEED [ALIKE]]]

ALIKE is 1 for a model whose layers have equal matrices and norms of their own, so that they are drawn once: after the
canonical form no two of their rows are equal.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import ml_dtypes
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

Tensors = dict[str, NDArray[np.generic]]
#: Standard deviation of a weight matrix in trained models, and how many columns stand out by which factor.
SPREAD, OUTLIERS, FACTOR = 0.02, 4, 8.0


@dataclass(frozen=True)
class Shape:
    """Sizes of a model. Two layers are what the profile takes; others would only fill the disk."""

    family: str
    hidden: int
    heads: int
    kv_heads: int
    ffn: int
    vocab: int
    layers: int = 2
    alike: bool = False


#: From a million integers to 4 10^8, in steps of about three.
SHAPES = {
    "tiny": Shape("llama", 256, 4, 4, 512, 512),
    "minilm": Shape("bert", 384, 12, 12, 1536, 30522),
    "small": Shape("llama", 640, 10, 10, 1728, 8000),
    "medium": Shape("llama", 1152, 9, 9, 3072, 16000),
    "llama-1b": Shape("llama", 2048, 32, 8, 8192, 32000),
    "llama-7b": Shape("llama", 4096, 32, 32, 11008, 32000),
    "large": Shape("llama", 4608, 36, 36, 12288, 8000),
}


def write(shape: Shape, folder: Path, seed: int = 0) -> None:
    """Write a model as a folder: config, tokenizer, and one shard for the embeddings and for each layer."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    config, shards = (_bert if shape.family == "bert" else _llama)(shape, rng)
    index: dict[str, str] = {}
    for number, tensors in enumerate(shards, 1):
        file = f"model-{number:05d}-of-{shape.layers + 1:05d}.safetensors"
        save_file(tensors, folder / file)
        index.update(dict.fromkeys(tensors, file))
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": index}))
    config |= {"vocab_size": shape.vocab, "num_hidden_layers": shape.layers}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer.json").write_text(json.dumps(_tokenizer(shape.vocab)))


class _Draw:
    """Draws matrices and norm weights in one number format."""

    def __init__(self, rng: np.random.Generator, dtype: type) -> None:
        self._rng, self._dtype = rng, dtype

    def matrix(self, rows: int, columns: int) -> NDArray[np.generic]:
        values = self._rng.standard_normal((rows, columns), dtype=np.float32)
        values *= SPREAD
        values[:, self._rng.integers(columns, size=OUTLIERS)] *= FACTOR
        return values.astype(self._dtype)

    def norm(self, size: int) -> NDArray[np.generic]:
        return self._rng.normal(1, 0.2, size).astype(self._dtype)

    def bias(self, size: int) -> NDArray[np.generic]:
        return self._rng.normal(0, SPREAD, size).astype(self._dtype)


def _llama(s: Shape, rng: np.random.Generator) -> tuple[dict[str, object], Iterator[Tensors]]:
    draw, size = _Draw(rng, ml_dtypes.bfloat16), s.hidden // s.heads

    def shards() -> Iterator[Tensors]:
        yield {
            "model.embed_tokens.weight": draw.matrix(s.vocab, s.hidden),
            "model.norm.weight": draw.norm(s.hidden),
            "lm_head.weight": draw.matrix(s.vocab, s.hidden),
        }
        rows = {"q": s.hidden, "k": s.kv_heads * size, "v": s.kv_heads * size, "o": s.hidden}
        layer: Tensors = {}
        for index in range(s.layers):
            if not (layer and s.alike):
                layer = {f"self_attn.{name}_proj": draw.matrix(count, s.hidden) for name, count in rows.items()}
                layer |= {f"mlp.{name}_proj": draw.matrix(s.ffn, s.hidden) for name in ("gate", "up")}
                layer["mlp.down_proj"] = draw.matrix(s.hidden, s.ffn)
            layer |= {name: draw.norm(s.hidden) for name in ("input_layernorm", "post_attention_layernorm")}
            yield {f"model.layers.{index}.{name}.weight": tensor for name, tensor in layer.items()}

    config: dict[str, object] = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": s.hidden,
        "intermediate_size": s.ffn,
        "num_attention_heads": s.heads,
        "num_key_value_heads": s.kv_heads,
        "hidden_act": "silu",
        "rms_norm_eps": 1e-5,
        "tie_word_embeddings": False,
        "torch_dtype": "bfloat16",
    }
    return config, shards()


def _bert(s: Shape, rng: np.random.Generator) -> tuple[dict[str, object], Iterator[Tensors]]:
    draw, positions = _Draw(rng, np.float32), 512

    def norm(name: str) -> Tensors:
        return {f"{name}.weight": draw.norm(s.hidden), f"{name}.bias": draw.bias(s.hidden)}

    def linear(name: str, rows: int, columns: int) -> Tensors:
        return {f"{name}.weight": draw.matrix(rows, columns), f"{name}.bias": draw.bias(rows)}

    def shards() -> Iterator[Tensors]:
        tables = {"word_embeddings": s.vocab, "position_embeddings": positions, "token_type_embeddings": 2}
        embeddings = {f"embeddings.{name}.weight": draw.matrix(rows, s.hidden) for name, rows in tables.items()}
        yield embeddings | norm("embeddings.LayerNorm")
        for index in range(s.layers):
            layer = f"encoder.layer.{index}"
            tensors = linear(f"{layer}.intermediate.dense", s.ffn, s.hidden)
            tensors |= linear(f"{layer}.output.dense", s.hidden, s.ffn)
            for name in ("self.query", "self.key", "self.value", "output.dense"):
                tensors |= linear(f"{layer}.attention.{name}", s.hidden, s.hidden)
            yield tensors | norm(f"{layer}.attention.output.LayerNorm") | norm(f"{layer}.output.LayerNorm")

    config: dict[str, object] = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": s.hidden,
        "intermediate_size": s.ffn,
        "num_attention_heads": s.heads,
        "hidden_act": "gelu",
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": positions,
        "type_vocab_size": 2,
        "torch_dtype": "float32",
    }
    return config, shards()


def _tokenizer(vocab: int) -> dict[str, object]:
    """A byte-level tokenizer with `vocab` different pieces."""
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
        "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
        "model": {"type": "BPE", "unk_token": None, "vocab": {f"w{i}": i for i in range(vocab)}, "merges": []},
    }


if __name__ == "__main__":
    name, to, *numbers = sys.argv[1:]
    depth, drawn, alike = (*map(int, numbers), *(2, 0, 0)[len(numbers) :])
    write(replace(SHAPES[name], layers=depth, alike=bool(alike)), Path(to), drawn)
