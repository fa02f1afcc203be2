"""A hub that answers with anything: each time a model is read, or refused with an error of this project."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from huref.errors import HubError, ModelError, NotFoundError
from huref.model import open_model
from huref.model.hub import requests
from tests.support import hub, models

constants = pytest.importorskip("huggingface_hub.constants")
ROUNDS = 60
VALUES: tuple[Any, ...] = (None, -1, 0, 1, 10**15, "x", "../x", "/etc/passwd", [], {}, True, 1.5, "a\nb", "é")


class Liar(hub.Hub):
    """Changes one thing in each list of files, and some of the parts that it sends."""

    rng = random.Random(3)

    def changed(self, document: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(json.dumps(document))
        if self.rng.random() < 0.3:
            return found
        entry = self.rng.choice(found["siblings"])
        match self.rng.randrange(5):
            case 0:
                entry[self.rng.choice([*entry, "rfilename"])] = self.rng.choice(VALUES)
            case 1:
                if entry.get("lfs"):
                    entry["lfs"][self.rng.choice(["sha256", "size"])] = self.rng.choice(VALUES)
            case 2:
                found[self.rng.choice(["sha", "siblings"])] = self.rng.choice(VALUES)
            case 3:
                found["siblings"].remove(entry)
            case _:
                entry["rfilename"] = self.rng.choice(["../../x.safetensors", "x/../y.gguf", "config.json", ".."])
        return found


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Liar]:
    folder = models.network("llama", 1, hidden=32, heads=2, ffn=64, layers=2, vocab=320).write(tmp_path / "m", shards=2)
    with hub.serving(Liar({"org/name": folder})) as server:
        assert isinstance(server, Liar)
        monkeypatch.setattr(constants, "ENDPOINT", server.address)
        template = server.address + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda _: None)
        monkeypatch.setattr(requests, "_places", {})
        yield server


def test_read_or_refused(server: Liar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused, whole = 0, set(tmp_path.parent.rglob("*"))
    for number in range(ROUNDS):
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / str(number) / "library"))
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / str(number) / "cache"))
        server.fail = ["none"] * server.rng.randrange(8) + [server.rng.choice(["none", 404, 416, "whole", "broken"])]
        try:
            model = open_model("hf:org/name")
            for name in model.parameters():
                list(model.parameter(name, 1 << 20))
            model.vocabulary()
        except (HubError, ModelError, NotFoundError):
            refused += 1
    assert 0 < refused < ROUNDS
    kept = {tmp_path / str(number) for number in range(ROUNDS)}
    beside = [path for path in set(tmp_path.parent.rglob("*")) - whole if not kept & {path, *path.parents}]
    assert beside == []
