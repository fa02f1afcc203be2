"""Model types that are known and cannot be read, with the reason."""

from __future__ import annotations

#: Reason -> types.
REASONS = {
    "mixes tokens by a state space or a recurrence, not by attention": "mamba mamba2 falcon_mamba rwkv xlstm",
    "subtracts the attention of one half of the heads from that of the other, which no term holds": "diffllama",
    "has experts for its queries and outputs too, of which each token takes its own": "jetmoe",
    "mixes neighbouring tokens by convolutions too": "inkling_text inkling2_text inkling2_loop_text zaya",
    "has experts that work in a narrower space of their own, behind a norm": "muse_spark_text",
    "has a norm on the part of the keys that all heads share": "dots3_note_text",
    "weights each of several streams of hidden states by a norm of its own": "qwen4_exp_text",
    "keeps the gates of its outputs in one matrix with queries": "axk2 hrm_text",
    "takes its values from its keys and puts several tokens into one: there is no v to read": "deepseek_v4",
    "has LayerNorms on queries and keys, which cannot be read": "persimmon fuyu",
    "shares one attention block among layers of a state space": "zamba zamba2",
}
#: `model_type` -> why not.
REFUSED = {kind: why for why, types in REASONS.items() for kind in types.split()}
