"""Quantised checkpoints: dequantised values against a second implementation, fingerprints beside the original's, and
what is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import huref
from huref.errors import ModelError
from huref.model import open_model
from huref.model.config import Config
from huref.model.containers.weights import open_checkpoint
from huref.model.quantised import dequantised
from huref.similarity.equal import pcs
from tests.integration.test_families import CASES, Theirs
from tests.support import models, quantisers
from tests.support.cli import Here, assert_sentence

#: Least cosine with the original; that of formats whose few sizes fit normal weights worse.
LEAST = 0.99
COARSE = {
    "fp4": 0.98,
    "mlx, 3 bits": 0.95,
    "mlx, floats": 0.95,
    "modelopt, nvfp4": 0.95,
    "compressed, nvfp4": 0.95,
    "bitnet": 0.7,  # models of this kind are trained so; a copy that is rounded is coarse
}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sizes such that blocks and groups do not divide everything."""
    return models.network("llama", 1, ffn=160).write(tmp_path_factory.mktemp("original") / "model")


@pytest.mark.parametrize("name", quantisers.FORMATS)
def test_values_and_fingerprint(name: str, original: Path, tmp_path: Path) -> None:
    plain = quantisers.quantise(original, tmp_path / "quantised", name)
    model = open_model(tmp_path / "quantised")
    assert len(plain) == 3 * 7
    for key, expected in plain.items():
        found = np.concatenate(list(model.parameter(key.removeprefix("model."), 1000)))
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, rtol=2e-6, atol=1e-7)
    shapes = {key: value.shape for key, value in load_file(original / "model.safetensors").items()}
    assert {f"model.{key}": shape for key, shape in model.parameters().items()} == shapes
    least = COARSE.get(name, LEAST)
    found = huref.fingerprint(tmp_path / "quantised")
    assert huref.similarity.cosine(found.vector, huref.fingerprint(original).vector) >= least
    assert pcs(model, open_model(original)).value >= least


def test_older_settings_of_gptq(original: Path, tmp_path: Path) -> None:
    """In a file of their own; without it, the sentence says what is missing."""
    quantisers.quantise(original, tmp_path / "m", "gptq, 4 bits")
    config = json.loads((tmp_path / "m" / "config.json").read_text())
    settings = config.pop("quantization_config")
    expected = huref.fingerprint(tmp_path / "m")
    (tmp_path / "m" / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match=r"qweight.*no quantization_config"):
        open_model(tmp_path / "m")
    del settings["quant_method"]
    (tmp_path / "m" / "quantize_config.json").write_text(json.dumps(settings))
    assert huref.fingerprint(tmp_path / "m") == expected


def test_settings_left_over_from_training_change_nothing(original: Path, tmp_path: Path) -> None:
    """A merged QLoRA model is plain, though its config still speaks of the base's quantisation."""
    quantisers.quantise(original, tmp_path / "m", "nf4")
    (tmp_path / "m" / "model.safetensors").write_bytes((original / "model.safetensors").read_bytes())
    assert huref.fingerprint(tmp_path / "m") == huref.fingerprint(original)


def test_mlx_with_its_own_settings(original: Path, tmp_path: Path) -> None:
    """`quantization`, a layer with settings of its own, and a quantised embedding of which rows are read."""
    plain = quantisers.quantise(original, tmp_path / "m", "mlx, 4 bits")
    path, file = tmp_path / "m" / "config.json", tmp_path / "m" / "model.safetensors"
    config, tensors = json.loads(path.read_text()), load_file(file)
    own, words = "model.layers.0.mlp.up_proj", "model.embed_tokens"
    stored, plain[f"{own}.weight"] = quantisers.mlx(6)(load_file(original / "model.safetensors")[f"{own}.weight"])
    table, plain[f"{words}.weight"] = quantisers.mlx(4)(tensors.pop(f"{words}.weight"))
    tensors |= {f"{own}.{part}": values for part, values in stored.items()}
    tensors |= {f"{words}.{part}": values for part, values in table.items()}
    save_file(tensors, file)
    settings = {**config.pop("quantization_config"), own: {"group_size": quantisers.GROUP, "bits": 6}}
    path.write_text(json.dumps(config | {"quantization": settings}))
    model = open_model(tmp_path / "m")
    np.testing.assert_allclose(model.layer(0).up[0].values, plain[f"{own}.weight"], rtol=2e-6, atol=1e-7)
    ids = np.array([5, 3, 99])
    np.testing.assert_allclose(model.embedding(ids), plain[f"{words}.weight"][ids], rtol=2e-6, atol=1e-7)


