"""StyleGAN2's generator in torch: mapping network, modulated convolutions, stored noise, a sum of images.

    w      = mapping of z, which is brought to mean square 1 first
    style  = affine map of w, one number for each channel that enters a convolution
    conv   = convolution of (style * x), each channel that leaves it divided by the norm of its weights under that style
    x'     = clamp(sqrt(2) * leaky(conv + strength * noise + bias))
    image  = sum over blocks of toRGB(x), each smoothed up to the size of the next one

The official code computes some of it in 16 bits and keeps a running mean for truncation. Here everything is in the type
of the weights, and nothing is truncated: what is drawn follows from the vector alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import torch
from torch.nn import functional

from .design import Design

Tensor: TypeAlias = Any
Weights: TypeAlias = Mapping[str, Any]

#: Learning rate of the mapping network against that of all else, which its weights are stored divided by.
MAPPING_RATE = 0.01
GAIN, SLOPE, TINY = math.sqrt(2.0), 0.2, 1e-8


def forward(design: Design, weights: Weights, z: Tensor) -> Tensor:
    """Images n x 3 x side x side, about -1..1, of inputs n x 512. Types of `weights` and `z` are one."""
    return synthesis(design, weights, mapping(design, weights, z))


def mapping(design: Design, weights: Weights, z: Tensor) -> Tensor:
    """Styles w, n x latent."""
    x = z * (z.square().mean(1, keepdim=True) + TINY).rsqrt()
    for i in range(design.layers):
        weight, bias = weights[f"mapping.fc{i}.weight"], weights[f"mapping.fc{i}.bias"]
        x = activated(x @ (weight * (MAPPING_RATE / math.sqrt(weight.shape[1]))).t() + bias * MAPPING_RATE)
    return x


def synthesis(design: Design, weights: Weights, w: Tensor) -> Tensor:
    """Images of styles w."""
    x = weights["synthesis.b4.const"].expand(len(w), -1, -1, -1)
    image = None
    for side in design.sides:
        block = f"synthesis.b{side}"
        if image is not None:
            x = _layer(design, weights, f"{block}.conv0", x, w, up=True)
            image = doubled(image)
        x = _layer(design, weights, f"{block}.conv1", x, w)
        colours = _clamped(design, _to_rgb(weights, f"{block}.torgb", x, w))
        image = colours if image is None else image + colours
    return image


def _layer(design: Design, weights: Weights, name: str, x: Tensor, w: Tensor, *, up: bool = False) -> Tensor:
    style, weight = _style(weights, name, w), weights[f"{name}.weight"]
    norms = (style.square() @ weight.square().sum((2, 3)).t() + TINY).rsqrt()
    x = x * style[:, :, None, None]
    if up:
        x = smooth(functional.conv_transpose2d(x, weight.transpose(0, 1), stride=2), 4.0)
    else:
        x = functional.conv2d(x, weight, padding=1)
    x = x * norms[:, :, None, None] + weights[f"{name}.noise_const"] * weights[f"{name}.noise_strength"]
    return _clamped(design, activated(x + weights[f"{name}.bias"][:, None, None]))


def _to_rgb(weights: Weights, name: str, x: Tensor, w: Tensor) -> Tensor:
    style, weight = _style(weights, name, w), weights[f"{name}.weight"]
    x = x * (style * (1.0 / math.sqrt(weight.shape[1])))[:, :, None, None]
    return functional.conv2d(x, weight, weights[f"{name}.bias"])


def _style(weights: Weights, name: str, w: Tensor) -> Tensor:
    weight = weights[f"{name}.affine.weight"]
    return w @ (weight * (1.0 / math.sqrt(weight.shape[1]))).t() + weights[f"{name}.affine.bias"]


def _clamped(design: Design, x: Tensor) -> Tensor:
    return x if design.clamp is None else x.clamp(-design.clamp, design.clamp)


def activated(x: Tensor) -> Tensor:
    """Leaky ReLU that keeps the size of normal numbers."""
    return functional.leaky_relu(x, SLOPE) * GAIN


def _filter(x: Tensor, gain: float) -> Tensor:
    """The filter 1 3 3 1 in both directions, once for each channel; its entries add up to `gain`."""
    line = torch.tensor([1.0, 3.0, 3.0, 1.0], dtype=x.dtype, device=x.device) / 8.0
    return (torch.outer(line, line) * gain).expand(x.shape[1], 1, 4, 4)


def smooth(x: Tensor, gain: float = 1.0, *, edge: int = 1, stride: int = 1) -> Tensor:
    """`x` under the filter, with `edge` zeros around it."""
    return functional.conv2d(x, _filter(x, gain), padding=edge, stride=stride, groups=x.shape[1])


def doubled(x: Tensor) -> Tensor:
    """`x` with twice as many pixels along each side."""
    return functional.conv_transpose2d(x, _filter(x, 4.0), stride=2, padding=1, groups=x.shape[1])
