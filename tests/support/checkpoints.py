"""Checkpoints as the public code of StyleGAN2 writes them, by Python's own pickle and torch, of small generators.

The classes of that code are not here. Stand-ins of the same names take their places in `sys.modules` while a checkpoint
is written, so that its bytes name them.
"""

from __future__ import annotations

import io
import pickle
import sys
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np
import torch

from huref.image.stylegan2.generator import Generator


class EasyDict(dict[str, Any]):
    """A dict whose entries can be had as attributes."""


class Network:
    """A network of the code for TensorFlow."""

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__


def _reconstruct_persistent_obj(meta: Any) -> Any:
    raise AssertionError("a reader called this")


@contextmanager
def public_code() -> Iterator[None]:
    """Their names can be pickled."""
    names = {
        "torch_utils": (),
        "torch_utils.persistence": (_reconstruct_persistent_obj,),
        "dnnlib": (),
        "dnnlib.util": (EasyDict,),
        "dnnlib.tflib": (),
        "dnnlib.tflib.network": (Network,),
    }
    before = {name: sys.modules.get(name) for name in names}
    homes = {item: item.__module__ for items in names.values() for item in items}
    for name, items in names.items():
        sys.modules[name] = ModuleType(name)
        for item in items:
            setattr(sys.modules[name], item.__name__, item)
            item.__module__ = name
    try:
        yield
    finally:
        for item, home in homes.items():
            item.__module__ = home
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


class Persistent:
    """A module of the code for PyTorch, with its source beside its state."""

    def __init__(self, kind: str, **state: Any) -> None:
        self.kind, self.state = kind, state

    def __reduce__(self) -> Any:
        source = "import os\nos.system('touch /tmp/ran')\n"  # a reader that runs this has failed
        meta = EasyDict(type="class", version=6, module_src=source, class_name=self.kind, state=self.state)
        return sys.modules["torch_utils.persistence"]._reconstruct_persistent_obj, (meta,)


def _tensors(arrays: dict[str, Any], *, parameters: bool) -> OrderedDict[str, Any]:
    found = ((name, torch.from_numpy(np.array(value))) for name, value in arrays.items())
    return OrderedDict((name, torch.nn.Parameter(value) if parameters else value) for name, value in found)


BUFFERS = ("noise_const", "resample_filter", "w_avg")
FILTER = (np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64).astype(np.float32)


def _module(generator: Generator, path: str, kind: str, changes: dict[str, Any], parts: dict[str, Any]) -> Persistent:
    """The module at a path: its tensors, what it says of itself, and the modules in it."""
    own = {
        name[len(path) + 1 :]: weight
        for name, weight in generator.weights.items()
        if name.startswith(f"{path}.") and "." not in name[len(path) + 1 :]
    }
    if kind in ("SynthesisBlock", "SynthesisLayer"):
        own["resample_filter"] = FILTER
    says = {
        "SynthesisBlock": {"architecture": "skip", "is_last": False},
        "SynthesisLayer": {"activation": "lrelu", "use_noise": True, "conv_clamp": generator.design.clamp, "up": 1},
        "ToRGBLayer": {"conv_clamp": generator.design.clamp},
        "FullyConnectedLayer": {"activation": "lrelu" if "mapping" in path else "linear", "bias_gain": 0.01},
        "MappingNetwork": {"z_dim": 512, "c_dim": 0, "num_layers": generator.design.layers},
    }
    return Persistent(
        kind,
        training=False,
        **(says.get(kind, {}) | changes.get(path, {})),
        _parameters=_tensors({k: v for k, v in own.items() if k not in BUFFERS}, parameters=True),
        _buffers=_tensors({k: v for k, v in own.items() if k in BUFFERS}, parameters=False),
        _non_persistent_buffers_set=set(),
        _modules=OrderedDict(parts),
        _init_kwargs=EasyDict(w_dim=np.int64(3), noise=np.arange(3), dtype=np.dtype("float32")),
    )