def test_experts_that_mlx_stacks(tmp_path: Path) -> None:
    """Quantised in one tensor, they are those of transformers, one by one."""
    case = CASES["qwen3_moe"]
    case = replace(case, fields=case.fields | {"hidden_size": 64, "moe_intermediate_size": 32})
    folder = Theirs(case).save(tmp_path / "m")
    tensors, plain = load_file(folder / "model.safetensors"), {}
    at = next(name for name in tensors if name.endswith("layers.0.input_layernorm.weight")).removesuffix(
        "input_layernorm.weight"
    )
    for kind in ("gate_proj", "up_proj", "down_proj"):
        parts = [quantisers.mlx(4)(tensors.pop(f"{at}mlp.experts.{i}.{kind}.weight")) for i in range(3)]
        plain[kind] = [values for _, values in parts]
        for ending in ("weight", "scales", "biases"):
            tensors[f"{at}mlp.switch_mlp.{kind}.{ending}"] = np.stack([stored[ending] for stored, _ in parts])
    save_file(tensors, folder / "model.safetensors")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"quantization": {"group_size": 32, "bits": 4}}))
    layer = open_model(folder).layer(0)
    for matrices, kind in ((layer.up, "up_proj"), (layer.down, "down_proj")):
        for matrix, expected in zip(matrices, plain[kind], strict=True):
            np.testing.assert_allclose(matrix.values, expected, rtol=2e-6, atol=1e-7)


def test_mxfp4_of_gpt_oss(tmp_path: Path) -> None:
    """The experts that transformers makes of blocks and scales, one at a time."""
    import torch
    from transformers.integrations.mxfp4 import convert_moe_packed_tensors

    rng = np.random.default_rng(2)
    blocks = rng.integers(0, 256, (3, 8, 2, 16), dtype=np.uint8)
    scales = rng.integers(118, 130, (3, 8, 2), dtype=np.uint8)
    theirs = convert_moe_packed_tensors(torch.tensor(blocks), torch.tensor(scales), dtype=torch.float32).numpy()
    name = "model.layers.0.mlp.experts.gate_up_proj"
    save_file({f"{name}_blocks": blocks, f"{name}_scales": scales}, tmp_path / "model.safetensors")
    config = Config(
        tmp_path / "config.json", {"model_type": "gpt_oss"}, quantisation=Config(tmp_path, {"quant_method": "mxfp4"})
    )
    place = dequantised(open_checkpoint(tmp_path), config).place
    assert place.keys() == {name}
    tensor = place[name].tensor()
    np.testing.assert_array_equal(tensor.read(), theirs)
    np.testing.assert_array_equal(tensor.rows(np.array([2])), theirs[2:])


# What is refused

