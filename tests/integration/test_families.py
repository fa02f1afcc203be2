"""Each family's reading of config and tensors, against the arithmetic of the model itself.

A tiny random model is made with transformers and saved; what our plain matrices say about attention scores, attention
outputs, feed-forward outputs and norms is compared with what its modules compute. Biases are set to zero: they are in
no term.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from huref.errors import ModelError
from huref.model import Model, open_model
from huref.model.families import FAMILIES
from huref.profile import named
from huref.stages.quantise import quantise
from huref.stages.tokens import select
from tests.support import models
from tests.support.layers import arrays
from tests.support.layouts import OTHER_PARTS

Array = NDArray[np.float64]
LENGTH = 7


@dataclass(frozen=True)
class Case:
    """A config of transformers, where in a layer its halves are, and which activation it has."""

    config: str
    attention: str
    ffn: tuple[str, str]  # modules where the feed-forward block begins and ends
    act: str
    fields: dict[str, Any]
    layers: str = "layers"
    out: str = ""  # module that ends with o, where it is not the attention itself
    mix: Callable[[Array, Array], Array] | None = None  # gate and up, where they are not act(gate) * up
    borrowing: int | None = None  # a layer without keys and values of its own
    model: str = ""  # its class, where it is not that of AutoModel
    bare: bool = False  # what the first layer's attention reads is not what a norm gives
    call: str = "ids"  # what the model is called with; see `Theirs.arguments`


LLAMA = {"hidden_size": 48, "intermediate_size": 40, "num_hidden_layers": 2, "num_attention_heads": 4}
LLAMA |= {"vocab_size": 60, "pad_token_id": 0}


def llama_type(config: str, act: str = "silu", **more: Any) -> Case:
    """Four heads, two key/value heads, heads wider than d / h where the config can say so."""
    names = ("attention", "ffn", "mix", "call", "model", "borrowing", "bare")
    own = {name: more.pop(name) for name in names if name in more}
    whole = {"attention": "self_attn", "ffn": ("mlp", "mlp"), "act": act} | own
    return Case(config=config, fields=LLAMA | {"num_key_value_heads": 2} | more, **whole)


def gpt_oss(gate: Array, up: Array) -> Array:
    gate, up = gate.clip(max=7), up.clip(-7, 7)
    return (up + 1) * gate / (1 + np.exp(-1.702 * gate))


def t5_type(config: str, act: str = "relu", **more: Any) -> Case:
    sizes = {"d_model": 48, "d_ff": 40, "d_kv": 16, "num_layers": 2, "num_decoder_layers": 2, "num_heads": 4}
    ffn = "layer.2.DenseReluDense|layer.1.DenseReluDense"
    fields = sizes | {"vocab_size": 60} | more
    return Case(config, "layer.0.SelfAttention", (ffn, ffn), act, fields, "block", call="two")


def bart_type(config: str, call: str, act: str = "gelu", bare: bool = False, **more: Any) -> Case:
    sizes = {f"{part}_{name}": size for part in ("encoder", "decoder") for name, size in BART.items()}
    fields = {"d_model": 48, "vocab_size": 60, "max_position_embeddings": 32, "pad_token_id": 0} | sizes | more
    return Case(config, "self_attn", ("fc1", "fc2"), act, fields, bare=bare, call=call)


BART = {"layers": 2, "attention_heads": 4, "ffn_dim": 40}


T5GEMMA = LLAMA | {"num_key_value_heads": 2, "head_dim": 16, "attn_logit_softcapping": None}


def bert_type(config: str, act: str = "gelu", **more: Any) -> Case:
    ffn = ("intermediate.dense", "output.dense")
    return Case(config, "attention.self", ffn, act, BERT | more, "layer", "attention.output.dense")


def gpt_type(config: str, attention: str, act: str = "gelu_new", call: str = "ids", **fields: Any) -> Case:
    return Case(config, attention, ("mlp", "mlp"), act, fields, layers="h", call=call)


GPT2 = {"n_embd": 48, "n_layer": 2, "n_head": 4, "vocab_size": 60, "n_positions": 32}
BERT = {
    "hidden_size": 48,
    "intermediate_size": 40,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "vocab_size": 60,
    "hidden_act": "gelu",
}
FALCON = {"hidden_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 60, "ffn_hidden_size": 40}
CLIP = {key: value for key, value in BERT.items() if key != "hidden_act"} | {"max_position_embeddings": 32}
NEOX = {key: value for key, value in BERT.items() if key != "hidden_act"}
WIDE_NEOX = {key: value for key, value in NEOX.items() if key != "intermediate_size"}

SMALL_VISION = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
SMALL_AUDIO = {"hidden_size": 16, "intermediate_size": 16, "num_blocks": 1, "num_attention_heads": 2}
EXPERTS = {"num_experts": 3, "num_experts_per_tok": 3, "moe_intermediate_size": 24, "norm_topk_prob": True}

GEMMA3N = {
    **{"head_dim": 16, "num_hidden_layers": 3, "hidden_size_per_layer_input": 8, "vocab_size_per_layer_input": 60},
    **{"layer_types": ["sliding_attention", "full_attention", "full_attention"], "num_kv_shared_layers": 1},
    **{
        "laurel_rank": 4,
        "altup_num_inputs": 2,
        "activation_sparsity_pattern": [0.0] * 3,
        "intermediate_size": [40] * 3,
    },
}
MANY_EXPERTS = {
    **{"n_routed_experts": 3, "num_experts_per_tok": 3, "moe_intermediate_size": 24, "n_shared_experts": 1},
    **{"first_k_dense_replace": 1, "n_group": 1, "topk_group": 1},
}
LATENT = {"q_lora_rank": 24, "kv_lora_rank": 20, "qk_nope_head_dim": 12, "qk_rope_head_dim": 8, "v_head_dim": 10}
LATENT |= {"num_key_value_heads": 4}
INDEXER = {"index_head_dim": 16, "index_n_heads": 2, "index_topk": 16}


def sections(*sizes: int) -> dict[str, Any]:
    """Rotary positions of text, height and width, so many pairs each."""
    return {"rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "mrope_section": list(sizes)}}


FEED_FORWARD = ("feed_forward", "feed_forward")
MOE = ("block_sparse_moe", "block_sparse_moe")
MAMBA = {"mamba_d_ssm": 96, "mamba_n_heads": 4, "mamba_d_head": 24, "mamba_d_state": 8, "mamba_expand": 2}
FULL = ["full_attention"] * 2

CASES = {
    "llama": llama_type("LlamaConfig", head_dim=16),
    "llama, own heads": llama_type("LlamaConfig", num_key_value_heads=4),
    "mistral": llama_type("MistralConfig", head_dim=16),
    "ministral": llama_type("MinistralConfig", head_dim=16),
    "ministral3": llama_type("Ministral3Config", head_dim=16),
    "smollm3": llama_type("SmolLM3Config", no_rope_layers=[1, 0]),
    "granite": llama_type(
        "GraniteConfig", residual_multiplier=0.2, embedding_multiplier=12.0, attention_multiplier=0.1
    ),
    "seed_oss": llama_type("SeedOssConfig", head_dim=16),
    "ernie4_5": llama_type("Ernie4_5Config", head_dim=16),
    "internlm3": llama_type("InternLM3Config", head_dim=16),
    "helium": llama_type("HeliumConfig", head_dim=12),
    "eurobert": llama_type("EuroBertConfig", head_dim=12, num_key_value_heads=2),
    "cwm": llama_type("CwmConfig", head_dim=16, layer_types=FULL),
    "iquestcoder": llama_type("IQuestCoderConfig", head_dim=16),
    "granite_docling": llama_type("GraniteDoclingTextConfig"),
    "paddleocr_vl": llama_type("PaddleOCRTextConfig", head_dim=16, model="PaddleOCRTextModel", **sections(2, 3, 3)),
    "ultrabert": llama_type("UltrabertConfig"),
    "qwen2_5_omni": llama_type("Qwen2_5OmniTextConfig", model="Qwen2_5OmniThinkerTextModel", **sections(2, 2, 2)),
    "qwen3_omni_moe": llama_type(
        "Qwen3OmniMoeTextConfig", model="Qwen3OmniMoeThinkerTextModel", head_dim=16, **EXPERTS, **sections(2, 3, 3)
    ),
    "glm4v": llama_type("Glm4vTextConfig", model="Glm4vTextModel", **sections(2, 2, 2)),
    "glm_image": llama_type("GlmImageTextConfig", model="GlmImageTextModel", **sections(2, 2, 2)),
    "glm_ocr": llama_type("GlmOcrTextConfig", model="GlmOcrTextModel", head_dim=16, **sections(2, 3, 3)),
    "glm4v_moe": llama_type(
        "Glm4vMoeTextConfig", model="Glm4vMoeTextModel", head_dim=16, **MANY_EXPERTS, **sections(1, 1, 2)
    ),
    "gpt_neox_japanese": Case("GPTNeoXJapaneseConfig", "attention", ("mlp", "mlp"), "gelu", WIDE_NEOX),
    "biogpt": Case("BioGptConfig", "self_attn", ("fc1", "fc2"), "gelu", BERT | {"max_position_embeddings": 32}),
    "bert-generation": bert_type("BertGenerationConfig"),
    "hunyuan_vl": llama_type("HunYuanVLTextConfig", head_dim=16, model="HunYuanVLTextModel", **sections(2, 3, 3)),
    "hy_v3": llama_type("HYV3Config", head_dim=16, **MANY_EXPERTS, num_experts=3, num_shared_experts=1),
    "lfm2_moe": llama_type(
        "Lfm2MoeConfig",
        ffn=FEED_FORWARD,
        layer_types=FULL,
        num_dense_layers=1,
        num_experts=3,
        num_experts_per_tok=3,
        moe_intermediate_size=24,
    ),
    "gemma4_unified": llama_type(
        *("Gemma4UnifiedTextConfig", "gelu_pytorch_tanh"),
        **{"head_dim": 16, "layer_types": ["sliding_attention", "full_attention"], "per_layer_config": None},
    ),
    "bamba": llama_type("BambaConfig", ffn=FEED_FORWARD, attn_layer_indices=[0, 1], **MAMBA),
    "olmo3": llama_type("Olmo3Config"),
    "phi4_multimodal": llama_type("Phi4MultimodalConfig", vision_config=SMALL_VISION, audio_config=SMALL_AUDIO),
    "qwen2": llama_type("Qwen2Config"),
    "qwen3": llama_type("Qwen3Config", head_dim=16),
    "gemma": llama_type("GemmaConfig", "gelu_pytorch_tanh", head_dim=16),
    "gemma2": llama_type("Gemma2Config", "gelu_pytorch_tanh", head_dim=16, attn_logit_softcapping=None),
    "gemma3": llama_type("Gemma3TextConfig", "gelu_pytorch_tanh", head_dim=16),
    "phi3": llama_type("Phi3Config"),
    "stablelm": llama_type("StableLmConfig", partial_rotary_factor=0.5),
    "stablelm, parallel": llama_type("StableLmConfig", partial_rotary_factor=0.5, use_parallel_residual=True),
    "olmo": llama_type("OlmoConfig"),
    "olmo2": llama_type("Olmo2Config"),
    "gpt2": gpt_type("GPT2Config", "attn", **GPT2),
    "gpt_neo": gpt_type(
        *("GPTNeoConfig", "attn.attention"),
        **{
            "hidden_size": 48,
            "num_layers": 2,
            "num_heads": 4,
            "vocab_size": 60,
            "attention_types": [[["global", "local"], 1]],
        },
        **{"max_position_embeddings": 32, "intermediate_size": 40},
    ),
    "gptj": gpt_type("GPTJConfig", "attn", rotary_dim=4, n_inner=40, **GPT2),
    "gpt_neox": Case("GPTNeoXConfig", "attention", ("mlp", "mlp"), "gelu", NEOX),
    "bloom": Case(
        *("BloomConfig", "self_attention", ("mlp.dense_h_to_4h", "mlp.dense_4h_to_h"), "gelu_new"),
        *({"hidden_size": 48, "n_layer": 2, "n_head": 4, "vocab_size": 60}, "h", "self_attention.dense"),
    ),
    "falcon, new": gpt_type(
        "FalconConfig", "self_attention", "gelu", new_decoder_architecture=True, num_kv_heads=2, **FALCON
    ),
    "falcon, multi-query": gpt_type("FalconConfig", "self_attention", "gelu", multi_query=True, **FALCON),
    "falcon, serial": gpt_type(
        *("FalconConfig", "self_attention", "gelu"),
        multi_query=False,
        parallel_attn=False,
        bias=True,
        alibi=True,
        **FALCON,
    ),
    "mpt": Case(
        *("MptConfig", "attn", ("ffn.up_proj", "ffn.down_proj"), "gelu"),
        *({"d_model": 48, "n_heads": 4, "n_layers": 2, "vocab_size": 60}, "blocks"),
    ),
    "opt": Case(
        *("OPTConfig", "self_attn", ("fc1", "fc2"), "relu"),
        {
            "hidden_size": 48,
            "word_embed_proj_dim": 48,
            "ffn_dim": 40,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "vocab_size": 60,
            "max_position_embeddings": 32,
        },
    ),
    "exaone4": llama_type("Exaone4Config", head_dim=16),
    "glm": llama_type("GlmConfig", head_dim=16),
    "glm4": llama_type("Glm4Config", head_dim=16),
    "glm4_moe": llama_type("Glm4MoeConfig", head_dim=16, **MANY_EXPERTS),
    "glm4_moe, normed heads": llama_type("Glm4MoeConfig", head_dim=16, use_qk_norm=True, **MANY_EXPERTS),
    "dots1": llama_type("Dots1Config", head_dim=16, layer_types=FULL, **MANY_EXPERTS),
    "solar_open": llama_type("SolarOpenConfig", head_dim=16, **MANY_EXPERTS),
    "ernie4_5_moe": llama_type(
        "Ernie4_5_MoeConfig",
        head_dim=16,
        moe_num_experts=3,
        moe_k=3,
        moe_intermediate_size=24,
        moe_num_shared_experts=1,
    ),
    "deepseek_v3": llama_type("DeepseekV3Config", **MANY_EXPERTS, **LATENT),
    "deepseek_v3, wide values": llama_type("DeepseekV3Config", **MANY_EXPERTS, **LATENT | {"v_head_dim": 24}),
    "deepseek_v2": llama_type("DeepseekV2Config", **MANY_EXPERTS, **LATENT, topk_method="greedy"),
    "deepseek_v2, direct queries": llama_type(
        "DeepseekV2Config", **MANY_EXPERTS, **LATENT | {"q_lora_rank": None}, topk_method="greedy"
    ),
    "deepseek_v32": llama_type("DeepseekV32Config", **MANY_EXPERTS, **LATENT, **INDEXER),
    "glm4_moe_lite": llama_type("Glm4MoeLiteConfig", **MANY_EXPERTS, **LATENT),
    "glm_moe_dsa": llama_type("GlmMoeDsaConfig", **MANY_EXPERTS, **LATENT, **INDEXER),
    "mistral4": llama_type("Mistral4Config", **MANY_EXPERTS, **LATENT),
    "minicpm3": llama_type("MiniCPM3Config", **LATENT),
    "youtu": llama_type("YoutuConfig", **LATENT),
    "sarvam_mla": llama_type("SarvamMLAConfig", **MANY_EXPERTS, **LATENT, num_experts=3, num_shared_experts=1),
    "mellum": llama_type("MellumConfig", head_dim=16, layer_types=FULL, **EXPERTS),
    "kimi_linear": llama_type(
        "KimiLinearConfig", **MANY_EXPERTS, **LATENT, layer_types=FULL, num_experts=3, num_shared_experts=1
    ),
    "cohere": llama_type("CohereConfig"),
    "cohere2": llama_type("Cohere2Config", head_dim=12),
    "exaone": llama_type("ExaoneConfig", head_dim=16),
    "phi": Case("PhiConfig", "self_attn", ("mlp", "mlp"), "gelu_new", LLAMA | {"num_key_value_heads": 2}),
    "phimoe": llama_type("PhimoeConfig", num_local_experts=3, num_experts_per_tok=3),
    "starcoder2": llama_type("Starcoder2Config", "gelu_pytorch_tanh"),
    "gpt_bigcode": gpt_type("GPTBigCodeConfig", "attn", "gelu_pytorch_tanh", n_inner=40, **GPT2),
    "gpt_bigcode, own heads": gpt_type(
        "GPTBigCodeConfig", "attn", "gelu_pytorch_tanh", n_inner=40, multi_query=False, **GPT2
    ),
    "gpt_oss": llama_type(
        "GptOssConfig", mix=gpt_oss, head_dim=16, num_local_experts=3, num_experts_per_tok=3, layer_types=FULL
    ),
    "olmoe": llama_type("OlmoeConfig", num_experts=3, num_experts_per_tok=3),
    "flex_olmo": llama_type("FlexOlmoConfig", num_experts=3, num_experts_per_tok=3),
    "minimax_m2": llama_type("MiniMaxM2Config", head_dim=16, num_local_experts=3, num_experts_per_tok=3),
    "nemotron": llama_type("NemotronConfig", "relu2", head_dim=12),
    "arcee": llama_type("ArceeConfig", "relu2", head_dim=12),
    "apertus": llama_type("ApertusConfig", "xielu", head_dim=12),
    "granitemoe": llama_type("GraniteMoeConfig", ffn=MOE, num_local_experts=3, num_experts_per_tok=3),
    "granitemoeshared": llama_type(
        "GraniteMoeSharedConfig", ffn=MOE, num_local_experts=3, num_experts_per_tok=3, shared_intermediate_size=32
    ),
    "llama4": llama_type(
        *("Llama4TextConfig",),
        ffn=("feed_forward", "feed_forward"),
        **{"head_dim": 16, "num_local_experts": 3, "num_experts_per_tok": 3, "intermediate_size": 24},
        **{"intermediate_size_mlp": 40, "moe_layers": [1], "no_rope_layers": [1, 0]},
    ),
    "gemma3n": llama_type("Gemma3nTextConfig", "gelu_pytorch_tanh", borrowing=2, **GEMMA3N),
    "gemma4": llama_type(
        *("Gemma4TextConfig", "gelu_pytorch_tanh"),
        borrowing=2,
        **{"head_dim": 16, "num_hidden_layers": 3, "hidden_size_per_layer_input": 8, "vocab_size_per_layer_input": 60},
        **{"layer_types": ["sliding_attention", "full_attention", "full_attention"], "num_kv_shared_layers": 1},
        per_layer_config={1: {"head_dim": 32, "num_key_value_heads": 1}, 2: {"head_dim": 32, "num_key_value_heads": 1}},
    ),
    "gemma4, keys as values": llama_type(
        *("Gemma4TextConfig", "gelu_pytorch_tanh"),
        **{"head_dim": 16, "hidden_size_per_layer_input": 0, "attention_k_eq_v": True},
        **{"layer_types": ["sliding_attention", "full_attention"], "per_layer_config": {1: {"num_key_value_heads": 1}}},
    ),
    "vaultgemma": llama_type("VaultGemmaConfig", "gelu_pytorch_tanh", head_dim=16, attn_logit_softcapping=None),
    "hunyuan": llama_type("HunYuanDenseV1Config", head_dim=16),
    "hunyuan_v1_moe": llama_type("HunYuanMoEV1Config", head_dim=16, num_experts=3, moe_topk=3),
    "deberta": Case(
        *("DebertaConfig", "attention.self", ("intermediate", "output.dense"), "gelu"),
        *(BERT, "layer", "attention.output.dense"),
        call="weights",
    ),
    "deberta-v2": Case(
        *("DebertaV2Config", "attention.self", ("intermediate", "output.dense"), "gelu"),
        *(BERT, "layer", "attention.output.dense"),
        call="weights",
    ),
    "mpnet": Case(
        *("MPNetConfig", "attention.attn", ("intermediate", "output.dense"), "gelu"),
        *(BERT, "layer"),
        call="weights",
    ),
    "t5": t5_type("T5Config"),
    "t5, gated": t5_type("T5Config", "gelu_new", feed_forward_proj="gated-gelu"),
    "mt5": t5_type("MT5Config", "gelu_new", feed_forward_proj="gated-gelu"),
    "umt5": t5_type("UMT5Config", "gelu_new", feed_forward_proj="gated-gelu"),
    "bart": bart_type("BartConfig", "two"),
    "plbart": bart_type("PLBartConfig", "two", scale_embedding=False),
    "mbart": bart_type("MBartConfig", "two"),
    "whisper": bart_type("WhisperConfig", "sound", num_mel_bins=8, max_source_positions=8, max_target_positions=32),
    "mllama": llama_type(
        "MllamaTextConfig", num_hidden_layers=3, cross_attention_layers=[1], model="MllamaTextModel", pad_token_id=59
    ),
    "t5gemma": Case(
        *("T5GemmaConfig", "self_attn", ("mlp", "mlp"), "gelu_pytorch_tanh"),
        {"encoder": T5GEMMA, "decoder": T5GEMMA | {"cross_attention_hidden_size": 48}, "vocab_size": 60},
        call="second",
    ),
    "qwen3_next": llama_type(
        "Qwen3NextConfig", head_dim=16, layer_types=FULL, **EXPERTS, shared_expert_intermediate_size=40
    ),
    "qwen3_5": llama_type("Qwen3_5TextConfig", head_dim=16, layer_types=FULL),
    "qwen3_5_moe": llama_type(
        "Qwen3_5MoeTextConfig", head_dim=16, layer_types=FULL, **EXPERTS, shared_expert_intermediate_size=40
    ),
    "qwen3_vl_moe": llama_type("Qwen3VLMoeTextConfig", head_dim=16, **EXPERTS),
    "falcon_h1": llama_type("FalconH1Config", ffn=("feed_forward", "feed_forward"), head_dim=16, **MAMBA),
    "granitemoehybrid": llama_type(
        "GraniteMoeHybridConfig",
        ffn=MOE,
        num_local_experts=3,
        num_experts_per_tok=3,
        shared_intermediate_size=32,
        layer_types=["attention"] * 2,
        **MAMBA,
    ),
    "granitemoehybrid, without experts": llama_type(
        "GraniteMoeHybridConfig",
        ffn=("shared_mlp", "shared_mlp"),
        num_local_experts=0,
        num_experts_per_tok=0,
        shared_intermediate_size=32,
        layer_types=["attention"] * 2,
        **MAMBA,
    ),
    "lfm2": llama_type(
        "Lfm2Config", ffn=("feed_forward", "feed_forward"), layer_types=FULL, block_auto_adjust_ff_dim=False
    ),
    "nomic_bert": llama_type("NomicBertConfig", num_key_value_heads=4, head_dim=12),
    "gte": llama_type("GteConfig", "gelu", num_key_value_heads=4, head_dim=12),
    "modernbert": Case("ModernBertConfig", "attn", ("mlp", "mlp"), "gelu", LLAMA),
    "mixtral": llama_type("MixtralConfig", num_local_experts=3, num_experts_per_tok=3),
    "qwen2_moe": llama_type("Qwen2MoeConfig", **EXPERTS, shared_expert_intermediate_size=40),
    "qwen2_moe, in part": llama_type(
        "Qwen2MoeConfig", mlp_only_layers=[0], **EXPERTS, shared_expert_intermediate_size=40
    ),
    "qwen3_moe": llama_type("Qwen3MoeConfig", head_dim=16, **EXPERTS),
    "qwen3_moe, in part": llama_type("Qwen3MoeConfig", head_dim=16, decoder_sparse_step=2, **EXPERTS),
    "bert": Case(
        "BertConfig",
        "attention.self",
        ("intermediate", "output.dense"),
        "gelu",
        BERT,
        "layer",
        "attention.output.dense",
    ),
    "roberta": Case(
        "RobertaConfig",
        "attention.self",
        ("intermediate", "output.dense"),
        "gelu",
        BERT,
        "layer",
        "attention.output.dense",
    ),
    "ernie": bert_type("ErnieConfig"),
    "big_bird": bert_type("BigBirdConfig", attention_type="original_full"),
    "layoutlm": bert_type("LayoutLMConfig"),
    "splinter": bert_type("SplinterConfig"),
    "data2vec-text": bert_type("Data2VecTextConfig"),
    "electra": bert_type("ElectraConfig", embedding_size=48),
    "electra, narrow": bert_type("ElectraConfig", embedding_size=24),
    "rembert": bert_type("RemBertConfig", input_embedding_size=24),
    "albert": Case(
        *("AlbertConfig", "albert_layers.0.attention", ("albert_layers.0.ffn", "albert_layers.0.ffn_output"), "gelu"),
        *(
            BERT | {"embedding_size": 24, "num_hidden_groups": 2},
            "albert_layer_groups",
            "albert_layers.0.attention.dense",
        ),
    ),
    "megatron-bert": bert_type("MegatronBertConfig"),
    "roberta-prelayernorm": bert_type("RobertaPreLayerNormConfig"),
    "xlm-roberta-xl": bert_type("XLMRobertaXLConfig"),
    "exaone_moe": llama_type("ExaoneMoeConfig", head_dim=16, layer_types=FULL, **MANY_EXPERTS, num_experts=3),
    "jais2": llama_type("Jais2Config", "relu2", head_dim=12),
    "afmoe": llama_type(
        "AfmoeConfig", head_dim=16, layer_types=FULL, **MANY_EXPERTS, num_experts=3, num_dense_layers=1
    ),
    "granite_swa": llama_type("GraniteSWAConfig", layer_types=FULL),
    "jamba": llama_type(
        "JambaConfig", ffn=FEED_FORWARD, attn_layer_period=1, attn_layer_offset=0, num_experts=3, num_experts_per_tok=3
    ),
    "lfm3": llama_type("Lfm3Config", ffn=FEED_FORWARD, head_dim=16, layer_types=FULL),
    "lfm3, norms before": llama_type(
        "Lfm3Config", ffn=FEED_FORWARD, head_dim=16, layer_types=FULL, use_sandwich_norm=False, use_attention_gate=False
    ),
    "minimax": llama_type("MiniMaxConfig", head_dim=16, layer_types=FULL, num_local_experts=3, num_experts_per_tok=3),
    "recurrent_gemma": llama_type(
        *("RecurrentGemmaConfig", "gelu_pytorch_tanh"),
        **{"attention": "temporal_block", "ffn": ("mlp_block", "mlp_block"), "block_types": ["attention"]},
        **{"intermediate_size": 80, "head_dim": 12},
    ),
    "aria": llama_type("AriaTextConfig", head_dim=16, moe_num_experts=3, moe_topk=3),
    "hyperclovax": llama_type("HyperCLOVAXConfig", head_dim=16),
    "hyperclovax, norms before": llama_type("HyperCLOVAXConfig", head_dim=16, use_post_norm=False),
    "modernbert-decoder": Case("ModernBertDecoderConfig", "attn", ("mlp", "mlp"), "gelu", LLAMA),
    "marian": bart_type("MarianConfig", "two", bare=True, scale_embedding=False, decoder_start_token_id=0),
    "m2m_100": bart_type("M2M100Config", "two", "relu"),
    "pegasus": bart_type("PegasusConfig", "two"),
    "blenderbot": bart_type("BlenderbotConfig", "two"),
    "blenderbot-small": bart_type("BlenderbotSmallConfig", "two", bare=True),
    "xglm": Case(
        *("XGLMConfig", "self_attn", ("fc1", "fc2"), "gelu"),
        {"d_model": 48, "ffn_dim": 40, "num_layers": 2, "attention_heads": 4, "vocab_size": 60, "pad_token_id": 0},
    ),
    "bitnet": llama_type("BitNetConfig", "relu2"),
    "granitemoe_swa": llama_type(
        "GraniteMoeSWAConfig", ffn=MOE, layer_types=FULL, num_local_experts=3, num_experts_per_tok=3
    ),
    "mimo_v2_flash": llama_type(
        *("MiMoV2FlashConfig",),
        **{"head_dim": 16, "v_head_dim": 12, "attention_value_scale": 1.0, "n_routed_experts": 3},
        **{
            "num_experts_per_tok": 3,
            "moe_intermediate_size": 24,
            "layer_types": ["full_attention", "sliding_attention"],
        },
        mlp_layer_types=["dense", "sparse"],
    ),
    "step3p5": llama_type(
        *("Step3p7TextConfig",),
        model="Step3p7TextModel",
        **{"head_dim": 16, "layer_types": FULL, "sliding_window": 8, "share_expert_dim": 32},
        mlp_layer_types=["dense", "sparse"],
        **{"n_routed_experts": 3, "num_experts_per_tok": 3, "moe_intermediate_size": 24},
    ),
    "minimax_m3": llama_type(
        *("MiniMaxM3VLTextConfig",),
        mix=gpt_oss,
        **{"head_dim": 16, "num_local_experts": 3, "num_experts_per_tok": 3, "shared_intermediate_size": 24},
        **{"dense_intermediate_size": 40, "intermediate_size": 24, "index_head_dim": 16, "index_n_heads": 2},
    ),
    "molmo2": llama_type("Molmo2TextConfig", head_dim=16),
    "sarvam_moe": llama_type("SarvamMoEConfig", head_dim=16, **MANY_EXPERTS),
    "bailing_hybrid": llama_type("BailingHybridConfig", **MANY_EXPERTS, **LATENT, num_experts=3, layer_types=FULL),
    "longcat_flash": llama_type(
        *("LongcatFlashConfig",),
        **LATENT | {"num_layers": 1, "ffn_hidden_size": 40, "n_routed_experts": 3, "moe_topk": 3},
        **{"expert_ffn_hidden_size": 24, "zero_expert_num": 0, "head_dim": 8},
    ),
    "nanochat": llama_type("NanoChatConfig", "relu2"),
    "cohere2_moe": llama_type(
        "Cohere2MoeConfig", head_dim=12, num_experts=3, num_experts_per_tok=3, num_shared_experts=1
    ),
    "apertus1p5": llama_type("Apertus1p5TextConfig", "xielu", head_dim=12, model="Apertus1p5TextModel"),
    "olmo_hybrid": llama_type("OlmoHybridConfig", borrowing=0, layer_types=["linear_attention", "full_attention"]),
    "ernie4_5_vl_moe": llama_type(
        *("Ernie4_5_VLMoeTextConfig",),
        model="Ernie4_5_VLMoeTextModel",
        **{"moe_num_experts": 3, "moe_k": 3, "moe_intermediate_size": [24, 16], "moe_num_shared_experts": 1},
        **{"head_dim": 16, "mlp_layer_types": ["dense", "sparse"]} | sections(3, 3, 2),
    ),
    "laguna": llama_type(
        *("LagunaConfig",),
        **{"head_dim": 16, "num_attention_heads_per_layer": [4, 4], "shared_expert_intermediate_size": 24},
        **EXPERTS | {"mlp_layer_types": ["dense", "sparse"], "layer_types": FULL},
    ),
    "jina_embeddings_v3": Case("JinaEmbeddingsV3Config", "self_attn", ("mlp", "mlp"), "gelu", BERT),
    "openai_privacy_filter": llama_type(
        "OpenAIPrivacyFilterConfig", mix=gpt_oss, head_dim=16, num_local_experts=3, num_experts_per_tok=3
    ),
    "dbrx": Case(
        *("DbrxConfig", "norm_attn_norm.attn", ("ffn", "ffn"), "silu"),
        {
            **{"d_model": 48, "n_heads": 4, "n_layers": 2, "vocab_size": 60},
            "attn_config": {"kv_n_heads": 2, "clip_qkv": 1e30},
            "ffn_config": {"ffn_hidden_size": 40, "moe_num_experts": 3, "moe_top_k": 3},
        },
        "blocks",
    ),
    "hy_v4": llama_type("HYV4Config", **MANY_EXPERTS, **LATENT, **INDEXER, swiglu_limit=1e9),
    "hy_v4_vl": llama_type(
        *("HYV4VLTextConfig",),
        model="HYV4VLTextModel",
        **MANY_EXPERTS | LATENT | INDEXER | {"swiglu_limit": 1e9} | sections(2, 1, 1),
    ),
    "axk1": llama_type("AXK1Config", **MANY_EXPERTS, **LATENT, mlp_layer_types=["sparse"] * 2),
    "glm5_next": llama_type(
        *("Glm5NextTextConfig",),
        **MANY_EXPERTS | LATENT | INDEXER | {"qk_rope_head_dim": 0, "mlp_layer_types": ["dense", "sparse"]},
        **{"swiglu_limit": 1e9, "layer_types": FULL, "index_kpool": 2},
    ),
    "mistral_large4": llama_type(
        *("MistralLarge4TextConfig",),
        **MANY_EXPERTS | LATENT | INDEXER | {"q_lora_rank": None, "no_rope_layers": [1, 0]},
        call="second position",
        model="MistralLarge4TextModel",
    ),
    "kolibri1": llama_type("Kolibri1Config", head_dim=16, **EXPERTS, shared_expert_intermediate_size=32),
    "beam": llama_type(
        "BeamConfig", head_dim=16, **EXPERTS, n_group=1, topk_group=1, mlp_layer_types=["dense", "sparse"]
    ),
    "flint": llama_type("FlintConfig", head_dim=16, **EXPERTS, shared_expert_intermediate_size=32, mlp_only_layers=[0]),
    "lara_mini": llama_type(
        "LaraMiniConfig", head_dim=16, **EXPERTS, shared_expert_intermediate_size=32, layer_types=FULL
    ),
    "muse_glimmer": llama_type(
        "MuseGlimmerTextConfig", head_dim=16, eos_token_id=1, bos_token_id=2, model="MuseGlimmerTextModel"
    ),
    "doge": llama_type("DogeConfig", head_dim=12),
    "moshi": llama_type(
        "MoshiConfig",
        head_dim=16,
        ffn_dim=80,
        intermediate_size=80,
        audio_vocab_size=9,
        depth_decoder_config=LLAMA | {"ffn_dim": 80, "num_codebooks": 2},
    ),
    "nemotron_h": llama_type(
        *("NemotronHConfig", "relu2"),
        **{"head_dim": 16, "layers_block_type": ["attention", "mlp", "attention", "moe"], "num_hidden_layers": 4},
        **MANY_EXPERTS | {"moe_shared_expert_intermediate_size": 32},
    ),
    "cosmos3_edge": llama_type(
        "Cosmos3EdgeTextConfig", "relu2", head_dim=16, model="Cosmos3EdgeTextModel", **sections(2, 3, 3)
    ),
    "embedding_gemma2": llama_type(
        *("EmbeddingGemma2TextConfig", "gelu_pytorch_tanh"),
        **{
            "head_dim": 16,
            "layer_types": ["sliding_attention", "full_attention"],
            "per_layer_config": {1: {"head_dim": 32, "num_key_value_heads": 1}},
        },
    ),
    "roformer": bert_type("RoFormerConfig", embedding_size=24),
    "esm": bert_type("EsmConfig", pad_token_id=0, mask_token_id=59, emb_layer_norm_before=True),
    "openai-gpt": Case(*("OpenAIGPTConfig", "attn", ("mlp", "mlp"), "gelu_new", GPT2, "h"), bare=True, call="weights"),
    "ctrl": Case(
        *("CTRLConfig", "multi_head_attention", ("ffn", "ffn"), "relu"),
        *(GPT2 | {"dff": 40}, "h"),
    ),
    "clip_text": Case("CLIPTextConfig", "self_attn", ("mlp", "mlp"), "quick_gelu", CLIP, model="CLIPTextModel"),
    "siglip_text": Case(
        "SiglipTextConfig", "self_attn", ("mlp", "mlp"), "gelu_pytorch_tanh", CLIP, model="SiglipTextModel"
    ),
    "unlimited_ocr": llama_type(
        "UnlimitedOcrTextConfig", num_key_value_heads=4, model="UnlimitedOcrTextModel", **MANY_EXPERTS
    ),
    "emu3": llama_type("Emu3TextConfig", model="Emu3TextModel"),
    "granite4_vision": llama_type("Granite4VisionTextConfig", model="Granite4VisionTextModel"),
    "distilbert": Case(
        *("DistilBertConfig", "attention", ("ffn", "ffn"), "gelu"),
        *({"dim": 48, "hidden_dim": 40, "n_layers": 2, "n_heads": 4, "vocab_size": 60}, "layer"),
    ),
}


@pytest.mark.parametrize("family", models.FAMILIES)
def test_networks_compute_what_transformers_computes(family: str, tmp_path: Path) -> None:
    """So the names and layouts that the test models are written with are those of real checkpoints."""
    import torch
    from transformers import AutoModel, AutoModelForCausalLM

    net = models.network(family, seed=4)
    loader = AutoModel if family == "bert" else AutoModelForCausalLM
    theirs = loader.from_pretrained(net.write(tmp_path / "m")).double().eval()
    ids = np.arange(3, 40) * 23 % 900
    with torch.no_grad():
        output = theirs(torch.tensor(ids)[None])
    expected = (output.last_hidden_state if family == "bert" else output.logits)[0].numpy()
    np.testing.assert_allclose(models.forward(net.stored(), ids), expected, atol=1e-4 * expected.std())


@dataclass
class Call:
    """One call of a module: its tensors, and copies of their numbers, because a later step may write over them."""

    name: str
    first: Any
    out: list[Any]
    given: Array
    made: tuple[Array, ...]


def numbers(tensor: Any) -> Array:
    """Positions x columns, or for attention probabilities heads x positions x positions."""
    if tensor is None:
        return np.empty(0)
    flat = tensor.reshape(-1, tensor.shape[-1]) if tensor.ndim < 4 else tensor[0]
    copied: Array = flat.numpy().copy()
    return copied


@dataclass
class Seen:
    """What the modules of one layer were given and what they made of it, for one sentence."""

    inputs: dict[str, Array]
    outputs: dict[str, tuple[Array, ...]]
    after_attention: Array | None  # of a module that reads the very output of the attention
    after_ffn: Array | None


class Theirs:
    """A tiny random model of transformers. Position numbers are all 0, so rotary positions do nothing."""

    def __init__(self, case: Case) -> None:
        import torch
        import transformers

        torch.manual_seed(0)
        config = getattr(transformers, case.config)(**case.fields)
        if case.config == "DbrxConfig":  # which lacks what its module asks for
            config.attn_config.rope_theta = 1e4
        config._attn_implementation = config._experts_implementation = "eager"
        self.case, self.torch = case, torch
        model = getattr(transformers, case.model)._from_config if case.model else transformers.AutoModel.from_config
        self.model = model(config).double().eval()
        around = 0.0 if "Gemma" in case.config else 1.0
        with torch.no_grad():
            for name, values in self.model.named_parameters():
                if name.endswith("bias") and "softmax_scaling" not in name:
                    values.zero_()
                elif name.endswith("sinks"):  # which take from what heads give
                    values.fill_(-100)
                elif name.endswith("self_attn.A"):  # of a mask that values make
                    values.zero_()
                elif name == "encoder.embed_positions.weight" and "RoFormer" in case.config:
                    values[:] = torch.arange(values.shape[1]) >= values.shape[1] // 2  # sines, cosines
                elif values.ndim == 1:
                    values.uniform_(-0.4, 0.4).add_(around)
                else:
                    values.normal_(0, 2 / values.shape[-1] ** 0.5)

        self._without_inner_norms()

    def _without_inner_norms(self) -> None:
        """Latent attention is linear but for the norms of its latents: these multiply by their weight and a number."""
        for layer in self.layers():
            for scale in ("mla_scale_q_lora", "mla_scale_kv_lora"):  # numbers beside them
                if hasattr(getattr(layer, "self_attn", None), scale):
                    setattr(layer.self_attn, scale, 1.0)
            for norm, matrix in (("q_a_layernorm", "q_a_proj"), ("kv_a_layernorm", "kv_a_proj_with_mqa")):
                module = getattr(getattr(layer, "self_attn", None), norm, None)
                if module is None:
                    continue
                rank = len(module.weight)
                size = (getattr(layer.self_attn, matrix).weight[:rank] * layer.input_layernorm.weight).norm()
                factor = module.weight * rank**0.5 / size
                module.forward = lambda x, factor=factor: x * factor

    def save(self, folder: Path) -> Path:
        self.model.float().save_pretrained(folder)
        self.model.double()
        return folder

    def layers(self) -> Any:
        """Of all stacks, one after the other; not those of images or sound."""
        stacks = {
            name: module
            for name, module in self.model.named_modules()
            if name.split(".")[-1] == self.case.layers and not re.match(OTHER_PARTS, name)
        }
        if self.case.call in {"sound", "second"}:
            stacks = {name: module for name, module in stacks.items() if "decoder" in name}
        layers = [part for stack in stacks.values() for layer in stack for part in self.halves(layer)]
        return list(self.joined(layers)) if self.case.config == "NemotronHConfig" else layers

    def joined(self, layers: list[Any]) -> Iterator[Any]:
        """An attention and the feed-forward block behind it as one layer, in the place of the second."""
        for before, layer in pairwise([None, *layers]):
            whole = self.torch.nn.Module()
            if before is not None and hasattr(before.mixer, "q_proj"):
                whole.self_attn, whole.input_layernorm = before.mixer, before.norm
                whole.mlp, whole.post_attention_layernorm = layer.mixer, layer.norm
            yield whole

    def halves(self, layer: Any) -> list[Any]:
        """A layer that is a pair as two, the experts beside the first; any other as it is."""
        if not hasattr(layer, "mlps"):
            return [layer]
        made = [self.torch.nn.Module() for _ in layer.mlps]
        for index, half in enumerate(made):
            for name, of in (("self_attn", "self_attn"), ("mlp", "mlps"), *((f"{n}_layernorm",) * 2 for n in NORMS)):
                setattr(half, name, getattr(layer, of)[index])
        made[0].shared_mlp = layer.mlp
        return made

    def arguments(self, ids: Any) -> dict[str, Any]:
        torch, arguments = self.torch, {"input_ids": ids, "attention_mask": self.torch.ones_like(ids)}
        if self.case.call == "sound":
            length = 2 * self.model.config.max_source_positions
            sound = torch.zeros(1, self.model.config.num_mel_bins, length, dtype=torch.float64)
            return {"input_features": sound, "decoder_input_ids": ids}
        if self.case.call in {"two", "second"}:
            arguments |= {"decoder_input_ids": ids}
            if self.case.call == "second":
                arguments |= {"decoder_position_ids": torch.zeros_like(ids)}
        elif self.case.call == "weights":
            arguments |= {"output_attentions": True}
        elif self.case.config not in NO_POSITIONS:
            arguments["position_ids"] = torch.full_like(ids, self.case.call == "second position")
        return arguments

    def run(self, seed: int) -> list[Seen]:
        """Every layer's modules at work on one random sentence."""
        torch = self.torch
        ids = torch.tensor(np.random.default_rng(seed).permutation(np.arange(5, 50))[:LENGTH])[None]
        calls: list[list[Call]] = [[] for _ in self.layers()]
        handles = []
        for layer, record in zip(self.layers(), calls, strict=True):
            for name, module in layer.named_modules():

                def hook(_m: Any, args: Any, kwargs: Any, out: Any, name: str = name, record: Any = record) -> None:
                    first = args[0] if args else kwargs.get("hidden_states")
                    parts = [
                        part for part in (out if isinstance(out, tuple | list) else (out,)) if torch.is_tensor(part)
                    ]
                    record.append(Call(name, first, parts, numbers(first), tuple(map(numbers, parts))))

                handles.append(module.register_forward_hook(hook, with_kwargs=True))
        single = torch.get_default_dtype()
        torch.set_default_dtype(torch.float64)  # in which some models make their masks
        with torch.no_grad():
            self.model(**self.arguments(ids))
        torch.set_default_dtype(single)
        for handle in handles:
            handle.remove()
        return [self._seen(record) for record in calls]

    def _seen(self, record: list[Call]) -> Seen:
        """Modules that a layer may have under one name or under the other are found under the first: `a|b`."""
        for one, *others in (name.split("|") for name in (self.case.attention, *self.case.ffn)):
            for call in record:
                if call.name in others and one not in {made.name for made in record}:
                    call.name = one
        by_name = {call.name: call for call in record}
        if not record:
            return Seen({}, {}, None, None)

        def after(name: str) -> Array | None:
            end = name.split("|", maxsplit=1)[0]
            if end not in by_name:
                return None
            return next((call.made[0] for call in record if call.first is by_name[end].out[0]), None)

        given = {call.name: call.given for call in record}
        made = {call.name: call.made for call in record}
        after_ffn = after(self.case.ffn[1])
        if NORM_INSIDE in made:  # what stands before the last norm of the block
            after_ffn, made["mlp"] = made[NORM_INSIDE][0], (given[NORM_INSIDE],)
        return Seen(given, made, after(self.case.attention), after_ffn)


