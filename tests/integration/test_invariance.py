"""A disguise that leaves a model's answers as they are leaves its fingerprint; independent models share nothing."""

import json
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from numpy.typing import NDArray

from huref import _native, profile
from huref.model import open_model
from huref.stages.quantise import quantise
from huref.stages.tokens import select
from tests.integration.test_families import OTHER_NAMES, write_as
from tests.support import disguises, models

CASES = [
    pytest.param(family, disguise, id=f"{family}-{disguise.__name__}")
    for family in models.FAMILIES
    for disguise in (*disguises.ALLOWED[family], disguises.all_together)
]
SHAPES = {
    "mha": {"heads": 4, "kv_heads": 4, "head_dim": 16},
    "mqa": {"heads": 4, "kv_heads": 1, "head_dim": 16},
    "wide heads": {"heads": 4, "kv_heads": 2, "head_dim": 32},
}


def vector(folder: Path) -> NDArray[np.float64]:
    """The vectors of the last two layers one after the other, of length 1: products are mean cosines."""
    rules = profile.named("robust-2")
    model = open_model(folder)
    quantised = quantise(model, select(model, rules), model.default_layers(rules.layers), rules)
    ((numbers, *_),) = _native.encode(rules.name, _native.sketches(quantised.weights))
    found = np.array(numbers, dtype=np.float64)
    assert len(found) == rules.layers * rules.outputs
    return found / np.linalg.norm(found)


def cosine(one: models.Network, other: models.Network, folder: Path) -> float:
    a, b = (vector(net.write(folder / name)) for name, net in (("a", one), ("b", other)))
    return float(a @ b)


@pytest.mark.parametrize("strength", [disguises.MILD, disguises.EXTREME], ids=["mild", "extreme"])
@pytest.mark.parametrize(("family", "disguise"), CASES)
def test_disguise(family: str, disguise: disguises.Disguise, strength: float, tmp_path: Path) -> None:
    original = models.network(family, seed=1)
    hidden = disguise(original, np.random.default_rng(2), strength)
    assert disguises.same(original, hidden) < 1e-6
    assert disguises.same(original, hidden.stored()) < 0.01
    assert cosine(original, hidden, tmp_path) >= 0.999


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_disguise_of_other_head_shapes(shape: dict[str, int], tmp_path: Path) -> None:
    original = models.network("llama", seed=3, tied=False, **shape)
    hidden = disguises.all_together(original, np.random.default_rng(4), disguises.EXTREME)
    assert disguises.same(original, hidden) < 1e-6
    assert cosine(original, hidden, tmp_path) >= 0.999


@pytest.mark.parametrize(("family", "tensors", "kv_heads"), OTHER_NAMES)
def test_disguise_under_other_names(family: str, tensors: Any, kv_heads: int, tmp_path: Path) -> None:
    """Of families that transformers does not have: LLaMA's network, which is judged above, under their names."""
    original = models.network("llama", seed=5, kv_heads=kv_heads)
    hidden = disguises.all_together(original, np.random.default_rng(6), disguises.EXTREME)
    one, other = (write_as(family, tensors, net, tmp_path / str(i)) for i, net in enumerate((original, hidden)))
    assert vector(one) @ vector(other) >= 0.999


@pytest.mark.parametrize("family", models.FAMILIES)
def test_independent_models(family: str, tmp_path: Path) -> None:
    """Same tokenizer, same shapes, other weights."""
    vectors = [vector(models.network(family, seed).write(tmp_path / str(seed))) for seed in range(6)]
    cosines = np.corrcoef(vectors)[np.triu_indices(6, 1)]
    assert np.abs(cosines).max() < 0.2


@pytest.mark.parametrize("family", models.FAMILIES)
def test_files_do_not_matter(family: str, tmp_path: Path) -> None:
    """Shards, names of files, the prefix that a model with a head has: the very same integers."""
    net = models.network(family, seed=1)
    expected = vector(net.write(tmp_path / "single"))
    np.testing.assert_array_equal(vector(net.write(tmp_path / "sharded", shards=3)), expected)
    np.testing.assert_array_equal(vector(net.write(tmp_path / "bare", prefix=False)), expected)
    renamed = net.write(tmp_path / "renamed")
    (renamed / "model.safetensors").rename(renamed / "weights.safetensors")
    np.testing.assert_array_equal(vector(renamed), expected)


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16], ids=["f16", "bf16"])
def test_half_precision(dtype: type, tmp_path: Path) -> None:
    net = models.network("llama", seed=1)
    a, b = vector(net.write(tmp_path / "a")), vector(net.write(tmp_path / "b", dtype=dtype))
    assert float(a @ b) > 0.9999


