"""Training of a StyleGAN2 generator on portraits.

A portrait is known for every vector, so the generator learns pairs: its image of a vector against the portrait, by
absolute differences at full size and three times halved. It learns small images first, of its first blocks, then larger
ones: most of what a portrait shows is there at 16 pixels, where a step costs least. At the end a discriminator sharpens
what differences leave soft, while they go on. What a portrait does not depend on, the part of a vector across all
traits, is drawn afresh in every step, so that the generator learns to ignore it.

Every step draws its numbers from the seed and its own number: an interrupted run that goes on gives what a run without
a break gives, on one machine and with one number of threads.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from ..portrait import UNIT
from ..stylegan2 import network
from ..stylegan2.design import INPUTS, Design
from ..stylegan2.generator import Generator
from . import samples
from .discriminator import Discriminator

BATCH = 8
#: Rates at the first step, of generator and discriminator. The first of them falls to nothing at the last step, and is
#: higher than in the paper, since pairs, unlike a discriminator, do not change while one learns from them.
RATE, JUDGE_RATE, BETAS = 0.02, 0.0025, (0.5, 0.99)
#: The mapping network learns this much faster than in the paper: it has to find traits.
MAPPING_FASTER = 4.0
#: Pixels along a side up to some share of all steps; after them, all of them.
SMALLER = ((16, 0.4), (32, 0.6))
#: Weight of the differences against the discriminator's loss; share of all steps before that one begins.
DIFFERENCES, SHARPENED_FROM = 5.0, 0.8
#: Styles differ by this much at first, in place of 1, so that the first thing that is learned is what portraits share.
STYLES = 0.2
#: Penalty on the discriminator's slope at portraits (R1), and in which steps.
SLOPE, SLOPE_EVERY = 0.1, 16
#: Images after which half of the running average of the weights is new, at most.
HALF_LIFE = 5000.0


@dataclass(frozen=True)
class Plan:
    """A training: `steps` of BATCH portraits each, of the first `portraits` vectors of a seed."""

    design: Design
    steps: int
    portraits: int
    seed: int


class Training:
    """The state of a training: generator, its running average, discriminator, both optimisers, and steps done."""

    def __init__(self, plan: Plan, pixels: NDArray[np.uint8], device: str) -> None:
        """Start. `pixels`: the portraits, uint8 (portraits, side, side, 3)."""
        self.plan, self.device, self.done = plan, torch.device(device), 0
        self._pixels = torch.from_numpy(pixels).permute(0, 3, 1, 2)
        vectors = np.stack([samples.vector(plan.seed, index) for index in range(plan.portraits)])
        self._vectors = torch.from_numpy(vectors / UNIT).float()
        directions = samples.directions()
        self._traits = torch.from_numpy(np.linalg.svd(directions, full_matrices=False)[2]).float()
        self.weights = _start(plan, torch.from_numpy(directions).float(), self.device)
        self.average = {name: weight.detach().clone() for name, weight in self.weights.items()}
        torch.manual_seed(plan.seed)
        self._judge = Discriminator([max(8, size // 2) for size in plan.design.channels]).to(self.device)
        fast = [weight for name, weight in self.weights.items() if name.startswith("mapping.")]
        slow = [w for name, w in self.weights.items() if not name.startswith("mapping.") and w.requires_grad]
        groups = [{"params": slow, "base": RATE}, {"params": fast, "base": RATE * MAPPING_FASTER}]
        self._optimiser = torch.optim.Adam(groups, RATE, BETAS)
        self._judge_optimiser = torch.optim.Adam(self._judge.parameters(), JUDGE_RATE, BETAS)

    def step(self) -> float:
        """One step; the mean absolute difference to the portraits, of values -1..1."""
        plan = self.plan
        dice = torch.Generator().manual_seed(plan.seed * 1_000_003 + self.done)
        share = self.done / plan.steps
        for group in self._optimiser.param_groups:
            group["lr"] = group["base"] * (1.0 - share)
        side = next((side for side, end in SMALLER if share < end), plan.design.resolution)
        design = plan.design.cut(side)
        which = torch.randint(plan.portraits, (BATCH,), generator=dice)
        z, real = self._input(which, dice), self._pixels[which].to(self.device).float() / 127.5 - 1.0
        real = functional.avg_pool2d(real, plan.design.resolution // design.resolution)
        made = network.forward(design, self.weights, z)
        differences = _differences(made, real)
        loss = torch.stack(differences).sum() * DIFFERENCES
        if share >= SHARPENED_FROM:
            self._teach_judge(made.detach(), real)
            self._judge.requires_grad_(False)
            loss = loss + functional.softplus(-self._judge(made)).mean()
            self._judge.requires_grad_(True)
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self._optimiser.step()
        self.done += 1
        keep = 0.5 ** (BATCH / min(HALF_LIFE, self.done * BATCH * 0.05))
        with torch.no_grad():
            for name, mean in self.average.items():
                mean.lerp_(self.weights[name], 1.0 - keep)
        return float(differences[0].detach())

    def _input(self, which: Any, dice: torch.Generator) -> Any:
        """The vectors of these portraits, with a fresh part across all traits."""
        fresh = torch.randn(len(which), INPUTS, generator=dice)
        kept = (self._vectors[which] - fresh) @ self._traits.t() @ self._traits
        return (fresh + kept).to(self.device)

    def _teach_judge(self, made: Any, real: Any) -> None:
        loss = functional.softplus(self._judge(made)).mean() + functional.softplus(-self._judge(real)).mean()
        if self.done % SLOPE_EVERY == 0:
            at = real.clone().requires_grad_(True)
            (slope,) = torch.autograd.grad(self._judge(at).sum(), at, create_graph=True)
            loss = loss + slope.square().sum((1, 2, 3)).mean() * (SLOPE / 2 * SLOPE_EVERY)
        self._judge_optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self._judge_optimiser.step()

    def generator(self) -> Generator:
        """The generator of the running average, as a file holds it."""
        plan = self.plan
        weights = {name: weight.cpu().numpy() for name, weight in self.average.items()}
        recipe = {"steps": self.done, "portraits": plan.portraits, "seed": plan.seed, "batch": BATCH}
        return Generator(plan.design, weights, {"trained": recipe | {"steps planned": plan.steps}})

    def state(self) -> dict[str, Any]:
        """All that a later process needs to go on."""
        return {
            "done": self.done,
            "weights": {name: weight.detach() for name, weight in self.weights.items()},
            "average": self.average,
            "judge": self._judge.state_dict(),
            "optimisers": [self._optimiser.state_dict(), self._judge_optimiser.state_dict()],
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from such a state. KeyError, ValueError, RuntimeError: it is not one of this plan."""
        with torch.no_grad():
            for name, weight in self.weights.items():
                weight.copy_(state["weights"][name])
                self.average[name].copy_(state["average"][name])
        self._judge.load_state_dict(state["judge"])
        for optimiser, kept in zip((self._optimiser, self._judge_optimiser), state["optimisers"], strict=True):
            optimiser.load_state_dict(copy.deepcopy(kept))
        self.done = int(state["done"])


