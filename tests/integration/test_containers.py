"""How models come: names that training put its words into, a head alone, files of others, and what is said of them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import huref
from huref.errors import ModelError
from huref.model import open_model
from huref.model.tokenizer import read_vocabulary
from tests.support import models
from tests.support.cli import Here, assert_sentence

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 988097824\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return models.network("llama", 1).write(tmp_path / "m")


def rename(folder: Path, change: Callable[[str], str]) -> None:
    tensors = load_file(folder / "model.safetensors")
    save_file({change(name): values for name, values in tensors.items()}, folder / "model.safetensors")


NAMES: dict[str, Callable[[str], str]] = {
    "distributed": lambda name: f"module.{name}",
    "compiled": lambda name: f"_orig_mod.{name}",
    "both": lambda name: f"module._orig_mod.{name}",
    "layers compiled": lambda name: name.replace("self_attn.", "_orig_mod.self_attn."),
    "sharded": lambda name: f"_fsdp_wrapped_module.{name.replace('.mlp.', '._fsdp_wrapped_module.mlp.')}",
    "checkpointed": lambda name: name.replace(".mlp.", "._checkpoint_wrapped_module.mlp."),
    "peft, merged": lambda name: f"base_model.model.{name}",
}


@pytest.mark.parametrize("case", NAMES)
def test_words_of_training_in_names(case: str, folder: Path) -> None:
    expected = huref.fingerprint(folder)
    rename(folder, NAMES[case])
    assert huref.fingerprint(folder) == expected


def test_two_tensors_of_one_name(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    save_file({"module.model.norm.weight": np.ones(64, np.float32), **tensors}, folder / "model.safetensors")
    with pytest.raises(ModelError, match=r"'model.norm.weight' and 'module.model.norm.weight' have one name|'module"):
        open_model(folder)


def test_head_alone_of_a_tied_model(folder: Path) -> None:
    expected = huref.fingerprint(folder)
    rename(folder, lambda name: "lm_head.weight" if "embed_tokens" in name else name)
    assert huref.fingerprint(folder) == expected
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"tie_word_embeddings": False}))
    with pytest.raises(ModelError, match="embed_tokens"):
        open_model(folder)


def test_adapters_that_are_not_merged(folder: Path, huref: Here) -> None:
    """Refused, because they change the weights; but models of images and sound are used without theirs."""
    expected = open_model(folder).layer(0).q.values
    tensors = load_file(folder / "model.safetensors")
    query = "model.layers.0.self_attn.q_proj."
    base = {name.replace("q_proj.", "q_proj.base_layer."): values for name, values in tensors.items()}
    extra = {query + "lora_A.speech.weight": np.ones((2, 64), np.float32)}
    peft = {f"base_model.model.{name}": values for name, values in (base | extra).items()}
    save_file(peft, folder / "model.safetensors")
    assert_sentence(huref("fingerprint", folder), 3, "adapter", "lora_A", "merge_and_unload")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"speech_lora": {"r": 2}}))
    np.testing.assert_array_equal(open_model(folder).layer(0).q.values, expected)


# Folders and files of others


def _write(*files: str, data: bytes = b"{}") -> Callable[[Path], Path]:
    def make(at: Path) -> Path:
        for name in files:
            (at / name).parent.mkdir(parents=True, exist_ok=True)
            (at / name).write_bytes(data)
        return at

    return make


def _inside(at: Path) -> Path:
    models.network("llama").write(at / "0_Transformer")
    return at


def _pointer(name: str) -> Callable[[Path], Path]:
    def make(at: Path) -> Path:
        models.network("llama").write(at)
        (at / name).write_bytes(POINTER)
        return at

    return make


def _cache(at: Path) -> Path:
    for revision in ("abc123", "def456"):
        models.network("llama").write(at / "models--org--name" / "snapshots" / revision)
    return at / "models--org--name"


def _onnx(at: Path) -> Path:
    models.network("llama").write(at)
    (at / "model.safetensors").rename(at / "model.onnx")
    return at


WORDS: dict[str, tuple[Callable[[Path], Path], tuple[str, ...]]] = {
    "layout of the makers": (_write("params.json", "consolidated.00.pth"), ("params.json", "Hugging Face layout")),
    "sentence-transformers": (_inside, ("0_Transformer", "give that folder")),
    "pointer of weights": (_pointer("model.safetensors"), ("Git LFS", "git lfs pull")),
    "pointer of a configuration": (_pointer("config.json"), ("config.json", "Git LFS")),
    "pointer of a tokenizer": (_pointer("tokenizer.json"), ("tokenizer.json", "Git LFS")),
    "pointer of a GGUF file": (_write("m.gguf", data=POINTER), ("m.gguf", "Git LFS")),
    "a cache": (_cache, ("download cache with 2 revisions", "snapshots/def456")),
    "ONNX": (_onnx, ("ONNX", "exported")),
    "TensorFlow": (_write("config.json", "tf_model.h5"), ("TensorFlow", "save_pretrained")),
    "Flax": (_write("config.json", "flax_model.msgpack"), ("Flax", "save_pretrained")),
    "a pipeline": (_write("model_index.json"), ("pipeline",)),
    "a training run": (_write("zero_to_fp32.py"), ("training run",)),
    "compiled": (_write("config.json", "openvino_model.xml"), ("compiled",)),
    "nothing": (_write("readme"), ("no config.json",)),
}


@pytest.mark.parametrize("case", WORDS)
def test_what_is_said_of_folders(case: str, tmp_path: Path, huref: Here) -> None:
    make, words = WORDS[case]
    (tmp_path / "m").mkdir()
    assert_sentence(huref("fingerprint", make(tmp_path / "m")), 3, *words)


def test_what_is_said_of_files(folder: Path, tmp_path: Path, huref: Here) -> None:
    """First bytes decide, whatever the name."""
    (tmp_path / "x.onnx").write_bytes(b"\x08\x07\x12\x07pytorch\x1a\x052.0.1:\xa0")
    (tmp_path / "x.gguf").write_bytes(b"x" * 100)
    for name, verb in (("m/model.safetensors", "take its folder"), ("x.onnx", "ONNX"), ("x.gguf", "download it again")):
        assert_sentence(huref("fingerprint", tmp_path / name), 3, verb)
    assert_sentence(huref("compare", folder, folder / "model.safetensors"), 3, "a file of weights", "take its folder")


def test_folders_of_a_cache(folder: Path, tmp_path: Path) -> None:
    """The only revision of a model, or the one that is current."""
    expected, cache = huref.fingerprint(folder), tmp_path / "models--org--name"
    (cache / "snapshots").mkdir(parents=True)
    folder.rename(cache / "snapshots" / "abc123")
    assert huref.fingerprint(cache) == expected
    models.network("llama", 2).write(cache / "snapshots" / "def456")
    (cache / "refs").mkdir()
    (cache / "refs" / "main").write_text("abc123")
    assert huref.fingerprint(cache) == expected


# Tokenizers


def test_tiktoken_and_tekken(folder: Path, tmp_path: Path, huref: Here) -> None:
    """The tokens of a byte-level tokenizer, by each of the lists that it may be shipped as."""
    folder = models.network("gpt2", 2).write(tmp_path / "gpt2")
    expected = {token.id: token.text for token in read_vocabulary(folder)[0]}
    (folder / "tokenizer.json").unlink()
    lines = b"".join(b"%s %d\n" % (base64.b64encode(text), number) for number, text in expected.items())
    for name in ("tokenizer.model", "tiktoken.model", "qwen.tiktoken"):
        (folder / name).write_bytes(lines)
        found, path = read_vocabulary(folder)
        assert ({token.id: token.text for token in found}, path.name) == (expected, name)
        (folder / name).unlink()
    entries = [{"rank": n - 1, "token_bytes": base64.b64encode(t).decode()} for n, t in expected.items()]
    beyond = [{"rank": len(entries), "token_bytes": "AAAA"}]
    config = {"default_num_special_tokens": 1, "default_vocab_size": len(expected) + 1}
    (folder / "tekken.json").write_text(json.dumps({"config": config, "vocab": entries + beyond}))
    assert {token.id: token.text for token in read_vocabulary(folder)[0]} == expected


BROKEN: dict[str, tuple[str, Any]] = {
    "tiktoken": ("tokenizer.model", b"AAAA 1\nAAAA\n"),
    "tiktoken, id": ("tokenizer.model", b"AAAA 1\nAAAA -5\n"),
    "tiktoken, letters": ("qwen.tiktoken", b"!!! 1\n"),
    "tekken": ("tekken.json", {"vocab": []}),
    "tekken, no rank": ("tekken.json", {"config": {}, "vocab": [{"token_bytes": "AAAA"}]}),
    "tekken, a list": ("tekken.json", {"config": {}, "vocab": [[1]]}),
    "tekken, bytes": ("tekken.json", {"config": {}, "vocab": [{"rank": 1, "token_bytes": "é"}]}),
    "tekken, size": ("tekken.json", {"config": {"default_vocab_size": "x"}, "vocab": []}),
    "neither": ("tokenizer.model", b"\x00\x01\x02"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_tokenizers_that_make_no_sense(case: str, folder: Path, huref: Here) -> None:
    name, data = BROKEN[case]
    (folder / "tokenizer.json").unlink()
    (folder / name).write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
    assert_sentence(huref("fingerprint", folder), 3, name)


def test_tokens_without_a_row(folder: Path, huref: Here) -> None:
    """Said once, and no obstacle."""
    tensors = load_file(folder / "model.safetensors")
    tensors["model.embed_tokens.weight"] = tensors["model.embed_tokens.weight"][:900]
    save_file(tensors, folder / "model.safetensors")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"vocab_size": 900}))
    ran = huref("fingerprint", folder)
    assert ran.code == 0
    assert ran.err.count("warning: ") == 1
    assert "100 of its 997 tokens have no row" in ran.err
