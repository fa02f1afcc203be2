"""Training of the encoder `cnn` after the HuRef paper (arXiv 2312.04828, section 4): contrastive and adversarial.

For vectors v of a term's sketch, v' of a copy of *the same* term, w of independent terms, and a discriminator D that is
to tell standardised vectors from Gaussian noise g (the weights 1.3, 0.7 and 1/2 are those of the authors' public code):

    L_C = 1.3 (1 - cos(v, v')) + 0.7 mean |cos(v, w)|
    L_E = L_C + BCE(D(v), real) / 2
    L_D = BCE(D(g), real) + BCE(D(v), made)

Own choices: all other terms of a batch are the negatives, both sides are trained in every step, and the start is one at
which the network is linear (*looks-linear* initialisation, Balduzzi et al. 2017): kernels in pairs w, -w, read with
opposite signs by the next convolution, so that ReLU loses nothing. Everything random follows from seed and step: a run
that was stopped and continued ends with the same bytes. PyTorch on one core, deterministic.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cosine_similarity, normalize

from huref import disk
from huref.cnn.network import KINDS, Network
from huref.errors import InputError
from huref.progress import Progress, silent

from . import synthetic
from .export import export

#: Convolutions of the encoder: kernels, their size, stride. 3 x 32 x 32, 48 x 8 x 8, 64 x 4 x 4, 32 x 4 x 4 = 512.
CONVOLUTIONS = ((48, 4, 4), (64, 2, 2), (32, 1, 1))
OUTPUTS = 512
BATCH = 64
#: Copies keep at least this correlation: half of the weights pruned keep 0.9, noise of 30 % of the weights 0.6.
WEAKEST = 0.6
RATE, LAST_RATE, DISCRIMINATOR_RATE = 3e-4, 1.5e-5, 1e-4
#: Steps between checkpoints.
SAVED_EVERY = 100


@dataclass
class State:
    """Training between two steps. `losses`: L_C, L_D of every step done, and BCE(D(v), real)."""

    encoder: nn.Sequential
    discriminator: nn.Sequential
    optimizers: tuple[torch.optim.Adam, torch.optim.Adam]
    losses: list[tuple[float, float, float]] = field(default_factory=list)

    @classmethod
    def new(cls, seed: int) -> State:
        """The start of a training."""
        with torch.random.fork_rng(devices=()):
            torch.manual_seed(seed)
            encoder, discriminator = _encoder(), _discriminator()
        adam = torch.optim.Adam
        optimizers = adam(encoder.parameters(), RATE), adam(discriminator.parameters(), DISCRIMINATOR_RATE)
        return cls(encoder, discriminator, optimizers)

    def _parts(self) -> list[Any]:
        return [self.encoder, self.discriminator, *self.optimizers]

    def to_bytes(self, steps: int, seed: int) -> bytes:
        """A checkpoint of a training of that many steps."""
        buffer = io.BytesIO()
        parts = [part.state_dict() for part in self._parts()]
        torch.save({"steps": steps, "seed": seed, "parts": parts, "losses": self.losses}, buffer)
        return buffer.getvalue()

    @classmethod
    def read(cls, path: Path, steps: int, seed: int) -> State:
        """The state in a checkpoint; InputError if it is none of a training with these steps and this seed."""
        state = cls.new(seed)
        try:
            saved = torch.load(io.BytesIO(disk.read(path)), weights_only=True)
            if (saved["steps"], saved["seed"]) != (steps, seed):
                raise ValueError(f"of {saved['steps']} steps with seed {saved['seed']}")
            for part, values in zip(state._parts(), saved["parts"], strict=True):
                part.load_state_dict(values)
            state.losses = [(float(c), float(d), float(r)) for c, d, r in saved["losses"]]
        except InputError:
            raise
        except Exception as why:  # anything that the reader of a broken file may stumble over
            raise InputError(f"{path}: not a checkpoint of this training; delete it to begin again ({why})") from None
        return state


def train(path: Path, steps: int, seed: int, progress: Progress = silent) -> tuple[Network, State]:
    """Train an encoder. A checkpoint at `path` is continued from, and is removed at the end.

    Raises:
        InputError: the file at `path` is not a checkpoint of this training.
        OutputError: a checkpoint cannot be written there.

    """
    state = State.read(path, steps, seed) if path.exists() else State.new(seed)
    with one_core():
        for step in range(len(state.losses), steps):
            progress("train", step, steps)
            _step(state, step, steps, np.random.default_rng([seed, step]))
            if (step + 1) % SAVED_EVERY == 0 and step + 1 < steps:
                disk.write(path, state.to_bytes(steps, seed))
        progress("train", steps, steps)
        network = export(state.encoder, np.random.default_rng([seed, steps]), {"steps": steps, "seed": seed})
    path.unlink(missing_ok=True)
    return network, state


def _step(state: State, step: int, steps: int, random: np.random.Generator) -> None:
    """One step of the discriminator and one of the encoder."""
    originals = synthetic.terms(random, BATCH)
    kept = WEAKEST + (1 - WEAKEST) * random.random(BATCH, dtype=np.float32)
    copies = synthetic.copies(random, originals, kept)
    noise = torch.from_numpy(random.standard_normal((BATCH, OUTPUTS), dtype=np.float32))
    v, v_copy = state.encoder(torch.from_numpy(np.concatenate([originals, copies]))).chunk(2)
    standard = (v - v.mean(1, keepdim=True)) / v.std(1, keepdim=True)
    ours, theirs = state.optimizers

    told = _bce(state.discriminator(noise), real=True) + _bce(state.discriminator(standard.detach()), real=False)
    _descend(theirs, told)

    unit = normalize(v)
    strangers = (unit @ unit.T)[~torch.eye(BATCH, dtype=torch.bool)]
    contrast = 1.3 * (1 - cosine_similarity(v, v_copy)).mean() + 0.7 * strangers.abs().mean()
    fooled = _bce(state.discriminator(standard), real=True)
    ours.param_groups[0]["lr"] = LAST_RATE + (RATE - LAST_RATE) * (1 + math.cos(math.pi * step / steps)) / 2
    _descend(ours, contrast + fooled / 2)
    state.losses.append((contrast.item(), told.item(), fooled.item()))


def _bce(logits: Tensor, *, real: bool) -> Tensor:
    return binary_cross_entropy_with_logits(logits, torch.full_like(logits, float(real)))


def _descend(optimizer: torch.optim.Adam, loss: Tensor) -> None:
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()


def _encoder() -> nn.Sequential:
    """Convolutions with ReLU between them, as a whole a linear map with orthogonal kernels."""
    layers: list[nn.Module] = []
    channels, pairs = KINDS, KINDS
    for i, (out, size, stride) in enumerate(CONVOLUTIONS):
        last = i + 1 == len(CONVOLUTIONS)
        kernels = nn.init.orthogonal_(torch.empty(out if last else out // 2, pairs * size**2))
        kernels = kernels.view(-1, pairs, size, size)
        kernels = torch.cat([kernels, -kernels], 1) if i else kernels
        convolution = nn.Conv2d(channels, out, size, stride)
        with torch.no_grad():
            convolution.weight.copy_(kernels if last else torch.cat([kernels, -kernels]))
            convolution.bias.zero_()  # type: ignore[union-attr]
        layers += [convolution, *(() if last else (nn.ReLU(),))]
        channels, pairs = out, out // 2
    return nn.Sequential(*layers, nn.Flatten())


def _discriminator() -> nn.Sequential:
    """The paper's: 512, 256, 128, 1."""
    relu = nn.ReLU
    return nn.Sequential(nn.Linear(OUTPUTS, 256), relu(), nn.Linear(256, 128), relu(), nn.Linear(128, 1))


@contextmanager
def one_core() -> Iterator[None]:
    """Deterministic algorithms on one thread: equal sums whatever the machine is doing."""
    threads, deterministic = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(deterministic)
