"""Small but real models: folders with config.json, safetensors and a trained tokenizer, and the arithmetic they stand
for.

`Network` is a model in plain form, every matrix `out x in` in float64, whatever the family; `forward` computes it
with numpy; `Network.write` names its tensors as the family does. Weights have the structure that real ones have: norm
weights spread around 1, biases, an embedding with a large common mean, rows of different size.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

Array = NDArray[np.float64]
FAMILIES = ("llama", "bert", "gpt2")


@dataclass
class Norm:
    """LayerNorm, or RMSNorm where there is no `shift`."""

    weight: Array
    shift: Array | None


@dataclass
class Block:
    """One layer; `gate` is None in ungated models, biases are zero where the family has none."""

    q: Array
    k: Array
    v: Array
    o: Array
    up: Array
    down: Array
    gate: Array | None
    q_bias: Array
    k_bias: Array
    v_bias: Array
    o_bias: Array
    up_bias: Array
    down_bias: Array
    attention_norm: Norm  # pre-norm families: before q, k, v; BERT: behind the attention
    ffn_norm: Norm


@dataclass
class Network:
    """A model in plain form. `head` is None where the output matrix is the input embedding."""

    family: str
    heads: int
    kv_heads: int
    words: Array
    positions: Array | None
    blocks: list[Block]
    norm: Norm  # behind the last layer; BERT: behind the embedding
    tokenizer: dict[str, Any]
    head: Array | None = None
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def hidden(self) -> int:
        return self.words.shape[1]

    @property
    def head_dim(self) -> int:
        return len(self.blocks[0].q) // self.heads

    @property
    def group(self) -> int:
        """Query heads of one key/value head."""
        return self.heads // self.kv_heads

    def copy(self) -> Network:
        return copy.deepcopy(self)

    def stored(self) -> Network:
        """The network as float32 keeps it."""
        net = self.copy()
        for part in (net, *net.norms(), *net.blocks):
            for name, value in vars(part).items():
                if isinstance(value, np.ndarray):
                    setattr(part, name, value.astype(np.float32).astype(np.float64))
        return net

    def norms(self) -> list[Norm]:
        return [self.norm, *(norm for block in self.blocks for norm in (block.attention_norm, block.ffn_norm))]

    def config(self) -> dict[str, Any]:
        return CONFIGS[self.family](self) | self.fields

    def tensors(self) -> dict[str, Array]:
        return dict(TENSORS[self.family](self))

    def write(self, folder: Path, shards: int = 1, dtype: Any = np.float32, prefix: bool = True) -> Path:
        """A model folder; `prefix` off leaves out what stands before all names when a model has a head."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text(json.dumps(self.config()))
        (folder / "tokenizer.json").write_text(json.dumps(self.tokenizer))
        tensors = {name: np.ascontiguousarray(tensor.astype(dtype)) for name, tensor in self.tensors().items()}
        if not prefix:
            tensors = {name.removeprefix(PREFIX[self.family]): tensor for name, tensor in tensors.items()}
        write_weights(folder, tensors, shards)
        return folder


def write_weights(folder: Path, tensors: dict[str, NDArray[Any]], shards: int = 1) -> None:
    """model.safetensors, or several shards with their index."""
    if shards == 1:
        save_file(tensors, folder / "model.safetensors")
        return
    names = sorted(tensors)
    place = {name: f"model-{i % shards + 1:05}-of-{shards:05}.safetensors" for i, name in enumerate(names)}
    for file in set(place.values()):
        save_file({name: tensors[name] for name in names if place[name] == file}, folder / file)
    size = sum(tensor.nbytes for tensor in tensors.values())
    index = {"metadata": {"total_size": size}, "weight_map": place}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


# Names and configs of the families


def _llama_config(net: Network) -> dict[str, Any]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": net.hidden,
        "intermediate_size": len(net.blocks[0].up),
        "num_hidden_layers": len(net.blocks),
        "num_attention_heads": net.heads,
        "num_key_value_heads": net.kv_heads,
        "head_dim": net.head_dim,
        "vocab_size": len(net.words),
        "hidden_act": "silu",
        "rms_norm_eps": EPSILON,
        "rope_theta": THETA,
        "max_position_embeddings": 64,
        "tie_word_embeddings": net.head is None,
        "torch_dtype": "float32",
    }


