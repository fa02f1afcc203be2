"""A base with an adapter (LoRA) of peft: `BASE+ADAPTER`, merged as the matrices are read.

Of an adapted matrix W (out x in), with A (r x in) and B (out x r):

    W + s B A          s = alpha / r, or alpha / sqrt(r) where `use_rslora` is set

`rank_pattern` and `alpha_pattern` give some modules an r and alpha of their own, `fan_in_fan_out` says that W is stored
turned round, and an embedding has `lora_embedding_A` (r x vocab) and `lora_embedding_B` (d x r). Modules that were
trained as a whole (`modules_to_save`) take the place of the base's. What changes weights in other ways is refused by
name: DoRA, other methods of peft, beginnings that alter the base (PiSSA, OLoRA, LoftQ, CorDA).

Documentation: peft, `LoraConfig` and `LoraModel`; LoRA, arXiv 2106.09685; rsLoRA, arXiv 2312.03732.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from reprlib import repr as shown
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from ...errors import ModelError
from ...place import pickles_allowed
from .. import strict
from ..checkpoint import Checkpoint
from ..config import ADAPTER_CONFIG, Config
from ..entry import Entry
from ..formats.pickled import Pickle
from ..formats.safetensors import Shard
from ..tensor import Tensor
from .container import Container
from .names import plain

WEIGHTS, PICKLED = "adapter_model.safetensors", "adapter_model.bin"
#: Its two matrices, by how their names end; the second has another name in embeddings.
A, B = (".lora_A.weight", ".lora_embedding_A"), (".lora_B.weight", ".lora_embedding_B")
#: Patterns of modules that are used: names, alternatives, a number or two. Others could take for ever.
_SIMPLE = re.compile(r"(?:[\w|^$()-]|\\?\.(?!\*)){1,2000}|(?:[\w|^$()-]|\\?\.(?!\*)|\\d\+|\.\*){1,60}", re.ASCII)
#: Fields that change what is added, and values under which they do not.
PLAIN: Mapping[str, tuple[object, ...]] = {
    "peft_type": ("LORA",),
    "use_dora": (False,),
    "use_qalora": (False,),
    "layer_replication": ([],),
    "target_parameters": ([],),
    "trainable_token_indices": ([], {}),
    "megatron_config": (),
    "alora_invocation_tokens": (),
    "init_lora_weights": (True, False, "gaussian", "eva", "orthogonal"),
}


@dataclass(frozen=True)
class _Change:
    """What is added to a matrix: s B A."""

    a: Entry
    b: Entry
    scale: float
    turned: bool

    def rows(self, ids: NDArray[np.int64] | slice) -> NDArray[np.float32]:
        """Rows of it."""
        a, b = (entry.tensor().read().astype(np.float32) for entry in (self.a, self.b))
        left, right = (a.T, b.T) if self.turned else (b, a)
        made: NDArray[np.float32] = left[ids] @ right
        made *= np.float32(self.scale)
        return made

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        out, inputs = self.b.shape[0], self.a.shape[1]
        return (inputs, out) if self.turned else (out, inputs)


def merged(base: Container, folder: Path, given: Path, called: str) -> Container:
    """The base with the adapter of a folder merged into it; `given` is what messages call the
    two, `called` the name of the adapter.

    Raises:
        ModelError: the folder holds no adapter, one that is not read, or one that does not fit the base.

    """
    config = Config(folder / ADAPTER_CONFIG, strict.read_object(folder / ADAPTER_CONFIG, strict.MEBIBYTE))
    for name, values in PLAIN.items():
        config.require(name, values, "this is no plain LoRA; merge it with peft: merge_and_unload()")
    file = _opened(folder)
    place = dict(base.checkpoint.place)
    left = {plain(name): entry for name, entry in file.entries().items()}
    for name in [name for name in left if name.endswith(A)]:
        ending = next(ending for ending in A if name.endswith(ending))
        module, other = name.removesuffix(ending), B[A.index(ending)]
        if module + other not in left:
            _refuse(file.path, name, f"there is no {module + other!r} beside it")
        a, b = left.pop(name), left.pop(module + other)
        target = _target(file.path, module, place)
        turned = ending == A[1] or config.flag("fan_in_fan_out", False)
        change = _Change(a, b, _scale(config, module, a), turned)
        if len(a.shape) != 2 or len(b.shape) != 2 or a.shape[0] != b.shape[1] or change.shape != place[target].shape:
            shapes = f"{list(a.shape)} and {list(b.shape)}"
            _refuse(file.path, name, f"{shapes} do not fit {target!r}, which is {list(place[target].shape)}")
        place[target] = _changed(place[target], change)
    for name, entry in left.items():
        if name.endswith((".bias", ".lora_bias")) or ".lora_B.bias" in name:  # in no term
            continue
        if ".lora_" in name or not name.endswith(".weight"):
            _refuse(file.path, name, "no part of a plain LoRA; merge it with peft: merge_and_unload()")
        place[_found(name, place) or name] = entry  # a head of its own changes no term
    files = (*base.checkpoint.files, config.path, file.path)
    return replace(base, path=given, checkpoint=Checkpoint(given, place, files), name=f"{base.name}+{called}")


def _opened(folder: Path) -> Shard | Pickle:
    if (folder / WEIGHTS).is_file():
        return Shard(folder / WEIGHTS)
    if not (folder / PICKLED).is_file():
        raise ModelError(f"{folder}: {ADAPTER_CONFIG}, but no {WEIGHTS}")
    if not pickles_allowed():
        raise ModelError(
            f"{folder / PICKLED}: pickled weights can run code when they are opened and are not read; let torch read "
            "nothing but tensors from them: --allow-pickle-format"
        )
    return Pickle(folder / PICKLED)


def _target(file: Path, module: str, place: Mapping[str, Entry]) -> str:
    """The tensor of the base that a module's weight is."""
    found = _found(f"{module}.weight", place)
    if found is None:
        _refuse(file, module, "the base has no such module: the adapter is of another model")
    return found


