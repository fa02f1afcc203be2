"""Model types that are known and cannot be read, with the reason."""

from __future__ import annotations

#: Reason -> types.
REASONS = {
    "mixes tokens by a state space or a recurrence instead of attention: there is no q, k, v and o to read": (
        "mamba mamba2 falcon_mamba rwkv xlstm"
    ),
    "subtracts the attention of one half of the heads from that of the other, which no term holds": "diffllama",
    "has experts for its queries and outputs too, of which each token takes its own": "jetmoe",
    "takes its values from its keys and puts several tokens into one: there is no v to read": "deepseek_v4",
    "has LayerNorms on queries and keys, which cannot be read": "persimmon fuyu",
    "shares one attention block among layers of a state space": "zamba zamba2",
}
#: `model_type` -> why not.
REFUSED = {kind: why for why, types in REASONS.items() for kind in types.split()}
