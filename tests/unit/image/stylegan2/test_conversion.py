"""Public checkpoints: read without running anything, and the generator in them is the one that was written."""

from __future__ import annotations

import os
import pickle
import struct
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from huref.errors import InputError, NotFoundError
from huref.image.stylegan2 import checkpoint, conversion, pickles
from huref.image.stylegan2.design import Design
from huref.image.stylegan2.generator import Generator
from tests.support import checkpoints, generators

#: Modifier to a bias of a style: what TensorFlow keeps is one less, which is not exact.
CLOSE = 1e-6
CLAMPED = generators.made(replace(generators.SMALL, clamp=256.0))


def converted(folder: Path, data: bytes) -> Generator:
    path = folder / "network.pkl"
    path.write_bytes(data)
    return conversion.convert(path)


@pytest.mark.parametrize("protocol", [3, 4])
@pytest.mark.parametrize("generator", [generators.made(), CLAMPED], ids=["free", "clamped"])
def test_checkpoints_for_torch(generator: Generator, protocol: int, tmp_path: Path) -> None:
    found = converted(tmp_path, checkpoints.for_torch(generator, protocol=protocol))
    assert found.design == generator.design
    assert all(np.array_equal(found.weights[name], weight) for name, weight in generator.weights.items())
    assert Generator.from_bytes(found.to_bytes(), "file").design == generator.design
    assert found.recipe["converted"].keys() == {"sha256"}
    assert not Path("/tmp/ran").exists()


@pytest.mark.parametrize("protocol", [3, 4])
def test_checkpoints_for_tensorflow(protocol: int, tmp_path: Path) -> None:
    generator = generators.made()
    found = converted(tmp_path, checkpoints.for_tensorflow(generator, protocol=protocol))
    assert found.design == generator.design
    for name, weight in generator.weights.items():
        assert np.abs(found.weights[name] - weight).max() <= (CLOSE if name.endswith("affine.bias") else 0), name


def test_a_file_is_converted_to_the_same_bytes_every_time(tmp_path: Path) -> None:
    data = checkpoints.for_torch(CLAMPED)
    assert converted(tmp_path, data).to_bytes() == converted(tmp_path, data).to_bytes()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"mapping": {"c_dim": 10}}, "labels"),
        ({"synthesis.b8": {"architecture": "resnet"}}, "'resnet'"),
        ({"synthesis.b16": {"architecture": "orig"}}, "'orig'"),
        ({"synthesis.b8.conv0": {"activation": "relu"}}, "'relu'"),
        ({"synthesis.b8.conv0": {"use_noise": False}}, "use_noise"),
        ({"mapping.fc1": {"bias_gain": 1.0}}, "bias_gain"),
        ({"synthesis.b8.conv1": {"conv_clamp": 128.0}}, "different sizes"),
    ],
)
def test_generators_of_other_kinds(changes: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=words):
        converted(tmp_path, checkpoints.for_torch(CLAMPED, changes))


def test_generators_of_other_inputs(tmp_path: Path) -> None:
    weights = generators.made().weights
    narrow = generators.made()
    object.__setattr__(narrow, "weights", weights | {"mapping.fc0.weight": np.ones((10, 64), np.float32)})
    for data in (checkpoints.for_torch(narrow), checkpoints.for_tensorflow(narrow)):
        with pytest.raises(InputError, match="takes 64 numbers, and a fingerprint has 512"):
            converted(tmp_path, data)
    labels = checkpoints.for_tensorflow(generators.made(), {"LabelConcat/weight": np.ones(3, np.float32)})
    with pytest.raises(InputError, match="labels"):
        converted(tmp_path, labels)
    residual = checkpoints.for_tensorflow(generators.made(), {"8x8/Skip/weight": np.ones(3, np.float32)})
    with pytest.raises(InputError, match="resnet"):
        converted(tmp_path, residual)


def test_tensors_that_are_no_numbers(tmp_path: Path) -> None:
    broken = generators.made()
    const = np.full_like(broken.weights["synthesis.b4.const"], np.inf)
    object.__setattr__(broken, "weights", broken.weights | {"synthesis.b4.const": const})
    with pytest.raises(InputError, match="no number"):
        converted(tmp_path, checkpoints.for_torch(broken))