def _found(name: str, place: Mapping[str, Entry]) -> str | None:
    """The name in the base, whose prefix may be another; None if there is none, or more than one."""
    if name in place:
        return name
    short = name.removeprefix("model.")
    found = [one for one in place if one.endswith(f".{short}") or one == short]
    return found[0] if len(found) == 1 else None


def _scale(config: Config, module: str, a: Entry) -> float:
    """The factor s of a module, whose rank is that of A."""
    alpha = _number(config, "lora_alpha", "alpha_pattern", module)
    rank = _number(config, "r", "rank_pattern", module)
    if rank != a.shape[0]:
        raise ModelError(f"{config.where}: rank {rank} for {module!r}, but its matrices have {a.shape[0]}")
    return alpha / math.sqrt(rank) if config.flag("use_rslora", False) else alpha / rank


def _number(config: Config, name: str, field: str, module: str) -> float:
    """A number for all modules, or for those whose name ends as a pattern says; 8 where it is missing."""
    value, patterns = config.fields.get(name, 8), config.fields.get(field) or {}
    if not isinstance(patterns, dict):
        raise ModelError(f"{config.where}: {field} is {shown(patterns)}; expected an object")
    for pattern, own in patterns.items():
        try:
            if not _SIMPLE.fullmatch(pattern):
                raise re.error("not simple")
            if re.match(rf"(.*\.)?({pattern})$", module):
                value = own
                break
        except re.error:
            raise ModelError(f"{config.where}: {field}: the pattern {shown(pattern)} is not read") from None
    if type(value) not in (int, float) or not math.isfinite(value) or value <= 0:
        raise ModelError(f"{config.where}: {name} is {shown(value)} for {module!r}; expected a positive number")
    return float(value)


def _changed(entry: Entry, change: _Change) -> Entry:
    return replace(entry, tensor=partial(_sum, entry, change))


def _sum(entry: Entry, change: _Change) -> Tensor:
    base = entry.tensor()

    def whole() -> NDArray[np.float32]:
        return base.read().astype(np.float32) + change.rows(slice(None))

    def rows(ids: NDArray[np.int64]) -> NDArray[np.float32]:
        return base.rows(ids).astype(np.float32) + change.rows(ids)

    return Tensor(entry.shape, whole, rows)


def _refuse(file: Path, name: str, why: str) -> NoReturn:
    raise ModelError(f"{file}: tensor {name!r}: {why}")
