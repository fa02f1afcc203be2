"""From a model folder to integers: canonical, the same every time, and every failure a sentence."""

import json
from collections.abc import Callable
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from huref import _native
from huref.errors import ModelError
from huref.model import open_model
from huref.profile import named
from huref.stages.quantise import Quantised, quantise
from huref.stages.tokens import select
from tests.support import models

RULES = named("robust-2")


def quantised(folder: Path, layers: tuple[int, ...] | None = None) -> Quantised:
    model = open_model(folder)
    layers = model.default_layers(RULES.layers) if layers is None else layers
    return quantise(model, select(model, RULES), layers, RULES)


def matrices(result: Quantised) -> list[np.ndarray]:
    return [result.weights.matrix(i) for i in range(1 + 6 * len(result.shape.layers))]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return models.network("llama").write(tmp_path / "m")


def test_shape_and_range(folder: Path) -> None:
    result = quantised(folder)
    shape = result.shape
    assert (shape.hidden, shape.heads, shape.kv_heads, shape.head_dim, shape.ffn) == (64, 4, 2, 16, 96)
    assert shape.layers == (1, 2)
    assert [m.shape[0] for m in matrices(result)] == [len(shape.tokens), *(64, 32, 32, 64, 96, 96) * 2]
    for matrix in matrices(result):
        assert matrix.shape[1] == 64
        assert 1024 <= np.abs(matrix).max() <= 2047


def test_progress_counts_all_pieces_in_one_unit(folder: Path) -> None:
    """The embeddings count multiplications and layers rows: all together they go up to one total, and no further."""
    model, seen = open_model(folder), list[tuple[int, int]]()
    selection = select(model, RULES)
    quantise(model, selection, (0, 1, 2), RULES, lambda _, done, total: seen.append((done, total)))
    rows = len(selection.tokens) + 3 * 2 * (64 + 32 + 96)
    assert {total for _, total in seen} == {rows}
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert len(selection.tokens) in {done for done, _ in seen}
    assert seen[-1] == (rows, rows)


