"""The families, as data. To add one: a row here, and a case in tests/integration/test_families.py, which holds its
reading against the model's own arithmetic.
"""

from __future__ import annotations

from dataclasses import replace

from .family import Family

# fmt: off
LLAMA = Family("llama", "llama:32 llava_llama ministral:32 ministral3:32 smollm3:16 granite:32 seed_oss:80 ernie4_5:16 "
    "internlm3:32 helium:20 eurobert:12 cwm iquestcoder granite_docling_text paddleocr_vl_text ultrabert "
    "granite_swa:20 internlm xverse aquila skywork")
PARALLEL = "input_layernorm - post_attention_layernorm|input_layernorm -"
FOUR_NORMS = "input_layernorm post_attention_layernorm pre_feedforward_layernorm post_feedforward_layernorm"
HEAD_NORMS, OR_NONE = "self_attn.*_norm", "?self_attn.q_norm ?self_attn.k_norm"
NORMED = "LayerNorms on queries and keys cannot be read"
UNGATED, FUSED = ("mlp.up_proj mlp.down_proj",), ("mlp.gate_up_proj mlp.down_proj",)
STACKS = "mlp.experts.gate_up_proj mlp.experts.down_proj"
SHARED = "mlp.shared_experts.*_proj"
EXPERTS = ("mlp.*_proj", "mlp.experts.#.*_proj", STACKS)

GEMMA = replace(LLAMA, name="gemma", types="gemma:16", added=1.0)
QWEN3 = replace(LLAMA, name="qwen3", types="qwen3:32 qwen3_vl_text:32", head_norms=HEAD_NORMS)
QWEN2_MOE = replace(LLAMA, name="qwen2_moe", types="qwen2_moe:16", ffn=(*EXPERTS, "mlp.shared_expert.*_proj"))
GPT2 = Family("gpt2", "gpt2:12", "attn.c_attn attn.c_proj", ("mlp.c_fc mlp.c_proj",), "ln_1 - ln_2 -", embedding="wte",
    layers="h.", transposed=True, layer_norm=True)
BLOOM = Family("bloom", "bloom:8", "self_attention.query_key_value self_attention.dense",
    ("mlp.dense_h_to_4h mlp.dense_4h_to_h",), embedding="word_embeddings", layers="h.", grouped=True, layer_norm=True,
    unit_rows=True, note="a norm behind the embedding")
BERT = Family("bert", "bert:12 ernie:12 big_bird:12 layoutlm:12 splinter:12 bert-generation:16",
    "attention.self.query attention.self.key attention.self.value attention.output.dense",
    ("intermediate.dense output.dense", "mlp.gated_layers mlp.wo"),
    "- attention.output.LayerNorm - output.LayerNorm|mlp.layernorm", embedding="embeddings.word_embeddings",
    layers="encoder.layer.", layer_norm=True, post_norm=True, embedding_norm="embeddings.LayerNorm")

OUT_PROJ = "self_attn.q_proj self_attn.k_proj self_attn.v_proj self_attn.out_proj"
W123 = "block_sparse_moe.experts.#.w1 block_sparse_moe.experts.#.w3 block_sparse_moe.experts.#.w2"
MIXTRAL = replace(QWEN2_MOE, name="mixtral", types="mixtral:32", ffn=(W123, STACKS))
DEEPSEEK = replace(QWEN2_MOE, name="deepseek", types="deepseek", ffn=(*EXPERTS, SHARED))
COHERE = replace(LLAMA, name="cohere", types="cohere:64 cohere2:64", layer_norm=True,
    norms="input_layernorm - input_layernorm -", note="not with `use_qk_norm`", require=(("use_qk_norm", (False,),
    NORMED),))
BEHIND = "- post_attention_layernorm - post_feedforward_layernorm"
OLMO2 = replace(LLAMA, name="olmo2", types="olmo2:32 olmo3:32 exaone4:32", head_norms=HEAD_NORMS, norms=BEHIND)
LATENT = "self_attn.kv_a_proj_with_mqa self_attn.kv_a_layernorm self_attn.kv_b_proj self_attn.o_proj"
QWEN3_NEXT = replace(QWEN2_MOE, name="qwen3_next", types="qwen3_next:16 qwen3_5_text:16 qwen3_5_moe_text:16",
    gated_queries=True, added=1.0, head_norms=HEAD_NORMS, partial=True)