NORMS, NORM_INSIDE = ("input", "post_attention"), "mlp.post_mlp_layernorm"
#: Their forward pass takes no position numbers, or learns them and adds them to the embedding.
NO_POSITIONS = {"BloomConfig", "MptConfig", "BertConfig", "RobertaConfig", "DistilBertConfig", "OPTConfig"}


#: Families with a norm without weights on the values of each head.
SIZED_VALUES = ("gemma3n", "gemma4")


def heads(model: Model, layer: dict[str, Any], part: str, x: Array) -> Array:
    """Queries, keys or values of a layer, heads x positions x e, norms applied; k and v once for each query head."""
    a = model.architecture
    y = x @ layer[part].astype(np.float64).T
    norm = layer.get(f"{part}_norm")
    if norm is not None and len(norm) == y.shape[1]:
        y = y / np.sqrt((y**2).mean(-1, keepdims=True)) * norm
    y = y.reshape(len(x), -1, a.head_dim).transpose(1, 0, 2)
    if part == "v" and model.family in SIZED_VALUES:
        y = y / np.sqrt((y**2).sum(-1, keepdims=True) / np.count_nonzero(y, axis=-1, keepdims=True))
    if norm is not None and len(norm) == a.head_dim:
        entries = np.count_nonzero(norm)  # the others only fill up
        y = y / np.sqrt((y**2).sum(-1, keepdims=True) / entries) * norm
    return y if part == "q" else y.repeat(a.heads // a.kv_heads, axis=0)


def sized(values: Array) -> Array:
    """Behind a norm whose weight stands elsewhere."""
    return np.asarray(values / np.sqrt((values**2).mean(-1, keepdims=True)))


def assert_normed(values: Array, weight: list[float] | None, layer_norm: bool) -> None:
    """`values` are what a norm with that weight gives."""
    bare = values if weight is None else values / np.array(weight)
    np.testing.assert_allclose((bare**2).mean(-1), 1, rtol=1e-3)
    if layer_norm:
        np.testing.assert_allclose(bare.mean(-1), 0, atol=1e-5)


def assert_attention(model: Model, layer: dict[str, Any], one: Seen, two: Seen, case: Case) -> None:
    """Log-probabilities of two sentences differ as our scores do, but for one scale. Outputs are equal."""

    def differences(scores: Array) -> Array:
        below = np.tri(LENGTH, k=-1, dtype=bool)
        return (scores - scores[..., :1])[:, below & (np.arange(LENGTH) > 0)]

    a, ours, theirs, attention = model.architecture, [], [], case.attention.split("|")[0]
    for seen in (one, two):
        x = seen.inputs[attention]
        probabilities = [part for part in seen.outputs[attention] if part.ndim == 3][-1]
        q, k, v = (heads(model, layer, part, x) for part in "qkv")
        ours.append(differences(q @ k.transpose(0, 2, 1)))
        theirs.append(differences(np.log(probabilities + 1e-300)))
        mixed = (probabilities @ v).transpose(1, 0, 2).reshape(LENGTH, -1)
        if GATED in seen.outputs and seen.outputs[GATED][0].shape[1] == 2 * mixed.shape[1]:
            gates = seen.outputs[GATED][0].reshape(LENGTH, a.heads, 2, -1)[:, :, 1].reshape(LENGTH, -1)
            mixed /= 1 + np.exp(-gates)
        if gates := next(filter(seen.outputs.get, GATES), None):
            values = seen.outputs[gates][0].reshape(LENGTH, a.heads, -1)
            if values.shape[2] == 1:  # one for each head, not for each of its entries
                values = values.repeat(a.head_dim, axis=2)
            filled_up = ((0, 0), (0, 0), (0, a.head_dim - values.shape[2]))
            values = np.pad(values, filled_up).reshape(LENGTH, -1)
            mixed *= np.log1p(np.exp(values)) if case.config == "LagunaConfig" else 1 / (1 + np.exp(-values))
        mixed = sized(mixed) if "self_attn.attn_sub_norm" in seen.outputs else mixed
        out = seen.outputs[case.out or attention][0]
        np.testing.assert_allclose(mixed @ layer["o"].astype(np.float64).T, out, atol=1e-5 * np.abs(out).max())
    x, y = ours[0] - ours[1], theirs[0] - theirs[1]
    scale = (x * y).sum() / (x * x).sum()
    assert scale > 0
    np.testing.assert_allclose(scale * x, y, atol=1e-4 * np.abs(y).max())


def assert_ffn(model: Model, index: int, seen: Seen, case: Case) -> None:
    """The output is that of our matrices; with experts, for each token some positive combination of theirs."""
    from transformers.activations import ACT2FN

    def act(values: Array) -> Array:
        import torch

        if case.act == "xielu":  # which has parameters
            return np.asarray(Theirs(case).layers()[index].mlp.act_fn(torch.tensor(values)).detach())
        return np.asarray(ACT2FN[case.act](torch.tensor(values)))

    layer: dict[str, Any] = arrays(model.layer(index))
    gates: Any = model.gate(index)
    begin, end = (name.split("|")[0] for name in case.ffn)
    x, out = seen.inputs[begin], sum(seen.outputs[name][0] for name in {end, *FURTHER} if name in seen.outputs)
    if case.config == "DbrxConfig":  # all experts in one block
        (up,), (down,), (gate,) = layer["up"], layer["down"], (gate.values for gate in gates)
        layer |= {"up": np.split(up, 3), "down": np.split(down, 3, axis=1)}
        gates = tuple(SimpleNamespace(values=part) for part in np.split(gate, 3))
    experts = []
    for i, (up, down) in enumerate(zip(layer["up"], layer["down"], strict=True)):
        if not up.any():
            continue  # only fills up
        scale = 1.0
        scaled = case.config == "Llama4TextConfig" and ROUTER in seen.outputs
        if scaled and i < len(layer["up"]) - 1:  # which scales what experts are given
            scale = seen.outputs[ROUTER][0][:, i : i + 1]
        inner = scale * x @ up.astype(np.float64).T
        if case.mix:
            gate = gates[i].values.astype(np.float64) if gates else biased_gates(model, index, i)
            inner = case.mix(x @ gate.T, inner)
        else:
            inner = act(scale * x @ gates[i].values.astype(np.float64).T) * inner if gates else act(inner)
        inner = sized(inner) if "mlp.ffn_sub_norm" in seen.outputs else inner
        experts.append(inner @ down.astype(np.float64).T)
    for token, expected in enumerate(out):
        parts = np.stack([expert[token] for expert in experts], axis=1)
        weights = np.linalg.lstsq(parts, expected)[0] if len(experts) > 1 else np.ones(1)
        assert (weights > -1e-6).all()
        np.testing.assert_allclose(parts @ weights, expected, atol=1e-5 * np.abs(out).max())


#: Of families whose queries have the gates of the outputs beside them.
GATED, GATES = "self_attn.q_proj", ("self_attn.gate_proj", "self_attn.g_proj")
#: Further modules that add to what the feed-forward block makes; the router of Llama 4.
FURTHER, ROUTER = ("shared_mlp",), "feed_forward.router"


def biased_gates(model: Model, index: int, expert: int) -> Array:
    """The gates of gpt-oss, which have a bias, so `Model.gate` does not give them."""
    stored = model.parameters()
    name = next(name for name in stored if name.endswith(f"layers.{index}.mlp.experts.gate_up_proj"))
    whole = np.concatenate(list(model.parameter(name, 1 << 30)))
    gates: Array = whole[expert, :, ::2].T.astype(np.float64)
    return gates


def without_gate_biases(folder: Path, case: Case) -> Path:
    """They are zero here; `Model.gate` gives no gate that has one."""
    from safetensors.numpy import load_file

    tensors = load_file(folder / "model.safetensors")
    biases = ("mlp_block.gate_proj.bias", *(("gate_up_proj_bias",) if case.config.startswith("OpenAI") else ()))
    models.write_weights(folder, {name: t for name, t in tensors.items() if not name.endswith(biases)})
    return folder


PROJECTION = r"(embeddings_project|embedding_hidden_mapping_in)\.weight"


def norm_behind(theirs: Theirs) -> Array:
    weight: Array = theirs.model.embeddings.LayerNorm.weight.detach().numpy()
    return weight


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_reading(case: Case, tmp_path: Path) -> None:
    theirs = Theirs(case)
    model = open_model(without_gate_biases(theirs.save(tmp_path / "m"), case))
    first, second = theirs.run(1), theirs.run(2)
    layer_norm = model.architecture.layer_norm
    assert len(first) == model.architecture.layers == len(theirs.layers())
    assert model.readable == tuple(index for index, seen in enumerate(first) if seen.inputs and index != case.borrowing)
    reading = theirs.model.decoder if case.call == "second" else theirs.model
    embedding = reading.get_input_embeddings().weight[:60].detach().numpy()
    projection = [values for name, values in theirs.model.named_parameters() if re.search(PROJECTION, name)]
    if projection:  # a norm and a matrix behind a narrow embedding
        embedding = (embedding - embedding.mean(1, keepdims=True)) * norm_behind(theirs)
        embedding = embedding @ projection[0].detach().numpy().T
    np.testing.assert_allclose(model.embedding(np.arange(60)), embedding, rtol=1e-5, atol=1e-6)
    for index in model.readable:
        one, two = first[index], second[index]
        layer = arrays(model.layer(index))
        assert_attention(model, layer, one, two, case)
        assert_ffn(model, index, one, case)
        behind = layer["attention_out_norm"] is not None
        if (layer["attention_norm"] is not None or not behind) and not (projection and index == 0):
            if not (case.bare and index % 2 == 0):  # in each of two stacks
                assert_normed(one.inputs[case.attention.split("|")[0]], layer["attention_norm"], layer_norm)
            assert_normed(one.inputs[case.ffn[0].split("|")[0]], layer["ffn_norm"], layer_norm)
        if behind:
            assert one.after_attention is not None
            assert one.after_ffn is not None
            assert_normed(one.after_attention, layer["attention_out_norm"], layer_norm)
            assert_normed(one.after_ffn, layer["ffn_out_norm"], layer_norm)


# Families that transformers does not have: LLaMA's network under their names


def renamed(net: models.Network, names: dict[str, str]) -> dict[str, Array]:
    """Its tensors, with one part of their names after the other replaced."""
    tensors = {}
    for name, tensor in net.tensors().items():
        for old, new in names.items():
            name = name.replace(old, new)
        tensors[name] = tensor
    return tensors


def as_internlm2(net: models.Network) -> dict[str, Array]:
    names = {
        **{"embed_tokens": "tok_embeddings", "self_attn.o_proj": "attention.wo", "input_layernorm": "attention_norm"},
        **{"post_attention_layernorm": "ffn_norm", "mlp.gate_proj": "feed_forward.w1", "lm_head": "output"},
        **{"mlp.down_proj": "feed_forward.w2", "mlp.up_proj": "feed_forward.w3"},
    }
    tensors = renamed(net, names)
    for index, block in enumerate(net.blocks):
        at, e = f"model.layers.{index}.", net.head_dim
        q = block.q.reshape(net.kv_heads, net.group * e, -1)
        k, v = (part.reshape(net.kv_heads, e, -1) for part in (block.k, block.v))
        tensors[at + "attention.wqkv.weight"] = np.concatenate([q, k, v], axis=1).reshape(-1, net.hidden)
        for part in "qkv":
            del tensors[f"{at}self_attn.{part}_proj.weight"]
    return tensors


def as_baichuan(net: models.Network) -> dict[str, Array]:
    tensors = net.tensors()
    for index in range(len(net.blocks)):
        at = f"model.layers.{index}.self_attn."
        tensors[at + "W_pack.weight"] = np.concatenate([tensors.pop(f"{at}{part}_proj.weight") for part in "qkv"])
    return tensors


def as_qwen(net: models.Network) -> dict[str, Array]:
    """The first generation."""
    names = {
        **{"model.embed_tokens": "transformer.wte", "model.layers": "transformer.h", "mlp.gate_proj": "mlp.w2"},
        **{"self_attn.o_proj": "attn.c_proj", "mlp.up_proj": "mlp.w1", "mlp.down_proj": "mlp.c_proj"},
        **{"input_layernorm": "ln_1", "post_attention_layernorm": "ln_2"},
    }
    tensors = renamed(net, names)
    for index in range(len(net.blocks)):
        at = f"transformer.h.{index}."
        parts = [tensors.pop(f"{at}self_attn.{part}_proj.weight") for part in "qkv"]
        tensors[at + "attn.c_attn.weight"] = np.concatenate(parts)
    return tensors


QWEN = {"intermediate_size": 2 * 96, "num_key_value_heads": None, "kv_channels": 16}


def as_yi(net: models.Network) -> dict[str, Array]:
    names = {"input_layernorm": "ln1", "post_attention_layernorm": "ln2"}
    return {
        re.sub("|".join(names), lambda found: names[found[0]], name): tensor for name, tensor in net.tensors().items()
    }


CHATGLM = {"multi_query_attention": True, "multi_query_group_num": 2, "kv_channels": 16, "rmsnorm": True}
CHATGLM |= {"ffn_hidden_size": 96, "num_layers": 3, "padded_vocab_size": 1000}


def as_chatglm(net: models.Network) -> dict[str, Array]:
    tensors = {"transformer.embedding.word_embeddings.weight": net.words}
    for index, block in enumerate(net.blocks):
        at = f"transformer.encoder.layers.{index}."
        assert block.gate is not None
        tensors |= {
            at + "self_attention.query_key_value.weight": np.concatenate([block.q, block.k, block.v]),
            at + "self_attention.dense.weight": block.o,
            at + "mlp.dense_h_to_4h.weight": np.concatenate([block.gate, block.up]),
            at + "mlp.dense_4h_to_h.weight": block.down,
            at + "input_layernorm.weight": block.attention_norm.weight,
            at + "post_attention_layernorm.weight": block.ffn_norm.weight,
        }
    return tensors


def test_deepseek_mixture_and_its_ordinary_first_layer(tmp_path: Path) -> None:
    """Three experts and a shared one are the neurons of one block; a smaller block is filled up with zeros."""
    net = models.network("llama")
    plain = open_model(net.write(tmp_path / "llama"))
    first = net.blocks[0]
    assert first.gate is not None
    first.up, first.down, first.gate = first.up[:40], first.down[:, :40], first.gate[:40]
    net.fields = {"model_type": "deepseek", "intermediate_size": 40, "moe_intermediate_size": 24}
    net.fields |= {"n_routed_experts": 3, "n_shared_experts": 1, "first_k_dense_replace": 1, "moe_layer_freq": 1}
    tensors = net.tensors()
    for index in (1, 2):
        at = f"model.layers.{index}.mlp."
        for expert, place in enumerate([*(f"experts.{i}" for i in range(3)), "shared_experts"]):
            rows = slice(24 * expert, 24 * (expert + 1))
            for name in ("gate_proj", "up_proj"):
                tensors[f"{at}{place}.{name}.weight"] = tensors[f"{at}{name}.weight"][rows]
            tensors[f"{at}{place}.down_proj.weight"] = tensors[f"{at}down_proj.weight"][:, rows]
    tensors = {name: t for name, t in tensors.items() if not re.search(r"[12]\.mlp\.\w+_proj", name)}
    folder = net.write(tmp_path / "deepseek")
    models.write_weights(folder, {name: np.ascontiguousarray(t.astype(np.float32)) for name, t in tensors.items()})
    model = open_model(folder)
    assert model.architecture.ffn == 96
    for index in (1, 2):
        np.testing.assert_array_equal(
            np.concatenate(arrays(model.layer(index))["up"]), arrays(plain.layer(index))["up"][0]
        )
        np.testing.assert_array_equal(
            np.hstack(arrays(model.layer(index))["down"]), arrays(plain.layer(index))["down"][0]
        )
        gates = [gate.values for gate in model.gate(index)]
        np.testing.assert_array_equal(np.concatenate(gates), plain.gate(index)[0].values)
    up = np.concatenate(arrays(model.layer(0))["up"])
    np.testing.assert_array_equal(up[:40], arrays(plain.layer(0))["up"][0][:40])
    assert not up[40:].any()
    rules = named("robust-2")
    weights = quantise(model, select(model, rules), (0, 1), rules).weights
    assert not weights.matrix(5)[40:].any()
    assert weights.matrix(5)[:40].any(axis=1).all()


#: Family, how its tensors are written, and key/value heads.
OTHER_NAMES = [
    *(("internlm2", as_internlm2, 2), ("baichuan", as_baichuan, 4), ("chatglm", as_chatglm, 2), ("Yi", as_yi, 2)),
    ("qwen", as_qwen, 4),
]


def write_as(family: str, tensors: Any, net: models.Network, folder: Path) -> Path:
    """LLaMA's network as a model of another family, whose names `tensors` gives."""
    net.fields = {"model_type": family, **{"chatglm": CHATGLM, "qwen": QWEN}.get(family, {})}
    net.write(folder)
    models.write_weights(folder, {name: tensor.astype(np.float32, "C") for name, tensor in tensors(net).items()})
    return folder


@pytest.mark.parametrize(("family", "tensors", "kv_heads"), OTHER_NAMES)
def test_llama_under_other_names(family: str, tensors: Any, kv_heads: int, tmp_path: Path) -> None:
    net = models.network("llama", kv_heads=kv_heads)
    plain = open_model(net.write(tmp_path / "llama"))
    other = open_model(write_as(family, tensors, net, tmp_path / family))
    assert other.family == family.lower()
    for index in range(3):
        expected, layer = arrays(plain.layer(index)), arrays(other.layer(index))
        for name in ("q", "k", "v", "o", "up", "down", "attention_norm", "ffn_norm"):
            np.testing.assert_array_equal(layer[name], expected[name])
        np.testing.assert_array_equal(other.gate(index)[0].values, plain.gate(index)[0].values)


#: Types whose code is on the Hub: the case whose names and arithmetic they have, and what is left out.
HUB_TYPES = {
    **dict.fromkeys(("internlm", "xverse", "aquila", "skywork", "minicpm", "minicpmo"), ("llama", "")),
    **{"stablelm_epoch": ("stablelm", ""), "mimo": ("qwen2", ""), "minicpmv": ("qwen3", ""), "phi3_v": ("phi3", "")},
    **dict.fromkeys(("minimax_text_01", "minimax_m1"), ("minimax", "")),
    **{"mimo_v2": ("mimo_v2_flash", ""), "ernie4_5_moe_vl": ("ernie4_5_vl_moe", "text_moe."), "phi4mm": ("phi3", "")},
    **{"bailing_moe": ("sarvam_moe", ""), "bailing_moe_v2": ("sarvam_moe", ""), "glm5_next": ("glm5_next", "")},
}


@pytest.mark.parametrize("kind", HUB_TYPES)
def test_types_whose_code_is_on_the_hub(kind: str, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    name, left_out = HUB_TYPES[kind]
    folder = Theirs(CASES[name]).save(tmp_path / "m")
    expected = open_model(folder)
    layers = [arrays(expected.layer(index)) for index in expected.readable]
    words = expected.embedding(np.arange(60))
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"model_type": kind}))
    tensors = load_file(folder / "model.safetensors")
    if kind.startswith("bailing"):
        tensors["model.word_embeddings.weight"] = tensors.pop("embed_tokens.weight")
        tensors = {key if key.startswith("model.") else f"model.{key}": t for key, t in tensors.items()}
    if left_out:
        tensors = {key.replace(left_out, ""): t for key, t in tensors.items()}
    models.write_weights(folder, tensors)
    model = open_model(folder)
    np.testing.assert_array_equal(model.embedding(np.arange(60)), words)
    assert model.architecture == expected.architecture
    for index, layer in zip(model.readable, layers, strict=True):
        found = arrays(model.layer(index))
        assert found.keys() == layer.keys()
        for part, values in layer.items():
            blocks = part in {"up", "down"}  # whose order says nothing
            np.testing.assert_equal(*(sorted(x, key=np.sum) if blocks else x for x in (found[part], values)))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("exaone", "AutoModelForCausalLM"),
        ("nemotron_h", "AutoModelForCausalLM"),
        ("bart", "AutoModelForSeq2SeqLM"),
        ("esm", "AutoModelForMaskedLM"),
    ],
)
def test_models_with_a_head(name: str, kind: str, tmp_path: Path) -> None:
    """Whose names on the Hub are others than those of the model alone."""
    import transformers

    config = getattr(transformers, CASES[name].config)(**CASES[name].fields)
    theirs = getattr(transformers, kind).from_config(config)
    theirs.save_pretrained(tmp_path)
    model = open_model(tmp_path)
    embedding = theirs.get_input_embeddings().weight[:60].detach().numpy()
    np.testing.assert_array_equal(model.embedding(np.arange(60)), embedding)
    for index in model.readable:
        model.layer(index)


