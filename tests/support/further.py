"""Plain parts of the checkpoints of further families, as `tests.support.layouts` has them for the first ones: by names
alone, from the families' own code and without ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from tests.support.layouts import Array, Ffn, Layer, Layout, Tensors

#: Names of matrices that add to the hidden state; all others read it.
WRITES = re.compile(
    r"(\bo_proj|out_proj|self_attn\.dense|attention\.output\.dense|attn\.o|attn\.c_proj|Attention\.o|\bWo|\bwo|down_proj"
    r"|fc2|w2|mlp\.c_proj|output_linear|attention\.dense|ffn_output|(?<!attention\.)output\.dense|o_proj\.linear|ffn\.2"
    r"|attn_out|ff_out)(\.weight)?$"
)
#: Of a feed-forward block: the end of down's name, and those of gate and up, or of both in one matrix.
BLOCKS: tuple[tuple[str, tuple[str | None, str]], ...] = (
    ("down_proj", ("gate_proj", "up_proj")),
    ("down_proj", ("", "gate_up_proj")),
    ("down_proj", ("", "up_gate_proj")),
    ("down_proj", (None, "up_proj")),
    ("experts.mlp.w2", ("experts.mlp.w1", "experts.mlp.v1")),
    ("w2", ("w1", "w3")),
    ("experts.fc2", ("", "experts.fc1")),
    ("ffn_output", (None, "ffn")),
    ("output_linear", ("", "input_linear")),
    ("mlp.c_proj", ("mlp.c_fc_0", "mlp.c_fc_1")),
    ("mlp.c_proj", (None, "mlp.c_fc")),
    ("fc2", ("fc12", "fc11")),
    ("fc2", (None, "fc1")),
    ("mlp.Wo", ("", "mlp.Wi")),
    ("DenseReluDense.wo", ("DenseReluDense.wi_0", "DenseReluDense.wi_1")),
    ("DenseReluDense.wo", (None, "DenseReluDense.wi")),
    ("output.dense", (None, "intermediate.dense")),
    ("ffn.2", (None, "ffn.0")),
    ("ff_out", ("", "ff_proj")),
)


@dataclass(frozen=True)
class Traits:
    """`norms`: those before the halves, and in a decoder the one before what reads the encoder. `changes`: which of the
    general freedoms the family does not have.
    """

    qkv: str = "self_attn.{}_proj"
    out: str = "self_attn.o_proj"
    grouped: bool = False
    gated: bool = False
    fixed_values: bool = False
    norms: tuple[str, ...] = ("input_layernorm", "post_attention_layernorm")
    embedding: str = "embed_tokens"
    gamma: float = 0.0
    layer_norm: bool = False
    behind: bool = False
    head_norm: bool = False
    own_places: bool = False
    plain_last: bool = False
    transposed: bool = False
    columns: bool = False
    interleaved: bool = False
    fixed_up: bool = False
    fixed_hidden: bool = False


LLAMA = Traits()
EXPERTS_BEHIND = replace(LLAMA, head_norm=True, own_places=True, behind=True, norms=())
PARALLEL = replace(LLAMA, layer_norm=True, norms=("input_layernorm",))
BERT = Traits(layer_norm=True, behind=True, norms=(), embedding="word_embeddings", out="attention.output.dense")
PRE_BERT = replace(BERT, behind=False, qkv="attention.self.{}")
BART = Traits(out="self_attn.out_proj", embedding="shared", layer_norm=True)
T5 = Traits(
    *("layer.0.SelfAttention.{}", "layer.0.SelfAttention.o"),
    norms=("layer.0.layer_norm", "layer.2.layer_norm|layer.1.layer_norm", "layer.1.layer_norm"),
    embedding="shared",
    own_places=True,
)
PRE = ("self_attn_layer_norm", "final_layer_norm", "encoder_attn_layer_norm")
PRE_FF = replace(LLAMA, norms=("input_layernorm", "pre_ff_layernorm"))
LFM2 = replace(LLAMA, out="self_attn.out_proj", head_norm=True, norms=("operator_norm", "ffn_norm"))
GATED = replace(LLAMA, gamma=1.0, head_norm=True, gated=True, own_places=True)
BEHIND_TOO = replace(
    LLAMA, head_norm=True, behind=True, fixed_values=True, norms=("input_layernorm", "pre_feedforward_layernorm")
)
CLIP = Traits(
    out="self_attn.out_proj", norms=("layer_norm1", "layer_norm2"), embedding="token_embedding", layer_norm=True
)
FAMILIES = {
    **dict.fromkeys(("glm", "solar_open", "ernie4_5_moe", "glm4_moe", "granitemoe", "granitemoeshared"), LLAMA),
    "arcee": LLAMA,
    "glm4": replace(LLAMA, behind=True),
    "exaone_moe": replace(LLAMA, head_norm=True),
    "jais2": replace(LLAMA, layer_norm=True),
    "afmoe": replace(
        LLAMA,
        head_norm=True,
        behind=True,
        fixed_values=True,
        own_places=True,
        norms=("input_layernorm", "pre_mlp_layernorm"),
    ),
    "megatron-bert": replace(PRE_BERT, norms=("attention.ln", "ln")),
    "roberta-prelayernorm": replace(PRE_BERT, norms=("attention.LayerNorm", "intermediate.LayerNorm")),
    "xlm-roberta-xl": replace(PRE_BERT, norms=("attention.self_attn_layer_norm", "LayerNorm")),
    **dict.fromkeys(("glm4_moe, normed heads", "dots1", "hunyuan", "hunyuan_v1_moe"), replace(LLAMA, head_norm=True)),
    "qwen3_vl_moe": replace(LLAMA, head_norm=True),
    **dict.fromkeys(("olmoe", "minimax_m2"), replace(LLAMA, head_norm=True, own_places=True)),
    "exaone4": replace(LLAMA, head_norm=True, behind=True, norms=()),
    "flex_olmo": EXPERTS_BEHIND,
    **dict.fromkeys(("cohere", "cohere2"), PARALLEL),
    "exaone": replace(LLAMA, qkv="attn.attention.{}_proj", out="attn.attention.out_proj", norms=("ln_1", "ln_2")),
    "phi": replace(PARALLEL, out="self_attn.dense"),
    **dict.fromkeys(("phimoe", "starcoder2"), replace(LLAMA, layer_norm=True)),
    "nemotron": replace(LLAMA, layer_norm=True, gamma=1.0),
    "gpt_bigcode": Traits("attn.c_attn", "attn.c_proj", norms=("ln_1", "ln_2"), embedding="wte", layer_norm=True),
    "gpt_bigcode, own heads": Traits(
        "attn.c_attn", "attn.c_proj", True, norms=("ln_1", "ln_2"), embedding="wte", layer_norm=True
    ),
    "gpt_oss": replace(LLAMA, transposed=True, interleaved=True, fixed_up=True, own_places=True),
    "llama4": replace(LLAMA, transposed=True, head_norm=True),
    "apertus": replace(LLAMA, head_norm=True, norms=("attention_layernorm", "feedforward_layernorm")),
    "vaultgemma": replace(LLAMA, gamma=1.0, norms=("input_layernorm", "pre_feedforward_layernorm")),
    **dict.fromkeys(("qwen3_next", "qwen3_5", "qwen3_5_moe"), GATED),
    **dict.fromkeys(("falcon_h1", "bamba", "jamba"), PRE_FF),
    **dict.fromkeys(("lfm2", "lfm2_moe"), LFM2),
    "lfm3": replace(LFM2, out="self_attn.o_proj", own_places=True, behind=True),
    **dict.fromkeys(("granite_swa", "granitemoehybrid", "granitemoehybrid, without experts"), LLAMA),
    **dict.fromkeys(("granitemoe_swa", "mllama", "ernie4_5_vl_moe", "mimo_v2_flash"), LLAMA),
    "minimax": replace(LLAMA, behind=True, norms=()),  # what a norm gives is the hidden state
    "recurrent_gemma": Traits(
        *("temporal_block.{}_proj", "temporal_block.o_proj"),
        norms=("temporal_pre_norm", "channel_pre_norm"),
        gamma=1.0,
    ),
    "aria": replace(LLAMA, transposed=True),
    "hyperclovax": replace(LLAMA, behind=True),
    "laguna": replace(LLAMA, head_norm=True, own_places=True),
    "openai_privacy_filter": replace(LLAMA, transposed=True, fixed_up=True, own_places=True),
    "jina_embeddings_v3": replace(BERT, qkv="mixer.Wqkv", out="mixer.out_proj"),
    "step3p5": replace(LLAMA, gamma=1.0, head_norm=True, own_places=True),
    "minimax_m3": replace(LLAMA, gamma=1.0, head_norm=True, fixed_up=True),
    "sarvam_moe": replace(LLAMA, qkv="attention.query_key_value", out="attention.dense", head_norm=True),
    "nanochat": replace(LLAMA, head_norm=True, norms=()),
    "cohere2_moe": PARALLEL,
    "dbrx": Traits(
        *("norm_attn_norm.attn.Wqkv", "norm_attn_norm.attn.out_proj"),
        norms=("norm_attn_norm.norm_1", "norm_attn_norm.norm_2"),
        embedding="wte",
        layer_norm=True,
    ),
    "rembert": replace(BERT, qkv="attention.self.{}", fixed_hidden=True),
    "albert": replace(
        BERT, qkv="albert_layers.0.attention.{}", out="albert_layers.0.attention.dense", fixed_hidden=True
    ),
    "t5gemma": replace(
        LLAMA,
        gamma=1.0,
        behind=True,
        norms=("pre_self_attn_layernorm", "pre_feedforward_layernorm", "pre_cross_attn_layernorm"),
    ),
    "modernbert-decoder": Traits(
        "attn.{}_proj", "attn.Wo", norms=("attn_norm", "mlp_norm"), embedding="tok_embeddings", layer_norm=True
    ),
    **dict.fromkeys(("hyperclovax, norms before", "cosmos3_edge", "unlimited_ocr"), LLAMA),
    "lfm3, norms before": replace(LFM2, out="self_attn.o_proj"),
    "olmo_hybrid": EXPERTS_BEHIND,
    "molmo2": Traits(
        "self_attn.att_proj", "self_attn.attn_out", norms=("attn_norm", "ff_norm"), embedding="wte", head_norm=True
    ),
    "kolibri1": replace(LLAMA, head_norm=True, behind=True),
    "beam": replace(BEHIND_TOO, own_places=True),
    "muse_glimmer": replace(BEHIND_TOO, gamma=1.0, plain_last=True, own_places=True),
    "flint": replace(LLAMA, head_norm=True, own_places=True),
    "lara_mini": replace(LLAMA, head_norm=True),
    "doge": replace(LLAMA, head_norm=True, behind=True, fixed_values=True, own_places=True),
    "moshi": replace(LLAMA, qkv="self_attn.{}_proj.linear", out="self_attn.o_proj.linear"),
    "nemotron_h": Traits(
        "attention.mixer.{}_proj",
        "attention.mixer.o_proj",
        norms=("attention.norm", "ffn.norm"),
        embedding="embeddings",
    ),
    "clip_text": CLIP,
    "siglip_text": CLIP,
    "esm": replace(PRE_BERT, norms=("attention.LayerNorm", "LayerNorm")),
    "openai-gpt": Traits(
        *("attn.c_attn", "attn.c_proj"),
        norms=(),
        embedding="tokens_embed",
        layer_norm=True,
        behind=True,
        columns=True,
        fixed_hidden=True,
    ),
    "ctrl": Traits(
        *("multi_head_attention.W{}", "multi_head_attention.dense"),
        norms=("layernorm1", "layernorm2"),
        embedding="w",
        layer_norm=True,
        fixed_hidden=True,
    ),
    "apertus1p5": replace(LLAMA, head_norm=True, norms=("attention_layernorm", "feedforward_layernorm")),
    "deberta": replace(BERT, qkv="attention.self.in_proj", grouped=True),
    "deberta-v2": replace(BERT, qkv="attention.self.{}_proj"),
    "mpnet": replace(BERT, qkv="attention.attn.{}", out="attention.attn.o", own_places=True),
    "nomic_bert": replace(BERT, qkv="attn.Wqkv", out="attn.out_proj"),
    "gte": replace(BERT, qkv="attention.qkv_proj", out="attention.o_proj"),
    "modernbert": Traits(
        "attn.Wqkv", "attn.Wo", norms=("attn_norm", "mlp_norm"), embedding="tok_embeddings", layer_norm=True
    ),
    **dict.fromkeys(("t5", "t5, gated", "mt5", "umt5"), T5),
    **dict.fromkeys(("bart", "plbart"), replace(BART, behind=True, norms=())),
    "mbart": replace(BART, norms=PRE),
    **dict.fromkeys(("m2m_100", "pegasus"), replace(BART, norms=PRE, fixed_hidden=True)),
    "blenderbot": replace(BART, norms=PRE),
    "blenderbot-small": replace(BART, behind=True, norms=(), fixed_hidden=True),
    "marian": replace(BART, behind=True, norms=(), fixed_hidden=True),
    "xglm": replace(BART, norms=PRE[:2], embedding="embed_tokens", fixed_hidden=True),
    "whisper": replace(BART, norms=PRE, embedding="embed_tokens"),
}
#: Names in a layer whose matrices read what the attention's norm gives, and what that before reading an encoder gives.
ATTENTION, ENCODER = (
    re.compile(r"self_attn|attn\.|attention|mamba|SelfAttention|temporal_block"),
    re.compile(r"encoder_attn|EncDec|cross_attn"),
)


def layout(name: str, tensors: Tensors, heads: int, groups: int) -> Layout:
    """The parts of a checkpoint of family `name`, with these numbers of heads."""
    traits = FAMILIES[name]
    tensors = {key.replace(".gamma", ".weight").replace(".beta", ".bias"): t for key, t in tensors.items()}
    if name in {"whisper", "t5gemma"}:
        tensors = {key: tensor for key, tensor in tensors.items() if not key.startswith("encoder.")}
        skipped = re.compile(r"(encoder|cross)_attn\.[kv]_proj")
        tensors = {key: tensor for key, tensor in tensors.items() if not skipped.search(key)}
    stacks = r".*?\b(layers|h|layer|blocks?|albert_layer_groups)\.\d+\."
    places = sorted({found[0] for key in tensors if (found := re.match(stacks, key))})
    split = [{key[len(at) :]: t for key, t in tensors.items() if key.startswith(at)} for at in places]
    split = list(_joined(split)) if name == "nemotron_h" else split
    linear = [own for own in split if name == "olmo_hybrid" and f"{traits.out}.weight" not in own]
    split = [own for own in split if f"{traits.out}.weight" in own]
    layers = [_layer(traits, own, heads, groups) for own in split]
    outside = {key: t for key, t in tensors.items() if not key.startswith(tuple(places)) and "pooler" not in key}

    def named(pattern: str) -> list[Array]:
        return [t for key, t in outside.items() if re.search(pattern, key)]

    (words,) = named(rf"\b{traits.embedding}\.(weight|embedding)")
    positions = named(r"wpe|embed_positions|position_embedding|positions_embed")
    types = named(r"token_type|new_embedding")
    norms = named(r"(?i)norm|ln_f|emb_ln|\.ln\.")
    everything = [
        words,
        *positions,
        *types,
        *norms,
        *(part for own in (*split, *linear) for part in _hidden(traits, own)),
    ]
    return Further(
        layers,
        words,
        positions,
        types,
        norms,
        gamma=traits.gamma,
        layer_norm=traits.layer_norm,
        behind=traits.behind,
        head_norm=traits.head_norm,
        own_places=traits.own_places,
        plain_last=traits.plain_last,
        everything=everything,
        written=[words, *positions, *types, *(part for own in split for part in _written(traits, own))],
        fixed_values=traits.gated or traits.fixed_values,
        fixed_up=traits.fixed_up,
        fixed_hidden=traits.fixed_hidden,
    )


def _joined(split: list[Tensors]) -> Iterator[Tensors]:
    """An attention and the feed-forward block behind it, which are layers of their own, as one layer."""
    for before, own in pairwise(split):
        if "mixer.q_proj.weight" in before:
            yield {f"attention.{key}": t for key, t in before.items()} | {f"ffn.{key}": t for key, t in own.items()}


@dataclass
class Further(Layout):
    """`everything`: all whose last axis is the hidden index; `written`: rows that are added to the hidden state."""

    everything: list[Array] = field(default_factory=list)
    written: list[Array] = field(default_factory=list)
    fixed_values: bool = False
    fixed_up: bool = False
    fixed_hidden: bool = False

    def hidden(self) -> Iterator[Array]:
        yield from self.everything

    def writing(self) -> Iterator[Array]:
        yield from self.written


def _turned(traits: Traits, key: str, tensor: Array) -> Array:
    """Last axis: the hidden index."""
    if "experts.mlp." in key:  # all experts in one matrix, none of them turned
        return tensor.reshape(3, -1, tensor.shape[-1])
    stored = traits.transposed if tensor.ndim > 2 else traits.columns
    return tensor.swapaxes(-1, -2) if bool(WRITES.search(key)) != stored else tensor


def _matrices(traits: Traits, own: Tensors) -> dict[str, Array]:
    skipped = re.compile(r"relative_attention_bias|conv1d|A_log|mamba\.D|mamba\.dt|dt_proj")
    return {
        key: _turned(traits, key, tensor)
        for key, tensor in own.items()
        if tensor.ndim > 1 and not skipped.search(key) and not key.endswith("bias")
    }


def _hidden(traits: Traits, own: Tensors) -> Iterator[Array]:
    yield from _matrices(traits, own).values()
    vectors = re.compile(
        r"[qk]_norm|(q|k|query|key)_layernorm|bias$|sinks|softmax_offset|alpha|mamba|self_attn\.A$|A_log|o_norm"
    )
    for key, tensor in own.items():
        if tensor.ndim == 1 and not vectors.search(key):
            yield tensor


def _written(traits: Traits, own: Tensors) -> list[Array]:
    return [matrix for key, matrix in _matrices(traits, own).items() if WRITES.search(key)]


def _layer(traits: Traits, own: Tensors, heads: int, groups: int) -> Layer:
    matrices = _matrices(traits, own)
    o = matrices[f"{traits.out}.weight"]
    e, d = len(o) // heads, o.shape[-1]
    if "{}" in traits.qkv:
        letters = ("query", "key", "value") if f"{traits.qkv.format('query')}.weight" in own else ("q", "k", "v")
        q, k, v = (matrices[f"{traits.qkv.format(letter)}.weight"] for letter in letters)
        q = q.reshape(heads, 2, e, d)[:, 0] if traits.gated else q
    else:
        whole = matrices[f"{traits.qkv}.weight"]
        if traits.grouped:
            q, k, v = whole.reshape(heads, 3, e, d).transpose(1, 0, 2, 3)
        else:
            q, k, v = whole[: heads * e], whole[heads * e : (heads + groups) * e], whole[(heads + groups) * e :]
    reads = {key: matrix for key, matrix in matrices.items() if not WRITES.search(key)}
    before = []
    for norm, part in zip(traits.norms, ("attention", "ffn", "encoder"), strict=False):
        norm = next((one for one in norm.split("|") if f"{one}.weight" in own), "")
        if norm and (part != "encoder" or any(ENCODER.search(key) for key in own)):
            kinds = {key: _kind(key, len(traits.norms)) for key in reads}
            before.append((own[f"{norm}.weight"], [reads[key] for key, kind in kinds.items() if kind == part]))
    groups = k.size // (q.size // heads)
    kept = (k.reshape(groups, -1, d), v.reshape(groups, -1, d), o.reshape(groups, heads // groups, e, d))
    return Layer(_same(q, q.reshape(groups, heads // groups, -1, d)), *kept, list(_ffns(traits, own)), before, [])


def _same(stored: Array, view: Array) -> Array:
    assert view.size == stored.size
    return view


def _kind(key: str, norms: int) -> str:
    if ENCODER.search(key):
        return "encoder" if re.search(r"\.q", key) else "elsewhere"
    return "attention" if norms == 1 or ATTENTION.search(key) else "ffn"


def _ffns(traits: Traits, own: Tensors) -> Iterator[Ffn]:
    matrices = _matrices(traits, own)
    for key, down in matrices.items():
        bare = key.removesuffix(".weight")
        for end, (gate, up) in BLOCKS:
            start = bare.removesuffix(end)
            wanted = [start + name + key[len(bare) :] for name in (gate, up) if name]
            if start == bare or not all(name in matrices for name in wanted) or "attention.output" in bare:
                continue
            parts = [matrices[name] for name in wanted]
            pieces = zip(*[part if part.ndim > 2 else part[None] for part in (*parts, down)], strict=True)
            for *first, last in pieces:
                yield _ffn(traits, gate, up, first, last)
            break


def _ffn(traits: Traits, gate: str | None, up: str, first: list[Array], down: Array) -> Ffn:
    if len(first) > 1:
        return Ffn(first[1], down, first[0])
    if gate is None and len(first[0]) == len(down):
        return Ffn(first[0], down, None)
    if traits.interleaved:
        return Ffn(first[0][1::2], down, first[0][::2])
    half = len(first[0]) // 2
    one, other = first[0][:half], first[0][half:]
    return Ffn(one, down, other) if up.startswith(("up_gate", "ff_proj")) else Ffn(other, down, one)
