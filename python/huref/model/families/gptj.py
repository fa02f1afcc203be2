"""GPT-J: attention and feed-forward block side by side, both reading the same LayerNorm.

h = h + o(attention(norm(h))) + down(act(up(norm(h))))
"""

from __future__ import annotations

from ..layer import Layer, Reader
from . import gpt2
from .family import Family


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index` with its one norm."""
    a, at = reader.architecture, f"h.{index}."
    norm = reader.vector(at + "ln_1.weight")
    return Layer(
        q=reader.matrix(at + "attn.q_proj.weight", a.hidden, a.hidden),
        k=reader.matrix(at + "attn.k_proj.weight", a.hidden, a.hidden),
        v=reader.matrix(at + "attn.v_proj.weight", a.hidden, a.hidden),
        o=reader.matrix(at + "attn.out_proj.weight", a.hidden, a.hidden),
        up=(reader.matrix(at + "mlp.fc_in.weight", a.ffn, a.hidden),),
        down=(reader.matrix(at + "mlp.fc_out.weight", a.hidden, a.ffn),),
        attention_norm=norm,
        ffn_norm=norm,
    )


FAMILY = Family("gptj", ("gptj",), ("transformer.", ""), "wte.weight", gpt2.architecture, layer)