@pytest.mark.parametrize(
    ("name", "fields", "readable"),
    [
        (
            "nemotron_h",
            {"layers_block_type": ["moe", "attention", "mlp", "attention", "mlp"], "num_hidden_layers": 5},
            (2, 4),
        ),
        ("jamba", {"attn_layer_period": 2, "num_hidden_layers": 4, "mamba_dt_rank": 4}, (0, 2)),
    ],
)
def test_experts_may_be_in_layers_that_are_not_read(
    name: str, fields: dict[str, Any], readable: tuple[int, ...], tmp_path: Path
) -> None:
    """As in Jamba, and in Nemotron-H, whose config states a number of experts whether it has any or not."""
    case = Case(**{**vars(CASES[name]), "fields": CASES[name].fields | fields})
    model = open_model(Theirs(case).save(tmp_path / "m"))
    assert (model.readable, model.architecture.ffn) == (readable, 40)


def test_mistral_large_4_under_the_names_of_the_hub(tmp_path: Path) -> None:
    """Those of the model with pictures, which is the one that is published."""
    from safetensors.numpy import load_file

    folder = Theirs(CASES["mistral_large4"]).save(tmp_path / "m")
    expected = arrays(open_model(folder).layer(1))
    names = {"embed_tokens": "tok_embeddings", "attention.o_proj": "attention.wo"}
    for at in ("feed_forward", "shared_experts"):
        names |= {f"{at}.{kind}_proj": f"{at}.{own}" for kind, own in (("gate", "w1"), ("down", "w2"), ("up", "w3"))}
    tensors = {}
    for name, tensor in load_file(folder / "model.safetensors").items():
        for old, new in names.items():
            name = name.replace(old, new)
        tensors[name] = tensor
    models.write_weights(folder, tensors)
    model = open_model(folder)
    np.testing.assert_equal(sorted(arrays(model.layer(1))["up"], key=np.sum), sorted(expected["up"], key=np.sum))
    for part in ("q", "k", "v", "o"):
        np.testing.assert_array_equal(arrays(model.layer(1))[part], expected[part])
    assert model.readable == (0, 1)