REFUSED: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "unknown": ({"quant_method": "aqlm"}, ("'aqlm'", "dequantise")),
    "no method": ({"bits": 4}, ("None", "dequantise")),
    "a list": ({"quant_method": ["gptq"]}, ("gptq", "dequantise")),
    "3 bits": ({"quant_method": "gptq", "bits": 3}, ("GPTQ of 3 bits", "dequantise")),
    "gptq for a kernel": ({"quant_method": "gptq", "bits": 4, "checkpoint_format": "marlin"}, ("marlin",)),
    "awq for a kernel": ({"quant_method": "awq", "bits": 4, "version": "gemv"}, ("gemv", "dequantise")),
    "4-bit floats": (
        {"quant_method": "compressed-tensors", "config_groups": {"group_0": {"format": "mxfp4-pack-quantized"}}},
        ("mxfp4-pack-quantized", "dequantise"),
    ),
    "sparse": (
        {"quant_method": "compressed-tensors", "sparsity_config": {"format": "sparse-24-bitmask"}},
        ("sparse-24", "dequantise"),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_formats_that_are_not_read(case: str, original: Path, huref: Here, tmp_path: Path) -> None:
    settings, sentence = REFUSED[case]
    quantisers.quantise(original, tmp_path / "m", "gptq, 4 bits")
    path = tmp_path / "m" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"quantization_config": settings}))
    ran = huref("fingerprint", tmp_path / "m", "--format", "quiet")
    assert_sentence(ran, 3, "config.json", "quantization_config", *sentence)


