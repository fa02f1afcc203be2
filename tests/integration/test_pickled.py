"""Weights of torch.save: read where that is asked for, by a reader that runs nothing; refused otherwise."""

from __future__ import annotations

import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.torch import load_file

import huref
from huref.errors import ModelError
from huref.model import open_model
from huref.place import allow_pickles
from tests.support import models
from tests.support.cli import Here, assert_sentence

torch = pytest.importorskip("torch")


def write(folder: Path, change: Any = lambda tensors: tensors, name: str = "pytorch_model.bin", **how: Any) -> Path:
    """A folder whose weights are pickled."""
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save(change(tensors), folder / name, **how)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return models.network("llama", 1).write(tmp_path / "m")


@pytest.mark.parametrize("wrap", ["plain", "state_dict", "model", "module", "distributed"])
def test_the_same_model(wrap: str, folder: Path) -> None:
    expected = huref.fingerprint(folder)

    def change(tensors: Any) -> Any:
        if wrap == "distributed":
            return {f"module.{name}": values for name, values in tensors.items()}
        return tensors if wrap == "plain" else {wrap: tensors, "epoch": 3}

    write(folder, change, "consolidated.pth" if wrap == "model" else "pytorch_model.bin")
    (folder / "training_args.bin").write_bytes(pickle.dumps(print))
    with allow_pickles():
        assert huref.fingerprint(folder) == expected


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_types_and_shards(dtype: str, folder: Path) -> None:
    def change(tensors: Any) -> Any:
        return {name: values.to(getattr(torch, dtype)) for name, values in tensors.items()}

    write(folder, change)
    with allow_pickles():
        expected = huref.fingerprint(folder)
    whole = torch.load(folder / "pytorch_model.bin", weights_only=True)
    (folder / "pytorch_model.bin").unlink()
    place = {name: f"pytorch_model-{i % 2 + 1:05}-of-00002.bin" for i, name in enumerate(whole)}
    for file in set(place.values()):
        torch.save({name: whole[name] for name in whole if place[name] == file}, folder / file)
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": place}))
    with allow_pickles():
        assert huref.fingerprint(folder) == expected
        (folder / "pytorch_model-00001-of-00002.bin").unlink()
        with pytest.raises(ModelError, match=r"missing, though pytorch_model.bin.index.json"):
            open_model(folder)


def test_only_where_it_is_asked_for(folder: Path, huref: Here) -> None:
    write(folder)
    assert_sentence(huref("fingerprint", folder), 3, "can run code", "--allow-pickle-format")
    for verb in (("fingerprint", folder), ("plan", folder), ("compare", folder, folder)):
        assert huref(*verb, "--allow-pickle-format").code == 0
    assert_sentence(huref("fingerprint", folder), 3, "--allow-pickle-format")


class Attack:
    """What runs when it is unpickled by anything but a reader of tensors."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return (Path.touch, (self.mark,))


@pytest.mark.parametrize("how", ["torch", "archive", "plain"])
def test_no_code_is_run(how: str, folder: Path, tmp_path: Path) -> None:
    mark, file = tmp_path / "mark", folder / "pytorch_model.bin"
    write(folder, lambda tensors: tensors | {"attack": Attack(mark)})
    if how == "plain":
        file.write_bytes(pickle.dumps({"attack": Attack(mark)}))
    elif how == "archive":
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("x/data.pkl", pickle.dumps({"attack": Attack(mark)}))
            archive.writestr("x/version", "3")
    with allow_pickles(), pytest.raises(ModelError, match=r"pytorch_model.bin"):
        open_model(folder)
    assert not mark.exists()


def test_what_is_refused(folder: Path, tmp_path: Path) -> None:
    file = folder / "pytorch_model.bin"
    tensors = load_file(folder / "model.safetensors")
    query = "model.layers.2.self_attn.q_proj.weight"

    def refused(word: str) -> None:
        with allow_pickles(), pytest.raises(ModelError, match=word):
            huref.fingerprint(folder)

    write(folder, _use_new_zipfile_serialization=False)
    refused("since version 1.6")
    torch.save(tensors | {query: tensors[query].t()}, file)
    refused("transposition")
    torch.save(tensors | {query: torch.zeros(1).expand(tensors[query].shape)}, file)
    refused("part or a transposition")
    torch.save(tensors | {query: tensors[query].double()}, file)
    refused("float64")
    torch.save(tensors, file)
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(tmp_path / "x", "w", zipfile.ZIP_DEFLATED) as packed:
        for member in whole.infolist():
            packed.writestr(member.filename, whole.read(member))
    file.write_bytes((tmp_path / "x").read_bytes())
    refused("compressed members")


def test_no_data_is_read_before_it_is_needed(folder: Path) -> None:
    """Of a file that has lost its data, headers are read; matrices are refused."""
    write(folder)
    with allow_pickles():
        model = open_model(folder)
        assert model.layer(0).q.values.dtype == np.float32
        file = folder / "pytorch_model.bin"
        file.write_bytes(file.read_bytes()[:-1000])
        with pytest.raises(ModelError, match="changed while it was read"):
            _ = model.layer(1).q.values