def test_cosmos3_under_the_names_of_the_hub(tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    folder = Theirs(CASES["cosmos3_edge"]).save(tmp_path / "m")
    plain = open_model(folder)
    expected = arrays(plain.layer(1))
    names = {**{f".{letter}_proj": f".to_{letter}" for letter in "qkv"}, ".o_proj": ".to_out"}
    names |= {"fc1": "up_proj", "fc2": "down_proj"}
    tensors = {}
    for name, tensor in load_file(folder / "model.safetensors").items():
        for old, new in names.items():
            name = name.replace(old, new)
        tensors[name] = tensor
    models.write_weights(folder, tensors)
    found = arrays(open_model(folder).layer(1))
    np.testing.assert_equal(found, expected)


def test_minimax_m3_under_the_names_of_the_hub(tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    folder = Theirs(CASES["minimax_m3"]).save(tmp_path / "m")
    plain = open_model(folder)
    expected = [arrays(plain.layer(index)) for index in plain.readable]
    tensors = {}
    for name, tensor in load_file(folder / "model.safetensors").items():
        at, kind = name.partition("mlp.")[0], name.partition("mlp.")[2]
        moe = f"{at}block_sparse_moe."
        if kind == "experts.gate_up_proj":
            for number, both in enumerate(tensor):
                tensors[f"{moe}experts.{number}.w1.weight"], tensors[f"{moe}experts.{number}.w3.weight"] = np.split(
                    both, 2
                )
        elif kind == "experts.down_proj":
            tensors |= {f"{moe}experts.{number}.w2.weight": part for number, part in enumerate(tensor)}
        elif kind == "shared_experts.gate_up_proj.weight":
            gate, up = np.split(tensor, 2)
            tensors |= {f"{moe}shared_experts.gate_proj.weight": gate, f"{moe}shared_experts.up_proj.weight": up}
        else:
            tensors[
                name.replace("mlp.shared", "block_sparse_moe.shared").replace("mlp.gate.", "block_sparse_moe.gate.")
            ] = tensor
    models.write_weights(folder, {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()})
    model = open_model(folder)
    assert model.architecture == plain.architecture
    for index, layer in zip(model.readable, expected, strict=True):
        np.testing.assert_equal(sorted(arrays(model.layer(index))["up"], key=np.sum), sorted(layer["up"], key=np.sum))


@pytest.mark.parametrize("named", [True, False])
def test_deepseek_v2_without_latent_attention(named: bool, tmp_path: Path) -> None:
    """As the language models of DeepSeek-OCR and DeepSeek-VL2-tiny are, whose config may not name its type."""
    net = models.network("llama")
    plain = open_model(net.write(tmp_path / "llama"))
    folder = net.write(tmp_path / "m")
    inner = net.config() | {"use_mla": False, "architectures": ["DeepseekV2ForCausalLM"], "model_type": "deepseek_v2"}
    inner = inner if named else {name: value for name, value in inner.items() if name != "model_type"}
    (folder / "config.json").write_text(json.dumps({"model_type": "deepseek_vl_v2", "language_config": inner}))
    model = open_model(folder)
    assert (model.family, model.architecture.kv_heads) == ("deepseek", 2)
    np.testing.assert_array_equal(arrays(model.layer(1))["k"], arrays(plain.layer(1))["k"])


@pytest.mark.parametrize("stack", ["blocks", "encoder.layers"])
def test_layers_under_the_names_that_transformers_saves_some_wrapped_models_with(stack: str, tmp_path: Path) -> None:
    """Kimi K2.5 and Qianfan-OCR: names of the vision tower, by mistake."""
    net = models.network("llama")
    plain = open_model(net.write(tmp_path / "plain"))
    folder = net.write(tmp_path / "m")
    (folder / "config.json").write_text(json.dumps({"model_type": "wrapper", "text_config": net.config()}))
    tensors = {name.replace("model.", "language_model."): t.astype(np.float32) for name, t in net.tensors().items()}
    models.write_weights(folder, {name.replace(".layers.", f".{stack}."): t for name, t in tensors.items()})
    model = open_model(folder)
    np.testing.assert_array_equal(arrays(model.layer(2))["q"], arrays(plain.layer(2))["q"])


def test_gated_bert(tmp_path: Path) -> None:
    """As jina-embeddings-v2 has it: gate and up in one matrix, and a norm of its own behind the block."""
    from safetensors.numpy import load_file

    folder = Theirs(CASES["bert"]).save(tmp_path / "m")
    expected = arrays(open_model(folder).layer(1))
    tensors, gates = {}, np.random.default_rng(3).standard_normal((40, 48)).astype(np.float32)
    for name, tensor in load_file(folder / "model.safetensors").items():
        at = name[: name.index(".", name.index("layer.") + 6)] if "encoder.layer." in name else ""
        if "intermediate.dense.weight" in name:
            tensors[f"{at}.mlp.gated_layers.weight"] = np.concatenate([gates, tensor])
        elif "intermediate" not in name:
            name = re.sub(r"(\d)\.output\.dense", r"\1.mlp.wo", name)
            tensors[re.sub(r"(\d)\.output\.LayerNorm", r"\1.mlp.layernorm", name)] = tensor
    models.write_weights(folder, tensors)
    model = open_model(folder)
    found = arrays(model.layer(1))
    for part in ("q", "o", "up", "down", "attention_norm", "ffn_norm"):
        np.testing.assert_array_equal(found[part], expected[part])
    np.testing.assert_array_equal(model.gate(1)[0].values, gates)


def test_older_falcon_configs(tmp_path: Path) -> None:
    """From before Falcon was part of transformers."""
    folder = Theirs(CASES["falcon, new"]).save(tmp_path / "m")
    expected = open_model(folder)
    path = folder / "config.json"
    config = json.loads(path.read_text())
    del config["new_decoder_architecture"]
    renamed = {"num_kv_heads": "n_head_kv", "num_attention_heads": "n_head", "num_hidden_layers": "n_layer"}
    older = {renamed.get(key, key): value for key, value in config.items()} | {"model_type": "RefinedWeb"}
    path.write_text(json.dumps(older))
    model = open_model(folder)
    assert model.architecture == expected.architecture
    np.testing.assert_array_equal(arrays(model.layer(1))["k"], arrays(expected.layer(1))["k"])


# Language models inside others


@pytest.mark.parametrize("prefix", ["language_model.model.", "model.language_model.", "model.text_model."])
def test_wrapped_models_are_looked_through(prefix: str, tmp_path: Path) -> None:
    net = models.network("llama")
    plain = open_model(net.write(tmp_path / "plain"))
    folder = net.write(tmp_path / "wrapped")
    config = {"model_type": "llava", "text_config": net.config(), "vision_config": {"hidden_size": 5}}
    (folder / "config.json").write_text(json.dumps(config))
    tensors = {name.replace("model.", prefix): tensor.astype(np.float32) for name, tensor in net.tensors().items()}
    models.write_weights(folder, tensors | {"vision_tower.layers.0.self_attn.q_proj.weight": np.ones((5, 5))})
    wrapped = open_model(folder)
    assert (wrapped.family, wrapped.architecture) == (plain.family, plain.architecture)
    np.testing.assert_array_equal(arrays(wrapped.layer(2))["q"], arrays(plain.layer(2))["q"])


@pytest.mark.parametrize(
    ("names", "prefix", "others"),
    [
        (("llm_config",), "language_model.model.", ()),
        (("language_config",), "language.model.", ()),
        (("thinker_config", "text_config"), "thinker.model.", ("talker.model.",)),
        ((), "llm.model.", ()),
        ((), "base.deep.within.model.", ()),
    ],
)
def test_wrapped_models_in_original_layouts(
    names: tuple[str, ...], prefix: str, others: tuple[str, ...], tmp_path: Path
) -> None:
    net = models.network("llama")
    plain = open_model(net.write(tmp_path / "plain"))
    folder = net.write(tmp_path / "wrapped")
    config = net.config()
    for name in reversed(names):
        config = {"model_type": "wrapper", name: config}
    (folder / "config.json").write_text(json.dumps(config))
    tensors = {name.replace("model.", prefix): tensor.astype(np.float32) for name, tensor in net.tensors().items()}
    for other in others:
        tensors |= {name.replace(prefix, other): tensor * 2 for name, tensor in tensors.items()}
    models.write_weights(folder, tensors)
    wrapped = open_model(folder)
    assert (wrapped.family, wrapped.architecture) == (plain.family, plain.architecture)
    np.testing.assert_array_equal(arrays(wrapped.layer(2))["q"], arrays(plain.layer(2))["q"])


def test_a_short_config_has_the_defaults_of_the_library(tmp_path: Path) -> None:
    """As that of gemma-3-4b-it: 8 heads, which tensors cannot tell; all else is told by them."""
    import transformers

    sizes = {"hidden_size": 64, "intermediate_size": 40, "num_hidden_layers": 2, "vocab_size": 60}
    config = transformers.Gemma3TextConfig(**sizes, head_dim=16)
    transformers.AutoModel.from_config(config).save_pretrained(tmp_path)
    kept = ("hidden_size", "intermediate_size", "num_hidden_layers", "rope_scaling", "sliding_window", "model_type")
    stored = json.loads((tmp_path / "config.json").read_text())
    short = {name: value for name, value in stored.items() if name in kept}
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "gemma3", "text_config": short}))
    a = open_model(tmp_path).architecture
    assert (a.heads, a.kv_heads, a.head_dim, a.vocab) == (8, 4, 16, 60)


