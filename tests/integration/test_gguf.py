"""Models in GGUF: the same matrices, tokens and fingerprints as those of the folder that they were converted from."""

from __future__ import annotations

import shutil
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
from safetensors.numpy import load_file

import huref.similarity
from huref.errors import ModelError
from huref.model import open_model
from huref.model.formats.gguf import Part
from tests.integration.test_families import CASES, Theirs, as_qwen, write_as
from tests.support import gguf_files, models
from tests.support.cli import Here, assert_sentence
from tests.support.layers import arrays

READ = (
    *("llama", "llama, own heads", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3", "phi3", "olmo", "olmo2"),
    *("stablelm", "stablelm, parallel", "mixtral", "qwen2_moe", "qwen3_moe", "gpt2", "bert", "ministral3", "smollm3"),
    *("granite", "granitemoe", "arcee", "olmoe", "qwen3_next", "seed_oss", "ernie4_5", "ernie4_5_moe", "eurobert"),
    *("gemma3n", "phi", "phimoe", "minimax_m2", "dots1", "glm", "glm4", "glm4_moe", "exaone4", "nemotron", "cohere"),
    *("cohere2", "gpt_oss", "llama4", "hunyuan", "apertus", "starcoder2", "lfm2", "bloom", "gpt_neox"),
    *("deepseek_v2", "deepseek_v2, direct queries", "deepseek_v3", "falcon, new", "falcon, multi-query", "mpt"),
    *("gpt_bigcode", "qwen3_vl_moe", "qwen3_5", "qwen3_5_moe", "kimi_linear", "mimo_v2_flash", "gemma4"),
    *("granitemoeshared", "granitemoehybrid", "granitemoehybrid, without experts", "lfm2_moe"),
    *(
        "t5",
        "t5, gated",
        "umt5",
        "sarvam_moe",
        "exaone",
        "exaone_moe",
        "afmoe",
        "hunyuan_v1_moe",
        "hunyuan_vl",
        "jamba",
    ),
    *("jais2", "nemotron_h", "modernbert", "nomic_bert", "mistral4", "glm_moe_dsa", "step3p5", "falcon_h1"),
)


def assert_same_layers(one: Path, other: Path) -> None:
    a, b = open_model(one), open_model(other)
    assert a.architecture == b.architecture
    assert a.readable == b.readable
    for index in a.readable:
        first, second = arrays(a.layer(index)), arrays(b.layer(index))
        assert first.keys() == second.keys()
        for name, values in first.items():
            assert (values is None) == (second[name] is None)
            pairs = zip(values, second[name], strict=True) if isinstance(values, list) else [(values, second[name])]
            for expected, found in pairs:
                if expected is not None:
                    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7, err_msg=name)


@pytest.mark.parametrize("name", READ)
def test_matrices_are_those_of_the_folder(name: str, tmp_path: Path) -> None:
    """Of models of transformers, whose names the package's own table turns into those of GGUF."""
    case = CASES[name]
    if name == "llama4":  # which layers have positions is no part of the metadata
        case = replace(case, fields=case.fields | {"no_rope_layers": [1, 1]})
    folder = Theirs(case).save(tmp_path / "m")
    assert_same_layers(folder, gguf_files.write(folder, tmp_path / "m.gguf"))


def test_what_falcon_h1_multiplies_by_is_in_its_matrices(tmp_path: Path) -> None:
    """Which changes no term but for its size."""
    factors = {"attention_in_multiplier": 0.5, "attention_out_multiplier": 3.0, "key_multiplier": 0.25}
    factors |= {"mlp_multipliers": [2.0, 0.125], "embedding_multiplier": 5.0}
    case = CASES["falcon_h1"]
    sizes = {"hidden_size": 64, "vocab_size": 600}
    folder = Theirs(replace(case, fields=case.fields | factors | sizes)).save(tmp_path / "m")
    (folder / "tokenizer.json").write_text(models.trained("bert", 600))
    file = gguf_files.write(folder, tmp_path / "m.gguf")
    one, other = huref.fingerprint(folder), huref.fingerprint(file)
    assert huref.similarity.cosine(one.vector, other.vector) > 0.9999


