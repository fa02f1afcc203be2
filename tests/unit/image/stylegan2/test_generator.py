"""The file of a generator: what is written is read, and nothing else is."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from huref.errors import InputError, NotFoundError
from huref.image.stylegan2 import generator as generators
from huref.image.stylegan2.design import Design
from huref.image.stylegan2.generator import Generator
from tests.support.generators import SMALL, file, made

FACTS = json.loads(json.loads(file()[8 : 8 + int.from_bytes(file()[:8], "little")])["__metadata__"]["huref"])


def written(weights: dict[str, Any] | None = None, **facts: Any) -> bytes:
    """The file of the small generator with other tensors or facts; a fact that is None is left out."""
    changed = {key: value for key, value in (FACTS | facts).items() if value is not None or key == "clamp"}
    return bytes(save(made().weights | (weights or {}), metadata={"huref": json.dumps(changed)}))


def test_what_is_written_is_read() -> None:
    found = Generator.from_bytes(file(), "file")
    assert found.sha256 == hashlib.sha256(file()).hexdigest()
    assert (found.design, found.recipe) == (SMALL, {"made": "at random"})
    assert found.weights.keys() == made().weights.keys()
    assert all(np.array_equal(found.weights[name], weight) for name, weight in made().weights.items())
    assert found.to_bytes() == file()
    assert written() == written()
    clamped = Generator(replace(SMALL, clamp=256.0), made().weights, {})
    assert Generator.from_bytes(clamped.to_bytes(), "file").design.clamp == 256.0


NAME = "synthesis.b4.const"
WRONG: dict[str, bytes] = {
    "empty": b"",
    "text": b"not a generator",
    "cut": file()[:-1],
    "longer": file() + b"\0",
    "header too long": (1 << 40).to_bytes(8, "little") + file()[8:],
    "no facts": bytes(save(made().weights)),
    "facts are no JSON": bytes(save(made().weights, metadata={"huref": "{"})),
    "facts nest without end": bytes(save(made().weights, metadata={"huref": "[" * 100_000})),
    "facts are a list": bytes(save(made().weights, metadata={"huref": "[]"})),
    "other format": written(format="huref/stylegan2-generator/v2"),
    "no resolution": written(resolution=None),
    "other resolution": written(resolution=32),
    "resolution is true": written(resolution=True),
    "channels are a number": written(channels=12),
    "channels are text": written(channels="12"),
    "no channels": written(channels=[], resolution=2),
    "too many blocks": written(channels=[1] * 10, resolution=2048),
    "channels below one": written(channels=[12, 8, 0]),
    "channels beyond": written(channels=[12, 8, 1025]),
    "other channels": written(channels=[12, 8, 7]),
    "latent is a fraction": written(latent=10.0),
    "layers": written(layers=17),
    "no layers": written(layers=0),
    "clamp": written(clamp=-1.0),
    "clamp is text": written(clamp="256"),
    "clamp is no number": written(clamp=float("nan")),
    "double precision": written({NAME: made().weights[NAME].astype(np.float64)}),
    "other shape": written({NAME: made().weights[NAME][:, :, :3]}),
    "one tensor more": written({"synthesis.b4.conv0.weight": made().weights[NAME]}),
    "no number": written({NAME: np.full_like(made().weights[NAME], np.nan)}),
    "infinite": written({NAME: np.full_like(made().weights[NAME], np.inf)}),
    "one tensor less": bytes(
        save({k: v for k, v in made().weights.items() if k != NAME}, metadata={"huref": json.dumps(FACTS)})
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_generator(name: str) -> None:
    with pytest.raises(InputError, match=r"^G\.safetensors: not a generator of huref \(.{4,}\)$"):
        Generator.from_bytes(WRONG[name], "G.safetensors")


def test_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "G.safetensors"
    with pytest.raises(NotFoundError):
        generators.read(path)
    path.write_bytes(file())
    assert generators.read(path).design == SMALL
    monkeypatch.setattr(generators, "MAX_BYTES", len(file()) - 1)
    with pytest.raises(InputError, match="weights"):
        generators.read(path)


def test_sizes() -> None:
    assert (SMALL.resolution, SMALL.sides) == (16, (4, 8, 16))
    assert Design((1,) * 9, 1, 1).resolution == 1024
    assert SMALL.cut(8).channels == SMALL.channels[:2]
    assert SMALL.cut(64) == SMALL
    shapes = SMALL.shapes()
    assert shapes["mapping.fc0.weight"] == (10, 512)
    assert shapes["mapping.fc1.weight"] == (10, 10)
    assert shapes["synthesis.b8.conv0.weight"] == (8, 12, 3, 3)
    assert shapes["synthesis.b16.conv1.noise_const"] == (16, 16)