def test_llava_with_two_fields(tmp_path: Path) -> None:
    """As that of llava-1.5-7b-hf: model_type and vocab_size."""
    net = models.network("llama", hidden=64, heads=32, kv_heads=32, head_dim=2)
    folder = net.write(tmp_path / "m")
    plain = open_model(folder).architecture
    text = {"model_type": "llama", "vocab_size": len(net.words)}
    (folder / "config.json").write_text(json.dumps({"model_type": "llava", "text_config": text}))
    assert open_model(folder).architecture == plain


@pytest.mark.parametrize("turned", [False, True])
def test_experts_in_one_tensor(turned: bool, tmp_path: Path) -> None:
    """E x 2f x d, or as some checkpoints have it E x d x 2f: the same layers as with a tensor for each."""
    from safetensors.numpy import load_file

    folder = Theirs(CASES["qwen3_moe"]).save(tmp_path / "m")
    expected = open_model(folder)
    layers = [(arrays(expected.layer(i)), [gate.values for gate in expected.gate(i)]) for i in range(2)]
    tensors = load_file(folder / "model.safetensors")
    for at in ("layers.0.mlp.experts.", "layers.1.mlp.experts."):
        parts = {
            name: np.stack([tensors.pop(f"{at}{expert}.{name}.weight") for expert in range(3)])
            for name in ("gate_proj", "up_proj", "down_proj")
        }
        both = np.concatenate([parts["gate_proj"], parts["up_proj"]], axis=1)
        for name, stack in (("gate_up_proj", both), ("down_proj", parts["down_proj"])):
            tensors[at + name] = np.ascontiguousarray(stack.swapaxes(1, 2) if turned else stack)
    models.write_weights(folder, tensors)
    model = open_model(folder)
    assert model.architecture == expected.architecture
    for index, (layer, gates) in enumerate(layers):
        found = arrays(model.layer(index))
        np.testing.assert_array_equal(found["up"], layer["up"])
        np.testing.assert_array_equal(found["down"], layer["down"])
        np.testing.assert_array_equal([gate.values for gate in model.gate(index)], gates)