def test_the_first_generation_of_bailing(tmp_path: Path) -> None:
    """Without norms on heads; the converter takes q, k and v apart."""
    case = CASES["sarvam_moe"]
    folder = Theirs(replace(case, fields=case.fields | {"first_k_dense_replace": 0})).save(tmp_path / "m")
    tensors = load_file(folder / "model.safetensors")
    norms = ("query_layernorm.weight", "key_layernorm.weight")
    models.write_weights(folder, {name: t for name, t in tensors.items() if not name.endswith(norms)})
    assert_same_layers(folder, gguf_files.write(folder, tmp_path / "m.gguf", arch=gguf.MODEL_ARCH.BAILINGMOE))


def test_the_first_generation_of_qwen(tmp_path: Path) -> None:
    net = models.network("llama", 1, kv_heads=4)
    folder = write_as("qwen", as_qwen, net, tmp_path / "m")
    assert_same_layers(folder, gguf_files.write(folder, tmp_path / "m.gguf"))


def test_the_encoder_of_t5(tmp_path: Path) -> None:
    import transformers

    config = transformers.T5Config(**CASES["t5"].fields)
    transformers.T5EncoderModel(config).save_pretrained(tmp_path / "m")
    file = gguf_files.write(tmp_path / "m", tmp_path / "m.gguf", arch=gguf.MODEL_ARCH.T5ENCODER)
    assert_same_layers(tmp_path / "m", file)


def test_heads_of_layers_with_a_sliding_window_do_not_count(tmp_path: Path) -> None:
    """As in Step 3.5, whose metadata has the heads of each layer."""
    folder = Theirs(CASES["step3p5"]).save(tmp_path / "m")
    numbers = (gguf.GGUFValueType.ARRAY, gguf.GGUFValueType.UINT32)
    windows = ([True, False], gguf.GGUFValueType.ARRAY, gguf.GGUFValueType.BOOL)
    changes = {"head_count": ([6, 4], *numbers), "head_count_kv": ([3, 2], *numbers), "sliding_window_pattern": windows}
    changes = {f"step35.attention.{name}": value for name, value in changes.items()}
    assert_same_layers(folder, gguf_files.write(folder, tmp_path / "m.gguf", **changes))


@pytest.mark.parametrize("arch", ["INTERNLM2", "BAICHUAN", "XVERSE", "PANGU_EMBED", "MINICPM", "LLAMA_EMBED"])
def test_llama_under_other_names(arch: str, tmp_path: Path) -> None:
    folder = models.network("llama", 1).write(tmp_path / "m")
    assert_same_layers(folder, gguf_files.write(folder, tmp_path / "m.gguf", arch=gguf.MODEL_ARCH[arch]))


def test_heads_of_layers_without_attention_say_nothing(tmp_path: Path) -> None:
    """Hybrids have 0 there."""
    folder = models.network("llama", 1, layers=3).write(tmp_path / "m")
    kind = (gguf.GGUFValueType.ARRAY, gguf.GGUFValueType.UINT32)
    file = gguf_files.write(folder, tmp_path / "m.gguf", **{"llama.attention.head_count_kv": ([0, 2, 2], *kind)})
    assert_same_layers(folder, file)


