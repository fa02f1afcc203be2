"""Training: it learns, ignores what portraits ignore, and an interrupted one goes on as if it had not been."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from huref.errors import InputError, OutputError
from huref.image import decode, render
from huref.image.stylegan2.generator import Generator
from huref.image.training import loop, run, samples, sheet
from huref.image.training.loop import Plan, Training
from huref.progress import silent

PLAN = Plan(run.design(16), steps=10, portraits=16, seed=3)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "CHUNK", 8)
    monkeypatch.setattr(sheet, "ROWS", 1)
    monkeypatch.setattr(run, "KEPT_EVERY", 4)


@pytest.fixture(scope="module")
def pixels(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.stack([samples.drawn(3, index, 16) for index in range(16)])


def test_samples(tmp_path: Path) -> None:
    vector = samples.vector(3, 5)
    assert (vector.dtype, vector.shape) == (np.int64, (512,))
    assert abs(vector.mean()) < 1
    assert vector.std() == pytest.approx(4096, abs=1)
    small, whole = samples.drawn(3, 5, 16), render(vector)
    assert np.abs(small - whole.reshape(16, 32, 16, 32, 3).mean((1, 3))).max() <= 0.5
    seen: list[tuple[str, int, int]] = []
    collected = samples.collect(tmp_path, 16, 16, 3, lambda *report: seen.append(report))
    assert seen == [("portraits", 0, 16), ("portraits", 8, 16), ("portraits", 16, 16)]
    assert np.array_equal(collected[5], small)
    files = sorted(tmp_path.iterdir())
    assert [path.name for path in files] == ["portraits-16-3-000000.bin", "portraits-16-3-000008.bin"]
    files[0].write_bytes(bytes(8 * 16 * 16 * 3))
    again = samples.collect(tmp_path, 16, 16, 3, silent)
    assert again[:8].max() == 0
    assert np.array_equal(again[8:], collected[8:])
    files[0].write_bytes(b"x")
    with pytest.raises(InputError, match="remove the file"):
        samples.collect(tmp_path, 16, 16, 3, silent)


def test_directions_are_all_that_a_portrait_depends_on() -> None:
    directions = samples.directions()
    assert np.allclose((directions**2).sum(1), 1.0)
    vector = samples.vector(3, 0).astype(float)
    across = np.random.default_rng(1).standard_normal(512) * 4096
    across -= np.linalg.pinv(directions) @ (directions @ across)
    moved = np.rint(vector + across).astype(np.int64)
    assert np.abs(render(moved).astype(int) - render(np.rint(vector).astype(np.int64))).mean() < 0.5


def test_it_learns(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> None:
    training = Training(Plan(PLAN.design, 80, 16, 3), pixels, "cpu")
    differences = [training.step() for _ in range(80)]
    assert np.mean(differences[-8:]) < 0.7 * np.mean(differences[:8])
    images = (torch.from_numpy(pixels).permute(0, 3, 1, 2) / 127.5 - 1).float()
    scores = training._judge(images)
    assert scores.shape == (16, 1)
    assert training.generator().recipe["trained"]["steps"] == 80


def test_what_portraits_ignore_is_new_in_every_step(
    pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
) -> None:
    training = Training(PLAN, pixels, "cpu")
    which = torch.tensor([0, 1, 2])
    first, second = (training._input(which, torch.Generator().manual_seed(seed)) for seed in (1, 2))
    directions = torch.from_numpy(samples.directions()).float()
    vectors = torch.from_numpy(np.stack([samples.vector(3, i) for i in range(3)]) / 4096).float()
    for made in (first, second):
        assert torch.allclose(made @ directions.t(), vectors @ directions.t(), atol=1e-4)
    assert (first - second).abs().mean() > 0.5


def test_images_are_small_first(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> None:
    whole = np.repeat(np.repeat(pixels, 2, 1), 2, 2)
    training = Training(Plan(run.design(32), 10, 16, 3), whole, "cpu")
    large = "synthesis.b32.conv1.weight"
    before = training.weights[large].detach().clone()
    for _ in range(4):
        training.step()
    assert torch.equal(training.weights[large], before)
    for _ in range(3):
        training.step()
    assert not torch.equal(training.weights[large], before)


def test_an_interrupted_training_goes_on(tmp_path: Path) -> None:
    def stop(stage: str, done: int, _total: int) -> None:
        if (stage, done) == ("train", 6):
            raise KeyboardInterrupt

    whole = run.train(PLAN, tmp_path / "whole", "cpu", silent)
    with pytest.raises(KeyboardInterrupt):
        run.train(PLAN, tmp_path / "parts", "cpu", stop)
    assert (tmp_path / "parts" / run.STATE).exists()
    steps: list[int] = []
    parts = run.train(PLAN, tmp_path / "parts", "cpu", lambda stage, done, _: stage == "train" and steps.append(done))
    assert steps[0] == 4
    assert parts.to_bytes() == whole.to_bytes()
    assert Generator.from_bytes(whole.to_bytes(), "file").design == PLAN.design
    sheets = sorted((tmp_path / "parts").glob("sheet-*.png"))
    assert [path.name for path in sheets] == [f"sheet-{n:07d}.png" for n in (4, 8, 10)]
    picture = decode(sheets[-1].read_bytes())
    assert picture.shape == (2 * 16, 8 * 16, 3)
    assert np.array_equal(picture[:16, :16], samples.drawn(3, sheet.UNSEEN, 16))


def test_folders_that_are_of_no_use(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / run.STATE).write_bytes(b"not a state")
    with pytest.raises(InputError, match="name a new folder"):
        run.train(PLAN, work, "cpu", silent)
    other = Training(Plan(run.design(32), 4, 8, 3), np.zeros((8, 32, 32, 3), np.uint8), "cpu")
    torch.save(other.state(), work / run.STATE)
    with pytest.raises(InputError, match="name a new folder"):
        run.train(PLAN, work, "cpu", silent)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError):
        run.train(PLAN, tmp_path / "file", "cpu", silent)


def test_sizes() -> None:
    assert run.design(64).channels == (128, 128, 64, 32, 16)
    assert [run.design(side).resolution for side in (16, 32, 512)] == [16, 32, 512]
    assert loop.BATCH % 4 == 0  # as many as the discriminator compares