def test_layers_of_any_width(tmp_path: Path) -> None:
    """LLaMA's layers, some with fewer neurons or key/value heads, or without one of the halves."""
    net = models.network("llama", kv_heads=4, layers=4)
    plain = open_model(net.write(tmp_path / "llama"))
    net.fields = {"model_type": "nemotron-nas", "num_key_value_heads": None, "intermediate_size": None}
    tensors = net.tensors()
    at = "model.layers.1."
    for name in ("gate_proj", "up_proj"):
        tensors[f"{at}mlp.{name}.weight"] = tensors[f"{at}mlp.{name}.weight"][:40]
    tensors[f"{at}mlp.down_proj.weight"] = tensors[f"{at}mlp.down_proj.weight"][:, :40]
    for name in ("k_proj", "v_proj"):
        tensors[f"{at}self_attn.{name}.weight"] = tensors[f"{at}self_attn.{name}.weight"][:32]
    tensors = {name: t for name, t in tensors.items() if not re.search(r"layers\.(2\.self_attn|3\.mlp)\.", name)}
    folder = net.write(tmp_path / "nas")
    models.write_weights(folder, {name: np.ascontiguousarray(t.astype(np.float32)) for name, t in tensors.items()})
    model = open_model(folder)
    assert (model.readable, model.architecture.ffn, model.architecture.kv_heads) == ((0, 1), 96, 4)
    expected, found = arrays(plain.layer(1)), arrays(model.layer(1))
    for name in ("q", "o"):
        np.testing.assert_array_equal(found[name], expected[name])
    for name in ("k", "v"):
        heads = expected[name].reshape(4, 16, -1)[:2].repeat(2, axis=0)
        np.testing.assert_array_equal(found[name], heads.reshape(64, -1))
    np.testing.assert_array_equal(found["up"][0], expected["up"][0][:40])
    assert [part.shape for part in found["up"]] == [(40, 64), (56, 64)]
    assert not found["up"][1].any()


