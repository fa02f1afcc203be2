"""Plain parts of real checkpoints, as views that write through: q, k, v, o, gate, up and down of every family, however
it fuses, interleaves or transposes them. Told from the families' own code and without ours, which they test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Tensors = dict[str, Array]


@dataclass
class Ffn:
    """One feed-forward block or one expert. `up`, `down`, `gate`: neurons x hidden."""

    up: Array
    down: Array
    gate: Array | None


@dataclass
class Layer:
    """`q`, `o`: groups x query heads of a group x e x hidden. `k`, `v`: groups x e x hidden."""

    q: Array
    k: Array
    v: Array
    o: Array
    ffns: list[Ffn]
    #: Norms before the halves: weight, and all that reads what the norm gives.
    before: list[tuple[Array, list[Array]]]
    #: Other vectors and matrices over the hidden index: norms behind the halves, routers.
    rest: list[Array]


@dataclass
class Layout:
    """A model in parts. `gamma`: what is added to a stored norm weight."""

    layers: list[Layer]
    words: Array
    positions: list[Array]  # learnt ones
    types: list[Array]
    #: The last norm and one behind the embedding.
    norms: list[Array]
    gamma: float = 0.0
    rotary: int = 0  # entries of a head that rotary positions turn
    interleaved: bool = False
    layer_norm: bool = False
    behind: bool = False  # norms behind the halves
    head_norm: bool = False
    #: Heads that cannot change places: each has its own slope (ALiBi), or its own part of a norm's weight.
    own_places: bool = False
    plain_last: bool = False

    def hidden(self) -> Iterator[Array]:
        """Everything whose last axis is the hidden index."""
        yield from (self.words, *self.positions, *self.types, *self.norms)
        for layer in self.layers:
            yield from (layer.q, layer.k, layer.v, layer.o, *layer.rest, *(weight for weight, _ in layer.before))
            for ffn in layer.ffns:
                yield from (ffn.up, ffn.down, *([] if ffn.gate is None else [ffn.gate]))

    def writing(self) -> Iterator[Array]:
        """Rows that are added to the hidden state."""
        yield from (self.words, *self.positions, *self.types)
        for layer in self.layers:
            yield from (layer.o, *(ffn.down for ffn in layer.ffns))


NAMES = {
    "q": ("q_proj", "q_lin", "attention.self.query"),
    "k": ("k_proj", "k_lin", "attention.self.key"),
    "v": ("v_proj", "v_lin", "attention.self.value"),
    "o": (
        *("o_proj", "out_proj", "out_lin", "attention.output.dense", "self_attention.dense", "attention.dense"),
        "attn.c_proj",
    ),
    "up": ("mlp.up_proj", "fc1", "fc_in", "c_fc", "dense_h_to_4h", "ffn.up_proj", "intermediate.dense", "lin1", "w3"),
    "down": ("mlp.down_proj", "fc2", "fc_out", "mlp.c_proj", "dense_4h_to_h", "ffn.down_proj", "output.dense", "lin2"),
}
FUSED = ("qkv_proj", "query_key_value", "Wqkv", "c_attn")
BEFORE_ATTENTION = ("input_layernorm", "ln_1", "ln_attn", "norm_1", "self_attn_layer_norm")
BEFORE_FFN = ("post_attention_layernorm", "ln_2", "ln_mlp", "norm_2", "final_layer_norm")
ROTARY_HALF = {"llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3", "phi3", "olmo", "olmo2", "mixtral"}
LAYER_NORM = {"stablelm", "olmo", "gpt2", "gpt_neo", "gptj", "gpt_neox", "bloom", "falcon", "mpt", "opt"}
POST_NORM = {"bert", "roberta", "distilbert"}


def _find(tensors: Tensors, at: str, names: tuple[str, ...]) -> Array | None:
    """The one tensor of a layer with one of these names."""
    for name in names:
        found = [
            key for key in tensors if key.startswith(at) and key.endswith(f".{name}.weight") and "expert" not in key
        ]
        if found:
            return tensors[min(found, key=len)]
    return None


def _attention(family: str, tensors: Tensors, at: str, heads: int, groups: int) -> tuple[Array, Array, Array, Array]:
    o = _find(tensors, at, NAMES["o"])
    assert o is not None
    o = o if family == "gpt2" else o.T
    inner, d = o.shape
    e, per = inner // heads, heads // groups
    fused = _find(tensors, at, FUSED)
    if fused is None:
        q, k, v = (_find(tensors, at, NAMES[part]) for part in "qkv")
        assert q is not None
        assert k is not None
        assert v is not None
    elif family in {"gpt_neox", "bloom"} or family == "falcon, serial":
        q, k, v = fused.reshape(heads, 3, e, d).transpose(1, 0, 2, 3)
    elif family == "falcon, new":
        parts = fused.reshape(groups, per + 2, e, d)
        q, k, v = parts[:, :per], parts[:, per], parts[:, per + 1]
    else:
        rows = fused.T if family == "gpt2" else fused
        q, k, v = rows[:inner], rows[inner : inner + groups * e], rows[inner + groups * e :]
    return (
        q.reshape(groups, per, e, d),
        k.reshape(groups, e, d),
        v.reshape(groups, e, d),
        o.reshape(groups, per, e, d),
    )


def _ffns(family: str, tensors: Tensors, at: str) -> list[Ffn]:
    found = []
    for key in [key for key in tensors if key.startswith(at) and re.search(r"experts?\.(\d+\.)?(w3|up_proj)\.", key)]:
        gate, down = ("w1", "w2") if "w3" in key else ("gate_proj", "down_proj")
        part = "w3" if "w3" in key else "up_proj"
        found.append(Ffn(tensors[key], tensors[key.replace(part, down)].T, tensors[key.replace(part, gate)]))
    if found:
        return found
    down = _find(tensors, at, NAMES["down"])
    assert down is not None
    down = down if family == "gpt2" else down.T
    both = _find(tensors, at, ("gate_up_proj",))
    if both is not None:
        gate, up = both[: len(down)], both[len(down) :]
        return [Ffn(up, down, gate)]
    up = _find(tensors, at, NAMES["up"])
    assert up is not None
    return [Ffn(up.T if family == "gpt2" else up, down, _find(tensors, at, ("mlp.gate_proj",)))]


def _layer(name: str, family: str, tensors: Tensors, at: str, heads: int, groups: int) -> Layer:
    q, k, v, o = _attention(name if family == "falcon" else family, tensors, at, heads, groups)
    ffns = _ffns(family, tensors, at)
    routers = [t for key, t in tensors.items() if key.startswith(at) and re.search(r"(mlp|moe|expert)[._]gate\.w", key)]
    reads = [part for ffn in ffns for part in (ffn.up, ffn.gate) if part is not None] + routers
    attention = _find(tensors, at, BEFORE_ATTENTION)
    four = family in {"gemma2", "gemma3"}
    ffn = None if family == "olmo2" else _find(tensors, at, ("pre_feedforward_layernorm",) if four else BEFORE_FFN)
    before, known = [], []
    if family not in POST_NORM and attention is not None:
        both = ffn is None  # parallel halves share one norm
        before = [(attention, [q, k, v, *(reads if both else [])])]
        if ffn is not None:
            before.append((ffn, reads))
        known = [attention, ffn]
    d = q.shape[-1]
    rest = [
        t
        for key, t in tensors.items()
        if key.startswith(at)
        and re.search(r"norm|ln_", key.lower())
        and t.shape == (d,)
        and not re.search(r"[qk]_norm", key)
        and not any(t is one for one in known)
    ]
    return Layer(q, k, v, o, ffns, before, rest + routers)


#: Families with the names and the arithmetic of another.
ALIASES = {
    **dict.fromkeys(("ministral", "ministral3", "smollm3", "granite", "seed_oss", "ernie4_5", "internlm3"), "llama"),
    **dict.fromkeys(("ernie", "big_bird", "splinter", "electra", "data2vec-text"), "bert"),
    **{"helium": "llama", "eurobert": "llama", "olmo3": "olmo2", "phi4_multimodal": "phi3"},
}
#: What is no language model.
OTHER_PARTS = r".*(vision|audio|image|embed_tokens_extend)"
#: Rotary positions turn entries 2 i and 2 i + 1 of a head.
INTERLEAVED = ("gptj", "helium", "ernie4_5")


def knows(name: str) -> bool:
    """Whether the parts of that family are known here."""
    family = name.split(",", maxsplit=1)[0]
    return name != "electra, narrow" and ALIASES.get(family, family) in ROTARY_HALF | LAYER_NORM | POST_NORM | {
        "qwen2_moe",
        "qwen3_moe",
    }


def layout(name: str, tensors: Tensors, heads: int, groups: int) -> Layout:
    """The parts of a checkpoint of family `name` (up to a comma), with these numbers of heads."""
    family = name.split(",", maxsplit=1)[0]
    interleaved, family = family in INTERLEAVED, ALIASES.get(family, family)
    tensors = {key: tensor for key, tensor in tensors.items() if not re.match(OTHER_PARTS, key)}
    places = sorted({found[0] for key in tensors if (found := re.match(r".*?\b(layers|h|blocks|layer)\.\d+\.", key))})
    layers = [_layer(name, family, tensors, at, heads, groups) for at in places]
    outside = {key: t for key, t in tensors.items() if not key.startswith(tuple(places)) and "pooler" not in key}

    def named(pattern: str) -> list[Array]:
        return [t for key, t in outside.items() if re.search(pattern, key)]

    e = layers[0].q.shape[2]
    rotary = {"stablelm": e // 2, "gptj": 4, "gpt_neox": e // 4}.get(family, e if family in ROTARY_HALF else 0)
    if family in {"qwen2_moe", "qwen3_moe"} or name in {"falcon, new", "falcon, multi-query"}:
        rotary = e
    return Layout(
        layers,
        named(r"(embed_tokens|wte|embed_in|word_embeddings)\.weight")[0],
        named(r"wpe|embed_positions|position_embeddings"),
        named(r"token_type"),
        named(r"(?i)norm|ln_f"),
        gamma=1.0 if family.startswith("gemma") else 0.0,
        rotary=rotary,
        interleaved=interleaved,
        layer_norm=family in LAYER_NORM or family in POST_NORM,
        behind=family in {"gemma2", "gemma3", "olmo2"} or family in POST_NORM,
        head_norm=family in {"qwen3", "qwen3_moe", "gemma3", "olmo2"},
        own_places=family in {"bloom", "mpt", "olmo2"} or name == "falcon, serial",
    )