class Runs:
    """Whoever loads it runs a command."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> Any:
        return self.call


def op(*parts: bytes) -> bytes:
    return b"\x80\x04" + b"".join(parts)


MARKER = "/tmp/huref-ran"
COMMAND = f"touch {MARKER}"
HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "text": b"not a pickle",
    "os.system": pickle.dumps({"G_ema": Runs(os.system, COMMAND)}),
    "os.system, protocol 0": pickle.dumps({"G_ema": Runs(os.system, COMMAND)}, 0),
    "eval": pickle.dumps({"G_ema": Runs(eval, COMMAND)}),
    "getattr": pickle.dumps(Runs(getattr, "x", "upper")),
    "a module's function": b"cposix\nsystem\n(S'" + COMMAND.encode() + b"'\ntR.",
    "stacked name": op(b"\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R."),
    "name without text": op(b"K\x01K\x02\x93."),
    "name with dots": op(b"\x8c\x0btorch._utils\x8c\x1b_rebuild_tensor_v2.__globals__\x93."),
    "instance": b"(ios\nsystem\n.",
    "extension": op(b"\x82\x01."),
    "bomb of calls": op(b"ccollections\nOrderedDict\n" + b")R" * 1000 + b"."),
    "call of a value": op(b"K\x01)R."),
    "call without a row": op(b"ccollections\nOrderedDict\nK\x01R."),
    "state of a dict": op(b"}}b."),
    "entries of a number": op(b"K\x01K\x02K\x03s."),
    "key without a value": op(b"}(K\x01u."),
    "key that is a list": op(b"}]K\x01s."),
    "key that is a row": op(b"}" + b")" + b"\x85" * 100_000 + b"K\x01s."),
    "set of rows": op(b"\x8f(" + b")" + b"\x85" * 100_000 + b"\x90."),
    "recursion": op(b")" + b"\x85" * 500_000 + b"."),
    "recursion in lists": op(b"]" * 300_000 + b"a" * 299_999 + b"."),
    "list in itself": op(b"]\x94h\x00a."),
    "too many operations": op(b"N0" * (pickles.MAX_OPERATIONS // 2 + 1) + b"N."),
    "huge memo": op(b"Nr\xff\xff\xff\xff."),
    "memo that is not there": op(b"j\x07\x00\x00\x00."),
    "huge bytes": op(b"\x8e" + struct.pack("<Q", 1 << 62) + b"x."),
    "huge text": op(b"\x8d" + struct.pack("<Q", (1 << 63) - 1) + b"x."),
    "huge frame": op(b"\x95" + struct.pack("<Q", 1 << 62) + b"N."),
    "long integer": op(b"\x8b" + struct.pack("<i", 1 << 20) + b"\x7f" * (1 << 20) + b"."),
    "integer of 200 bytes": op(b"\x8a\xc8" + b"\x7f" * 200 + b"."),
    "decimal integer": b"L" + b"9" * 1_000_000 + b"L\n.",
    "truncated": checkpoints.for_torch(CLAMPED)[:-200],
    "nothing on the stack": op(b"0."),
    "mark as a value": op(b"(."),
    "no mark": op(b"NNt."),
    "two values": op(b"NN."),
    "persistent id": op(b"K\x07Q."),
    "persistent id as a generator": op(b"}\x8c\x05G_emaK\x07Qs."),
    "a tuple": pickle.dumps((1, 2, 3)),
    "no generator": pickle.dumps({"G": 1}),
    "generator is a number": pickle.dumps({"G_ema": 1}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "MAX_BYTES", 16 << 20)  # room for so much is taken before a file is read
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"network\.pkl: not a checkpoint of StyleGAN2 that can be used \(.+\)$"):
            converted(tmp_path, HOSTILE[name])
        assert tracemalloc.get_traced_memory()[1] < 300e6
    finally:
        tracemalloc.stop()
    assert not Path(MARKER).exists()


FLOATS = generators.made().weights["mapping.fc0.weight"].ravel()
GOOD = checkpoints.storage(FLOATS)


def inner(*values: object, body: bytes = b"") -> bytes:
    """A row of pickles, as torch writes it, with other values."""
    return b"".join(pickle.dumps(value, 2) for value in values) + body


@pytest.mark.parametrize(
    "data",
    [
        b"",
        GOOD[:40],
        GOOD[:-4],
        GOOD + b"\0\0\0\0",
        checkpoints.storage(FLOATS.astype(np.float64)),
        checkpoints.storage(FLOATS.astype(np.int64)),
        pickle.dumps(Runs(os.system, COMMAND)),
        inner(0x1950A86A20F9469CFC6C, 1001, {}, Runs(os.system, COMMAND), []),
        inner(0x1950A86A20F9469CFC6C, 1001, Runs(os.system, COMMAND)),
        inner(0x1950A86A20F9469CFC6C, 1001, {}, 7, []),
        inner(0x1950A86A20F9469CFC6C, 1002, {}, 7, []),
    ],
    ids=range(11),
)
def test_hostile_numbers_inside(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"pickle|numbers|operation|expected"):
        checkpoint._storage(data)
    assert not Path(MARKER).exists()


def test_numbers_inside() -> None:
    assert np.array_equal(checkpoint._storage(GOOD), FLOATS)
    part = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)[:, 1:, ::2].transpose(0, 2)
    assert np.array_equal(checkpoint._view(np.arange(24, dtype=np.float32), 4, (2, 2, 2), part.stride()), part)


@pytest.mark.parametrize(
    ("offset", "size", "stride"),
    [
        (0, (1 << 30, 1 << 30), (0, 0)),
        (0, (25,), (0,)),
        (1, (24,), (1,)),
        (-1, (2,), (1,)),
        (0, (2,), (-1,)),
        (0, (2, 2), (1,)),
        (0, (2, 2), (1, 1 << 62)),
        (0, (0, 5), (1, 1)),
        (0, [2], (1,)),
        (0, (True,), (1,)),
        (0, (1,) * 5, (1,) * 5),
    ],
)
def test_shapes_that_are_none(offset: int, size: Any, stride: Any) -> None:
    with pytest.raises(ValueError, match=r"shape|larger"):
        checkpoint._view(np.arange(24, dtype=np.float32), offset, size, stride)


def test_files_that_are_missing_or_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFoundError):
        conversion.convert(tmp_path / "none.pkl")
    monkeypatch.setattr(checkpoint, "MAX_BYTES", 100)
    with pytest.raises(InputError, match="network"):
        converted(tmp_path, checkpoints.for_torch(CLAMPED))


def test_every_change_of_a_byte_is_refused_or_read(tmp_path: Path) -> None:
    """No damaged file ends in an error that is not a refusal."""
    data = checkpoints.for_torch(generators.made(Design((2, 2), latent=2, layers=1)))
    rng = np.random.default_rng(5)
    for _ in range(300):
        damaged = bytearray(data)
        for place in rng.integers(len(data), size=3):
            damaged[place] = rng.integers(256)
        try:
            found = checkpoint.torch_generator(checkpoint.read(bytes(damaged)))
            if found is not None:
                conversion._of_torch(found)
        except ValueError:
            pass
    assert not Path("/tmp/ran").exists()