def _llama_tensors(net: Network) -> Iterator[tuple[str, Array]]:
    yield "model.embed_tokens.weight", net.words
    for i, block in enumerate(net.blocks):
        at = f"model.layers.{i}."
        for name in "qkvo":
            yield f"{at}self_attn.{name}_proj.weight", getattr(block, name)
        for name in ("gate", "up", "down"):
            yield f"{at}mlp.{name}_proj.weight", getattr(block, name)
        yield at + "input_layernorm.weight", block.attention_norm.weight
        yield at + "post_attention_layernorm.weight", block.ffn_norm.weight
    yield "model.norm.weight", net.norm.weight
    if net.head is not None:
        yield "lm_head.weight", net.head


def _bert_config(net: Network) -> dict[str, Any]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": net.hidden,
        "intermediate_size": len(net.blocks[0].up),
        "num_hidden_layers": len(net.blocks),
        "num_attention_heads": net.heads,
        "vocab_size": len(net.words),
        "hidden_act": "gelu_new",
        "layer_norm_eps": EPSILON,
        "max_position_embeddings": 64,
        "type_vocab_size": 2,
        "pad_token_id": 0,
    }


def _bert_tensors(net: Network) -> Iterator[tuple[str, Array]]:
    assert net.positions is not None
    yield "bert.embeddings.word_embeddings.weight", net.words
    yield "bert.embeddings.position_embeddings.weight", net.positions
    yield "bert.embeddings.token_type_embeddings.weight", np.zeros((2, net.hidden))
    yield from _layer_norm("bert.embeddings.LayerNorm", net.norm)
    for i, block in enumerate(net.blocks):
        at = f"bert.encoder.layer.{i}."
        for part, name in (("q", "query"), ("k", "key"), ("v", "value")):
            yield from _linear(f"{at}attention.self.{name}", block, part)
        yield from _linear(at + "attention.output.dense", block, "o")
        yield from _layer_norm(at + "attention.output.LayerNorm", block.attention_norm)
        yield from _linear(at + "intermediate.dense", block, "up")
        yield from _linear(at + "output.dense", block, "down")
        yield from _layer_norm(at + "output.LayerNorm", block.ffn_norm)


def _gpt2_config(net: Network) -> dict[str, Any]:
    return {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "n_embd": net.hidden,
        "n_inner": len(net.blocks[0].up),
        "n_layer": len(net.blocks),
        "n_head": net.heads,
        "n_positions": 64,
        "vocab_size": len(net.words),
        "activation_function": "gelu_new",
        "layer_norm_epsilon": EPSILON,
        "tie_word_embeddings": net.head is None,
    }


def _gpt2_tensors(net: Network) -> Iterator[tuple[str, Array]]:
    assert net.positions is not None
    yield "transformer.wte.weight", net.words
    yield "transformer.wpe.weight", net.positions
    for i, block in enumerate(net.blocks):
        at = f"transformer.h.{i}."
        yield from _layer_norm(at + "ln_1", block.attention_norm)
        yield at + "attn.c_attn.weight", np.concatenate([block.q, block.k, block.v]).T
        yield at + "attn.c_attn.bias", np.concatenate([block.q_bias, block.k_bias, block.v_bias])
        yield at + "attn.c_proj.weight", block.o.T
        yield at + "attn.c_proj.bias", block.o_bias
        yield from _layer_norm(at + "ln_2", block.ffn_norm)
        yield at + "mlp.c_fc.weight", block.up.T
        yield at + "mlp.c_fc.bias", block.up_bias
        yield at + "mlp.c_proj.weight", block.down.T
        yield at + "mlp.c_proj.bias", block.down_bias
    yield from _layer_norm("transformer.ln_f", net.norm)
    if net.head is not None:
        yield "lm_head.weight", net.head


def _linear(name: str, block: Block, part: str) -> Iterator[tuple[str, Array]]:
    yield name + ".weight", getattr(block, part)
    yield name + ".bias", getattr(block, part + "_bias")


