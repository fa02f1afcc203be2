"""The families, as data. To add one: a row here, and a case in tests/integration/test_families.py, which holds its
reading against the model's own arithmetic.
"""

from __future__ import annotations

from dataclasses import replace

from .family import Family

# fmt: off
LLAMA = Family(
    "llama", "llama:32 llava_llama ministral:32 ministral3:32 smollm3:16 granite:32 seed_oss:80 ernie4_5:16 "
    "internlm3:32 helium:20 eurobert:12")
PARALLEL = "input_layernorm - post_attention_layernorm|input_layernorm -"
FOUR_NORMS = "input_layernorm post_attention_layernorm pre_feedforward_layernorm post_feedforward_layernorm"
HEAD_NORMS = "self_attn.*_norm"
EXPERTS = ("mlp.*_proj", "mlp.experts.#.*_proj", "mlp.experts.gate_up_proj mlp.experts.down_proj")

GEMMA = replace(LLAMA, name="gemma", types="gemma:16", added=1.0, note="a norm multiplies by 1 + weight")
QWEN3 = replace(LLAMA, name="qwen3", types="qwen3:32 qwen3_vl_text:32", head_norms=HEAD_NORMS)
QWEN2_MOE = replace(
    LLAMA, name="qwen2_moe", types="qwen2_moe:16", ffn=(*EXPERTS, "mlp.shared_expert.*_proj"), halves="gate up",
    note="mixture of experts, one shared")
GPT2 = Family(
    "gpt2", "gpt2:12", "attn.c_attn attn.c_proj", ("mlp.c_fc mlp.c_proj",), "ln_1 - ln_2 -", embedding="wte",
    layers="h.", transposed=True, layer_norm=True)
BLOOM = Family(
    "bloom", "bloom:8", "self_attention.query_key_value self_attention.dense",
    ("mlp.dense_h_to_4h mlp.dense_4h_to_h",), embedding="word_embeddings", layers="h.", grouped=True,
    layer_norm=True, unit_rows=True, note="a norm behind the embedding")
BERT = Family(
    "bert", "bert:12", "attention.self.query attention.self.key attention.self.value attention.output.dense",
    ("intermediate.dense output.dense",), "- attention.output.LayerNorm - output.LayerNorm",
    embedding="embeddings.word_embeddings", layers="encoder.layer.", layer_norm=True,
    embedding_norm="embeddings.LayerNorm")

