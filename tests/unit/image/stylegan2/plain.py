"""The forward pass of a StyleGAN2 generator again, in numpy, written from the papers.

Weights are modulated and normalised for every image before they are convolved, images are enlarged by zeros between
pixels and a filter, and convolutions are sums over shifted copies: as the papers say it, and as the code in torch does
not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]


def convolve(x: Reals, weight: Reals) -> Reals:
    """Correlation of channels x side x side with out x in x k x k, without padding."""
    size = weight.shape[2]
    side = x.shape[1] - size + 1
    total = np.zeros((len(weight), side, side))
    for row in range(size):
        for column in range(size):
            total += np.einsum("oi,irc->orc", weight[:, :, row, column], x[:, row : row + side, column : column + side])
    return total


def filtered(x: Reals, before: int, after: int) -> Reals:
    """Zeros around it, then the filter 1 3 3 1 in both directions, of sum 4."""
    line = np.array([1.0, 3.0, 3.0, 1.0]) / 4.0
    padded = np.pad(x, ((0, 0), (before, after), (before, after)))
    side = padded.shape[1] - 3
    rows = sum(line[k] * padded[:, k : k + side] for k in range(4))
    return np.asarray(sum(line[k] * rows[:, :, k : k + side] for k in range(4)))


def stuffed(x: Reals) -> Reals:
    """A zero after every pixel of every row, and a row of zeros after every row."""
    out = np.zeros((len(x), 2 * x.shape[1], 2 * x.shape[2]))
    out[:, ::2, ::2] = x
    return out


def leaky(x: Reals) -> Reals:
    return np.where(x < 0.0, 0.2 * x, x) * np.sqrt(2.0)


def image(weights: Mapping[str, Any], sides: list[int], layers: int, clamp: float | None, z: Reals) -> Reals:
    """The image 3 x side x side of one z."""
    w = {name: np.asarray(weight, np.float64) for name, weight in weights.items()}
    bound = np.inf if clamp is None else clamp
    style = z / np.sqrt((z**2).mean() + 1e-8)
    for i in range(layers):
        weight, bias = w[f"mapping.fc{i}.weight"], w[f"mapping.fc{i}.bias"]
        style = leaky(0.01 * (weight @ style / np.sqrt(weight.shape[1]) + bias))

    def modulation(name: str) -> Reals:
        weight = w[f"{name}.affine.weight"]
        return np.asarray(weight @ style / np.sqrt(weight.shape[1]) + w[f"{name}.affine.bias"])

    def layer(name: str, x: Reals, up: bool) -> Reals:
        weight = w[f"{name}.weight"] * modulation(name)[:, None, None]
        weight /= np.sqrt((weight**2).sum((1, 2, 3), keepdims=True) + 1e-8)
        if up:
            # a transposed convolution correlates with the weights turned round
            wide = np.pad(stuffed(x), ((0, 0), (2, 1), (2, 1)))
            x = filtered(convolve(wide, weight[:, :, ::-1, ::-1]), 1, 1)
        else:
            x = convolve(np.pad(x, ((0, 0), (1, 1), (1, 1))), weight)
        x = x + w[f"{name}.noise_const"] * w[f"{name}.noise_strength"] + w[f"{name}.bias"][:, None, None]
        return np.clip(leaky(x), -bound, bound)

    x, total = w["synthesis.b4.const"], np.zeros(0)
    for side in sides:
        block = f"synthesis.b{side}"
        if side > 4:
            x = layer(f"{block}.conv0", x, up=True)
        x = layer(f"{block}.conv1", x, up=False)
        weight = w[f"{block}.torgb.weight"]
        weight = weight * (modulation(f"{block}.torgb") / np.sqrt(weight.shape[1]))[:, None, None]
        colours = np.clip(convolve(x, weight) + w[f"{block}.torgb.bias"][:, None, None], -bound, bound)
        total = colours if side == 4 else colours + filtered(stuffed(total), 2, 1)
    return total
