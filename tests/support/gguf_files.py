"""GGUF files made from model folders as llama.cpp's converter makes them, with the writer of the package `gguf`."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from gguf import MODEL_ARCH, GGMLQuantizationType, GGUFWriter, get_tensor_name_map, quants
from numpy.typing import NDArray
from safetensors.numpy import load_file

Array = NDArray[Any]
#: `model_type` -> architecture, and which values the converter changes.
ARCHITECTURES = {
    "llama": MODEL_ARCH.LLAMA,
    "mistral": MODEL_ARCH.LLAMA,
    "mixtral": MODEL_ARCH.LLAMA,
    "ministral3": MODEL_ARCH.MISTRAL3,
    "smollm3": MODEL_ARCH.SMOLLM3,
    "granite": MODEL_ARCH.GRANITE,
    "granitemoe": MODEL_ARCH.GRANITE_MOE,
    "arcee": MODEL_ARCH.ARCEE,
    "olmo": MODEL_ARCH.OLMO,
    "olmoe": MODEL_ARCH.OLMOE,
    "qwen2": MODEL_ARCH.QWEN2,
    "qwen3": MODEL_ARCH.QWEN3,
    "qwen2_moe": MODEL_ARCH.QWEN2MOE,
    "qwen3_moe": MODEL_ARCH.QWEN3MOE,
    "qwen3_next": MODEL_ARCH.QWEN3NEXT,
    "seed_oss": MODEL_ARCH.SEED_OSS,
    "ernie4_5": MODEL_ARCH.ERNIE4_5,
    "ernie4_5_moe": MODEL_ARCH.ERNIE4_5_MOE,
    "eurobert": MODEL_ARCH.EUROBERT,
    "gemma": MODEL_ARCH.GEMMA,
    "gemma2": MODEL_ARCH.GEMMA2,
    "gemma3_text": MODEL_ARCH.GEMMA3,
    "gemma3n_text": MODEL_ARCH.GEMMA3N,
    "phi": MODEL_ARCH.PHI2,
    "phi3": MODEL_ARCH.PHI3,
    "phimoe": MODEL_ARCH.PHIMOE,
    "minimax_m2": MODEL_ARCH.MINIMAXM2,
    "dots1": MODEL_ARCH.DOTS1,
    "deepseek_v2": MODEL_ARCH.DEEPSEEK2,
    "deepseek_v3": MODEL_ARCH.DEEPSEEK2,
    "glm": MODEL_ARCH.CHATGLM,
    "glm4": MODEL_ARCH.GLM4,
    "glm4_moe": MODEL_ARCH.GLM4_MOE,
    "olmo2": MODEL_ARCH.OLMO2,
    "exaone4": MODEL_ARCH.EXAONE4,
    "nemotron": MODEL_ARCH.NEMOTRON,
    "cohere": MODEL_ARCH.COMMAND_R,
    "cohere2": MODEL_ARCH.COHERE2,
    "gpt_oss": MODEL_ARCH.GPT_OSS,
    "llama4_text": MODEL_ARCH.LLAMA4,
    "hunyuan_v1_dense": MODEL_ARCH.HUNYUAN_DENSE,
    "apertus": MODEL_ARCH.APERTUS,
    "starcoder2": MODEL_ARCH.STARCODER2,
    "lfm2": MODEL_ARCH.LFM2,
    "stablelm": MODEL_ARCH.STABLELM,
    "bloom": MODEL_ARCH.BLOOM,
    "gpt_neox": MODEL_ARCH.GPTNEOX,
    "gpt2": MODEL_ARCH.GPT2,
    **dict.fromkeys(("t5", "mt5", "umt5"), MODEL_ARCH.T5),
    "qwen3_vl_moe_text": MODEL_ARCH.QWEN3VLMOE,
    "qwen3_5_text": MODEL_ARCH.QWEN35,
    "qwen3_5_moe_text": MODEL_ARCH.QWEN35MOE,
    "falcon": MODEL_ARCH.FALCON,
    "mpt": MODEL_ARCH.MPT,
    "gpt_bigcode": MODEL_ARCH.STARCODER,
    "kimi_linear": MODEL_ARCH.KIMI_LINEAR,
    "mimo_v2_flash": MODEL_ARCH.MIMO2,
    "gemma4_text": MODEL_ARCH.GEMMA4,
    "granitemoeshared": MODEL_ARCH.GRANITE_MOE,
    "granitemoehybrid": MODEL_ARCH.GRANITE_HYBRID,
    "lfm2_moe": MODEL_ARCH.LFM2MOE,
    "bert": MODEL_ARCH.BERT,
    "sarvam_moe": MODEL_ARCH.BAILINGMOE2,
    "exaone": MODEL_ARCH.EXAONE,
    "exaone_moe": MODEL_ARCH.EXAONE_MOE,
    "afmoe": MODEL_ARCH.AFMOE,
    "hunyuan_v1_moe": MODEL_ARCH.HUNYUAN_MOE,
    "hunyuan_vl_text": MODEL_ARCH.HUNYUAN_VL,
    "falcon_h1": MODEL_ARCH.FALCON_H1,
    "jamba": MODEL_ARCH.JAMBA,
    "jais2": MODEL_ARCH.JAIS2,
    "nemotron_h": MODEL_ARCH.NEMOTRON_H_MOE,
    "modernbert": MODEL_ARCH.MODERN_BERT,
    "nomic_bert": MODEL_ARCH.NOMIC_BERT,
    "mistral4": MODEL_ARCH.MISTRAL4,
    "glm_moe_dsa": MODEL_ARCH.GLM_DSA,
    "step3p7_text": MODEL_ARCH.STEP35,
    "step3p5": MODEL_ARCH.STEP35,
    "qwen": MODEL_ARCH.QWEN,
}
_A = MODEL_ARCH
INTERLEAVED = (_A.LLAMA, _A.OLMO, _A.MISTRAL3, _A.SMOLLM3, _A.GRANITE, _A.GRANITE_MOE, _A.ARCEE)
INTERLEAVED += (
    _A.NEMOTRON_H_MOE,
    _A.MINICPM,
    _A.LLAMA_EMBED,
    _A.BAILINGMOE,
    _A.GRANITE_HYBRID,
    _A.INTERNLM2,
    _A.BAICHUAN,
    _A.XVERSE,
)
PLUS_ONE = (_A.STEP35, _A.GEMMA, _A.GEMMA2, _A.GEMMA3, _A.NEMOTRON, _A.QWEN3NEXT, _A.QWEN35, _A.QWEN35MOE)
#: Names of sizes in configs.
LAYERS, HIDDEN = ("num_hidden_layers", "n_layer", "n_layers", "num_layers"), ("hidden_size", "n_embd", "d_model")
HEADS, KV_HEADS = ("num_attention_heads", "n_head", "n_heads", "num_heads"), ("num_key_value_heads", "num_kv_heads")
IN_OUT = ("gpt_oss", "llama4_text")
APART = ("deepseek_v3", "kimi_linear")
STACK = re.compile(r"(gate_up_proj|down_proj|input_linear|output_linear)(\.weight)?$")
EXPERT = re.compile(r"(.*)experts\.(\d+)\.(\w+)\.weight")
EXPERT_NAMES = {"w1": "gate", "w3": "up", "w2": "down", "gate_proj": "gate", "up_proj": "up", "down_proj": "down"}


def stated(config: dict[str, Any], names: tuple[str, ...]) -> int:
    if names is LAYERS and "layers_block_type" in config:
        return len(config["layers_block_type"])
    return next(int(config[name]) for name in names if config.get(name))


def write(
    folder: Path, at: Path, kind: str = "F32", parts: int = 1, arch: MODEL_ARCH | None = None, **changes: Any
) -> Path:
    """A GGUF file of a model folder, its matrices in that type. `arch`: where it is not that of its type. `changes`:
    metadata set to other values.
    """
    config = json.loads((folder / "config.json").read_text())
    arch = arch or ARCHITECTURES[config["model_type"]]
    names = get_tensor_name_map(arch, stated(config, LAYERS))
    tensors: dict[str, Array] = {}
    experts: dict[str, dict[int, Array]] = defaultdict(dict)
    for name, values in load_file(folder / "model.safetensors").items():
        found = EXPERT.fullmatch(name)
        if found:
            block = re.search(r"layers\.(\d+)\.", name)
            assert block
            experts[f"blk.{block[1]}.ffn_{EXPERT_NAMES[found[3]]}_exps.weight"][int(found[2])] = values
            continue
        if (found := STACK.search(name)) is not None and values.ndim == 3:
            block = name.split("layers.")[1].split(".")[0]
            tensors |= _stacks(f"blk.{block}.ffn_", found[1], values, config)
            continue
        if name.endswith("shared_mlp.input_linear.weight"):
            end = "_shexp" if config["num_local_experts"] else ""
            for part, half in zip(("gate", "up"), np.split(values, 2), strict=True):
                tensors[f"blk.{name.split('layers.')[1].split('.')[0]}.ffn_{part}{end}.weight"] = half
            continue
        if arch is MODEL_ARCH.BAILINGMOE and "query_key_value" in name:
            for part, rows in zip("qkv", apart(values, config), strict=True):
                place = f"blk.{name.split('layers.')[1].split('.')[0]}.attn_{part}.weight"
                tensors[place] = _converted(place, rows, arch, config)
            continue
        name = whole(name, arch)
        place = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if name.endswith("shared_mlp.output_linear.weight") and not config["num_local_experts"]:
            place = place.replace("_shexp", "") if place else place
        if place and "attn_kv_b." in place and config["model_type"] in APART:  # taken apart, head by head
            own, size = config["qk_nope_head_dim"], config["v_head_dim"]
            both = values.reshape(config["num_attention_heads"], own + size, -1)
            tensors[place.replace("attn_kv_b", "attn_k_b")] = both[:, :own].swapaxes(1, 2)
            tensors[place.replace("attn_kv_b", "attn_v_b")] = both[:, own:]
        elif place:
            tensors[place] = _converted(place, values, arch, config)
    tensors |= {name: np.stack([many[i] for i in sorted(many)]) for name, many in experts.items()}
    groups = [dict([*tensors.items()][i::parts]) for i in range(parts)]
    paths = [at if parts == 1 else at.with_name(f"{at.stem}-{i + 1:05}-of-{parts:05}.gguf") for i in range(parts)]
    for number, (path, group) in enumerate(zip(paths, groups, strict=True)):
        writer = GGUFWriter(path, arch.name if number else names_of(arch))
        if number == 0:
            _metadata(writer, config, folder, changes)
        for name, values in group.items():
            _add(writer, name, values, kind)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    return paths[0]


def whole(name: str, arch: MODEL_ARCH) -> str:
    """The name that a tensor has in the model with a head, by which the package's table knows it."""
    name = name.removeprefix("bert.").replace("block_sparse_moe.gate_proj", "mlp.gate_proj")
    name = re.sub(r"block_sparse_moe\.(up|down)_proj", r"mlp.\1_proj", name)
    if arch in (MODEL_ARCH.MPT, MODEL_ARCH.FALCON):
        return f"transformer.{name}"
    if arch is MODEL_ARCH.GPTNEOX:
        return f"gpt_neox.{name.removeprefix('gpt_neox.')}"
    if arch is MODEL_ARCH.EXAONE:
        return name.replace("layers.", "transformer.h.").replace("embed_tokens", "transformer.wte")
    if arch is MODEL_ARCH.NEMOTRON_H_MOE:
        return f"backbone.{name}"
    alone = name.startswith(("layers.", "final_layernorm.")) and arch is not MODEL_ARCH.MODERN_BERT
    return f"model.{name}" if alone else name