def _layer_norm(name: str, norm: Norm) -> Iterator[tuple[str, Array]]:
    assert norm.shift is not None
    yield name + ".weight", norm.weight
    yield name + ".bias", norm.shift


PREFIX = {"llama": "model.", "bert": "bert.", "gpt2": "transformer."}
CONFIGS = {"llama": _llama_config, "bert": _bert_config, "gpt2": _gpt2_config}
TENSORS = {"llama": _llama_tensors, "bert": _bert_tensors, "gpt2": _gpt2_tensors}


# Random weights


def network(
    family: str,
    seed: int = 0,
    *,
    hidden: int = 64,
    heads: int = 4,
    kv_heads: int | None = None,
    head_dim: int = 16,
    ffn: int = 96,
    layers: int = 3,
    vocab: int = 1000,
    tied: bool = True,
) -> Network:
    """A random model of a family; LLaMA models have half as many key/value heads as heads unless told otherwise."""
    rng = np.random.default_rng(seed)
    llama = family == "llama"
    kv = (kv_heads or (heads // 2 if llama else heads)) * head_dim
    q = heads * head_dim

    def matrix(rows: int, columns: int) -> Array:
        return rng.standard_normal((rows, columns)) * rng.uniform(0.5, 1.5, (rows, 1)) / np.sqrt(columns)

    def bias(size: int) -> Array:
        return np.zeros(size) if llama else 0.1 * rng.standard_normal(size)

    def norm() -> Norm:
        weight = 1 + 0.3 * rng.standard_normal(hidden).clip(-2, 2)
        return Norm(weight, None if llama else 0.1 * rng.standard_normal(hidden))

    def block() -> Block:
        return Block(
            *(matrix(q, hidden), matrix(kv, hidden), matrix(kv, hidden), matrix(hidden, q)),
            *(matrix(ffn, hidden), matrix(hidden, ffn), matrix(ffn, hidden) if llama else None),
            *map(bias, (q, kv, kv, hidden, ffn, hidden)),
            *(norm(), norm()),
        )

    tokenizer = json.loads(trained(family, vocab))
    rows = len(tokenizer["model"]["vocab"])
    words = rng.standard_normal((rows, hidden)) * rng.uniform(0.5, 1.5, (rows, 1)) + 2 * rng.standard_normal(hidden)
    positions = None if llama else rng.standard_normal((64, hidden))
    head = None if tied or family == "bert" else matrix(rows, hidden)
    blocks = [block() for _ in range(layers)]
    return Network(family, heads, kv // head_dim, words, positions, blocks, norm(), tokenizer, head)


# Tokenizers: trained on text that is drawn here, so that they are the same everywhere


@cache
def sentences() -> list[str]:
    rng = np.random.default_rng(7)
    syllables = [a + b for a in "bcdfghklmnprstvwz" for b in ("a", "e", "i", "o", "u", "an", "er", "ö")]
    words = ["".join(rng.choice(syllables, rng.integers(1, 4))) for _ in range(1500)]
    weights = 1 / np.arange(1, len(words) + 1)
    return [" ".join(rng.choice(words, 12, p=weights / weights.sum())) + "." for _ in range(1500)]


def _byte_level(vocab: int) -> dict[str, Any]:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = ["<|endoftext|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=vocab, initial_alphabet=alphabet, special_tokens=special, show_progress=False
    )
    tokenizer.train_from_iterator(sentences(), trainer)
    return _json(tokenizer)


def _byte_fallback(vocab: int) -> dict[str, Any]:
    """As sentencepiece makes them: spaces as U+2581, 256 byte tokens for whatever has no piece."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<unk>", "<s>", "</s>"]
    trainer = trainers.BpeTrainer(vocab_size=vocab - 256, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(sentences(), trainer)
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    whole = _json(tokenizer)
    pieces = sorted(whole["model"]["vocab"], key=whole["model"]["vocab"].__getitem__)
    pieces[3:3] = [f"<0x{byte:02X}>" for byte in range(256)]
    whole["model"] |= {"vocab": {piece: i for i, piece in enumerate(pieces)}, "byte_fallback": True}
    return whole


def _wordpiece(vocab: int) -> dict[str, Any]:
    """Letters, then words and their second halves, most frequent first: the trainer numbers them at random."""
    normalizer = normalizers.BertNormalizer()
    words = Counter(word.strip(".") for line in sentences() for word in normalizer.normalize_str(line).split())
    frequent = sorted(words, key=lambda word: (-words[word], word))
    letters = sorted(set("".join(frequent)))
    halves = [piece for word in frequent for piece in (word, "##" + word[len(word) // 2 :])]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = dict.fromkeys([*special, ".", *letters, *("##" + letter for letter in letters), *halves])
    numbers = {piece: number for number, piece in enumerate([*pieces][:vocab])}
    tokenizer = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]"))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens(special)
    return _json(tokenizer)


def _json(tokenizer: Tokenizer) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(tokenizer.to_str())
    return whole


TOKENIZERS = {"llama": _byte_fallback, "bert": _wordpiece, "gpt2": _byte_level}


@cache
def trained(family: str, vocab: int) -> str:
    """The tokenizer of a family, as JSON: whoever parses it may change it."""
    return json.dumps(TOKENIZERS[family](vocab))


# The arithmetic

EPSILON, THETA = 1e-12, 10000.0


def forward(net: Network, ids: NDArray[np.int64]) -> Array:
    """What the network computes for a row of token ids: n x vocab logits, or for BERT its n x d hidden states."""
    x = net.words[ids]
    if net.positions is not None:
        x = x + net.positions[: len(ids)]
    post = net.family == "bert"
    if post:
        x = _normalise(x, net.norm)
    for block in net.blocks:
        if post:
            x = _normalise(x + _attention(net, block, x), block.attention_norm)
            x = _normalise(x + _ffn(block, x), block.ffn_norm)
        else:
            x = x + _attention(net, block, _normalise(x, block.attention_norm))
            x = x + _ffn(block, _normalise(x, block.ffn_norm))
    if post:
        return x
    return _normalise(x, net.norm) @ (net.words if net.head is None else net.head).T


def _normalise(x: Array, norm: Norm) -> Array:
    if norm.shift is None:
        return x / np.sqrt((x**2).mean(-1, keepdims=True) + EPSILON) * norm.weight
    x = x - x.mean(-1, keepdims=True)
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + EPSILON) * norm.weight + norm.shift


def _attention(net: Network, block: Block, x: Array) -> Array:
    n, e = len(x), net.head_dim
    q, k, v = (
        (x @ matrix.T + bias).reshape(n, -1, e).transpose(1, 0, 2)
        for matrix, bias in ((block.q, block.q_bias), (block.k, block.k_bias), (block.v, block.v_bias))
    )
    if net.family == "llama":
        q, k = _rotate(q), _rotate(k)
    k, v = (part.repeat(net.group, axis=0) for part in (k, v))
    scores = q @ k.transpose(0, 2, 1) / np.sqrt(e)
    if net.family != "bert":
        scores = np.where(np.tri(n, dtype=bool), scores, -np.inf)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    mixed = weights / weights.sum(-1, keepdims=True) @ v
    out: Array = mixed.transpose(1, 0, 2).reshape(n, -1) @ block.o.T + block.o_bias
    return out


def _rotate(heads: Array) -> Array:
    """Rotary positions: entries i and i + e/2 of a head turn together."""
    n, half = heads.shape[1], heads.shape[2] // 2
    angle = np.arange(n)[:, None] * THETA ** (-np.arange(half) / half)
    a, b = heads[..., :half], heads[..., half:]
    return np.concatenate([a * np.cos(angle) - b * np.sin(angle), b * np.cos(angle) + a * np.sin(angle)], axis=-1)


def _ffn(block: Block, x: Array) -> Array:
    up = x @ block.up.T + block.up_bias
    if block.gate is not None:
        gate = x @ block.gate.T
        inner = gate * (1 + np.tanh(gate / 2)) / 2 * up
    else:
        inner = 0.5 * up * (1 + np.tanh(np.sqrt(2 / np.pi) * (up + 0.044715 * up**3)))
    out: Array = inner @ block.down.T + block.down_bias
    return out
