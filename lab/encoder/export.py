"""From a trained network to integers.

1. *Calibrate.* Over synthetic terms, every output channel gets mean 0 and deviation 1: what all models have in common
   is no fingerprint. (All places of a channel are alike, because rows and columns of a sketch are.)
2. *Round.* The weights of a convolution are scaled so that the largest is 127, and rounded. Between convolutions a
   power of two is divided out, the one that leaves numbers of root mean square about 2^9. No scale has to be
   remembered: ReLU commutes with scales, and the vector is standardised in the end.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from huref.cnn.network import Convolution, Network

from . import synthetic

#: Terms to calibrate with.
TERMS = 4096
#: Bits of the numbers between convolutions.
BETWEEN = 9


def export(encoder: nn.Sequential, random: np.random.Generator, recipe: dict[str, Any]) -> Network:
    """The integer network of an encoder of `train`."""
    terms = torch.from_numpy(synthetic.terms(random, TERMS))
    trained = [layer for layer in encoder if isinstance(layer, nn.Conv2d)]
    scale, convolutions = float(synthetic.UNIT), []
    with torch.no_grad():
        x = terms
        for layer in trained:
            y = layer(x)
            weights, bias, shift = layer.weight, _bias(layer), 0
            if layer is trained[-1]:
                deviation = y.std((0, 2, 3))
                weights = weights / deviation[:, None, None, None]
                bias = (bias - y.mean((0, 2, 3))) / deviation
            steps = 127 / float(weights.abs().max())
            scale *= steps
            integers = torch.round(weights * steps).to(torch.int8).numpy()
            added = torch.round(bias * scale).to(torch.int32).numpy()
            if layer is not trained[-1]:
                x = torch.relu(y)
                shift = max(0, round(np.log2(scale * float(x.square().mean().sqrt()))) - BETWEEN)
                scale /= 1 << shift
            convolutions.append(Convolution(integers, added, layer.stride[0], shift))
    return Network(tuple(convolutions), recipe)


def _bias(layer: nn.Conv2d) -> torch.Tensor:
    assert layer.bias is not None
    return layer.bias
