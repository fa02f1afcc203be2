"""Sketches of a model that is read layer by layer: the same integers, with one layer in memory at a time."""

import weakref
from pathlib import Path
from typing import Any

import pytest
import torch

from huref.model import open_model
from huref.profile import named
from huref.stages import sketch
from huref.stages.quantise import Source, choose
from huref.stages.tokens import select
from tests.support import models

RULES = named("robust-2")


def source(folder: Path, family: str = "llama", layers: tuple[int, ...] | None = None) -> Source:
    model = open_model(models.network(family).write(folder / family, shards=2))
    layers = tuple(range(model.architecture.layers)) if layers is None else layers
    return choose(model, select(model, RULES), layers, RULES)


@pytest.fixture(params=["cpu", "torch"])
def device(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The core; and torch, on a processor that stands in for a GPU."""
    if request.param == "cpu":
        return "cpu"
    monkeypatch.setattr(sketch, "_cuda", lambda: torch.device("cpu"))
    return "cuda"


@pytest.mark.parametrize("family", models.FAMILIES)
def test_all_layers_have_the_sketches_of_the_whole(family: str, device: str, tmp_path: Path) -> None:
    model = source(tmp_path, family)
    assert len(model.layers) > 2
    assert sketch.streamed(model, device) == sketch.sketch(model.whole(), "cpu")


def test_layers_that_were_chosen_keep_their_order(device: str, tmp_path: Path) -> None:
    model = source(tmp_path, layers=(2, 0))
    (found,) = sketch.streamed(model, device)
    assert [found] == sketch.sketch(model.whole(), "cpu")
    assert [found[:3]] == sketch.sketch(source(tmp_path / "first", layers=(0,)).whole(), "cpu")


def test_several_draws_at_once_are_each_as_alone(device: str, tmp_path: Path) -> None:
    model, seeds = source(tmp_path, layers=(0, 1)), (None, bytes(32), b"\1" * 32)
    together = sketch.streamed(model, device, seeds=seeds)
    assert together == [found for seed in seeds for found in sketch.streamed(model, device, seeds=(seed,))]
    assert together[1] != together[0] != together[2]


def test_one_layer_is_in_memory_at_a_time(device: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alive: list[Any] = []
    compute = sketch.sketch

    def watched(quantised: Any, *arguments: Any) -> list[sketch.Sketches]:
        assert not [earlier for earlier in alive if earlier() is not None]
        assert len(quantised.shape.layers) == 1
        alive.append(weakref.ref(quantised))
        return compute(quantised, *arguments)

    monkeypatch.setattr(sketch, "sketch", watched)
    model = source(tmp_path)
    sketch.streamed(model, device)
    assert len(alive) == len(model.layers)


def test_progress_is_one_stage_that_runs_to_the_end(device: str, tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    sketch.streamed(source(tmp_path), device, lambda *step: steps.append(step))
    assert {stage for stage, _, _ in steps} == {"sketch"}
    done = [step[1] for step in steps]
    assert done == sorted(done)
    assert done[-1] == steps[-1][2]
