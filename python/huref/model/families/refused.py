"""Model types that are known and cannot be read, with the reason."""

from __future__ import annotations

#: Reason -> types.
REASONS = {
    "mixes tokens by a state space or a recurrence instead of attention: there is no q, k, v and o to read": (
        "mamba mamba2 falcon_mamba rwkv xlstm"
    ),
}
#: `model_type` -> why not.
REFUSED = {kind: why for why, types in REASONS.items() for kind in types.split()}