def _differences(made: Any, real: Any) -> list[Any]:
    """Mean absolute differences at full size, and three times halved, where there is so much to halve."""
    found = [(made - real).abs().mean()]
    for _ in range(min(3, made.shape[2].bit_length() - 1)):
        made, real = functional.avg_pool2d(made, 2), functional.avg_pool2d(real, 2)
        found.append((made - real).abs().mean())
    return found


def _start(plan: Plan, directions: Any, device: torch.device) -> dict[str, Any]:
    """Weights as in the paper, but for three things: the first layer starts with random sums of the traits' directions,
    styles differ less, and images begin as grey, so that a block that joins later changes nothing at first.
    """
    dice = torch.Generator().manual_seed(plan.seed)
    weights: dict[str, Any] = {}
    for name, shape in plan.design.shapes().items():
        if name.endswith("affine.bias"):
            weight = torch.ones(shape)
        elif name.endswith((".bias", "noise_strength")):
            weight = torch.zeros(shape)
        else:
            weight = torch.randn(shape, generator=dice)
            if name.startswith("mapping."):
                weight = weight / network.MAPPING_RATE
            elif name.endswith("affine.weight"):
                weight = weight * STYLES
            elif name.endswith("torgb.weight"):
                weight = torch.zeros(shape)
        weights[name] = weight.to(device).requires_grad_(not name.endswith("noise_const"))
    mixed = torch.randn(plan.design.latent, len(directions), generator=dice) @ directions
    with torch.no_grad():
        scale = math.sqrt(INPUTS / len(directions)) / network.MAPPING_RATE
        weights["mapping.fc0.weight"].copy_(mixed * scale)
    return weights