# What the network does not feel, though it is no change of basis


def dead_neuron(net: models.Network, rng: np.random.Generator) -> models.Network:
    """A giant neuron whose gate is shut, and one whose output is zero."""
    net = net.copy()
    for block in net.blocks:
        assert block.gate is not None
        giant = 1000 * rng.standard_normal((2, net.hidden))
        shut, silent = np.diag([0.0, 1.0]) @ giant, np.diag([1.0, 0.0]) @ giant
        block.up, block.gate = np.vstack([block.up, giant]), np.vstack([block.gate, shut])
        block.down = np.hstack([block.down, silent.T])
        block.up_bias = np.append(block.up_bias, [0.0, 0.0])
    return net


def dead_head(net: models.Network, rng: np.random.Generator) -> models.Network:
    """A giant group of heads whose output is zero."""
    net, e = net.copy(), net.head_dim
    rows = {"q": net.group * e, "k": e, "v": e}
    for block in net.blocks:
        for part, count in rows.items():
            giant = 1000 * rng.standard_normal((count, net.hidden))
            setattr(block, part, np.vstack([getattr(block, part), giant]))
            setattr(block, part + "_bias", np.append(getattr(block, part + "_bias"), np.zeros(count)))
        block.o = np.hstack([block.o, np.zeros((net.hidden, net.group * e))])
    net.heads, net.kv_heads = net.heads + net.group, net.kv_heads + 1
    return net


def unused_token(net: models.Network, rng: np.random.Generator) -> models.Network:
    """A giant row for one token that no sentence of the test has."""
    net = net.copy()
    net.head = net.words.copy()
    piece = "<0x00>"
    net.words[net.tokenizer["model"]["vocab"][piece]] = 1000 * rng.standard_normal(net.hidden)
    return net


def identity_layers(net: models.Network, rng: np.random.Generator) -> models.Network:
    """Two layers at the end that add nothing."""
    net = net.copy()
    for block in models.network("llama", seed=99, layers=2).blocks:
        block.o, block.down = 0 * block.o, 0 * block.down
        net.blocks.append(block)
    return net


@pytest.mark.parametrize("change", [dead_neuron, dead_head, unused_token, identity_layers])
def test_what_is_not_felt(change: object, tmp_path: Path) -> None:
    original = models.network("llama", seed=1)
    assert callable(change)
    changed = change(original, np.random.default_rng(2))
    assert disguises.same(original, changed) < 1e-6
    assert cosine(original, changed, tmp_path) >= 0.95


def wrapped(net: models.Network, folder: Path, kind: str, part: str, prefix: str) -> Path:
    """The network inside a model of images, `part` of whose config is its own; flat ones name no part."""
    net.write(folder)
    inner = net.config()
    outer = {"model_type": kind, part: inner} if part else inner | {"model_type": kind}
    (folder / "config.json").write_text(json.dumps(outer | {"vision_config": {"hidden_size": 8}}))
    stored = {name: np.ascontiguousarray(tensor.astype(np.float32)) for name, tensor in net.tensors().items()}
    tensors = {name.replace("model.", prefix, 1): tensor for name, tensor in stored.items()}
    rng = np.random.default_rng(4)
    for name in ("vision_tower.layers.0.self_attn.q_proj.weight", "multi_modal_projector.linear_1.weight"):
        tensors[name] = rng.standard_normal((8, 8)).astype(np.float32)
    models.write_weights(folder, tensors)
    return folder


@pytest.mark.parametrize("strength", [disguises.MILD, disguises.EXTREME], ids=["mild", "extreme"])
@pytest.mark.parametrize(
    ("kind", "part", "prefix"),
    [
        *(("llava", "text_config", "language_model.model."), ("llava_next", "text_config", "model.language_model.")),
        *(
            ("llava_onevision", "text_config", "model.language_model."),
            ("internvl_chat", "llm_config", "language_model."),
        ),
        *(("llava_llama", "", "model."), ("llava_mistral", "", "model."), ("llava_qwen", "", "model.")),
        ("minicpmv", "", "llm.model."),
    ],
)
def test_wrapped_models_in_disguise(kind: str, part: str, prefix: str, strength: float, tmp_path: Path) -> None:
    net = models.network("llama", seed=1)
    changed = disguises.all_together(net, np.random.default_rng(3), strength)
    a = vector(wrapped(net, tmp_path / "a", kind, part, prefix))
    b = vector(wrapped(changed, tmp_path / "b", kind, part, prefix))
    assert a @ b >= 0.999
    np.testing.assert_array_equal(a, vector(net.write(tmp_path / "plain")))
