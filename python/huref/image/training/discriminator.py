"""StyleGAN2's discriminator in torch: residual blocks that halve the sides, and the spread within groups of images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from ..stylegan2.design import COLOURS
from ..stylegan2.network import TINY, activated, smooth

#: Images whose spread is one more channel before the last block.
GROUP = 4


class Convolution(nn.Module):
    """Convolution whose weights are scaled when it is used, then bias and leaky ReLU where `linear` is not set."""

    def __init__(self, inputs: int, outputs: int, size: int, *, down: bool = False, linear: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, size, size))
        self.bias = None if linear else nn.Parameter(torch.zeros(outputs))
        self.scale, self.size, self.down = 1.0 / math.sqrt(inputs * size * size), size, down

    def forward(self, x: Any) -> Any:
        """As said above; `down` halves the sides, smoothed before."""
        edge = 0 if self.down else self.size // 2
        if self.down:
            x = smooth(x, edge=self.size // 2 + 1)
        x = functional.conv2d(x, self.weight * self.scale, stride=2 if self.down else 1, padding=edge)
        return x if self.bias is None else activated(x + self.bias[:, None, None])


class Dense(nn.Module):
    """Linear map whose weights are scaled when it is used."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.randn(outputs, inputs)), nn.Parameter(torch.zeros(outputs))
        self.scale = 1.0 / math.sqrt(inputs)

    def forward(self, x: Any) -> Any:
        """`x` under the map."""
        return functional.linear(x, self.weight * self.scale, self.bias)


class Block(nn.Module):
    """Two convolutions beside a straight way; half the sides."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first, self.second = Convolution(inputs, inputs, 3), Convolution(inputs, outputs, 3, down=True)
        self.straight = Convolution(inputs, outputs, 1, down=True, linear=True)

    def forward(self, x: Any) -> Any:
        """As said above."""
        return (self.straight(x) + self.second(self.first(x))) * math.sqrt(0.5)


class Discriminator(nn.Module):
    """One number for each image, higher for what looks drawn. `channels` as in a generator's design."""

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        self.colours = Convolution(COLOURS, channels[-1], 1)
        pairs = list(zip(channels[:0:-1], channels[-2::-1], strict=True))
        self.blocks = nn.Sequential(*(Block(inputs, outputs) for inputs, outputs in pairs))
        self.last = Convolution(channels[0] + 1, channels[0], 3)
        self.dense, self.score = Dense(channels[0] * 16, channels[0]), Dense(channels[0], 1)

    def forward(self, images: Any) -> Any:
        """Scores n x 1 of images n x 3 x side x side; n is a multiple of GROUP."""
        x = self.blocks(self.colours(images))
        groups = x.reshape(GROUP, len(x) // GROUP, *x.shape[1:])
        spread = (groups.var(0, unbiased=False) + TINY).sqrt().mean((1, 2, 3)).repeat(GROUP)
        x = self.last(torch.cat([x, spread[:, None, None, None].expand(-1, 1, *x.shape[2:])], 1))
        return self.score(activated(self.dense(x.flatten(1))))
