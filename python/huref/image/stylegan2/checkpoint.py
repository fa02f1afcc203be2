"""Public checkpoints of StyleGAN2, read without running anything: the trees of their generators, with the tensors.

StyleGAN2-ADA for PyTorch   a dict with "G_ema"; each module is a `Module`, each tensor a storage that is a second,
                            nested row of pickles inside the first one
StyleGAN2(-ADA), TensorFlow   three networks, the third of which is the average; arrays of numpy
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import pickles
from .pickles import Call, Name, Outside

#: Room for the largest public checkpoints (382 MB), which hold three networks.
MAX_BYTES = 512 << 20
#: Modules inside modules; tensors of a generator.
MAX_DEPTH, MAX_TENSORS = 8, 1000
_MODULE: Name = ("torch_utils.persistence", "_reconstruct_persistent_obj")
_TENSOR: Name = ("torch._utils", "_rebuild_tensor_v2")
_PARAMETER: Name = ("torch._utils", "_rebuild_parameter")
_STORAGE: Name = ("torch.storage", "_load_from_bytes")
_NETWORK: Name = ("dnnlib.tflib.network", "Network")
_ARRAYS: tuple[Name, ...] = (("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"))
_DTYPE: Name = ("numpy", "dtype")
#: All that checkpoints name; the rest of it is never looked at.
_NAMES = frozenset(
    {
        *(_MODULE, _TENSOR, _PARAMETER, _STORAGE, _NETWORK, *_ARRAYS, _DTYPE),
        ("dnnlib.util", "EasyDict"),
        ("collections", "OrderedDict"),
        ("builtins", "set"),
        ("__builtin__", "set"),
        ("numpy", "ndarray"),
        ("numpy.core.multiarray", "scalar"),
        ("numpy._core.multiarray", "scalar"),
        ("_codecs", "encode"),
    }
)
_FLOATS: Name = ("torch", "FloatStorage")
_STORAGES = frozenset({_FLOATS, *(("torch", f"{kind}Storage") for kind in ("Half", "Double", "Long", "Int", "Bool"))})
#: First two pickles of a stream that torch writes.
_MAGIC, _PROTOCOL = 0x1950A86A20F9469CFC6C, 1001

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Module:
    """A module of PyTorch: attributes that are plain values, tensors of its own, modules in it."""

    values: dict[str, Any]
    tensors: dict[str, Any]
    modules: dict[str, Module]

    def array(self, name: str) -> Array:
        """A tensor of it, float32. ValueError: it is none."""
        return _tensor(self.tensors.get(name))


def read(data: bytes) -> Any:
    """What the pickle of a checkpoint holds, inert. ValueError: it is none, or holds what no checkpoint does."""
    return pickles.read(io.BytesIO(data), _NAMES)


def torch_generator(found: Any) -> Module | None:
    """The generator with averaged weights of a checkpoint for PyTorch; None if this is none."""
    if isinstance(found, dict) and "G_ema" in found:
        return _module(found["G_ema"], 0)
    return None


def tensorflow_generator(found: Any) -> dict[str, Array] | None:
    """The arrays of the generator with averaged weights of a checkpoint for TensorFlow; None if this is none."""
    if not isinstance(found, tuple) or len(found) != 3 or not all(_is(part, _NETWORK) for part in found):
        return None
    arrays: dict[str, Array] = {}
    _variables(found[2], "", arrays, 0)
    return arrays


def _is(value: Any, *names: Name) -> bool:
    return isinstance(value, Call) and value.name in names


def _entries(value: Any) -> dict[str, Any]:
    """Those of a dict, or of what behaves as one."""
    entries = value.items if isinstance(value, Call) else value
    if not isinstance(entries, dict) or not all(isinstance(key, str) for key in entries):
        raise ValueError("a part of the checkpoint is no table")
    return entries


def _module(value: Any, depth: int) -> Module:
    if not _is(value, _MODULE) or len(value.arguments) != 1 or depth > MAX_DEPTH:
        raise ValueError("a part of the generator is no module")
    state = _entries(_entries(value.arguments[0]).get("state"))
    tensors = _entries(state.get("_parameters", {})) | _entries(state.get("_buffers", {}))
    modules = {name: _module(inner, depth + 1) for name, inner in _entries(state.get("_modules", {})).items()}
    values = {name: inner for name, inner in state.items() if isinstance(inner, str | int | float | None)}
    if len(tensors) + len(modules) > MAX_TENSORS:
        raise ValueError("a module has too many parts")
    return Module(values, tensors, modules)


def _tensor(value: Any) -> Array:
    if _is(value, _PARAMETER) and value.arguments:
        value = value.arguments[0]
    if not _is(value, _TENSOR) or len(value.arguments) < 4:
        raise ValueError("a tensor is missing or in an unknown form")
    storage, offset, size, stride = value.arguments[:4]
    if not _is(storage, _STORAGE) or len(storage.arguments) != 1 or not isinstance(storage.arguments[0], bytes):
        raise ValueError("a tensor without numbers")
    return _view(_storage(storage.arguments[0]), offset, size, stride)


def _view(numbers: Array, offset: Any, size: Any, stride: Any) -> Array:
    """The part of a storage that is a tensor. No number may be there twice, so it is not larger than the storage."""
    plain = all(isinstance(part, tuple) and all(type(n) is int and n >= 0 for n in part) for part in (size, stride))
    if not plain or type(offset) is not int or offset < 0 or len(size) != len(stride) or len(size) > 4:
        raise ValueError("a tensor whose shape is none")
    last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
    if 0 in size or math.prod(size) > len(numbers) or last >= len(numbers):
        raise ValueError("a tensor that is larger than its numbers")
    steps = [step * numbers.itemsize for step in stride]
    return np.array(np.lib.stride_tricks.as_strided(numbers[offset:], size, steps, writeable=False))


def _storage(data: bytes) -> Array:
    """The numbers of a stream that torch wrote of one storage, in the form before it wrote archives."""
    file = io.BytesIO(data)
    if (pickles.read(file, ()), pickles.read(file, ())) != (_MAGIC, _PROTOCOL):
        raise ValueError("a tensor's numbers are in an unknown form")
    pickles.read(file, ())  # of the machine that wrote it
    found, keys = pickles.read(file, _STORAGES), pickles.read(file, ())
    if not isinstance(found, Outside) or not isinstance(found.id, tuple) or len(found.id) < 5:
        raise ValueError("a tensor's numbers are in an unknown form")
    word, kind, key, _, count = found.id[:5]
    if word != "storage" or keys != [key] or getattr(kind, "name", None) != _FLOATS:
        raise ValueError("a tensor's numbers are not of 32 bits")
    body = file.read()
    if (
        type(count) is not int
        or body != count.to_bytes(8, "little", signed=True) + body[8:]
        or len(body) != 8 + 4 * count
    ):
        raise ValueError("a tensor's numbers are cut off")
    return np.frombuffer(body, "<f4", offset=8).astype(np.float32)


def _variables(network: Any, prefix: str, arrays: dict[str, Array], depth: int) -> None:
    """Collect the variables of a network and of its components, under their names."""
    if not _is(network, _NETWORK) or depth > MAX_DEPTH:
        raise ValueError("a part of the generator is no network")
    state = _entries(network.state)
    variables = state.get("variables")
    if not isinstance(variables, list) or len(arrays) + len(variables) > MAX_TENSORS:
        raise ValueError("a network without variables, or with too many")
    for pair in variables:
        if not isinstance(pair, tuple) or len(pair) != 2 or not isinstance(pair[0], str):
            raise ValueError("a variable in an unknown form")
        if _is(pair[1], *_ARRAYS):
            arrays[prefix + pair[0]] = _array(pair[1])
    for name, component in _entries(state.get("components", {})).items():
        _variables(component, f"{prefix}{name}/", arrays, depth + 1)


def _array(value: Call) -> Array:
    state = value.state
    if not isinstance(state, tuple) or len(state) != 5 or not isinstance(state[4], bytes):
        raise ValueError("an array in an unknown form")
    _, shape, kind, columns_first, data = state
    dtype = kind.arguments[:1] if _is(kind, _DTYPE) and isinstance(kind.state, tuple) else ()
    if dtype != ("f4",) or kind.state[1:2] != ("<",):
        raise ValueError("an array's numbers are not of 32 bits")
    if not isinstance(shape, tuple) or not all(type(n) is int and n >= 0 for n in shape) or len(shape) > 4:
        raise ValueError("an array whose shape is none")
    if math.prod(shape) * 4 != len(data):
        raise ValueError("an array that is larger than its numbers")
    return np.frombuffer(data, "<f4").astype(np.float32).reshape(shape, order="F" if columns_first else "C")