def apart(values: Array, config: dict[str, Any]) -> list[Array]:
    """q, k and v of a matrix that holds them one after the other."""
    heads, groups = stated(config, HEADS), stated(config, KV_HEADS)
    ends = np.cumsum([heads, groups]) * (len(values) // (heads + 2 * groups))
    return np.split(values, ends)


def _stacks(at: str, kind: str, values: Array, config: dict[str, Any]) -> dict[str, Array]:
    """Of all experts together: out x in, gate and up apart."""
    if kind in ("gate_up_proj", "down_proj") and config["model_type"] in IN_OUT:
        values = values.swapaxes(1, 2)
    if kind in ("down_proj", "output_linear"):
        return {f"{at}down_exps.weight": values}
    half = values.shape[1] // 2
    alternate = config["model_type"] == "gpt_oss"
    gate, up = (values[:, ::2], values[:, 1::2]) if alternate else (values[:, :half], values[:, half:])
    return {f"{at}gate_exps.weight": gate, f"{at}up_exps.weight": up}


def one_group(config: dict[str, Any]) -> bool:
    return bool(config.get("multi_query")) and not config.get("new_decoder_architecture")


def names_of(arch: MODEL_ARCH) -> str:
    from gguf import MODEL_ARCH_NAMES

    return MODEL_ARCH_NAMES[arch]


def _add(writer: GGUFWriter, name: str, values: Array, kind: str) -> None:
    type_ = GGMLQuantizationType[kind]
    fits = values.ndim > 1 and values.shape[-1] % quants.GGML_QUANT_SIZES[type_][0] == 0
    if kind == "F32" or not fits:
        writer.add_tensor(name, np.ascontiguousarray(values, np.float32))
    else:
        packed = quants.quantize(np.ascontiguousarray(values, np.float32), type_)
        writer.add_tensor(name, packed, raw_dtype=None if kind == "F16" else type_)


def _converted(place: str, values: Array, arch: MODEL_ARCH, config: dict[str, Any]) -> Array:
    if arch in INTERLEAVED and re.search(r"attn_[qk]\.weight", place):
        heads = stated(config, HEADS if "attn_q" in place else KV_HEADS)
        values = values.reshape(heads, 2, len(values) // heads // 2, -1).swapaxes(1, 2).reshape(values.shape)
    if arch in PLUS_ONE and place.endswith("norm.weight") and "ssm" not in place:
        values = values + 1
    if arch in (MODEL_ARCH.BLOOM, MODEL_ARCH.GPTNEOX) and "attn_qkv.weight" in place:
        heads = config.get("n_head") or config["num_attention_heads"]
        values = values.reshape(heads, 3, len(values) // heads // 3, -1).swapaxes(0, 1).reshape(values.shape)
    if arch is MODEL_ARCH.FALCON and "attn_qkv.weight" in place:
        groups = 1 if one_group(config) else stated(config, KV_HEADS)
        each = values.reshape(groups, stated(config, HEADS) // groups + 2, -1, values.shape[1])
        values = np.concatenate([part.reshape(-1, values.shape[1]) for part in np.split(each, [-2, -1], axis=1)])
    if arch is MODEL_ARCH.FALCON_H1:
        values = values * multiplier(place, config)
    if arch is MODEL_ARCH.GPT2 and re.search(r"(attn_qkv|attn_output|ffn_up|ffn_down)\.weight", place):
        values = values.T
    return values


def multiplier(place: str, config: dict[str, Any]) -> float:
    """What Falcon H1 multiplies a part by, which the converter puts into its matrix."""
    inward, (gate, down) = config["attention_in_multiplier"], config["mlp_multipliers"]
    factors = {"attn_k": config["key_multiplier"] * inward, "attn_q": inward, "attn_v": inward, "ffn_gate": gate}
    factors |= {"attn_output": config["attention_out_multiplier"], "ffn_down": down}
    factors |= {"token_embd": config["embedding_multiplier"]}
    return float(next((factor for name, factor in factors.items() if f"{name}.weight" in place), 1.0))


def _metadata(writer: GGUFWriter, config: dict[str, Any], folder: Path, changes: dict[str, Any]) -> None:
    hidden, heads = stated(config, HIDDEN), stated(config, HEADS)
    writer.add_block_count(stated(config, LAYERS))
    writer.add_embedding_length(hidden)
    writer.add_head_count(heads)
    one = config["model_type"] in APART or one_group(config)
    writer.add_head_count_kv(1 if one else next((config[name] for name in KV_HEADS if config.get(name)), heads))
    writer.add_feed_forward_length(
        config.get("ffn_hidden_size")
        or config.get("d_ff")
        or config.get("intermediate_size")
        or config.get("n_inner")
        or 4 * hidden
    )
    if config.get("head_dim") or config.get("d_kv"):
        writer.add_key_length(config.get("head_dim") or config["d_kv"])
    names = ("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts")
    experts = next((config[name] for name in names if config.get(name)), None)
    if experts:
        writer.add_expert_count(experts)
    if config.get("num_kv_shared_layers"):
        writer.add_shared_kv_layers(config["num_kv_shared_layers"])
    if config.get("moe_intermediate_size"):
        writer.add_expert_feed_forward_length(config["moe_intermediate_size"])
    if config.get("shared_expert_intermediate_size"):
        writer.add_expert_shared_feed_forward_length(config["shared_expert_intermediate_size"])
    if "use_parallel_residual" in config:
        writer.add_parallel_residual(config["use_parallel_residual"])
    tokenizer = folder / "tokenizer.json"
    if tokenizer.is_file():
        _tokenizer(writer, json.loads(tokenizer.read_text()))
    for name, value in changes.items():
        writer.add_key_value(name, *value)


def _tokenizer(writer: GGUFWriter, whole: dict[str, Any]) -> None:
    """The tokens by their kind: 1 normal, 3 control, 6 byte."""
    model = whole["model"]
    pieces = sorted(model["vocab"], key=model["vocab"].__getitem__)
    control = {token["content"] for token in whole["added_tokens"]}
    kinds = [3 if piece in control else 1 for piece in pieces]
    if model["type"] == "WordPiece":
        kind = "bert"
        pieces = [p if p in control else p[2:] if p.startswith("##") else "\u2581" + p for p in pieces]
    elif model.get("byte_fallback"):
        kind = "llama"
        kinds = [6 if re.fullmatch(r"<0x..>", p) else k for p, k in zip(pieces, kinds, strict=True)]
    else:
        kind = "gpt2"
    writer.add_tokenizer_model(kind)
    writer.add_token_list(pieces)
    writer.add_token_types(kinds)
