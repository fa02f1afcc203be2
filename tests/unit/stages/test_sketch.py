"""Where the sketch is computed. That all places give the same integers is tested in tests/conformance."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from huref import _native
from huref.errors import UsageError
from huref.stages import sketch
from tests.support.toys import quantised


def test_cpu_and_auto_without_a_driver_never_import_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sketch, "_has_driver", lambda: False)
    monkeypatch.setitem(sys.modules, "torch", None)  # an import would fail
    model = quantised()
    expected = [_native.sketches(model.weights)]
    assert sketch.sketch(model, "cpu") == expected
    assert sketch.sketch(model, "auto") == expected


def test_auto_takes_the_core_where_there_is_a_driver_but_no_usable_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sketch, "_has_driver", lambda: True)
    monkeypatch.setattr(sketch, "_cuda", lambda: None)
    model = quantised()
    assert sketch.sketch(model) == [_native.sketches(model.weights)]


def test_cuda_goes_to_torch_where_it_is_usable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sketch, "_has_driver", lambda: True)
    monkeypatch.setattr(sketch, "_cuda", lambda: torch.device("cpu"))
    on_torch, seen = sketch.on_torch, []

    def spy(model: Any, device: Any, *rest: Any) -> list[sketch.Sketches]:
        seen.append(device)
        return on_torch(model, device, *rest)

    monkeypatch.setattr(sketch, "on_torch", spy)
    model = quantised()
    for device in ("cuda", "auto"):
        assert sketch.sketch(model, device) == [_native.sketches(model.weights)]
    assert seen == [torch.device("cpu")] * 2


def test_cuda_without_torch_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(UsageError, match=r"the package torch, .*: pip install \"huref\[torch\]\""):
        sketch.sketch(quantised(), "cuda")


def test_cuda_without_a_gpu_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=SimpleNamespace(is_available=lambda: False)))
    monkeypatch.setattr(sketch.importlib.util, "find_spec", lambda name: name)
    with pytest.raises(UsageError, match="a GPU that torch can use; leave out the device"):
        sketch.sketch(quantised(), "cuda")


def test_unknown_devices_are_refused() -> None:
    with pytest.raises(UsageError, match="'tpu' is not known; choose one of auto, cpu, cuda"):
        sketch.sketch(quantised(), "tpu")


def test_progress_of_torch_counts_positions_to_the_end() -> None:
    steps: list[tuple[str, int, int]] = []
    sketch.on_torch(quantised(), torch.device("cpu"), lambda *step: steps.append(step))
    assert steps[0][:2] == ("sketch", 0)
    assert all(stage == "sketch" for stage, _, _ in steps)
    done = [step[1] for step in steps]
    assert done == sorted(done)
    assert done[-1] == steps[-1][2] == 2 * 2 * (2 * 8 + 12)