FAMILIES = (
    LLAMA,
    replace(LLAMA, name="mistral", types="mistral:32 llava_mistral"),
    replace(LLAMA, name="qwen2", types="qwen2:32 llava_qwen qwen2_vl qwen2_5_vl qwen2_vl_text:64 qwen2_5_vl_text:64"),
    QWEN3,
    GEMMA,
    replace(GEMMA, name="gemma2", types="gemma2:8", norms=FOUR_NORMS),
    replace(GEMMA, name="gemma3", types="gemma3_text:8", norms=FOUR_NORMS, head_norms=HEAD_NORMS),
    replace(
        LLAMA, name="phi3", types="phi3:32 phi4_multimodal:32", attention="self_attn.qkv_proj self_attn.o_proj",
        ffn=("mlp.gate_up_proj mlp.down_proj",), halves="gate up"),
    GPT2,
    replace(
        GPT2, name="gpt_neo", types="gpt_neo:16", transposed=False,
        attention="attn.attention.q_proj attn.attention.k_proj attn.attention.v_proj attn.attention.out_proj"),
    replace(
        GPT2, name="gptj", types="gptj:16", attention="attn.q_proj attn.k_proj attn.v_proj attn.out_proj",
        ffn=("mlp.fc_in mlp.fc_out",), norms="ln_1 - ln_1 -", transposed=False, note="one norm for both halves"),
    replace(
        BLOOM, name="gpt_neox", types="gpt_neox:64", attention="attention.query_key_value attention.dense",
        embedding="embed_in", layers="layers.", unit_rows=False, note=""),
    BLOOM,
    replace(
        BLOOM, name="falcon", types="falcon:71 RefinedWeb RefinedWebModel", unit_rows=False,
        norms="ln_attn|input_layernorm - ln_mlp|post_attention_layernorm|input_layernorm -",
        note="all three layouts of q, k, v"),
    Family(
        "mpt", "mpt:16", "attn.Wqkv attn.out_proj", ("ffn.up_proj ffn.down_proj",), "norm_1 - norm_2 -",
        embedding="wte", layers="blocks.", layer_norm=True, note="not with `qk_ln` or shared keys", require=(
            ("attn_config.attn_type", ("multihead_attention",), "shared keys cannot be read"),
            ("attn_config.qk_ln", (False,), "norms on queries and keys cannot be read"))),
    Family(
        "opt", "opt:12", "self_attn.q_proj self_attn.k_proj self_attn.v_proj self_attn.out_proj", ("fc1 fc2",),
        "self_attn_layer_norm - final_layer_norm -", layer_norm=True, note="not the 350M model", require=(
            ("do_layer_norm_before", (True,), "only OPT models with norms before each half can be read"),)),
    replace(
        LLAMA, name="stablelm", types="stablelm:32", layer_norm=True, norms=PARALLEL, note="not with `qk_layernorm`",
        require=(("qk_layernorm", (False,), "LayerNorms on queries and keys cannot be read"),)),
    replace(LLAMA, name="olmo", types="olmo:32", layer_norm=True, norms="- - - -"),
    replace(
        LLAMA, name="olmo2", types="olmo2:32 olmo3:32", head_norms=HEAD_NORMS,
        norms="- post_attention_layernorm - post_feedforward_layernorm"),
    replace(
        LLAMA, name="internlm2", types="internlm2", attention="attention.wqkv attention.wo", grouped=True,
        ffn=("feed_forward.w1 feed_forward.w3 feed_forward.w2",), norms="attention_norm - ffn_norm -",
        embedding="tok_embeddings"),
    replace(LLAMA, name="baichuan", types="baichuan", attention="self_attn.W_pack self_attn.o_proj"),
    Family(
        "chatglm", "chatglm", "self_attention.query_key_value self_attention.dense",
        ("mlp.dense_h_to_4h mlp.dense_4h_to_h",), embedding="embedding.word_embeddings", layers="encoder.layers.",
        halves="gate up", note="generations 2 and 3", require=(
            ("rmsnorm", (True,), "only ChatGLM models with RMSNorm can be read"),
            ("apply_residual_connection_post_layernorm", (False,), "only norms before each half can be read"))),
    replace(
        QWEN2_MOE, name="mixtral", types="mixtral:32", note="mixture of experts", ffn=(
            "block_sparse_moe.experts.#.w1 block_sparse_moe.experts.#.w3 block_sparse_moe.experts.#.w2",
            "mlp.experts.gate_up_proj mlp.experts.down_proj")),
    QWEN2_MOE,
    replace(
        QWEN2_MOE, name="qwen3_moe", types="qwen3_moe:32", ffn=EXPERTS, head_norms=HEAD_NORMS,
        note="mixture of experts"),
    replace(
        QWEN2_MOE, name="deepseek", types="deepseek", ffn=(*EXPERTS, "mlp.shared_experts.*_proj"),
        note="mixture of experts, some shared"),
    BERT,
    replace(BERT, name="roberta", types="roberta:12 xlm-roberta:12 camembert:12"),
    Family(
        "distilbert", "distilbert:12", "attention.q_lin attention.k_lin attention.v_lin attention.out_lin",
        ("ffn.lin1 ffn.lin2",), "- sa_layer_norm - output_layer_norm", embedding="embeddings.word_embeddings",
        layers="transformer.layer.", layer_norm=True, embedding_norm="embeddings.LayerNorm"),
)
