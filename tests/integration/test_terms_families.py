"""Profile paper's terms of every family, against their definition on the tensors that transformers holds in memory.

The reading here is a second one, written from the modules of transformers and sharing nothing with huref: matrices are
taken head by head out of a layer's own state, and the terms summed over heads and experts in float64.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from huref.model import open_model
from huref.paper.terms import terms as paper_terms
from tests.integration.test_families import CASES, Case, Theirs

Array = NDArray[np.float64]
State = dict[str, Array]
HEADS = 4
#: Names of q, k, v, o where each has a matrix of its own.
APART = (
    ("q_proj", "k_proj", "v_proj", "o_proj"),
    ("q_proj", "k_proj", "v_proj", "out_proj"),
    ("self.query", "self.key", "self.value", "attention.output.dense"),
    ("q_lin", "k_lin", "v_lin", "out_lin"),
)
#: Names of fused q, k, v, and of o beside them.
FUSED = (
    ("query_key_value", "dense"),
    ("qkv_proj", "o_proj"),
    ("Wqkv", "out_proj"),
    ("c_attn", "attn.c_proj"),
)
#: Names of up and down where there is no gate.
UNGATED = (
    ("mlp.c_fc", "mlp.c_proj"),
    ("fc_in", "fc_out"),
    ("dense_h_to_4h", "dense_4h_to_h"),
    ("ffn.up_proj", "ffn.down_proj"),
    ("fc1", "fc2"),
    ("intermediate.dense", "layer.output.dense"),
    ("lin1", "lin2"),
)


def find(state: State, name: str) -> Array | None:
    """The weight of the module whose name ends so; None if there is none."""
    found = [value for key, value in state.items() if f".layer.{key}".endswith(f".{name}.weight")]
    assert len(found) <= 1, name
    return found[0] if found else None


def attention(state: State, case: Case) -> Iterator[tuple[Array, Array, Array, Array]]:
    """q, k, v (e x d each) and o (d x e) of every query head."""
    for names in APART:
        q, k, v, o = (find(state, name) for name in names)
        if q is not None and k is not None and v is not None and o is not None:
            break
    else:
        fused, o = next(
            (fused, o)
            for names in FUSED
            if (fused := find(state, names[0])) is not None
            for o in [find(state, names[1])]
            if o is not None
        )
        if case.config == "GPT2Config":  # stored in x out
            fused, o = fused.T, o.T
        q, k, v = taken_apart(fused, case)
    e = len(q) // HEADS
    for head in range(HEADS):
        own = slice(head * e, head * e + e)
        place = head * (len(k) // e) // HEADS
        shared = slice(place * e, place * e + e)
        yield q[own], k[shared], v[shared], o[:, own]


def taken_apart(fused: Array, case: Case) -> tuple[Array, Array, Array]:
    d = fused.shape[1]
    if case.config in ("GPT2Config", "MptConfig"):
        q, k, v = np.split(fused, 3)
        return q, k, v
    if case.config == "Phi3Config":
        e = len(fused) // 8
        return fused[: 4 * e], fused[4 * e : 6 * e], fused[6 * e :]
    if case.fields.get("multi_query") is True:
        e = len(fused) // 6
        return fused[: 4 * e], fused[4 * e : 5 * e], fused[5 * e :]
    groups = case.fields.get("num_kv_heads", HEADS)
    each = fused.reshape(groups, HEADS // groups + 2, -1, d)
    return each[:, :-2].reshape(-1, d), each[:, -2].reshape(-1, d), each[:, -1].reshape(-1, d)


def experts(state: State, case: Case) -> Iterator[tuple[Array | None, Array, Array]]:
    """Gate (if there is one), up (f x d) and down (d x f) of every expert, or of the one block."""
    stacked = {key.split(".")[-1]: value for key, value in state.items() if value.ndim == 3 and "experts" in key}
    if stacked:
        for both, down in zip(stacked["gate_up_proj"], stacked["down_proj"], strict=True):
            gate, up = np.split(both, 2)
            yield gate, up, down
    for at in ("mlp", "mlp.shared_expert"):
        gate, up, down = (find(state, f"{at}.{name}") for name in ("gate_proj", "up_proj", "down_proj"))
        both = find(state, f"{at}.gate_up_proj")
        if both is not None:
            gate, up = np.split(both, 2)
        if up is not None and down is not None:
            yield gate, up, down
    for names in UNGATED:
        up, down = (find(state, name) for name in names)
        if up is not None and down is not None:
            yield (None, up.T, down.T) if case.config == "GPT2Config" else (None, up, down)


def definition(state: State, case: Case, x: Array) -> dict[str, Array]:
    """The three terms of one layer."""
    heads, blocks = list(attention(state, case)), list(experts(state, case))
    assert len(heads) == HEADS
    assert blocks
    return {
        "a": sum((x @ q.T) @ (x @ k.T).T for q, k, _, _ in heads),
        "b": sum((x @ v.T) @ (x @ o).T for _, _, v, o in heads),
        "f": sum(x @ ((up if gate is None else gate * up).T @ down.T) @ x.T for gate, up, down in blocks),
    }  # type: ignore[return-value]


#: Families whose modules this second reading does not take apart.
OTHERS = {
    *("youtu", "sarvam_mla", "kimi_linear"),
    *("phi4_multimodal", "glm4_moe", "dots1", "solar_open", "ernie4_5_moe", "phi", "gpt_bigcode", "gpt_oss", "llama4"),
    *("granitemoeshared", "granitemoehybrid", "hunyuan_v1_moe", "deberta", "deberta-v2", "mpnet", "modernbert", "lfm2"),
    *("t5", "mt5", "umt5", "t5gemma", "bart", "plbart", "mbart", "whisper", "falcon_h1"),
    *("big_bird", "ernie", "layoutlm", "splinter", "data2vec-text", "electra", "rembert", "albert", "megatron-bert"),
    *("roberta-prelayernorm", "xlm-roberta-xl", "exaone_moe", "afmoe", "gemma3n", "gemma4", "deepseek_v2"),
    *("deepseek_v3", "deepseek_v32", "glm4_moe_lite", "glm_moe_dsa", "mistral4", "minicpm3"),
    *(
        "kimi_linear",
        "gemma4_unified",
        "lfm2_moe",
        "bamba",
        "hy_v3",
        "glm4v_moe",
        "bert-generation",
        "biogpt",
        "qwen3_omni_moe",
    ),
    *("qwen3_next", "qwen3_5", "qwen3_5_moe", "mllama"),
    *("jamba", "lfm3", "recurrent_gemma", "aria", "modernbert-decoder", "marian", "m2m_100", "pegasus", "blenderbot"),
    *("blenderbot-small", "bitnet", "mimo_v2_flash", "step3p5", "minimax_m3", "sarvam_moe", "bailing_hybrid"),
    *("longcat_flash", "cohere2_moe", "olmo_hybrid", "ernie4_5_vl_moe", "dbrx", "laguna"),
    *("jina_embeddings_v3", "openai_privacy_filter"),
    *("hy_v4", "hy_v4_vl", "axk1", "glm5_next", "mistral_large4", "kolibri1", "moshi", "nemotron_h", "roformer"),
    *("embedding_gemma2", "openai-gpt", "ctrl", "unlimited_ocr"),
}
READ = {name: case for name, case in CASES.items() if name.split(",")[0] not in OTHERS}


@pytest.mark.parametrize("case", READ.values(), ids=READ)
def test_terms(case: Case, tmp_path: Path) -> None:
    theirs = Theirs(case)
    model = open_model(theirs.save(tmp_path / "m"))
    order = np.random.default_rng(3).permutation(60)
    (tmp_path / "ids").write_text("\n".join(map(str, order)))
    x = theirs.model.get_input_embeddings().weight.detach().numpy()[order]
    found = list(paper_terms(model, tmp_path / "ids"))
    assert len(found) == 6
    for term in found:
        state = {key: value.detach().numpy() for key, value in theirs.layers()[term.layer].state_dict().items()}
        expected = definition(state, case, x)[term.kind]
        assert np.linalg.norm(term.matrix() - expected) < 1e-6 * np.linalg.norm(expected)
