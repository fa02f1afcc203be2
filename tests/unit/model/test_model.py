"""Model folders: what is read, and what each kind of damage gets: one ModelError that says what and where."""

import json
import os
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from huref.errors import ModelError, NotFoundError, UsageError
from huref.model import open_model
from huref.model.containers.weights import SAFE
from huref.model.formats.safetensors import Shard
from tests.support import models
from tests.support.layers import arrays

Folder = Path


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return models.network("llama").write(tmp_path / "model")


@pytest.fixture
def sharded(tmp_path: Path) -> Folder:
    return models.network("llama").write(tmp_path / "model", shards=3)


def refused(folder: Path, *words: str) -> str:
    """Opening the folder and reading all of it raises ModelError with those words in its message."""
    with pytest.raises(ModelError) as caught:
        read_all(folder)
    message = str(caught.value)
    for word in (str(folder), *words):
        assert word in message, message
    assert "\n" not in message
    return message


def read_all(folder: Path) -> None:
    model = open_model(folder)
    model.embedding(np.arange(model.architecture.vocab))
    for index in model.default_layers(2):
        model.layer(index)


def edit_config(folder: Path, **fields: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def edit_tensors(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    tensors = dict(load_file(folder / "model.safetensors"))
    edit(tensors)
    save_file({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, folder / "model.safetensors")


def edit_index(folder: Path, edit: Callable[[dict[str, str]], object]) -> None:
    path = folder / SAFE.index
    index = json.loads(path.read_text())
    edit(index["weight_map"])
    path.write_text(json.dumps(index))


@pytest.mark.parametrize("family", models.FAMILIES)
@pytest.mark.parametrize("dtype", [np.float32, np.float16, ml_dtypes.bfloat16], ids=["f32", "f16", "bf16"])
def test_plain_matrices_are_those_of_the_network(family: str, dtype: type, tmp_path: Path) -> None:
    net = models.network(family)
    model = open_model(net.write(tmp_path / "m", dtype=dtype))
    assert model.family == family
    a = model.architecture
    assert (a.hidden, a.heads, a.kv_heads, a.head_dim, a.ffn, a.layers, a.vocab) == (
        *(64, 4, net.kv_heads, 16, 96, 3),
        len(net.words),
    )
    assert a.layer_norm == (family != "llama")
    np.testing.assert_array_equal(model.embedding(np.array([7, 3])), net.words[[7, 3]].astype(dtype))
    for index, block in enumerate(net.blocks):
        layer = arrays(model.layer(index))
        for name in "qkvo":
            assert layer[name].dtype == dtype
            np.testing.assert_array_equal(layer[name], getattr(block, name).astype(dtype))
        np.testing.assert_array_equal(layer["up"][0], block.up.astype(dtype))
        np.testing.assert_array_equal(layer["down"][0], block.down.astype(dtype))
        first, second = block.attention_norm, block.ffn_norm
        if family == "bert":
            first, second = net.blocks[index - 1].ffn_norm if index else net.norm, block.attention_norm
        np.testing.assert_array_equal(layer["attention_norm"], first.weight.astype(dtype).astype(float))
        np.testing.assert_array_equal(layer["ffn_norm"], second.weight.astype(dtype).astype(float))


def test_what_was_read_is_read_only_and_no_map_of_the_file(folder: Folder) -> None:
    layer = arrays(open_model(folder).layer(1))
    for array in (layer["q"], layer["o"], layer["up"][0]):
        assert not array.flags.writeable
    assert str(folder) not in Path("/proc/self/maps").read_text()


def test_parts_of_a_fused_tensor_are_read_once(tmp_path: Path) -> None:
    layer = arrays(open_model(models.network("gpt2").write(tmp_path / "model")).layer(0))
    q, k, v = (layer[name].base for name in "qkv")
    assert q is k is v is not None


def test_memory_of_what_was_read_is_given_back(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    save_file({"x": np.ones((1 << 12, 1 << 11), np.float32)}, path)
    tensor = Shard(path).tensor("x")
    tracemalloc.start()
    held = tensor.read()
    assert tracemalloc.get_traced_memory()[0] > 33_000_000
    del held
    assert tracemalloc.get_traced_memory()[0] < 100_000
    tracemalloc.stop()


def test_rows_and_blocks_are_those_of_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    values = np.arange(7 * 3 * 2, dtype=np.float16).reshape(7, 3, 2)
    save_file({"x": values, "empty": np.zeros((0, 4), np.float16), "one": np.array(2, np.float16)}, path)
    shard = Shard(path)
    for ids in ([], [4], [3, 4, 5, 1, 1, 0, 6], list(range(7))):
        np.testing.assert_array_equal(shard.tensor("x").rows(np.array(ids, np.int64)), values[ids])
    for entries, count in ((1, 7), (12, 4), (1000, 1)):
        blocks = list(shard.tensor("x").blocks(entries))
        assert len(blocks) == count
        np.testing.assert_array_equal(np.concatenate(blocks), values)
    assert not list(shard.tensor("empty").blocks(1))
    assert list(shard.tensor("one").blocks(1)) == [2]


def test_only_needed_tensors_are_looked_at(folder: Folder) -> None:
    """A tensor that is in no term may have any type and any values."""

    def edit(tensors: dict[str, Any]) -> None:
        tensors["model.norm.weight"] = np.full(3, np.nan, np.float64)
        tensors["buffer"] = np.zeros((2, 2), np.int64)

    edit_tensors(folder, edit)
    read_all(folder)


def test_files(sharded: Folder) -> None:
    names = [path.name for path in open_model(sharded).files()]
    assert names == ["config.json", SAFE.index, *(f"model-0000{i}-of-00003.safetensors" for i in (1, 2, 3))]


def test_layers_that_do_nothing_are_passed_over(tmp_path: Path) -> None:
    net = models.network("gpt2", layers=5)
    for idle in (2, 4):
        net.blocks[idle].o *= 0
        net.blocks[idle].down *= 0
    net.blocks[3].o *= 0
    model = open_model(net.write(tmp_path / "m"))
    assert model.default_layers(2) == (1, 3)
    assert model.default_layers(3) == (0, 1, 3)
    with pytest.raises(ModelError, match=r"4 active layers are wanted, the model has 3"):
        model.default_layers(4)


def test_older_bert_names(tmp_path: Path) -> None:
    net = models.network("bert")
    folder = net.write(tmp_path / "m")

    def rename(tensors: dict[str, Any]) -> None:
        for name in list(tensors):
            if "LayerNorm" in name:
                tensors[name.replace(".weight", ".gamma").replace(".bias", ".beta")] = tensors.pop(name)

    edit_tensors(folder, rename)
    np.testing.assert_allclose(arrays(open_model(folder).layer(0))["attention_norm"], net.norm.weight, rtol=1e-6)


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="nowhere"):
        open_model(tmp_path / "nowhere")


def test_a_file_is_no_folder(folder: Folder) -> None:
    refused(folder / "config.json", "expected a model folder")


def test_no_config(folder: Folder) -> None:
    (folder / "config.json").unlink()
    refused(folder, "no config.json")


def test_adapter_alone(folder: Folder) -> None:
    (folder / "config.json").rename(folder / "adapter_config.json")
    refused(folder, "merge_and_unload")


def test_quantised(folder: Folder) -> None:
    edit_config(folder, quantization_config={"quant_method": "hqq"})
    refused(folder, "quantised", "dequantise")
    edit_config(folder, quantization_config="hqq")
    refused(folder, "quantization_config", "object")


def test_unknown_architecture(folder: Folder) -> None:
    """The message names the layout that its tensors have, if that is known, and the option that reads it so."""
    edit_config(folder, model_type="nonsense", auto_map={"AutoModel": "evil.py"})
    refused(folder, "'nonsense'", "the layout of llama; --family llama reads it so")
    expected = models.network("llama").blocks[1].k.astype(np.float32)
    np.testing.assert_array_equal(arrays(open_model(folder, "llama").layer(1))["k"], expected)
    with pytest.raises(UsageError, match=r"'lama' is not known; known are: .*llama"):
        open_model(folder, "lama")
    edit_tensors(folder, lambda tensors: tensors.update({"model.layers.1.self_attn.x_norm.weight": np.ones(4)}))
    refused(folder, "'nonsense' is not known; nor is its layout")
    edit_config(folder, model_type="mamba")
    refused(folder, "'mamba'", "state space")


def test_sizes_that_the_config_does_not_say_are_those_of_the_tensors(folder: Folder) -> None:
    whole = open_model(folder).architecture
    sizes = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_key_value_heads", "head_dim", "vocab_size")
    edit_config(folder, **dict.fromkeys(sizes))
    assert open_model(folder).architecture == whole
    edit_config(folder, head_dim=16, num_attention_heads=None)
    assert open_model(folder).architecture.heads == 32, "as the library has it"


def test_a_norm_of_no_known_use_is_refused(folder: Folder) -> None:
    edit_tensors(folder, lambda tensors: tensors.update({"model.layers.2.self_attn.q_norm.weight": np.ones(16)}))
    refused(folder, "model.layers.2.self_attn.q_norm.weight", "nothing that a llama model has")


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"hidden_size": "64"}, "hidden_size"),
        ({"hidden_size": True}, "hidden_size"),
        ({"num_hidden_layers": 0}, "num_hidden_layers"),
        ({"vocab_size": 1 << 40}, "vocab_size"),
        ({"intermediate_size": 96.0}, "intermediate_size"),
        ({"num_key_value_heads": 3}, "3 key/value heads"),
        ({"head_dim": None, "num_attention_heads": 5, "num_key_value_heads": 5}, "5 heads"),
        ({"model_type": None}, "model_type"),
        ({"hidden_size": 32}, "shape [1000, 64], but the configuration asks for [1000, 32]"),
        ({"num_hidden_layers": 4}, "layers.3"),
        ({"vocab_size": 999}, "model.embed_tokens.weight"),
        ({"head_dim": 8}, "q_proj.weight"),
    ],
)
def test_config_that_makes_no_sense(fields: dict[str, Any], word: str, folder: Folder) -> None:
    edit_config(folder, **fields)
    refused(folder, word)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1, "a": 2}', "[" * 100_000, '"x"', "\ud800"], ids=range(7))
