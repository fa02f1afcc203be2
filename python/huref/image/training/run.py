"""A training from start to end, in a folder: what an interrupted one has done is there, and is not done again."""

from __future__ import annotations

import io
from pathlib import Path

import torch

from ... import disk
from ...errors import InputError
from ...progress import Progress
from .. import files
from ..stylegan2.design import Design
from ..stylegan2.generator import Generator
from . import samples, sheet
from .loop import Plan, Training

STATE = "training.pt"
#: Steps after which the state is kept and a sheet is drawn.
KEPT_EVERY = 500
MAX_STATE = 4 << 30


def design(resolution: int) -> Design:
    """The sizes of a generator to train, of 8 to 512 pixels along a side, a power of two."""
    sides = [4 << i for i in range(resolution.bit_length() - 2)]
    return Design(tuple(max(16, min(128, 1024 // side)) for side in sides), latent=256, layers=4)


def train(plan: Plan, folder: Path, device: str, progress: Progress) -> Generator:
    """The generator of a plan.

    `folder` holds the portraits, the state, and sheets of samples, `sheet-STEPS.png`; in one that holds the state of
    an interrupted training, that one goes on. `device`: "cpu" or "cuda".

    Raises:
        InputError: what the folder holds is not of this plan.
        OutputError: the folder cannot be written.

    """
    side = plan.design.resolution
    with disk.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    training = Training(plan, samples.collect(folder, plan.portraits, side, plan.seed, progress), device)
    if (folder / STATE).exists():
        _resume(training, folder / STATE)
    unseen = sheet.unseen(plan.seed, side)
    while training.done < plan.steps:
        progress("train", training.done, plan.steps)
        training.step()
        if training.done % KEPT_EVERY == 0 or training.done == plan.steps:
            _keep(training, folder / STATE)
            pixels = sheet.sheet(training.generator(), plan.seed, unseen)
            disk.write(folder / f"sheet-{training.done:07d}.png", files.png(pixels))
    progress("train", plan.steps, plan.steps)
    return training.generator()


def _keep(training: Training, path: Path) -> None:
    buffer = io.BytesIO()
    torch.save(training.state(), buffer)
    disk.write(path, buffer.getvalue())


def _resume(training: Training, path: Path) -> None:
    data = disk.read(path, MAX_STATE)
    try:
        training.resume(torch.load(io.BytesIO(data), map_location=training.device, weights_only=True))
    except Exception as why:  # whatever torch makes of a stranger's file
        raise InputError(
            f"{path}: not the state of such a training ({type(why).__name__}); name a new folder to begin anew"
        ) from None