GRANITE_MOE = (
    "block_sparse_moe.input_linear block_sparse_moe.output_linear",
    "block_sparse_moe.experts.gate_up_proj block_sparse_moe.experts.down_proj",
    "shared_mlp.input_linear shared_mlp.output_linear", "shared_mlp.*_proj")
T5 = Family("t5", "t5:8 mt5:6 umt5:6", "layer.0.SelfAttention.*", tuple(" ".join(f"layer.{i}.DenseReluDense.{name}"
    for name in names) for names in (("wi", "wo"), ("wi_0", "wi_1", "wo")) for i in (1, 2)),
    "layer.0.layer_norm - layer.2.layer_norm|layer.1.layer_norm -", embedding="shared",
    layers="encoder.block. decoder.block.", beside=("layer.1.layer_norm",), note="encoder, then decoder")
BART = Family("bart", "bart:16 plbart:12", OUT_PROJ, ("fc1 fc2",),
    "- encoder_attn_layer_norm|self_attn_layer_norm - final_layer_norm", embedding="shared",
    layers="encoder.layers. decoder.layers.", layer_norm=True, post_norm=True,
    embedding_norm="encoder.layernorm_embedding decoder.layernorm_embedding", beside=("attn_layer_norm",),
    note="encoder, then decoder")
BAILING = replace(DEEPSEEK, name="bailing_moe", types="bailing_moe bailing_moe_v2 sarvam_moe:64",
    embedding="word_embeddings|embed_tokens", attention="attention.query_key_value attention.dense",
    head_norms="?attention.query_layernorm ?attention.key_layernorm")
MODERNBERT = Family("modernbert", "modernbert:12", "attn.Wqkv attn.Wo", ("mlp.Wi mlp.Wo",), "?attn_norm - mlp_norm -",
    embedding="embeddings.tok_embeddings", embedding_norm="embeddings.norm", layer_norm=True, unit_rows=True)