def test_config_that_is_no_object(text: str, folder: Folder) -> None:
    (folder / "config.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    refused(folder, "config.json")


@pytest.mark.parametrize("name", ["pytorch_model.bin", "consolidated.00.pth", "model.pt"])
def test_pickles_are_never_opened(name: str, folder: Folder) -> None:
    (folder / "model.safetensors").unlink()
    (folder / name).write_bytes(b"cos\nsystem\n(S'touch owned'\ntR.")
    refused(folder, name, "save_pretrained")


def test_experts_that_no_model_has(folder: Folder) -> None:
    edit_config(folder, model_type="qwen2_moe", num_experts=1 << 20)
    refused(folder, "config.json", "1048576 experts, but the tensors have 0")


def test_no_weights_at_all(folder: Folder) -> None:
    (folder / "model.safetensors").unlink()
    refused(folder, "no *.safetensors")


def test_missing_tensor(folder: Folder) -> None:
    edit_tensors(folder, lambda tensors: tensors.pop("model.layers.2.mlp.down_proj.weight"))
    refused(folder, "model.layers.2.mlp.down_proj.weight", "missing")


def test_missing_embedding(folder: Folder) -> None:
    edit_tensors(folder, lambda tensors: tensors.pop("model.embed_tokens.weight"))
    refused(folder, "model.embed_tokens.weight", "missing")


def test_two_embeddings(folder: Folder) -> None:
    edit_tensors(folder, lambda t: t.update({"embed_tokens.weight": t["model.embed_tokens.weight"]}))
    refused(folder, "which is the model's?")


@pytest.mark.parametrize("dtype", [np.float64, np.int8, np.uint8])
def test_type_that_cannot_be_read(dtype: type, folder: Folder) -> None:
    name = "model.layers.1.self_attn.k_proj.weight"
    edit_tensors(folder, lambda tensors: tensors.update({name: tensors[name].astype(dtype)}))
    refused(folder, name, "model.safetensors", "F32, F16, BF16")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_norm_that_is_not_finite(bad: float, folder: Folder) -> None:
    name = "model.layers.1.input_layernorm.weight"
    edit_tensors(folder, lambda tensors: tensors[name].__setitem__(5, bad))
    refused(folder, name, "NaN or infinity")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_embedding_that_is_not_finite(bad: float, folder: Folder) -> None:
    edit_tensors(folder, lambda tensors: tensors["model.embed_tokens.weight"].__setitem__((41, 5), bad))
    refused(folder, "model.embed_tokens.weight", "token id 41")


def test_no_row_for_an_id(folder: Folder) -> None:
    with pytest.raises(ModelError, match="token id 1000 has no row"):
        open_model(folder).embedding(np.array([5, 1000]))


def test_no_such_layer(folder: Folder) -> None:
    with pytest.raises(ModelError, match="layers 0 to 2"):
        open_model(folder).layer(3)


def test_missing_shard(sharded: Folder) -> None:
    (sharded / "model-00002-of-00003.safetensors").unlink()
    refused(sharded, "model-00002-of-00003.safetensors", "missing")


def test_tensor_missing_from_its_shard(sharded: Folder) -> None:
    edit_index(sharded, lambda place: place.update(ghost="model-00001-of-00003.safetensors"))
    refused(sharded, "'ghost'", "model-00001-of-00003.safetensors")


def test_tensor_missing_from_the_index(sharded: Folder) -> None:
    edit_index(sharded, lambda place: place.pop("model.norm.weight"))
    refused(sharded, "'model.norm.weight'", "not in " + SAFE.index)


def test_tensor_in_two_shards(sharded: Folder) -> None:
    first, second = (sharded / f"model-0000{i}-of-00003.safetensors" for i in (1, 2))
    name, tensor = next(iter(load_file(first).items()))
    save_file({**load_file(second), name: tensor}, second)
    refused(sharded, first.name, second.name, name)


def test_tensor_in_another_shard_than_the_index_says(sharded: Folder) -> None:
    def swap(place: dict[str, str]) -> None:
        files = sorted(set(place.values()))
        place["model.norm.weight"] = next(file for file in files if file != place["model.norm.weight"])

    edit_index(sharded, swap)
    refused(sharded, "'model.norm.weight'")


@pytest.mark.parametrize(
    "name",
    [
        "../x.safetensors",
        "/etc/x.safetensors",
        "a/../x.safetensors",
        "..",
        "",
        "x.bin",
        "a\\x.safetensors",
        7,
        "\x1b[2Jx.safetensors",
        "x\0.safetensors",
        "x" * 300 + ".safetensors",
    ],
)
def test_index_cannot_lead_out_of_the_folder(name: object, sharded: Folder) -> None:
    (sharded.parent / "x.safetensors").write_bytes(next(sharded.glob("*.safetensors")).read_bytes())
    edit_index(sharded, lambda place: place.update({"model.norm.weight": name}))  # type: ignore[dict-item]
    refused(sharded, SAFE.index, "plain name")


def test_a_pipe_is_not_waited_for(folder: Folder) -> None:
    (folder / "model.safetensors").unlink()
    os.mkfifo(folder / "model.safetensors")
    refused(folder, "model.safetensors", "device or pipe")


def test_index_beside_a_single_file(sharded: Folder) -> None:
    save_file({"x": np.zeros(2, np.float32)}, sharded / "model.safetensors")
    refused(sharded, "which is the model?")


@pytest.mark.parametrize("text", ["{}", '{"weight_map": {}}', '{"weight_map": []}', "nonsense"])
def test_index_without_a_map(text: str, sharded: Folder) -> None:
    (sharded / SAFE.index).write_text(text)
    refused(sharded, SAFE.index)


def test_one_tensor_in_two_files_without_an_index(folder: Folder) -> None:
    (folder / "a.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    (folder / "model.safetensors").rename(folder / "b.safetensors")
    refused(folder, "a.safetensors", "b.safetensors")


@pytest.mark.parametrize("data", [b"", b"1234567", struct.pack("<Q", 1 << 62), struct.pack("<Q", 9) + b"{}"])
def test_file_that_is_no_safetensors_file(data: bytes, folder: Folder) -> None:
    (folder / "model.safetensors").write_bytes(data)
    refused(folder, "model.safetensors", "truncated")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.dictionaries(st.text(max_size=9), st.text(max_size=9) | st.integers() | st.none(), max_size=3))
def test_any_map_as_index(place: dict[str, Any], sharded: Folder) -> None:
    (sharded / SAFE.index).write_text(json.dumps({"weight_map": place}))
    with pytest.raises(ModelError):
        open_model(sharded)