def test_tensors_that_a_layout_does_not_have_are_refused(tmp_path: Path) -> None:
    """As gemma4's experts beside its feed-forward block: what is read without them would be something else."""
    folder = Theirs(CASES["gemma4"]).save(tmp_path / "m")
    file = gguf_files.write(folder, tmp_path / "m.gguf")
    assert open_model(file).readable == (0, 1)
    reader = gguf.GGUFReader(file)
    writer = gguf.GGUFWriter(tmp_path / "more.gguf", "gemma4")
    for name, part in reader.fields.items():
        if name.startswith("gemma4."):
            writer.add_key_value(name, part.contents(), *part.types)
    for tensor in reader.tensors:
        writer.add_tensor(tensor.name, tensor.data)
    writer.add_tensor("blk.0.pre_ffw_norm_2.weight", np.ones(48, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with pytest.raises(ModelError, match=r"layers\.0\.pre_ffw_norm_2.* is nothing that a gemma4 model has"):
        open_model(tmp_path / "more.gguf").layer(0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return models.network("llama", 1).write(tmp_path_factory.mktemp("folder") / "m")


@pytest.mark.parametrize("family", models.FAMILIES)
def test_tokens_and_fingerprint_are_those_of_the_folder(family: str, tmp_path: Path) -> None:
    folder = models.network(family, 2).write(tmp_path / "m")
    file = gguf_files.write(folder, tmp_path / "m.gguf")
    assert sorted(open_model(file).vocabulary()[0], key=lambda token: token.id) == sorted(
        open_model(folder).vocabulary()[0], key=lambda token: token.id
    )
    assert huref.fingerprint(file) == huref.fingerprint(folder)


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        ("F16", 0.99999),
        ("BF16", 0.999),
        ("Q8_0", 0.999),
        ("Q5_1", 0.98),
        ("Q5_0", 0.98),
        ("Q4_1", 0.93),
        ("Q4_0", 0.93),
    ],
)
def test_quantised_copies(kind: str, least: float, folder: Path, tmp_path: Path) -> None:
    file = gguf_files.write(folder, tmp_path / "m.gguf", kind)
    found, expected = huref.fingerprint(file), huref.fingerprint(folder)
    assert least <= huref.similarity.cosine(found.vector, expected.vector) < 1


#: All types that the package makes numbers of.
TYPES = [
    kind.name for kind in gguf.GGMLQuantizationType if kind in gguf.quants._type_traits or kind.name in ("F32", "F16")
]


@pytest.mark.parametrize("kind", TYPES)
def test_values_of_every_type(kind: str, tmp_path: Path) -> None:
    """Random blocks, against the package's own reader; rows in any order are those of the whole."""
    type_ = gguf.GGMLQuantizationType[kind]
    entries, size = gguf.GGML_QUANT_SIZES[type_]
    data = np.random.default_rng(5).integers(0, 100, (40, size * (512 // entries)), dtype=np.uint8)
    writer = gguf.GGUFWriter(tmp_path / "x.gguf", "llama")
    writer.add_tensor("x.weight", data, raw_dtype=type_)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    (theirs,) = gguf.GGUFReader(tmp_path / "x.gguf").tensors
    expected = gguf.dequantize(np.asarray(theirs.data), theirs.tensor_type)
    tensor = Part(tmp_path / "x.gguf").entry("x.weight").tensor()
    np.testing.assert_array_equal(tensor.read().astype(np.float32), expected)
    ids = np.array([3, 4, 39, 0, 3])
    np.testing.assert_array_equal(tensor.rows(ids).astype(np.float32), expected[ids])


def test_parts_and_folders(folder: Path, tmp_path: Path) -> None:
    """A file in parts, by any of them or by its folder; a folder with one file, beside it what belongs to pictures."""
    expected = huref.fingerprint(folder)
    (tmp_path / "parts").mkdir()
    first = gguf_files.write(folder, tmp_path / "parts" / "m.gguf", parts=3)
    last = first.with_name("m-00003-of-00003.gguf")
    assert huref.fingerprint(first) == huref.fingerprint(last) == huref.fingerprint(first.parent) == expected
    (first.parent / "mmproj-m.gguf").write_bytes(b"GGUF")
    assert huref.fingerprint(first.parent) == expected
    last.unlink()
    with pytest.raises(ModelError, match=r"00003-of-00003.gguf: missing"):
        huref.fingerprint(first)


def test_several_models_in_a_folder(folder: Path, tmp_path: Path, huref: Here) -> None:
    (tmp_path / "m").mkdir()
    file = gguf_files.write(folder, tmp_path / "m" / "a.gguf")
    shutil.copy(file, file.with_name("b.gguf"))
    assert_sentence(huref("fingerprint", file.parent), 3, "2 GGUF models", "a.gguf, b.gguf", "give the file")


def test_every_verb(folder: Path, tmp_path: Path, huref: Here) -> None:
    """A copy is found, and a proof of a GGUF model names it."""
    file = gguf_files.write(folder, tmp_path / "m.gguf", "Q8_0")
    ran = huref("compare", folder, file, "--json")
    assert ran.code == 0
    assert '"related"' in ran.out
    assert huref("commit", file, "-o", tmp_path / "c.json", "--opening", tmp_path / "o.json").code == 0
    ran = huref("prove", file, "--opening", tmp_path / "o.json", "-o", tmp_path / "b.json")
    assert ran.code == 0
    assert "m.gguf" in huref("inspect", tmp_path / "b.json").out
    assert huref("verify", tmp_path / "b.json", "--weights", file).code == 0


# What is refused


def _head(*parts: bytes) -> bytes:
    return b"GGUF" + struct.pack("<I", 3) + b"".join(parts)


def _string(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()


REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"GGUF", "truncated"),
    "version 1": (b"GGUF" + struct.pack("<I", 1), "version 1"),
    "big-endian": (b"GGUF" + struct.pack(">I", 3) + bytes(16), "big-endian"),
    "more tensors than any": (_head(struct.pack("<QQ", 1 << 40, 0)), "tensors"),
    "more entries than any": (_head(struct.pack("<QQ", 0, 1 << 40)), "more than"),
    "long string": (_head(struct.pack("<QQQ", 0, 1, 1 << 62)), "truncated"),
    "long list": (
        _head(struct.pack("<QQ", 0, 1), _string("a"), struct.pack("<IIQ", 9, 4, 1 << 60)),
        "more than",
    ),
    "list of lists": (_head(struct.pack("<QQ", 0, 1), _string("a"), struct.pack("<IIQ", 9, 9, 1)), "type 9"),
    "unknown type": (_head(struct.pack("<QQ", 0, 1), _string("a"), struct.pack("<I", 99)), "type 99"),
    "twice": (_head(struct.pack("<QQ", 0, 2), (_string("a") + struct.pack("<IB", 0, 0)) * 2), "twice"),
    "no architecture": (_head(struct.pack("<QQ", 0, 0)), "general.architecture"),
    "unknown architecture": (
        _head(struct.pack("<QQ", 0, 1), _string("general.architecture"), struct.pack("<I", 8), _string("rwkv9")),
        "'rwkv9'",
    ),
    "alignment": (_head(struct.pack("<QQ", 0, 1), _string("general.alignment"), struct.pack("<II", 4, 0)), "alignment"),
    "axes": (_head(struct.pack("<QQ", 1, 0), _string("a"), struct.pack("<I", 9)), "9 axes"),
    "no entries": (_head(struct.pack("<QQ", 1, 0), _string("a"), struct.pack("<IQIQ", 1, 0, 0, 0)), "no entries"),
    "type of tensor": (_head(struct.pack("<QQ", 1, 0), _string("a"), struct.pack("<IQIQ", 1, 8, 77, 0)), "number 77"),
    "blocks": (_head(struct.pack("<QQ", 1, 0), _string("a"), struct.pack("<IQIQ", 1, 8, 2, 0)), "blocks of 32"),
    "beyond the file": (_head(struct.pack("<QQ", 1, 0), _string("a"), struct.pack("<IQIQ", 1, 8, 0, 0)), "truncated"),
    "huge": (_head(struct.pack("<QQ", 1, 0), _string("a"), struct.pack("<IQQIQ", 2, 1 << 63, 1 << 63, 0, 0)), "trunc"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_headers_that_make_no_sense(case: str, tmp_path: Path, huref: Here) -> None:
    data, word = REFUSED[case]
    (tmp_path / "m.gguf").write_bytes(data)
    assert_sentence(huref("fingerprint", tmp_path / "m.gguf"), 3, "m.gguf", word)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"llama.attention.head_count": (3, gguf.GGUFValueType.UINT32)}, "64 rows for 3 heads"),
        ({"llama.block_count": (9, gguf.GGUFValueType.UINT32)}, "model.layers.8"),
        ({"tokenizer.ggml.model": ("rwkv", gguf.GGUFValueType.STRING)}, "tokenizer of the kind 'rwkv'"),
        ({"llama.embedding_length": (-5, gguf.GGUFValueType.INT32)}, "hidden_size"),
    ],
)
def test_metadata_that_does_not_fit(
    changes: dict[str, Any], word: str, folder: Path, tmp_path: Path, huref: Here
) -> None:
    file = gguf_files.write(folder, tmp_path / "m.gguf", **changes)
    assert_sentence(huref("fingerprint", file), 3, "m.gguf", word)


def test_types_that_the_package_cannot_read(tmp_path: Path) -> None:
    """Named where such a matrix is used, and no parameter."""
    folder = models.network("llama", 1).write(tmp_path / "m")
    file = gguf_files.write(folder, tmp_path / "m.gguf")
    data = bytearray(file.read_bytes())
    name = b"blk.2.attn_q.weight"
    at = data.index(name) + len(name) + 4 + 16
    assert data[at : at + 4] == struct.pack("<I", 0)
    data[at : at + 4] = struct.pack("<I", gguf.GGMLQuantizationType.I32)
    file.write_bytes(data)
    model = open_model(file)
    assert "layers.2.self_attn.q_proj.weight" not in model.parameters()
    with pytest.raises(ModelError, match=r"attn_q.weight.*its type, I32, cannot be read"):
        model.layer(2)
