"""From a public checkpoint of StyleGAN2 to a generator of our own form."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ... import disk
from ...errors import InputError
from . import checkpoint
from .checkpoint import Array, Module
from .design import COLOURS, INPUTS, MAX_BLOCKS, Design
from .generator import Generator
from .network import MAPPING_RATE

#: Side by side, and once for each direction: what the official code calls resample_filter.
_FILTER = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64


def convert(path: Path) -> Generator:
    """The generator with averaged weights of a checkpoint. Nothing in the file is run.

    Raises:
        NotFoundError: there is no such file.
        InputError: the file is no such checkpoint, or its generator cannot be used: it takes labels, or other than 512
            numbers, or its architecture is not the one that adds images up (configurations E and F).

    """
    data = disk.read(path, checkpoint.MAX_BYTES)
    try:
        found = checkpoint.read(data)
        torch_module, arrays = checkpoint.torch_generator(found), checkpoint.tensorflow_generator(found)
        if torch_module is not None:
            design, take = _of_torch(torch_module)
        elif arrays is not None:
            design, take = _of_tensorflow(arrays)
        else:
            raise ValueError("it holds no generator")
        weights = {name: np.array(take(name), np.float32, order="C") for name in design.shapes()}
        return Generator(design, weights, {"converted": {"sha256": hashlib.sha256(data).hexdigest()}})
    except (ValueError, RecursionError, MemoryError) as why:
        raise InputError(f"{path}: not a checkpoint of StyleGAN2 that can be used ({why})") from None


Take = Callable[[str], Array]


def _sizes(has: Callable[[int], bool], channels: Callable[[int], int]) -> tuple[int, ...]:
    """Channels of the blocks for as long as there is a next one."""
    sides = [4 << i for i in range(MAX_BLOCKS)]
    return tuple(channels(side) for side in sides[: next((i for i, s in enumerate(sides) if not has(s)), MAX_BLOCKS)])


def _checked(inputs: int, labels: bool) -> None:
    if labels:
        raise ValueError("its generator takes labels, which no fingerprint has")
    if inputs != INPUTS:
        raise ValueError(f"its generator takes {inputs} numbers, and a fingerprint has {INPUTS}")


def _of_torch(top: Module) -> tuple[Design, Take]:
    def at(path: str) -> Module:
        found = top
        for name in path.split("."):
            if name not in found.modules:
                raise ValueError(f"its generator has no part {path}")
            found = found.modules[name]
        return found

    def take(name: str) -> Array:
        path, _, tensor = name.rpartition(".")
        return at(path).array(tensor)

    mapping, synthesis = at("mapping"), at("synthesis")
    first = take("mapping.fc0.weight")
    _checked(first.shape[-1], bool(mapping.values.get("c_dim")))
    layers = sum(name.startswith("fc") for name in mapping.modules)
    channels = _sizes(
        lambda side: f"b{side}" in synthesis.modules, lambda side: len(take(f"synthesis.b{side}.conv1.weight"))
    )
    if len(channels) != len(synthesis.modules):
        raise ValueError("its generator has blocks of unknown sizes")
    clamps = set()
    for i in range(layers):
        _demand(at(f"mapping.fc{i}"), activation="lrelu", bias_gain=MAPPING_RATE)
    for name, block in synthesis.modules.items():
        _demand(block, architecture="skip")
        for layer in (inner for part, inner in block.modules.items() if part.startswith("conv")):
            _demand(layer, activation="lrelu", use_noise=True)
        if "resample_filter" in block.tensors and not np.allclose(block.array("resample_filter"), _FILTER):
            raise ValueError("its generator smooths with an unknown filter")
        clamps |= {at(f"synthesis.{name}.{part}").values.get("conv_clamp") for part in ("conv1", "torgb")}
    if len(clamps) != 1:
        raise ValueError("its layers are clamped to different sizes")
    return Design(channels, len(first), layers, _number(clamps.pop())), take


def _number(clamp: object) -> float | None:
    if clamp is not None and type(clamp) not in (int, float):
        raise ValueError("its layers are clamped to no number")
    return None if clamp is None else float(str(clamp))


def _demand(module: Module, **wanted: object) -> None:
    """What the module says of itself is that, where it says it."""
    for name, value in wanted.items():
        found = module.values.get(name, value)
        if found != value:
            raise ValueError(f"its {name} is {str(found)[:40]!a}, and only {value!r} is known here")


def _of_tensorflow(arrays: dict[str, Array]) -> tuple[Design, Take]:
    def get(name: str) -> Array:
        if name not in arrays:
            raise ValueError(f"its generator has no {name}")
        return arrays[name]

    first = get("mapping/Dense0/weight")
    labels = any("Label" in name for name in arrays)
    _checked(len(first) if not labels else INPUTS, labels)
    channels = _sizes(
        lambda side: side == 4 or f"synthesis/{side}x{side}/Conv1/weight" in arrays,
        lambda side: get(f"synthesis/{side}x{side}/Conv{'' if side == 4 else '1'}/weight").shape[-1],
    )
    layers = sum(name.startswith("mapping/Dense") and name.endswith("/weight") for name in arrays)
    if any("Skip" in name for name in arrays):
        raise ValueError("its architecture is 'resnet', and only 'skip' is known here")
    return Design(channels, first.shape[-1], layers), lambda name: _from_tensorflow(name, get)


def _from_tensorflow(name: str, get: Take) -> Array:
    """One of our tensors from arrays whose axes are height, width, in, out."""
    parts = name.split(".")
    if parts[0] == "mapping":
        found = get(f"mapping/Dense{parts[1].removeprefix('fc')}/{parts[2]}")
        return found.T if parts[2] == "weight" else found
    side = int(parts[1].removeprefix("b"))
    block = f"synthesis/{side}x{side}"
    if parts[2] == "const":
        return get(f"{block}/Const/const").reshape(get(f"{block}/Const/const").shape[-3:])
    layer = {"conv0": "Conv0_up", "conv1": "Conv" if side == 4 else "Conv1", "torgb": "ToRGB"}[parts[2]]
    match parts[3:]:
        case ["affine", "weight"]:
            return get(f"{block}/{layer}/mod_weight").T
        case ["affine", "bias"]:
            return get(f"{block}/{layer}/mod_bias") + np.float32(1)
        case ["noise_const"]:
            number = 2 * side.bit_length() - (6 if parts[2] == "conv1" else 7)
            return get(f"synthesis/noise{number}").reshape(side, side)
        case ["weight"]:
            weight = get(f"{block}/{layer}/weight")
            if weight.ndim != 4 or (parts[2] == "torgb" and weight.shape[-1] != COLOURS):
                raise ValueError(f"its {layer} has a weight of shape {weight.shape}")
            # what enlarges is kept turned round there
            weight = weight[::-1, ::-1] if parts[2] == "conv0" else weight
            return weight.transpose(3, 2, 0, 1)
        case _:
            return get(f"{block}/{layer}/{parts[3]}")