FAMILIES = (
    LLAMA,
    replace(LLAMA, name="mistral", types="mistral:32 llava_mistral"),
    replace(LLAMA, name="qwen2",
        types="qwen2:32 llava_qwen qwen2_vl qwen2_5_vl qwen2_vl_text:64 qwen2_5_vl_text:64 qwen2_5_omni_text mimo"),
    QWEN3,
    GEMMA,
    replace(GEMMA, name="gemma2", types="gemma2:8", norms=FOUR_NORMS),
    replace(GEMMA, name="gemma3", types="gemma3_text:8", norms=FOUR_NORMS, head_norms=HEAD_NORMS),
    replace(LLAMA, name="phi3", types="phi3:32 phi4_multimodal:32 phi4mm phi3_v",
        attention="self_attn.qkv_proj self_attn.o_proj", ffn=FUSED),
    GPT2,
    replace(GPT2, name="gpt_neo", types="gpt_neo:16", transposed=False,
        attention="attn.attention.q_proj attn.attention.k_proj attn.attention.v_proj attn.attention.out_proj"),
    replace(GPT2, name="gptj", types="gptj:16", attention="attn.q_proj attn.k_proj attn.v_proj attn.out_proj",
        ffn=("mlp.fc_in mlp.fc_out",), norms="ln_1 - ln_1 -", transposed=False),
    replace(BLOOM, name="gpt_neox", types="gpt_neox:64 gpt_neox_japanese:32",
        attention="attention.query_key_value attention.dense", embedding="embed_in", layers="layers.", note="",
        unit_rows=False),
    BLOOM,
    replace(BLOOM, name="falcon", types="falcon:71 RefinedWeb RefinedWebModel", unit_rows=False,
        norms="ln_attn|input_layernorm - ln_mlp|post_attention_layernorm|input_layernorm -",
        note="all three layouts of q, k, v"),
    Family("mpt", "mpt:16", "attn.Wqkv attn.out_proj", ("ffn.up_proj ffn.down_proj",), "norm_1 - norm_2 -",
        embedding="wte", layers="blocks.", layer_norm=True, note="not with `qk_ln` or shared keys",
        require=(("attn_config.attn_type", ("multihead_attention",), "shared keys cannot be read"),
        ("attn_config.qk_ln", (False,), "norms on queries and keys cannot be read"))),
    Family("opt", "opt:12 biogpt:16 xglm:16", OUT_PROJ, ("fc1 fc2",), "self_attn_layer_norm - final_layer_norm -",
        layer_norm=True, note="not the 350M model", require=(("do_layer_norm_before", (True,),
        "only OPT models with norms before each half can be read"),)),
    replace(LLAMA, name="stablelm", types="stablelm:32 stablelm_epoch", layer_norm=True, norms=PARALLEL,
        note="not with `qk_layernorm`", require=(("qk_layernorm", (False,), NORMED),)),
    replace(LLAMA, name="olmo", types="olmo:32", layer_norm=True, norms="- - - -"),
    OLMO2,
    replace(OLMO2, name="olmo_hybrid", types="olmo_hybrid:30", partial=True,
        norms="- post_attention_layernorm|feedforward_layer_norm - post_feedforward_layernorm"),
    replace(LLAMA, name="internlm2", types="internlm2", attention="attention.wqkv attention.wo", grouped=True,
        ffn=("feed_forward.w1 feed_forward.w3 feed_forward.w2",), norms="attention_norm - ffn_norm -",
        embedding="tok_embeddings"),
    replace(LLAMA, name="yi", types="Yi", norms="ln1|input_layernorm - ln2|post_attention_layernorm -"),
    replace(LLAMA, name="baichuan", types="baichuan", attention="self_attn.W_pack self_attn.o_proj"),
    Family("chatglm", "chatglm", "self_attention.query_key_value self_attention.dense",
        ("mlp.dense_h_to_4h mlp.dense_4h_to_h",), embedding="embedding.word_embeddings", layers="encoder.layers.",
        note="generations 2 and 3", require=(("rmsnorm", (True,), "only ChatGLM models with RMSNorm can be read"),
        ("apply_residual_connection_post_layernorm", (False,), "only norms before each half can be read"))),
    MIXTRAL,
    QWEN2_MOE,
    replace(QWEN2_MOE, name="qwen3_moe", types="qwen3_moe:32 qwen3_vl_moe_text:16 qwen3_omni_moe_text:28 mellum:32",
        ffn=EXPERTS, head_norms=HEAD_NORMS),
    DEEPSEEK,
    BERT,
    replace(BERT, name="roberta", types="roberta:12 xlm-roberta:12 camembert:12 data2vec-text:12"),
    Family("distilbert", "distilbert:12", "attention.q_lin attention.k_lin attention.v_lin attention.out_lin",
        ("ffn.lin1 ffn.lin2",), "- sa_layer_norm - output_layer_norm", embedding="embeddings.word_embeddings",
        layers="transformer.layer.", layer_norm=True, post_norm=True, embedding_norm="embeddings.LayerNorm"),
    replace(LLAMA, name="glm", types="glm:32", ffn=FUSED),
    replace(LLAMA, name="glm4", types="glm4:32 glm4v_text:32 glm_image_text:32 glm_ocr_text:16", ffn=FUSED,
        norms="input_layernorm post_self_attn_layernorm post_attention_layernorm post_mlp_layernorm"),
    replace(DEEPSEEK, name="glm4_moe",
        types="glm4_moe:96 dots1:32 solar_open:64 ernie4_5_moe:20 exaone_moe:32 glm4v_moe_text:96", head_norms=OR_NONE),
    replace(DEEPSEEK, name="deepseek_v3", latent=True, attention=LATENT, types="deepseek_v2:32 deepseek_v3:128 "
        "deepseek_v32:128 kimi_k2 sarvam_mla:64 glm4_moe_lite:20 glm_moe_dsa:64 mistral4:32", beside=("indexer",)),
    replace(LLAMA, name="minicpm3", types="minicpm3:40 youtu:16", latent=True, attention=LATENT),
    COHERE,
    replace(LLAMA, name="exaone", types="exaone:32", norms="ln_1 - ln_2 -",
        attention=" ".join(f"attn.attention.{part}_proj" for part in ("q", "k", "v", "out")),
        ffn=("mlp.c_fc_0 mlp.c_fc_1 mlp.c_proj",)),
    Family("phi", "phi:32", "self_attn.q_proj self_attn.k_proj self_attn.v_proj self_attn.dense", ("mlp.fc1 mlp.fc2",),
        "input_layernorm - input_layernorm -", layer_norm=True, require=(("qk_layernorm", (False,), NORMED),)),
    replace(MIXTRAL, name="phimoe", types="phimoe:32", layer_norm=True),
    replace(LLAMA, name="starcoder2", types="starcoder2:24", ffn=("mlp.c_fc mlp.c_proj",), layer_norm=True),
    replace(GPT2, name="gpt_bigcode", types="gpt_bigcode:12", transposed=False, grouped=True),
    replace(MIXTRAL, name="gpt_oss", types="gpt_oss:64", ffn=(STACKS,), halves="interleaved"),
    replace(QWEN2_MOE, name="olmoe", types="olmoe:16", ffn=EXPERTS, head_norms=HEAD_NORMS),
    replace(QWEN2_MOE, name="flex_olmo", types="flex_olmo:32", ffn=EXPERTS, head_norms=HEAD_NORMS, norms=BEHIND),
    replace(MIXTRAL, name="minimax", types="minimax:32 minimax_text_01 minimax_m1", partial=True),
    replace(MIXTRAL, name="minimax_m2", types="minimax_m2:48", head_norms=HEAD_NORMS),
    replace(LLAMA, name="nemotron", types="nemotron:48", ffn=UNGATED, layer_norm=True, added=1.0),
    replace(LLAMA, name="jais2", types="jais2:26", ffn=UNGATED, layer_norm=True),
    replace(DEEPSEEK, name="afmoe", types="afmoe:16", head_norms=HEAD_NORMS,
        norms="input_layernorm post_attention_layernorm pre_mlp_layernorm post_mlp_layernorm"),
    replace(LLAMA, name="arcee", types="arcee:32", ffn=UNGATED),
    replace(LLAMA, name="apertus", types="apertus:32 apertus1p5_text:32", ffn=UNGATED, head_norms=HEAD_NORMS,
        norms="attention_layernorm - feedforward_layernorm -"),
    replace(MIXTRAL, name="granitemoe", types="granitemoe:32 granitemoeshared:32 granitemoehybrid:32 granitemoe_swa:32",
        ffn=GRANITE_MOE, partial=True),
    replace(MIXTRAL, name="llama4", types="llama4_text:40", ffn=("feed_forward.*_proj",
        "feed_forward.experts.gate_up_proj feed_forward.experts.down_proj", "feed_forward.shared_expert.*_proj"),
        bare_head_norms="use_qk_norm"),
    QWEN3_NEXT,
    replace(GEMMA, name="gemma3n", types="gemma3n_text:8", added=0.0, norms=FOUR_NORMS, head_norms=HEAD_NORMS,
        varying=True, sized_values=True, borrowing=("num_kv_shared_layers", 15), beside=("laurel.", "altup.",
        "per_layer_input_norm"), note="layers with keys and values of their own"),
    replace(GEMMA, name="gemma4", types="gemma4_text:8 gemma4_unified_text:8", added=0.0, norms=FOUR_NORMS,
        head_norms=HEAD_NORMS, varying=True,
        attention="self_attn.q_proj self_attn.k_proj self_attn.v_proj|self_attn.k_proj self_attn.o_proj",
        sized_values=True, borrowing=("num_kv_shared_layers", 0), beside=("per_layer_input_norm",),
        note="layers with keys and values of their own; not with experts"),
    replace(GEMMA, name="vaultgemma", types="vaultgemma:8", norms="input_layernorm - pre_feedforward_layernorm -"),
    replace(LLAMA, name="falcon_h1", types="falcon_h1:32", ffn=("feed_forward.*_proj",),
        norms="input_layernorm - pre_ff_layernorm -", beside=("mamba.",), note="its attention"),
    replace(LLAMA, name="bamba", types="bamba:32 jamba:32", partial=True, ffn=("feed_forward.*_proj",
        "feed_forward.experts.#.*_proj"), norms="input_layernorm - pre_ff_layernorm -"),
    replace(LLAMA, name="nemotron-nas", types="nemotron-nas", partial=True, varying=True,
        note="layers with attention and feed-forward block, of any width"),
    replace(DEEPSEEK, name="kimi_linear", types="kimi_linear:32", latent=True, attention=LATENT, partial=True,
        ffn=(W123, "mlp.*_proj", "block_sparse_moe.*_proj", "block_sparse_moe.shared_experts.*_proj",
        "block_sparse_moe.experts.gate_up_proj block_sparse_moe.experts.down_proj")),
    replace(LLAMA, name="lfm2", types="lfm2:32 lfm2_moe:32 lfm3:16", attention=OUT_PROJ + "|self_attn.o_proj",
        partial=True, varying=True, ffn=tuple(f"feed_forward.{at}w1 feed_forward.{at}w3 feed_forward.{at}w2"
        for at in ("", "experts.#.")), norms="operator_norm ?post_operator_norm ffn_norm ?post_ffn_norm",
        head_norms="self_attn.q_layernorm|self_attn.q_norm self_attn.k_layernorm|self_attn.k_norm"),
    replace(DEEPSEEK, name="hunyuan", types="hunyuan_v1_dense:32 hunyuan_v1_moe:32 hunyuan_vl_text:32 hy_v3:64",
        ffn=(*EXPERTS, "mlp.shared_mlp.*_proj"),
        head_norms="self_attn.query_layernorm|self_attn.q_norm self_attn.key_layernorm|self_attn.k_norm"),
    replace(LLAMA, name="mllama", types="mllama_text_model:32", partial=True, further_rows=8),
    replace(LLAMA, name="recurrent_gemma", types="recurrent_gemma:10", attention="temporal_block.*_proj", partial=True,
        ffn=("mlp_block.*_proj",), norms="temporal_pre_norm - channel_pre_norm -", added=1.0, doubled=True),
    replace(LLAMA, name="qwen", types="qwen", attention="attn.c_attn attn.c_proj", norms="ln_1 - ln_2 -",
        embedding="wte", layers="h.", ffn=("mlp.w2 mlp.w1 mlp.c_proj",), doubled=True),
    replace(DEEPSEEK, name="aria", types="aria_text:32", ffn=("mlp.experts.fc1 mlp.experts.fc2", SHARED)),
    replace(LLAMA, name="hyperclovax", types="hyperclovax:32",
        norms="input_layernorm ?post_norm1 post_attention_layernorm ?post_norm2"),
    replace(LLAMA, name="bitnet", types="bitnet:20", inner_norms="self_attn.attn_sub_norm mlp.ffn_sub_norm",
        note="norms before output matrices, whose weights go into these"),
    Family("dbrx", "dbrx:16", "norm_attn_norm.attn.Wqkv norm_attn_norm.attn.out_proj",
        ("ffn.experts.mlp.w1 ffn.experts.mlp.v1 ffn.experts.mlp.w2",),
        "norm_attn_norm.norm_1 - norm_attn_norm.norm_2 -", embedding="wte", layers="blocks.", layer_norm=True,
        turned=True, note="mixture of experts in one block"),
    replace(DEEPSEEK, name="mimo_v2", types="mimo_v2_flash:64 mimo_v2", varying=True),
    replace(DEEPSEEK, name="step3p5", types="step3p5:64", head_norms=HEAD_NORMS, added=1.0, partial=True, alike=True,
        ffn=(*EXPERTS, SHARED, "moe.*_proj", "share_expert.*_proj"),
        note="layers with as many heads as the config says"),
    replace(DEEPSEEK, name="minimax_m3", types="minimax_m3_vl_text:64", head_norms=HEAD_NORMS, added=1.0,
        ffn=("mlp.gate_up_proj mlp.down_proj", STACKS, "mlp.shared_experts.gate_up_proj mlp.shared_experts.down_proj"),
        beside=("index",)),
    replace(LLAMA, name="molmo2", types="molmo2_text:32", attention="self_attn.att_proj self_attn.attn_out",
        ffn=("mlp.ff_proj mlp.ff_out",), halves="up gate", norms="attn_norm - ff_norm -", embedding="wte",
        further_rows=128, head_norms=OR_NONE, require=(("norm_after", (False,),
        "only norms before each half can be read"),)),
    BAILING,
    replace(BAILING, name="bailing_hybrid", types="bailing_hybrid:32", latent=True, partial=True, head_norms="",
        attention=LATENT.replace("self_attn", "attention").replace("o_proj", "dense")),
    replace(DEEPSEEK, name="longcat_flash", types="longcat_flash:64", latent=True, attention=LATENT, paired=True,
        note="each of two halves of a layer is read as a layer"),
    replace(LLAMA, name="nanochat", types="nanochat:6", ffn=("mlp.fc1 mlp.fc2",), norms="- - - -", unit_rows=True,
        bare_head_norms="always", note="norms without weights"),
    replace(COHERE, name="cohere2_moe", types="cohere2_moe:64", ffn=(*EXPERTS, SHARED), require=(("rms_norm_eps", (),
        "only LayerNorms can be read"),)),
    replace(DEEPSEEK, name="ernie4_5_vl_moe", types="ernie4_5_vl_moe_text:20 ernie4_5_moe_vl", varying=True,
        ffn=(*EXPERTS, SHARED, *(f"mlp.{kind}_moe.experts.gate_up_proj mlp.{kind}_moe.experts.down_proj"
        for kind in ("text", "vision"))), note="experts of text and of images"),
    replace(LLAMA, name="minicpm", types="minicpm minicpmv minicpmo", head_norms=OR_NONE),
    MODERNBERT,
    replace(MODERNBERT, name="modernbert-decoder", types="modernbert-decoder:12",
        attention="attn.q_proj attn.k_proj attn.v_proj attn.Wo"),
    replace(BERT, name="deberta", types="deberta:12", attention="attention.self.in_proj attention.output.dense",
        grouped=True, require=(("talking_head", (False,), "mixed heads cannot be read"),)),
    replace(BERT, name="deberta-v2", types="deberta-v2:24",
        attention="attention.self.query_proj attention.self.key_proj attention.self.value_proj attention.output.dense",
        require=(("conv_kernel_size", (0,), "a convolution between layers cannot be read"),)),
    replace(BERT, name="electra", types="electra:4", projection="embeddings_project"),
    replace(BERT, name="rembert", types="rembert:18", projection="encoder.embedding_hidden_mapping_in"),
    replace(BERT, name="albert", types="albert:64", projection="encoder.embedding_hidden_mapping_in", repeated=True,
        attention=" ".join(f"albert_layers.0.attention.{name}" for name in ("query", "key", "value", "dense")),
        ffn=("albert_layers.0.ffn albert_layers.0.ffn_output",), layers="encoder.albert_layer_groups.",
        norms="- albert_layers.0.attention.LayerNorm - albert_layers.0.full_layer_layer_norm",
        require=(("inner_group_num", (1,), "groups of several layers cannot be read"),)),
    replace(BERT, name="megatron-bert", types="megatron-bert:16", post_norm=False, norms="attention.ln - ln -"),
    replace(BERT, name="roberta-prelayernorm", types="roberta-prelayernorm:12", post_norm=False,
        norms="attention.LayerNorm - intermediate.LayerNorm -"),
    replace(BERT, name="xlm-roberta-xl", types="xlm-roberta-xl:32", post_norm=False,
        norms="attention.self_attn_layer_norm - LayerNorm -"),
    replace(BERT, name="mpnet", types="mpnet:12", attention="attention.attn.*",
        norms="- attention.LayerNorm - output.LayerNorm"),
    replace(BERT, name="nomic_bert", types="nomic_bert:12", attention="attn.Wqkv attn.out_proj",
        ffn=("mlp.fc12 mlp.fc11 mlp.fc2",), norms="- norm1 - norm2", layers="encoder.layers.", embedding_norm="emb_ln",
        require=(("prenorm", (False,), "only norms behind each half can be read"), ("use_rms_norm", (False,),
        "only LayerNorms can be read"))),
    replace(BERT, name="gte", types="gte:12 new", attention="attention.qkv_proj attention.o_proj", halves="up gate",
        ffn=("mlp.up_gate_proj mlp.down_proj",), norms="- attn_ln - mlp_ln", require=(("layer_norm_type",
        ("layer_norm",), "only LayerNorms can be read"),)),
    T5,
    BART,
    replace(BART, name="blenderbot-small", types="blenderbot-small:16", unit_rows=True),
    replace(BART, name="marian", types="marian:16", embedding_norm="- -"),
    replace(BART, name="mbart", types="mbart:16 m2m_100:16 pegasus:16 blenderbot:32", post_norm=False,
        embedding_norm="", norms="self_attn_layer_norm - final_layer_norm -"),
    replace(BART, name="whisper", types="whisper:6", post_norm=False, embedding_norm="", layers="decoder.layers.",
        embedding="decoder.embed_tokens", norms="self_attn_layer_norm - final_layer_norm -", note="its decoder"),
    replace(GEMMA, name="t5gemma", types="t5_gemma_module:8", embedding="decoder.embed_tokens",
        layers="decoder.layers.", norms="pre_self_attn_layernorm post_self_attn_layernorm pre_feedforward_layernorm "
        "post_feedforward_layernorm", beside=("cross_attn",), note="its decoder"),
)