def for_torch(generator: Generator, changes: dict[str, Any] | None = None, protocol: int = 4) -> bytes:
    """As StyleGAN2-ADA for PyTorch writes them. `changes`: what modules say of themselves, by their paths."""
    said = changes or {}

    def module(path: str, kind: str, **parts: Any) -> Persistent:
        return _module(generator, path, kind, said, parts)

    def layer(path: str, kind: str) -> Persistent:
        return module(path, kind, affine=module(f"{path}.affine", "FullyConnectedLayer"))

    blocks = {}
    for side in generator.design.sides:
        path = f"synthesis.b{side}"
        convolutions = ["conv1"] if side == 4 else ["conv0", "conv1"]
        parts = {name: layer(f"{path}.{name}", "SynthesisLayer") for name in convolutions}
        blocks[f"b{side}"] = module(path, "SynthesisBlock", **parts, torgb=layer(f"{path}.torgb", "ToRGBLayer"))
    names = [f"fc{i}" for i in range(generator.design.layers)]
    layers = {name: module(f"mapping.{name}", "FullyConnectedLayer") for name in names}
    parts = {
        "synthesis": module("synthesis", "SynthesisNetwork", **blocks),
        "mapping": module("mapping", "MappingNetwork", **layers),
    }
    whole = module("top", "Generator", **parts)
    other = Persistent("Discriminator", _parameters={}, _buffers={}, _modules={})
    with public_code():
        return pickle.dumps({"G": whole, "D": other, "G_ema": whole, "augment_pipe": None}, protocol)


def for_tensorflow(generator: Generator, extra: dict[str, Any] | None = None, protocol: int = 4) -> bytes:
    """As StyleGAN2 for TensorFlow writes them, all axes as there. `extra`: more variables of the synthesis network."""
    mapping: list[tuple[str, Any]] = []
    synthesis: list[tuple[str, Any]] = [("lod", np.float32(0)), *(extra or {}).items()]
    for name, weight in generator.weights.items():
        parts = name.split(".")
        if parts[0] == "mapping":
            place = f"Dense{parts[1][2:]}/{parts[2]}"
            mapping.append((place, weight.T if parts[2] == "weight" else weight))
            continue
        side = int(parts[1][1:])
        if parts[2] == "const":
            synthesis.append(("4x4/Const/const", weight[None]))
            continue
        layer = {"conv0": "Conv0_up", "conv1": "Conv" if side == 4 else "Conv1", "torgb": "ToRGB"}[parts[2]]
        rest = ".".join(parts[3:])
        if rest == "noise_const":
            number = 2 * int(np.log2(side)) - (4 if parts[2] == "conv1" else 5)
            synthesis.append((f"noise{number}", weight[None, None]))
        elif rest == "affine.weight":
            synthesis.append((f"{side}x{side}/{layer}/mod_weight", np.asfortranarray(weight.T)))
        elif rest == "affine.bias":
            synthesis.append((f"{side}x{side}/{layer}/mod_bias", weight - 1))
        elif rest == "weight":
            turned = weight[:, :, ::-1, ::-1] if parts[2] == "conv0" else weight
            synthesis.append((f"{side}x{side}/{layer}/weight", np.ascontiguousarray(turned.transpose(2, 3, 1, 0))))
        else:
            synthesis.append((f"{side}x{side}/{layer}/{rest}", weight))

    def network(variables: list[tuple[str, Any]], **components: Network) -> Network:
        made = Network()
        made.__dict__.update(
            version=4,
            name="G",
            static_kwargs=EasyDict(resolution=generator.design.resolution, fmap_base=8192),
            components=EasyDict(components),
            build_module_src="raise SystemExit",
            build_func_name="G_main",
            variables=variables,
        )
        return made

    with public_code():
        parts = {"synthesis": network(synthesis), "mapping": network(mapping)}
        average = network([("dlatent_avg", np.zeros(4, np.float32)), ("lod", np.float32(0))], **parts)
        return pickle.dumps((network([]), network([]), average), protocol)


def storage(values: Any) -> bytes:
    """What torch writes of a storage inside a pickle."""
    out = io.BytesIO()
    torch.save(torch.from_numpy(np.array(values)).storage(), out, _use_new_zipfile_serialization=False)
    return out.getvalue()
