"""Quantised checkpoints with settings, headers and bytes changed at random: each is read or refused, none breaks."""

from __future__ import annotations

import copy
import json
import math
import random
import struct
from pathlib import Path
from typing import Any

import pytest

from huref.errors import ModelError
from huref.model import open_model
from tests.support import models, quantisers

ROUNDS = 40
VALUES: tuple[Any, ...] = (
    *(None, 0, -1, 1, 3, 8, 10**9, 1.5, True, "x", [], [0, 0], [1, 1], [10**9] * 2, {}),
    {"group_0": {"format": "x"}},
)
FIELDS = (
    "bits",
    "group_size",
    "mode",
    "quant_algo",
    "weight_block_size",
    "format",
    "config_groups",
    "checkpoint_format",
    "version",
)
#: Types of safetensors by the bytes of a number.
TYPES = {1: ("I8", "U8", "F8_E4M3"), 2: ("F16", "BF16"), 4: ("I32", "U32", "F32"), 8: ("I64",)}


def mutated(rng: random.Random, config: Any, header: Any, body: bytes) -> tuple[Any, Any, bytes]:
    """One thing changed."""
    config, header, data = copy.deepcopy(config), copy.deepcopy(header), bytearray(body)
    names = [name for name in header if "_proj" in name]
    entry = header[name := rng.choice(names)]
    start, end = entry["data_offsets"]
    match rng.randrange(6):
        case 0:
            settings = config["quantization_config"]
            settings[rng.choice([*settings, *FIELDS])] = rng.choice(VALUES)
        case 1:
            shape = entry["shape"]
            entry["shape"] = rng.choice([[], [math.prod(shape)], shape[::-1], [1, *shape], [*shape, 1]])
        case 2:
            same = next(types for types in TYPES.values() if entry["dtype"] in types)
            entry["dtype"] = rng.choice(same)
        case 3:
            header[name + rng.choice(["x", ".SCB", "_scale"])] = header.pop(name)
        case 4 if end > start:
            for _ in range(rng.randrange(1, 20)):
                data[rng.randrange(start, end)] = rng.randrange(256)
        case _:
            other = rng.choice(names)
            header[name], header[other] = header[other], header[name]
    return config, header, bytes(data)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", quantisers.FORMATS)
def test_read_or_refused(name: str, tmp_path: Path) -> None:
    network = models.network("llama", 1, hidden=32, heads=2, ffn=64, layers=1)
    folder = tmp_path / "m"
    quantisers.quantise(network.write(tmp_path / "plain"), folder, name)
    config, whole = json.loads((folder / "config.json").read_text()), (folder / "model.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", whole[:8])
    header, body = json.loads(whole[8 : 8 + length]), whole[8 + length :]
    rng, refused = random.Random(name), 0
    for _ in range(ROUNDS):
        settings, entries, data = mutated(rng, config, header, body)
        text = json.dumps(entries).encode()
        (folder / "config.json").write_text(json.dumps(settings))
        (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
        try:
            model = open_model(folder)
            for parameter in model.parameters():
                list(model.parameter(parameter, 1 << 20))
            model.layer(0)
        except ModelError:
            refused += 1
    assert 0 < refused < ROUNDS
