"""Files of GGUF, of torch.save and of adapters with bytes and fields changed at random: each is read or refused, none
breaks the program, takes more memory than its bytes allow, or runs what is in it.
"""

from __future__ import annotations

import json
import pickle
import random
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from huref.errors import ModelError
from huref.model import open_model
from huref.place import allow_pickles
from tests.support import adapters, gguf_files, models

ROUNDS = 150
#: Bytes for a model of some hundred kilobytes, whatever its header claims.
MEMORY = 64 << 20
#: Numbers that break what trusts them.
NUMBERS = (0, 1, 2, 8, 9, 31, 255, 1 << 16, 1 << 31, (1 << 32) - 1, 1 << 40, 1 << 62, (1 << 63) - 1, (1 << 64) - 1)


def network() -> models.Network:
    return models.network("llama", 1, hidden=32, heads=2, ffn=64, layers=1, vocab=320)


def spoiled(rng: random.Random, data: bytes, header: int) -> bytes:
    """One to three changes, most of them in the header."""
    changed = bytearray(data)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(min(header, len(changed)) if rng.random() < 0.8 else len(changed))
        match rng.randrange(5):
            case 0:
                changed[at] = rng.randrange(256)
            case 1:
                size = rng.choice((4, 8))
                changed[at : at + size] = (rng.choice(NUMBERS) % (1 << 8 * size)).to_bytes(size, "little")
            case 2:
                del changed[at : at + rng.randrange(1, 60)]
            case 3:
                changed[at:at] = changed[at : at + rng.randrange(1, 60)]
            case _:
                changed = changed[: at + 1] if rng.random() < 0.3 else changed
    return bytes(changed)


def read_all(path: Path | str) -> None:
    model = open_model(path)
    for name in model.parameters():
        list(model.parameter(name, 1 << 20))
    model.layer(0)
    model.vocabulary()


def rounds(read: Callable[[], None], spoil: Callable[[random.Random], None], seed: str) -> int:
    """How many of the changed files were refused."""
    read()  # imports are no part of what is measured
    rng, refused = random.Random(seed), 0
    for _ in range(ROUNDS):
        spoil(rng)
        tracemalloc.start()
        try:
            read()
        except ModelError:
            refused += 1
        finally:
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert most < MEMORY
    return refused


@pytest.mark.parametrize("kind", ["F32", "Q8_0", "Q4_1"])
def test_gguf(kind: str, tmp_path: Path) -> None:
    file = gguf_files.write(network().write(tmp_path / "m"), tmp_path / "m.gguf", kind)
    data = file.read_bytes()
    start = data.rindex(b"output_norm.weight") + 100

    def spoil(rng: random.Random) -> None:
        file.write_bytes(spoiled(rng, data, start))

    assert 0 < rounds(lambda: read_all(file), spoil, kind) < ROUNDS


def test_torch_save(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    folder = network().write(tmp_path / "m")
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save(tensors, folder / "pytorch_model.bin")
    data = (folder / "pytorch_model.bin").read_bytes()
    start = data.index(b"data.pkl")
    end = data.index(b"PK\x03\x04", start)
    mark = tmp_path / "mark"
    touch = pickle.dumps(Path(mark))[:-1]

    def spoil(rng: random.Random) -> None:
        changed = bytearray(data)
        for _ in range(rng.randrange(1, 5)):  # the pickle keeps its size, so that it is parsed
            at = rng.randrange(start, end)
            changed[at] = rng.randrange(256)
        if rng.random() < 0.2:
            at = rng.randrange(start, end - len(touch))
            changed[at : at + len(touch)] = touch
        whole = rng.random() < 0.3
        (folder / "pytorch_model.bin").write_bytes(spoiled(rng, data, len(data)) if whole else bytes(changed))

    with allow_pickles():
        refused = rounds(lambda: read_all(folder), spoil, "torch")
    assert 0 < refused <= ROUNDS
    assert not mark.exists()


VALUES: tuple[Any, ...] = (None, 0, -1, 1, 2, 1e9, 1.5, True, "x", [], [1], {}, {"q_proj": 2}, {"(": 1}, {"x": "y"})


def test_adapters(tmp_path: Path) -> None:
    base = network().write(tmp_path / "base")
    adapters.write(base, tmp_path / "a", ("q_proj", "up_proj", "embed_tokens"))
    weights, config = tmp_path / "a" / "adapter_model.safetensors", tmp_path / "a" / "adapter_config.json"
    data, fields = weights.read_bytes(), json.loads(config.read_text())
    header = 8 + int.from_bytes(data[:8], "little")
    names = (
        "r",
        "lora_alpha",
        "rank_pattern",
        "alpha_pattern",
        "use_rslora",
        "fan_in_fan_out",
        "peft_type",
        "use_dora",
    )

    def spoil(rng: random.Random) -> None:
        changed = dict(fields)
        if rng.random() < 0.5:
            changed[rng.choice(names)] = rng.choice(VALUES)
        config.write_text(json.dumps(changed))
        weights.write_bytes(spoiled(rng, data, header) if rng.random() < 0.6 else data)

    assert 0 < rounds(lambda: read_all(f"{base}+{tmp_path / 'a'}"), spoil, "adapter") < ROUNDS


def test_indices(tmp_path: Path) -> None:
    """An index of pickled shards cannot lead out of its folder."""
    folder = network().write(tmp_path / "m")
    (folder / "model.safetensors").rename(tmp_path / "elsewhere.bin")

    def names() -> Iterator[str]:
        yield from ("../elsewhere.bin", str(tmp_path / "elsewhere.bin"), "x/../../elsewhere.bin", "", "a\n.bin")

    for name in names():
        place = {"model.norm.weight": name}
        (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": place}))
        with allow_pickles(), pytest.raises(ModelError, match="is not the plain name"):
            open_model(folder)