def test_an_embedding_within_a_further_layer_is_not_the_models(tmp_path: Path) -> None:
    """DeepSeek V3 and GLM 4.5 predict a token more with a layer behind the others, and an embedding there."""
    net = models.network("llama")
    net.fields = {"num_nextn_predict_layers": 1, "num_hidden_layers": 2}
    folder = net.write(tmp_path / "m")
    tensors = {name: tensor.astype(np.float32) for name, tensor in net.tensors().items()}
    further = 2 * tensors["model.embed_tokens.weight"]
    models.write_weights(folder, tensors | {"model.layers.2.embed_tokens.weight": further})
    model = open_model(folder)
    np.testing.assert_array_equal(model.embedding(np.arange(9)), tensors["model.embed_tokens.weight"][:9])
    assert model.readable == (0, 1)


def test_layers_without_attention_are_passed_over_and_named(tmp_path: Path) -> None:
    sizes = CASES["qwen3_5"].fields | {"num_hidden_layers": 4}
    layout = ["linear_attention", "full_attention"] * 2
    linear = {f"linear_{name}": 4 for name in ("num_key_heads", "num_value_heads")}
    linear |= {"linear_key_head_dim": 8, "linear_value_head_dim": 8}
    case = Case(**{**vars(CASES["qwen3_5"]), "fields": sizes | linear | {"layer_types": layout}})
    model = open_model(Theirs(case).save(tmp_path / "m"))
    assert (model.readable, model.default_layers(2), model.architecture.layers) == ((1, 3), (1, 3), 4)
    with pytest.raises(ModelError, match=r"layer 2 has no attention .*; layers that have both: 1, 3"):
        model.layer(2)