def test_transposed_layers_are_not_guessed(tmp_path: Path) -> None:
    folder = models.network("gpt2").write(tmp_path / "m")
    config = json.loads((folder / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "fp8"}
    (folder / "config.json").write_text(json.dumps(config))
    open_model(folder)  # plain after all
    tensors = load_file(folder / "model.safetensors")
    tensors["transformer.h.0.attn.c_attn.weight_scale"] = np.ones(1, dtype=np.float32)
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(ModelError, match="transposed"):
        open_model(folder)


Q = "model.layers.2.self_attn.q_proj."


def _change(key: str, change: Callable[[Any], Any]) -> Callable[[dict[str, Any]], None]:
    def edit(tensors: dict[str, Any]) -> None:
        tensors[Q + key] = np.ascontiguousarray(change(tensors[Q + key]))

    return edit


def _state(**fields: object) -> Callable[[dict[str, Any]], None]:
    def change(data: Any) -> Any:
        return np.frombuffer(json.dumps(json.loads(data.tobytes()) | fields).encode(), dtype=np.uint8)

    return _change("weight.quant_state.bitsandbytes__nf4", change)


def _drop(key: str) -> Callable[[dict[str, Any]], None]:
    return lambda tensors: tensors.pop(Q + key)


BROKEN: dict[str, tuple[str, Callable[[dict[str, Any]], Any], str]] = {
    "no scales": ("gptq, 4 bits", _drop("scales"), "scales"),
    "too few groups": ("gptq, 4 bits", _change("scales", lambda x: x[:1]), "qzeros"),
    "group that is not there": ("gptq, act order", _change("g_idx", lambda x: x + 1), "g_idx"),
    "negative group": ("gptq, act order", _change("g_idx", lambda x: x - 5), "g_idx"),
    "one axis": ("gptq, 4 bits", _change("qweight", lambda x: x.ravel()), "qweight"),
    "too few outputs": (
        "gptq, 4 bits",
        _change("qweight", lambda x: x[:, :-3]),
        "61 outputs, expected a multiple of 8",
    ),
    "other type": ("gptq, 4 bits", _change("qweight", lambda x: x.astype(np.int64)), "qweight"),
    "infinite scale": ("gptq, 4 bits", _change("scales", lambda x: np.full_like(x, np.inf)), "q_proj.weight"),
    "awq zeros": ("awq", _change("qzeros", lambda x: x[:, 1:]), "qzeros"),
    "plain and quantised": ("awq", lambda t: t.update({Q + "weight": np.zeros((2, 2), np.float32)}), "plain"),
    "layout of a GPU": ("int8", _change("weight_format", lambda x: x + 2), "weight_format"),
    "short SCB": ("int8", _change("SCB", lambda x: x[1:]), "SCB"),
    "no matrix": ("nf4", _drop("weight"), "q_proj.weight"),
    "too few codes": ("nf4", _change("weight", lambda x: x[1:]), "q_proj.weight"),
    "no absmax": ("nf4", _drop("weight.absmax"), "absmax"),
    "no blocks": ("nf4", _state(blocksize=0), "blocksize"),
    "huge blocks": ("nf4", _state(blocksize=2**31 - 1), "absmax"),
    "shape of one number": ("nf4", _state(shape=[5]), "shape"),
    "state is no JSON": (
        "nf4",
        _change("weight.quant_state.bitsandbytes__nf4", lambda x: x[1:]),
        "quant_state",
    ),
    "long state": ("nf4", _state(more="x" * 5000), "quant_state"),
    "offset is a word": ("nf4, double", _state(nested_offset="x"), "nested_offset"),
    "no offset": ("nf4, double", _state(nested_offset=None), "nested_offset"),
    "table of scales": ("fp8, blocks", _change("weight_scale_inv", lambda x: x[:1, :1].repeat(3, 0)), "scale_inv"),
    "three axes": ("fp8, blocks", _change("weight_scale_inv", lambda x: x[None]), "scale_inv"),
    "no scale": ("fp8, blocks", _change("weight_scale_inv", lambda x: x[:0]), "scale_inv"),
    "fp8 without scale": ("fp8, one scale", _drop("weight_scale"), "F8_E4M3"),
    "packed words": ("compressed, 4 bits", _change("weight_packed", lambda x: x[:, :-3]), "weight_packed"),
    "packed shape": ("compressed, 4 bits", _change("weight_shape", lambda x: x + 1), "weight_shape"),
    "packed zero points": (
        "compressed, 4 bits",
        lambda t: t.update({Q + "weight_zero_point": np.zeros((2, 2), np.int32)}),
        "zero points",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_parts_that_contradict_each_other(case: str, original: Path, huref: Here, tmp_path: Path) -> None:
    name, spoil, word = BROKEN[case]
    quantisers.quantise(original, tmp_path / "m", name, spoil)
    ran = huref("fingerprint", tmp_path / "m", "--format", "quiet")
    assert_sentence(ran, 3, str(tmp_path / "m"), word)


def test_numbers_of_outputs_that_words_cannot_hold(tmp_path: Path) -> None:
    quantisers.quantise(models.network("llama", ffn=60).write(tmp_path / "plain"), tmp_path / "m", "gptq, 4 bits")
    with pytest.raises(ModelError, match=r"gate_proj.qweight.*60 outputs, expected a multiple of 8"):
        open_model(tmp_path / "m").layer(0)


# Adapters


def test_adapter_alone_is_told_to_be_merged(huref: Here, tmp_path: Path) -> None:
    """With the base model's name, where the adapter gives it, and commands that can be copied."""
    folder = tmp_path / "adapter"
    folder.mkdir()
    save_file({"base_model.model.x.lora_A.weight": np.zeros((2, 4), np.float32)}, folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text(
        json.dumps({"peft_type": "LORA", "base_model_name_or_path": "org/base"})
    )
    ran = huref("fingerprint", folder, "--format", "quiet")
    assert_sentence(ran, 3, str(folder), "adapter", "org/base", "merge_and_unload", "save_pretrained")
    # without its config, or with a copy of the base's, it is one still
    (folder / "adapter_config.json").unlink()
    assert_sentence(huref("fingerprint", folder, "--format", "quiet"), 3, "adapter", "merge_and_unload")
    network = models.network("llama")
    (folder / "config.json").write_text(json.dumps(network.config()))
    assert_sentence(huref("fingerprint", folder, "--format", "quiet"), 3, "adapter", "merge_and_unload")


def test_adapter_beside_a_whole_model_is_no_obstacle(original: Path, tmp_path: Path) -> None:
    folder = models.network("llama", 1, ffn=160).write(tmp_path / "m")
    (folder / "adapter_config.json").write_text("{}")
    assert huref.fingerprint(folder) == huref.fingerprint(original)
