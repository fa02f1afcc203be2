"""The architectures of GGUF that are read, each with its layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .layouts import ATTENTION, FOUR_NORMS, MLP, NORMS, SHARED, TOP, Layout

#: The norm before the feed-forward block under the name that stands elsewhere for one behind the attention.
LATER_NORMS = {"attn_norm": "input_layernorm", "post_attention_norm": "post_attention_layernorm"}
SHARED_EXPERTS = {f"{name}_shexp": place.replace("mlp.", "mlp.shared_experts.") for name, place in MLP.items()}
_LATENT = {
    "attn_q": "self_attn.q_proj",
    "attn_q_a": "self_attn.q_a_proj",
    "attn_q_b": "self_attn.q_b_proj",
    "attn_q_a_norm": "self_attn.q_a_layernorm",
    "attn_kv_a_mqa": "self_attn.kv_a_proj_with_mqa",
    "attn_kv_a_norm": "self_attn.kv_a_layernorm",
    "attn_kv_b": "self_attn.kv_b_proj",
    "attn_output": "self_attn.o_proj",
}
_LLAMA = Layout("llama", interleaved=True)
_MIXTRAL = ("block_sparse_moe.experts.", "w1", "w3", "w2")
_GEMMA = Layout("gemma", norms_plus_one=True)
_GEMMA2 = replace(_GEMMA, model_type="gemma2", parts=ATTENTION | FOUR_NORMS | MLP)
_GRANITE = replace(
    _LLAMA,
    model_type="granitemoe",
    parts=ATTENTION
    | NORMS
    | {name + end: place.replace("mlp.", "shared_mlp.") for name, place in MLP.items() for end in ("", "_shexp")},
    stacks=("block_sparse_moe.input_linear.weight", "block_sparse_moe.output_linear.weight"),
)
_OLMO2 = Layout("olmo2", parts=ATTENTION | FOUR_NORMS | MLP)
_DEEPSEEK = Layout("deepseek", parts=ATTENTION | NORMS | MLP | SHARED_EXPERTS)
_LATENT_EXPERTS = replace(_DEEPSEEK, model_type="deepseek_v3", parts=NORMS | MLP | SHARED_EXPERTS | _LATENT)
_FUSED = {
    "attn_qkv": "self_attention.query_key_value",
    "attn_output": "self_attention.dense",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "ffn_up": "mlp.dense_h_to_4h",
    "ffn_down": "mlp.dense_4h_to_h",
}
_BLOOM = Layout(
    "bloom",
    "transformer.h.{}.",
    _FUSED,
    {
        "token_embd": "transformer.word_embeddings",
        "token_embd_norm": "transformer.word_embeddings_layernorm",
        "output_norm": "transformer.ln_f",
        "output": "lm_head",
    },
    grouped=True,
)

_GPT2 = Layout(
    "gpt2",
    "transformer.h.{}.",
    {
        "attn_qkv": "attn.c_attn",
        "attn_output": "attn.c_proj",
        "attn_norm": "ln_1",
        "ffn_norm": "ln_2",
        "ffn_up": "mlp.c_fc",
        "ffn_down": "mlp.c_proj",
    },
    {"token_embd": "transformer.wte", "position_embd": "transformer.wpe", "output_norm": "transformer.ln_f"},
    transposed=True,
)
_LFM2 = Layout(
    "lfm2",
    parts=ATTENTION
    | {
        "attn_norm": "operator_norm",
        "ffn_norm": "ffn_norm",
        "attn_output": "self_attn.out_proj",
        "attn_q_norm": "self_attn.q_layernorm",
        "attn_k_norm": "self_attn.k_layernorm",
        "ffn_gate": "feed_forward.w1",
        "ffn_up": "feed_forward.w3",
        "ffn_down": "feed_forward.w2",
    },
)
_FEED_FORWARD = {name: place.replace("mlp.", "feed_forward.") for name, place in MLP.items()}
_BEFORE_FF = {"attn_norm": "input_layernorm", "ffn_norm": "pre_ff_layernorm"}
_QUERY_NORMS = {"attn_q_norm": "self_attn.query_layernorm", "attn_k_norm": "self_attn.key_layernorm"}
_NEMOTRON_H = Layout(
    "nemotron_h",
    "backbone.layers.{}.",
    {
        "attn_norm": "norm",
        **{name: f"mixer.{place.rpartition('.')[2]}" for name, place in (ATTENTION | MLP).items()},
        **{f"{name}_shexp": place.replace("mlp.", "mixer.shared_experts.") for name, place in MLP.items()},
    },
    {"token_embd": "backbone.embeddings"},
    interleaved=True,
    experts=("mixer.experts.", "gate_proj", "up_proj", "down_proj"),
)
_FALCON = _FUSED | {"attn_norm_2": "ln_attn"}  # attn_norm is what the feed-forward block reads, where there are two
_QWEN3_NEXT = Layout("qwen3_next", parts=ATTENTION | LATER_NORMS | MLP | SHARED, norms_plus_one=True)

_T5 = Layout("t5", top={"token_embd": "shared"}, two_stacks=True)

#: `general.architecture` -> layout. A file of Mixtral says "llama" and has experts.
LAYOUTS: Mapping[str, Layout] = {
    "llama": _LLAMA,
    "mixtral": replace(_LLAMA, model_type="mixtral", experts=_MIXTRAL),
    "llama-embed": _LLAMA,
    "minicpm": replace(_LLAMA, model_type="minicpm"),
    "mistral3": replace(_LLAMA, model_type="ministral3"),
    "smollm3": replace(_LLAMA, model_type="smollm3"),
    "granite": replace(_LLAMA, model_type="granite"),
    "arcee": replace(_LLAMA, model_type="arcee"),
    "olmo": replace(_LLAMA, model_type="olmo"),
    "granitemoe": _GRANITE,
    "granitehybrid": replace(_GRANITE, model_type="granitemoehybrid"),
    "deepseek": replace(_DEEPSEEK, interleaved=True),
    "deepseek2": _LATENT_EXPERTS,
    "mistral4": replace(_LATENT_EXPERTS, model_type="mistral4"),
    "glm-dsa": replace(_LATENT_EXPERTS, model_type="glm_moe_dsa"),
    "bailingmoe": replace(_DEEPSEEK, interleaved=True),  # q, k and v of the first generation are taken apart
    "bailingmoe2": replace(
        _DEEPSEEK,
        model_type="bailing_moe",
        parts=NORMS
        | MLP
        | SHARED_EXPERTS
        | {
            **{"attn_qkv": "attention.query_key_value", "attn_output": "attention.dense"},
            **{"attn_q_norm": "attention.query_layernorm", "attn_k_norm": "attention.key_layernorm"},
        },
    ),
    "exaone-moe": replace(_DEEPSEEK, model_type="exaone_moe"),
    "afmoe": replace(
        _DEEPSEEK,
        model_type="afmoe",
        parts=ATTENTION
        | MLP
        | SHARED_EXPERTS
        | FOUR_NORMS
        | {"ffn_norm": "pre_mlp_layernorm", "post_ffw_norm": "post_mlp_layernorm"},
    ),
    "dots1": replace(_DEEPSEEK, model_type="dots1"),
    "ernie4_5-moe": replace(_DEEPSEEK, model_type="ernie4_5_moe"),
    "glm4moe": replace(_DEEPSEEK, model_type="glm4_moe", parts=ATTENTION | LATER_NORMS | MLP | SHARED_EXPERTS),
    "glm4": Layout(
        "glm4",
        parts=ATTENTION
        | NORMS
        | {
            "post_attention_norm": "post_self_attn_layernorm",
            "post_ffw_norm": "post_mlp_layernorm",
            "ffn_up": "mlp.gate_up_proj",
            "ffn_down": "mlp.down_proj",
        },
    ),
    "chatglm": Layout("glm", parts=ATTENTION | NORMS | {"ffn_up": "mlp.gate_up_proj", "ffn_down": "mlp.down_proj"}),
    "qwen2": Layout("qwen2"),
    "qwen2vl": Layout("qwen2_vl"),
    "qwen3": Layout("qwen3"),
    "qwen3vl": Layout("qwen3_vl_text"),
    "qwen2moe": Layout("qwen2_moe", parts=ATTENTION | NORMS | MLP | SHARED),
    "qwen3moe": Layout("qwen3_moe"),
    "qwen3vlmoe": Layout("qwen3_vl_moe_text"),
    "qwen3next": _QWEN3_NEXT,
    "qwen35": replace(_QWEN3_NEXT, model_type="qwen3_5_text"),
    "qwen35moe": replace(_QWEN3_NEXT, model_type="qwen3_5_moe_text"),
    "qwen": Layout(
        "qwen",
        "transformer.h.{}.",
        {
            **{"attn_qkv": "attn.c_attn", "attn_output": "attn.c_proj", "attn_norm": "ln_1", "ffn_norm": "ln_2"},
            **{"ffn_gate": "mlp.w2", "ffn_up": "mlp.w1", "ffn_down": "mlp.c_proj"},
        },
        {"token_embd": "transformer.wte", "output_norm": "transformer.ln_f", "output": "lm_head"},
    ),
    "internlm2": replace(_LLAMA, model_type="internlm"),
    "baichuan": _LLAMA,
    "xverse": replace(_LLAMA, model_type="xverse"),
    "falcon": Layout("falcon", "transformer.h.{}.", _FALCON, _BLOOM.top, grouped=True),
    "mpt": Layout(
        "mpt",
        "transformer.blocks.{}.",
        {
            **{"attn_qkv": "attn.Wqkv", "attn_output": "attn.out_proj", "attn_norm": "norm_1", "ffn_norm": "norm_2"},
            **{"ffn_up": "ffn.up_proj", "ffn_down": "ffn.down_proj"},
        },
        {"token_embd": "transformer.wte", "output_norm": "transformer.norm_f", "output": "lm_head"},
    ),
    "kimi-linear": Layout(
        "kimi_linear",
        parts=_LATENT
        | NORMS
        | {
            name + end: f"block_sparse_moe.{inside}{place.removeprefix('mlp.')}"
            for name, place in MLP.items()
            for end, inside in (("", ""), ("_shexp", "shared_experts."))
        },
        experts=_MIXTRAL,
    ),
    "mimo2": Layout("mimo_v2_flash"),
    "step35": Layout(
        "step3p5",
        parts=ATTENTION
        | NORMS
        | MLP
        | {f"{name}_shexp": place.replace("mlp.", "share_expert.") for name, place in MLP.items()},
        norms_plus_one=True,
    ),
    "t5": _T5,
    "t5encoder": _T5,
    "gemma4": Layout("gemma4_text", parts=ATTENTION | FOUR_NORMS | MLP),
    "pangu-embedded": Layout("llama"),
    "seed_oss": Layout("seed_oss", parts=ATTENTION | LATER_NORMS | MLP),
    "ernie4_5": Layout("ernie4_5"),
    "eurobert": Layout("eurobert"),
    "nemotron": Layout("nemotron", norms_plus_one=True),
    "olmoe": Layout("olmoe"),
    "minimax-m2": Layout("minimax_m2", experts=_MIXTRAL),
    "phimoe": Layout("phimoe", experts=_MIXTRAL),
    "exaone4": replace(_OLMO2, model_type="exaone4"),
    "gpt-oss": Layout(
        "gpt_oss",
        parts=ATTENTION | LATER_NORMS,
        stacks=("mlp.experts.gate_up_proj", "mlp.experts.down_proj"),
        neurons_alternate=True,
    ),
    "llama4": Layout(
        "llama4_text",
        parts=ATTENTION
        | NORMS
        | {
            name + end: place.replace("mlp.", f"feed_forward.{inside}")
            for name, place in MLP.items()
            for end, inside in (("", ""), ("_shexp", "shared_expert."))
        },
        stacks=("feed_forward.experts.gate_up_proj", "feed_forward.experts.down_proj"),
    ),
    "hunyuan-dense": Layout(
        "hunyuan_v1_dense",
        parts=ATTENTION | NORMS | MLP | _QUERY_NORMS,
    ),
    "hunyuan_vl": Layout("hunyuan_vl_text", parts=ATTENTION | NORMS | MLP | _QUERY_NORMS),
    "hunyuan-moe": Layout(
        "hunyuan_v1_moe",
        parts=ATTENTION
        | NORMS
        | _QUERY_NORMS
        | {f"{name}_shexp": place.replace("mlp.", "mlp.shared_mlp.") for name, place in MLP.items()},
    ),
    "exaone": Layout(
        "exaone",
        "transformer.h.{}.",
        {
            **{f"attn_{part}": f"attn.attention.{part}_proj" for part in "qkv"},
            **{"attn_output": "attn.attention.out_proj", "attn_norm": "ln_1", "ffn_norm": "ln_2"},
            **{"ffn_gate": "mlp.c_fc_0", "ffn_up": "mlp.c_fc_1", "ffn_down": "mlp.c_proj"},
        },
        {"token_embd": "transformer.wte", "output_norm": "transformer.ln_f", "output": "lm_head"},
    ),
    "falcon-h1": Layout("falcon_h1", parts=ATTENTION | _FEED_FORWARD | _BEFORE_FF),
    "jamba": Layout(
        "jamba",
        parts=ATTENTION | _FEED_FORWARD | _BEFORE_FF,
        experts=("feed_forward.experts.", "gate_proj", "up_proj", "down_proj"),
    ),
    "nemotron_h": _NEMOTRON_H,
    "nemotron_h_moe": _NEMOTRON_H,
    "jais2": Layout("jais2"),
    "modern-bert": Layout(
        "modernbert",
        "layers.{}.",
        {
            **{"attn_qkv": "attn.Wqkv", "attn_output": "attn.Wo", "attn_norm": "attn_norm", "ffn_norm": "mlp_norm"},
            **{"ffn_up": "mlp.Wi", "ffn_down": "mlp.Wo"},
        },
        {
            "token_embd": "embeddings.tok_embeddings",
            "token_embd_norm": "embeddings.norm",
            "output_norm": "final_norm",
        },
    ),
    "nomic-bert": Layout(
        "nomic_bert",
        "encoder.layers.{}.",
        {
            **{"attn_qkv": "attn.Wqkv", "attn_output": "attn.out_proj"},
            **{"attn_output_norm": "norm1", "layer_output_norm": "norm2"},
            **{"ffn_gate": "mlp.fc12", "ffn_up": "mlp.fc11", "ffn_down": "mlp.fc2"},
        },
        {"token_embd": "embeddings.word_embeddings", "token_embd_norm": "emb_ln"},
    ),
    "apertus": Layout(
        "apertus", parts=ATTENTION | MLP | {"attn_norm": "attention_layernorm", "ffn_norm": "feedforward_layernorm"}
    ),
    "phi2": Layout(
        "phi",
        parts=ATTENTION | NORMS | {"attn_output": "self_attn.dense", "ffn_up": "mlp.fc1", "ffn_down": "mlp.fc2"},
        top=TOP | {"output_norm": "model.final_layernorm"},
    ),
    "starcoder": replace(_GPT2, model_type="gpt_bigcode", transposed=False),
    "starcoder2": Layout("starcoder2", parts=ATTENTION | NORMS | {"ffn_up": "mlp.c_fc", "ffn_down": "mlp.c_proj"}),
    "lfm2": _LFM2,
    "lfm2moe": replace(_LFM2, model_type="lfm2_moe", experts=("feed_forward.experts.", "w1", "w3", "w2")),
    "gemma": _GEMMA,
    "gemma2": _GEMMA2,
    "gemma3": replace(_GEMMA2, model_type="gemma3_text"),
    "gemma-embedding": replace(_GEMMA2, model_type="gemma3_text"),
    "gemma3n": Layout("gemma3n_text", parts=ATTENTION | FOUR_NORMS | MLP),
    "phi3": Layout("phi3", parts=ATTENTION | NORMS | {"ffn_up": "mlp.gate_up_proj", "ffn_down": "mlp.down_proj"}),
    "olmo2": _OLMO2,
    "stablelm": Layout("stablelm"),
    "command-r": Layout("cohere"),
    "cohere2": Layout("cohere2"),
    "bloom": _BLOOM,
    "gptneox": replace(
        _BLOOM,
        model_type="gpt_neox",
        layer="gpt_neox.layers.{}.",
        parts={name: place.replace("self_attention.", "attention.") for name, place in _FUSED.items()},
        top={"token_embd": "gpt_neox.embed_in", "output_norm": "gpt_neox.final_layer_norm", "output": "embed_out"},
    ),
    "gpt2": _GPT2,
    "bert": Layout(
        "bert",
        "encoder.layer.{}.",
        {
            "attn_q": "attention.self.query",
            "attn_k": "attention.self.key",
            "attn_v": "attention.self.value",
            "attn_output": "attention.output.dense",
            "attn_output_norm": "attention.output.LayerNorm",
            "ffn_up": "intermediate.dense",
            "ffn_down": "output.dense",
            "layer_output_norm": "output.LayerNorm",
        },
        {
            "token_embd": "embeddings.word_embeddings",
            "position_embd": "embeddings.position_embeddings",
            "token_types": "embeddings.token_type_embeddings",
            "token_embd_norm": "embeddings.LayerNorm",
        },
    ),
}