@pytest.mark.parametrize("family", models.FAMILIES)
def test_canonical_form(family: str, tmp_path: Path) -> None:
    """Equal diagonal Gram matrices in each group, neurons balanced, LayerNorm models without means: up to rounding."""
    net = models.network(family)
    x, q, k, v, o, up, down, *_ = (m.astype(float) for m in matrices(quantised(net.write(tmp_path / "m"))))
    assert np.abs(x.mean(0)).max() < 0.05 * x.std()  # capped rows leave a little
    for inner, outer in ((k, q), (v, o)):
        for g in range(net.kv_heads):
            rows = slice(16 * g, 16 * (g + 1))
            outer_rows = slice(16 * net.group * g, 16 * net.group * (g + 1))
            first = inner[rows] @ inner[rows].T
            second = sum(head @ head.T for head in outer[outer_rows].reshape(net.group, 16, -1))
            for gram in (first, second):
                assert np.abs(gram - np.diag(np.diag(gram))).max() < 0.01 * np.diag(gram).max()
            ratio = np.diag(first) / np.diag(second)
            np.testing.assert_allclose(ratio, np.median(ratio), rtol=0.02)
    ratio = np.linalg.norm(up, axis=1) / np.linalg.norm(down, axis=1)
    np.testing.assert_allclose(ratio, np.median(ratio), rtol=0.01)
    if family != "llama":
        for matrix in (x, q, k, v, o, up, down):
            assert np.abs(matrix.mean(1)).max() < 1


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.float32])
def test_every_type_is_read_exactly_side_by_side_or_apart(dtype: type) -> None:
    """All finite numbers of 16 bits, subnormal ones too, count for what they are."""
    bits = np.arange(1 << 16, dtype=np.uint16)
    values = bits.astype(dtype) / 7 if dtype == np.float32 else bits.view(dtype)
    with np.errstate(invalid="ignore"):
        values = values[np.isfinite(values.astype(np.float64))]
    matrix = np.random.default_rng(0).permutation(values)[: len(values) // 256 * 256].reshape(-1, 256)
    expected = _native.inverse_embedding(matrix.astype(np.float64), False, True)
    for same in (matrix, np.asfortranarray(matrix), np.repeat(matrix, 2, axis=1)[:, ::2]):
        np.testing.assert_array_equal(_native.inverse_embedding(same, False, True), expected)


def test_order_of_layers_does_not_matter(folder: Path) -> None:
    first, second = quantised(folder, (0, 2)), quantised(folder, (2, 0))
    assert first.shape == second.shape
    for a, b in zip(matrices(first), matrices(second), strict=True):
        np.testing.assert_array_equal(a, b)


def test_repr_shows_no_weights(folder: Path) -> None:
    assert "weights" not in repr(quantised(folder))


# Failures


def damage(folder: Path, name: str, edit: Callable[[np.ndarray], object]) -> None:
    tensors = dict(load_file(folder / "model.safetensors"))
    edit(tensors[name])
    save_file(tensors, folder / "model.safetensors")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize(
    "tensor",
    [*(f"self_attn.{name}_proj" for name in "qkvo"), "mlp.up_proj", "mlp.down_proj"],
)
def test_not_finite(tensor: str, bad: float, folder: Path) -> None:
    name = f"model.layers.2.{tensor}.weight"
    damage(folder, name, lambda values: values.__setitem__((3, 5), bad))
    with pytest.raises(ModelError) as caught:
        quantised(folder)
    for word in (str(folder), "model.safetensors", name, "NaN or infinity"):
        assert word in str(caught.value)


@pytest.mark.parametrize("tensor", ["self_attn.q_proj", "self_attn.v_proj", "mlp.up_proj"])
def test_all_zero(tensor: str, folder: Path) -> None:
    name = f"model.layers.1.{tensor}.weight"
    damage(folder, name, lambda values: values.fill(0))
    with pytest.raises(ModelError) as caught:
        quantised(folder)
    for word in (str(folder), name, "all entries are zero"):
        assert word in str(caught.value)


def test_all_zero_embedding(folder: Path) -> None:
    damage(folder, "model.embed_tokens.weight", lambda values: values.fill(0))
    with pytest.raises(ModelError, match=r"model\.safetensors.*'model\.embed_tokens\.weight'.*zero"):
        quantised(folder)


def test_embedding_rows_that_are_all_the_same(folder: Path) -> None:
    damage(folder, "model.embed_tokens.weight", lambda values: values.__setitem__(slice(None), 1.0))
    with pytest.raises(ModelError, match="zero"):
        quantised(folder)


def test_values_that_overflow(folder: Path) -> None:
    """Each finite in the file, but not so in any product of them."""
    tensors = dict(load_file(folder / "model.safetensors"))
    for name in ("model.layers.2.self_attn.q_proj.weight", "model.layers.2.self_attn.k_proj.weight"):
        tensors[name] = np.sign(tensors[name]) * np.float32(3e38)
    for name in ("model.layers.2.input_layernorm.weight",):
        tensors[name] = np.full(64, 3e38, np.float32)
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(ModelError, match=r"2\.[qk]"):
        quantised(folder)


@pytest.mark.parametrize("layers", [(), (1, 1), (0, 3), (-1,)])
def test_layers_that_are_not_there(layers: tuple[int, ...], folder: Path) -> None:
    with pytest.raises(ModelError, match="layer"):
        quantised(folder, layers)


def test_fewer_layers_than_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="2 active layers are wanted, the model has 1"):
        quantised(models.network("gpt2", layers=1).write(tmp_path / "m"))


def test_config_and_weights_of_different_models(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"intermediate_size": 95}))
    with pytest.raises(ModelError, match=r"up_proj|gate_proj|down_proj"):
        quantised(folder)
