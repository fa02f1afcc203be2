"""The comparison of a GPU with the processor, with torch's CPU in the place of the GPU."""

from pathlib import Path

import pytest
import torch

from benchmarks import gpu
from huref.stages import sketch
from huref.stages.quantise import Source


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    monkeypatch.setattr(sketch, "_cuda", lambda: torch.device("cpu"))
    return gpu.chosen(tmp_path / "model", "tiny")


def test_equal_devices_are_measured(source: Source) -> None:
    figures = gpu.compare(source)
    assert figures["terms"]["difference"] <= gpu.NEAR
    assert figures["ics"]["difference"] <= gpu.NEAR
    machine = {"cores": 2, "processor": "P", "date": "2026-01-01"}
    shown = {"shape": "tiny", "card": "Card", "torch": "2", "peak": 3.0} | figures
    said = gpu.section({"machine": machine, "figures": shown})
    assert said.startswith("Card, torch 2, beside 2 cores of the same machine (P), measured on 2026-01-01")


def test_one_wrong_integer_is_found(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    gram = sketch._gram
    monkeypatch.setattr(sketch, "_gram", lambda left, right: [1 + gram(left, right)[0], *gram(left, right)[1:]])
    with pytest.raises(SystemExit, match="the sketches differ"):
        gpu.compare(source)


def test_terms_that_are_not_near_are_found(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "NEAR", 1e-17)
    with pytest.raises(SystemExit, match=r"full terms differ by .* of their largest entry, exact ICS by"):
        gpu.compare(source)


def test_without_a_gpu_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sketch, "_cuda", lambda: None)
    monkeypatch.setattr("sys.argv", ["gpu"])
    with pytest.raises(SystemExit, match="nothing was checked: device 'cuda' needs a GPU"):
        gpu.main()
