"""BASE+ADAPTER: the matrices of the model that peft would merge, and adapters that are not read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import huref
from huref.model import open_model
from tests.support import adapters, gguf_files, models
from tests.support.cli import Here, assert_sentence

CASES: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "attention": (("q_proj", "v_proj"), {}),
    "all linear": (("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"), {"rank": 8}),
    "rslora": (("q_proj", "down_proj"), {"use_rslora": True}),
    "embedding": (("embed_tokens", "up_proj"), {}),
    "patterns": (
        ("q_proj", "v_proj"),
        {"rank_pattern": {"layers.1.self_attn.q_proj": 2}, "alpha_pattern": {"v_proj": 3}},
    ),
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return models.network("llama", 1).write(tmp_path_factory.mktemp("base") / "base")


def pair(base: Path, adapter: Path) -> str:
    return f"{base}+{adapter}"


@pytest.mark.parametrize("case", CASES)
def test_merged_as_peft_does(case: str, base: Path, tmp_path: Path) -> None:
    modules, fields = CASES[case]
    expected = adapters.write(base, tmp_path / "adapter", modules, **fields)
    model = open_model(pair(base, tmp_path / "adapter"))
    changed = 0
    for name in model.parameters():
        found = np.concatenate(list(model.parameter(name, 1000)))
        np.testing.assert_allclose(found, expected[f"model.{name}"], rtol=1e-5, atol=1e-6)
        changed += found.dtype == np.float32 and name.endswith(tuple(f"{module}.weight" for module in modules))
    assert changed
    models.write_weights(tmp_path, {name: np.asarray(values) for name, values in expected.items()})
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((base / name).read_bytes())
    found, merged = huref.fingerprint(pair(base, tmp_path / "adapter")), huref.fingerprint(tmp_path)
    assert huref.similarity.cosine(found.vector, merged.vector) > 0.999999


def test_transposed_and_whole_modules(tmp_path: Path) -> None:
    """GPT-2, whose matrices stand turned round; and a module that was trained as a whole."""
    base = models.network("gpt2", 1).write(tmp_path / "base")
    expected = adapters.write(base, tmp_path / "adapter", ("c_attn",), fan_in_fan_out=True)
    file = tmp_path / "adapter" / "adapter_model.safetensors"
    words = np.random.default_rng(1).standard_normal(expected["transformer.wte.weight"].shape).astype(np.float32)
    head = {"base_model.model.lm_head.weight": words, "base_model.model.transformer.wte.weight": words}
    save_file(load_file(file) | head, file)
    model = open_model(pair(base, tmp_path / "adapter"))
    (found,) = model.parameter("h.0.attn.c_attn.weight", 1 << 30)
    np.testing.assert_allclose(found, expected["transformer.h.0.attn.c_attn.weight"], rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(model.embedding(np.arange(5)), words[:5])


def test_a_gguf_base(base: Path, tmp_path: Path) -> None:
    """Its names are those of transformers, so an adapter finds its modules."""
    expected = adapters.write(base, tmp_path / "adapter", ("q_proj", "v_proj"))
    file = gguf_files.write(base, tmp_path / "base.gguf")
    found = open_model(pair(file, tmp_path / "adapter")).layer(0).q.values
    np.testing.assert_allclose(found, expected["model.layers.0.self_attn.q_proj.weight"], rtol=1e-5, atol=1e-6)


def test_verbs(base: Path, tmp_path: Path, huref: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """The two are named where results are shown and in what a bundle claims."""
    adapters.write(base, tmp_path / "tuned", ("q_proj", "v_proj"))
    both = pair(base, tmp_path / "tuned")
    ran = huref("compare", base, both)
    assert ran.code == 0
    assert ran.out.startswith("Related: ")
    assert "base+" in ran.out
    assert huref("commit", both, "-o", tmp_path / "c.json", "--opening", tmp_path / "o.json").code == 0
    assert huref("prove", both, "--opening", tmp_path / "o.json", "-o", tmp_path / "b.json").code == 0
    claims = json.loads((tmp_path / "b.json").read_text())["claims"]
    assert claims["modelName"] == "base+tuned"
    assert {"model.safetensors", "adapter_model.safetensors", "adapter_config.json"} <= claims["files"].keys()
    monkeypatch.chdir(base.parent)
    assert huref("fingerprint", f"base+{tmp_path / 'tuned'}").code == 0


def test_beside_a_whole_model(base: Path, tmp_path: Path, huref: Here) -> None:
    """A warning says that it was left out, and how to have it."""
    folder = models.network("llama", 1).write(tmp_path / "m")
    adapters.write(base, tmp_path / "a", ("q_proj",))
    for file in (tmp_path / "a").iterdir():
        file.rename(folder / file.name)
    ran = huref("fingerprint", folder)
    assert ran.code == 0
    assert "warning" in ran.err
    assert "m+m" in ran.err
    both = huref("fingerprint", pair(folder, folder))
    assert both.code == 0
    assert "warning" not in both.err


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "dora": ({"use_dora": True}, "use_dora"),
    "another method": ({"peft_type": "IA3"}, "peft_type"),
    "pissa": ({"init_lora_weights": "pissa"}, "init_lora_weights"),
    "replicated": ({"layer_replication": [[0, 2]]}, "layer_replication"),
    "tokens": ({"trainable_token_indices": [1, 2]}, "trainable_token_indices"),
    "rank": ({"r": 5}, "rank 5"),
    "alpha": ({"lora_alpha": "x"}, "lora_alpha"),
    "negative alpha": ({"lora_alpha": -1}, "positive"),
    "pattern that takes for ever": ({"alpha_pattern": {"(a+)+(a+)+b": 2}}, "is not read"),
    "pattern that is none": ({"rank_pattern": {"(": 2}}, "is not read"),
    "patterns in a list": ({"rank_pattern": [1]}, "expected an object"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_configurations_that_are_not_read(case: str, base: Path, tmp_path: Path, huref: Here) -> None:
    fields, word = REFUSED[case]
    adapters.write(base, tmp_path / "a", ("q_proj",))
    path = tmp_path / "a" / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))
    assert_sentence(huref("fingerprint", pair(base, tmp_path / "a")), 3, word)


Q = "base_model.model.model.layers.0.self_attn.q_proj."
TENSORS: dict[str, tuple[dict[str, Any], str]] = {
    "magnitude": ({Q + "lora_magnitude_vector": np.ones(64, np.float32)}, "no part of a plain LoRA"),
    "no B": ({Q.replace("q_proj", "x") + "lora_A.weight": np.ones((4, 64), np.float32)}, "beside it"),
    "no such module": (
        {Q.replace("q_proj", "x") + f"lora_{part}.weight": np.ones((4, 4), np.float32) for part in "AB"},
        "another model",
    ),
    "shape": ({Q + "lora_A.weight": np.ones((4, 63), np.float32)}, "do not fit"),
    "axes": ({Q + "lora_A.weight": np.ones((4, 64, 1), np.float32)}, "do not fit"),
}


@pytest.mark.parametrize("case", TENSORS)
def test_tensors_that_do_not_fit(case: str, base: Path, tmp_path: Path, huref: Here) -> None:
    tensors, word = TENSORS[case]
    adapters.write(base, tmp_path / "a", ("q_proj",))
    file = tmp_path / "a" / "adapter_model.safetensors"
    save_file(load_file(file) | tensors, file)
    assert_sentence(huref("fingerprint", pair(base, tmp_path / "a")), 3, "adapter_model.safetensors", word)


def test_what_stands_behind_the_plus(base: Path, tmp_path: Path, huref: Here) -> None:
    (tmp_path / "empty").mkdir()
    assert_sentence(huref("fingerprint", pair(base, tmp_path / "empty")), 3, "adapter_config.json")
    assert_sentence(huref("fingerprint", pair(base, tmp_path / "nowhere")), 4, "no such")
    adapters.write(base, tmp_path / "alone", ("q_proj",))
    assert_sentence(huref("fingerprint", tmp_path / "alone"), 3, "org/base", "BASE+")
