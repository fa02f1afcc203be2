"""Freedoms around norms and matrices that stand between: BitNet's norms before its output matrices, and the matrix
behind a narrow embedding.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.integration.test_families import CASES, Case, Theirs
from tests.integration.test_invariance import vector
from tests.integration.test_invariance_layouts import EXTREME, MILD, orthogonal, spread
from tests.support import models

Array = NDArray[np.float64]
Tensors = dict[str, Array]
Rng = np.random.Generator
VOCABULARY, HIDDEN, HEADS, GROUPS = 600, 64, 4, 2
SIZE = HIDDEN // HEADS


def bitnet(tensors: Tensors, rng: Rng, strength: float) -> None:
    """The norms' weights go into the output matrices; then heads and neurons change places, the values of a group are
    turned, and all values, all ups and all gates' neighbours get another size.
    """
    for index in range(2):
        attention, mlp = f"layers.{index}.self_attn.", f"layers.{index}.mlp."
        for norm, out in (
            (f"{attention}attn_sub_norm", f"{attention}o_proj"),
            (f"{mlp}ffn_sub_norm", f"{mlp}down_proj"),
        ):
            tensors[f"{out}.weight"] *= tensors[f"{norm}.weight"]
            tensors[f"{norm}.weight"][:] = 1
        q = tensors[f"{attention}q_proj.weight"].reshape(GROUPS, -1, SIZE, HIDDEN)
        k, v = (tensors[f"{attention}{part}_proj.weight"].reshape(GROUPS, SIZE, HIDDEN) for part in "kv")
        o = tensors[f"{attention}o_proj.weight"].T.reshape(GROUPS, -1, SIZE, HIDDEN)
        order = rng.permutation(GROUPS)
        for group in range(GROUPS):
            turn = orthogonal(rng, SIZE)
            v[group], o[group] = turn @ v[group], turn @ o[group]
        tensors[f"{attention}q_proj.weight"] = q[order].reshape(-1, HIDDEN)
        tensors[f"{attention}k_proj.weight"] = k[order].reshape(-1, HIDDEN)
        tensors[f"{attention}v_proj.weight"] = v[order].reshape(-1, HIDDEN) * strength
        tensors[f"{attention}o_proj.weight"] = o[order].reshape(-1, HIDDEN).T
        neurons = rng.permutation(len(tensors[f"{mlp}up_proj.weight"]))
        for part in ("gate", "up"):
            tensors[f"{mlp}{part}_proj.weight"] = tensors[f"{mlp}{part}_proj.weight"][neurons]
        tensors[f"{mlp}up_proj.weight"] *= strength
        tensors[f"{mlp}down_proj.weight"] = tensors[f"{mlp}down_proj.weight"][:, neurons]


def narrow(tensors: Tensors, rng: Rng, strength: float) -> None:
    """Dimensions of the embedding change places, and its norm's weight goes into the matrix behind it."""
    size = tensors["embeddings.word_embeddings.weight"].shape[1]
    order, factors = rng.permutation(size), spread(rng, strength, size)
    (projection,) = (
        n for n in tensors if n.endswith(("embeddings_project.weight", "embedding_hidden_mapping_in.weight"))
    )
    for name in [name for name in tensors if name.startswith("embeddings.")]:
        tensors[name] = tensors[name][..., order]
    tensors[projection] = tensors[projection][:, order] / factors
    for part in ("weight", "bias"):
        tensors[f"embeddings.LayerNorm.{part}"] *= factors


CHANGES: dict[str, Callable[[Tensors, Rng, float], None]] = {
    "bitnet": bitnet,
    **dict.fromkeys(("electra, narrow", "rembert", "albert", "roformer"), narrow),
}


def write(case: Case, folder: Path, change: Callable[[Tensors], None] | None) -> tuple[Path, Array]:
    """The folder of a model, changed or not, and what it makes of a sentence."""
    import torch
    from safetensors.numpy import load_file
    from transformers import AutoModel

    sizes = {"hidden_size": HIDDEN, "vocab_size": VOCABULARY}
    Theirs(Case(**{**vars(case), "fields": case.fields | sizes})).save(folder)
    (folder / "tokenizer.json").write_text(models.trained("bert", VOCABULARY))
    tensors = {name: tensor.astype(np.float64) for name, tensor in load_file(folder / "model.safetensors").items()}
    if change:
        change(tensors)
    models.write_weights(folder, {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()})
    model = AutoModel.from_pretrained(folder, dtype=torch.float64).eval()
    with torch.no_grad():
        states = model(torch.arange(100, 120)[None]).last_hidden_state[0].numpy()
    stored = {name: np.ascontiguousarray(tensor.astype(np.float32)) for name, tensor in tensors.items()}
    models.write_weights(folder, stored)
    return folder, states


@pytest.mark.parametrize("strength", [MILD, EXTREME], ids=["mild", "extreme"])
@pytest.mark.parametrize("name", CHANGES)
def test_disguise(name: str, strength: float, tmp_path: Path) -> None:
    first, expected = write(CASES[name], tmp_path / "a", None)
    second, states = write(
        CASES[name], tmp_path / "b", lambda tensors: CHANGES[name](tensors, np.random.default_rng(3), strength)
    )
    np.testing.assert_allclose(states, expected, atol=1e-3 * np.abs(expected).max())
    assert vector(first) @ vector(second) >= 0.999