def test_messages_about_the_inner_config_say_so(tmp_path: Path) -> None:
    net = models.network("llama", layers=1)
    folder = net.write(tmp_path / "m")
    inner = net.config()
    inner["hidden_size"] = "64"
    (folder / "config.json").write_text(json.dumps({"model_type": "llava", "text_config": inner}))
    with pytest.raises(ModelError, match=r"config\.json: text_config: hidden_size is '64'"):
        open_model(folder)


def test_a_wrapped_model_as_transformers_saves_it(tmp_path: Path) -> None:
    import transformers

    sizes = CASES["gemma3"].fields
    vision = transformers.SiglipVisionConfig(
        hidden_size=32, intermediate_size=40, num_hidden_layers=1, num_attention_heads=2, image_size=28, patch_size=14
    )
    config = transformers.Gemma3Config(text_config=transformers.Gemma3TextConfig(**sizes), vision_config=vision)
    theirs = transformers.Gemma3ForConditionalGeneration(config)
    theirs.save_pretrained(tmp_path)
    model = open_model(tmp_path)
    assert model.family == "gemma3"
    expected = theirs.model.language_model.layers[1].self_attn.q_proj.weight.detach().numpy()
    np.testing.assert_array_equal(arrays(model.layer(1))["q"], expected)


# Variants that are refused


@pytest.mark.parametrize(
    ("config", "fields", "word"),
    [
        ("OPTConfig", {"do_layer_norm_before": False}, "do_layer_norm_before"),
        ("OPTConfig", {"word_embed_proj_dim": 24}, "word_embed_proj_dim"),
        ("StableLmConfig", {"qk_layernorm": True}, "qk_layernorm"),
        ("Qwen2MoeConfig", {"num_experts": 5}, "5 experts, but the tensors have 3"),
        ("LlamaConfig", {"model_type": "deepseek_v3"}, "kv_a_proj_with_mqa.weight' is missing"),
        ("NomicBertConfig", {"prenorm": True}, "prenorm is True; only norms behind"),
        ("GteConfig", {"layer_norm_type": "rms_norm"}, "only LayerNorms"),
        ("CohereConfig", {"use_qk_norm": True}, "use_qk_norm"),
        ("DebertaV2Config", {"conv_kernel_size": 3}, "conv_kernel_size"),
        ("DeepseekV3Config", {"v_head_dim": 8}, "v_head_dim is 8; tensors have 10"),
        ("DeepseekV3Config", {"num_attention_heads": 3}, "3 heads do not divide"),
        ("LlamaConfig", {"num_hidden_layers": 1 << 20}, "num_hidden_layers"),
        ("LlamaConfig", {"num_hidden_layers": 5}, r"5 layers, but there is no tensor .layers\.4\."),
        ("MptConfig", {"attn_config": {"qk_ln": True}}, "attn_config"),
        ("MptConfig", {"attn_config": {"attn_type": "multiquery_attention"}}, "attn_config"),
        ("MptConfig", {"attn_config": 5}, "attn_config"),
    ],
)
def test_variants_that_cannot_be_read(config: str, fields: dict[str, Any], word: str, tmp_path: Path) -> None:
    case = next(case for case in CASES.values() if case.config == config)
    folder = Theirs(case).save(tmp_path / "m")
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))
    with pytest.raises(ModelError, match=word):
        open_model(folder)


#: Types whose modules in transformers are those of a type that is tested.
ALIASES = {"qwen2_vl_text", "qwen2_5_vl_text", "qwen3_vl_text", "xlm-roberta", "camembert", "deepseek_ocr2_text"}
ALIASES |= {"siglip2_text_model", "metaclip_2_text_model", "clipseg_text_model", "owlvit_text_model"}
#: Types that transformers does not have, or only as a part of another model; tested by hand or as that model.
BY_HAND = {
    *("Yi", "qwen", "nemotron-nas"),
    *("internlm2", "baichuan", "chatglm", "deepseek", "RefinedWeb", "RefinedWebModel"),
    *("new", "llava_llama", "kimi_k2", "llava_mistral", "llava_qwen", "qwen2_vl", "qwen2_5_vl"),
}


def test_every_type_is_tested() -> None:
    """Those that are read with names, sizes and norms of another type too."""
    import transformers

    tested = {getattr(transformers, case.config).model_type for case in CASES.values()}
    tested |= BY_HAND | ALIASES | HUB_TYPES.keys()
    tested = tested - {"t5gemma"} | {"t5_gemma_module"}  # whose decoder it is
    assert tested == {kind for family in FAMILIES for kind in family.heads}


def test_heads_where_a_config_is_short_are_those_of_the_library() -> None:
    from transformers import CONFIG_MAPPING

    for family in FAMILIES:
        for kind, heads in family.heads.items():
            assert heads is None or CONFIG_MAPPING[kind]().num_attention_heads == heads, kind
