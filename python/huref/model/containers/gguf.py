"""A model in GGUF: configuration, tensors and vocabulary, all out of one file or its parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from reprlib import repr as shown
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import ModelError
from ..checkpoint import Checkpoint
from ..config import Config
from ..entry import Entry
from ..formats.gguf import Part
from ..tensor import Tensor
from ..tokenizer import gguf_vocabulary
from .architectures import LAYOUTS
from .container import Container
from .layouts import Layout, of_t5
from .names import APART, joined

#: As llama.cpp splits files.
SPLIT = re.compile(r"(.+-)(\d{5})-of-(\d{5})\.gguf")
MOST_PARTS = 1024
#: Parts of layers beside attention and feed-forward block, and routers.
IN_NO_TERM = ("ffn_gate_inp", "post_norm", "laurel_", "altup_", "ssm_", "shortconv", "attn_sinks")
#: Names of Falcon H1's second norms have no `.weight`.
_BLOCK = re.compile(r"blk\.(\d{1,5})\.([a-z0-9_]+)(?:\.(\d{1,5}))?(?:\.weight)?")
_EXPERTS = re.compile(r"blk\.(\d{1,5})\.ffn_(gate|up|down)_exps\.weight")
_STACK = re.compile(r"(enc|dec)\.blk\.(\d{1,5})\.(?!cross_attn_rel|attn_rel)([a-z_]+)\.weight")
_TOP = re.compile(r"([a-z_]+)\.weight")
#: Names of sizes in the metadata, and those that families ask for.
SIZES = {
    "block_count": ("num_hidden_layers", "n_layer"),
    "embedding_length": ("hidden_size", "n_embd"),
    "attention.head_count": ("num_attention_heads", "n_head"),
    "attention.head_count_kv": ("num_key_value_heads",),
    "attention.key_length": ("head_dim",),
    "feed_forward_length": ("intermediate_size", "n_inner"),
    "expert_feed_forward_length": ("moe_intermediate_size",),
    "expert_shared_feed_forward_length": ("shared_expert_intermediate_size",),
    "expert_count": ("num_experts", "num_local_experts", "n_routed_experts"),
    "expert_shared_count": ("n_shared_experts",),
    "leading_dense_block_count": ("first_k_dense_replace",),
    "attention.layer_norm_rms_epsilon": ("rms_norm_eps",),
    "rope.freq_base": ("rope_theta",),
    "attention.shared_kv_layers": ("num_kv_shared_layers",),
    "use_parallel_residual": ("use_parallel_residual",),
    "context_length": ("max_position_embeddings",),
}


def parts_of(path: Path) -> tuple[Path, ...]:
    """All parts of a split file, in order; just the file, where it is whole. ModelError if one is missing."""
    split = SPLIT.fullmatch(path.name)
    if split is None:
        return (path,)
    stem, count = split[1], int(split[3])
    if not 1 <= count <= MOST_PARTS:
        raise ModelError(f"{path}: a part of {count}; at most {MOST_PARTS} are read")
    paths = tuple(path.with_name(f"{stem}{number:05}-of-{count:05}.gguf") for number in range(1, count + 1))
    missing = next((one for one in paths if not one.is_file()), None)
    if missing is not None:
        raise ModelError(f"{missing}: missing; {path.name} is one of {count} parts, which must be in one folder")
    return paths


def chosen(folder: Path) -> Path | None:
    """The GGUF model of a folder; None if there is none. ModelError if there are several."""
    files = sorted(file for file in folder.glob("*.gguf") if not file.name.startswith("mmproj"))
    firsts = [file for file in files if not (split := SPLIT.fullmatch(file.name)) or int(split[2]) == 1]
    if len(firsts) > 1:
        names = ", ".join(file.name for file in firsts[:4])
        raise ModelError(f"{folder}: {len(firsts)} GGUF models ({names}); give the file instead of the folder")
    return next(iter(firsts or files), None)


def open_gguf(path: Path, given: Path, called: str) -> Container:
    """The model in a GGUF file, or in the parts of which it is one; `given` is what messages call it,
    `called` its name.

    Raises:
        ModelError: it cannot be read, or its architecture is not known here.

    """
    parts = tuple(map(Part, parts_of(path)))
    metadata, first = parts[0].metadata, parts[0].path
    kind = metadata.get("general.architecture")
    if not isinstance(kind, str):
        raise ModelError(f"{first}: GGUF: no general.architecture, so it is unknown what it holds")
    if kind == "llama" and metadata.get("llama.expert_count"):
        kind = "mixtral"
    if kind not in LAYOUTS:
        known = ", ".join(sorted(LAYOUTS))
        raise ModelError(f"{first}: GGUF of the architecture {shown(kind)}, which is not read; known are: {known}")
    layout = LAYOUTS[kind]
    config = _config(first, metadata, layout, parts)
    entries: dict[str, Entry] = {}
    config = _shared(config) if "attn_kv_a_mqa" in layout.parts else config
    for part in parts:
        for name, entry in part.entries().items():
            if name in entries:
                raise ModelError(f"{part.path}: tensor {name!r} is in {entries[name].file.name} too")
            entries[name] = entry
    place = dict(_named(dict(_keys_with_values(entries)), layout, config))
    place = joined(place) if layout.model_type == APART else place
    checkpoint = Checkpoint(given, place, tuple(part.path for part in parts))
    return Container(given, config, checkpoint, lambda: (gguf_vocabulary(first, metadata), first), called)


def _config(path: Path, metadata: Mapping[str, Any], layout: Layout, parts: Sequence[Part]) -> Config:
    """Sizes under the names of transformers. Of a size that differs from layer to layer that of the layers without a
    sliding window counts; if these differ too, it is left to be missed.
    """
    fields: dict[str, Any] = {"model_type": layout.model_type}
    for part in parts:
        if (rows := part.rows("token_embd.weight")) is not None:
            fields["vocab_size"] = rows
    prefix = metadata["general.architecture"] + "."
    pattern = metadata.get(prefix + "attention.sliding_window_pattern")
    windows = pattern.astype(bool) if isinstance(pattern, np.ndarray) else None
    for name, places in SIZES.items():
        value = metadata.get(prefix + name)
        if isinstance(value, np.ndarray):
            wide = value[~windows] if windows is not None and len(windows) == len(value) else value
            kinds = np.unique(wide[wide != 0])  # 0: no such layer
            value = kinds[0].item() if len(kinds) == 1 else None
        if isinstance(value, int | float):
            fields |= dict.fromkeys(places, value)
    if isinstance(more := metadata.get(prefix + "nextn_predict_layers"), int) and "num_hidden_layers" in fields:
        fields |= dict.fromkeys(SIZES["block_count"], fields["num_hidden_layers"] - more)  # those predict ahead
    config = Config(path, fields)
    if not config.has("head_dim"):  # as llama.cpp has it, whatever the architecture
        fields["head_dim"] = config.size("hidden_size") // config.size("num_attention_heads") or None
    return config


def _shared(config: Config) -> Config:
    """Of latent attention the metadata has the sizes of one head that all share; the tensors have the sizes of each."""
    fields = {name: value for name, value in config.fields.items() if name not in ("head_dim", "num_key_value_heads")}
    return replace(config, fields=fields)


def _keys_with_values(entries: Mapping[str, Entry]) -> Iterator[tuple[str, Entry]]:
    """The tensors; of latent attention, keys and values that llama.cpp takes apart are put together, head by head."""
    for name, entry in entries.items():
        keys, values = entry, entries.get(name.replace(".attn_k_b.", ".attn_v_b."))
        if ".attn_k_b." not in name or values is None or len(keys.shape) != 3 or len(values.shape) != 3:
            yield name, entry
            continue
        heads, rank, own = keys.shape
        if values.shape[::2] != (heads, rank):
            raise ModelError(f"{keys.file}: tensors {keys.name!r} and {values.name!r}: shapes do not fit each other")
        yield name.replace(".attn_k_b.", ".attn_kv_b."), _both(keys, values, (heads * (own + values.shape[1]), rank))


def _both(keys: Entry, values: Entry, shape: tuple[int, int]) -> Entry:
    def read() -> NDArray[Any]:
        parts = keys.tensor().read().swapaxes(1, 2), values.tensor().read()
        return np.concatenate(parts, axis=1).reshape(shape)

    return replace(keys, shape=shape, tensor=lambda: Tensor(shape, read))


def _named(entries: Mapping[str, Entry], layout: Layout, config: Config) -> Iterator[tuple[str, Entry]]:
    """The tensors under the names of transformers, as transformers stores them; others are left out."""
    for name, entry in entries.items():
        stack = _STACK.fullmatch(name) if layout.two_stacks else None
        experts, block, top = _EXPERTS.fullmatch(name), _BLOCK.fullmatch(name), _TOP.fullmatch(name)
        if stack:
            gated = f"{stack[1]}.blk.{stack[2]}.ffn_gate.weight" in entries
            yield of_t5(stack[1], int(stack[2]), stack[3], gated), entry
        elif experts and len(entry.shape) == 3:
            yield from _experts(entries, layout, int(experts[1]), experts[2])
        elif block and block[3] and block[2] in ("ffn_gate", "ffn_up", "ffn_down"):
            at, *names = layout.experts
            kind = names[("ffn_gate", "ffn_up", "ffn_down").index(block[2])]
            yield f"{layout.layer.format(int(block[1]))}{at}{int(block[3])}.{kind}.weight", entry
        elif block and block[2] in layout.parts:
            made = _as_stored(entry, block[2], layout, config)
            yield f"{layout.layer.format(int(block[1]))}{layout.parts[block[2]]}.weight", made
        elif block and not block[2].startswith(IN_NO_TERM):  # for the family to know, or to say that it does not
            yield f"{layout.layer.format(int(block[1]))}{block[2]}.weight", entry
        elif top and top[1] in layout.top:
            made = _minus_one(entry) if layout.norms_plus_one and top[1].endswith("norm") else entry
            yield f"{layout.top[top[1]]}.weight", made


def _experts(entries: Mapping[str, Entry], layout: Layout, index: int, kind: str) -> Iterator[tuple[str, Entry]]:
    """The matrices of a kind of all experts of a layer: one by one, or gate and up together where the layout says so.

    ModelError if gate and up do not fit each other.
    """
    at, stack = layout.layer.format(index), entries[f"blk.{index}.ffn_{kind}_exps.weight"]
    if not layout.stacks:
        start, *names = layout.experts
        name = names[("gate", "up", "down").index(kind)]
        for number in range(stack.shape[0]):
            yield f"{at}{start}{number}.{name}.weight", stack.part(number)
    elif kind == "down":
        yield at + layout.stacks[1], stack
    elif kind == "up" and (gate := entries.get(f"blk.{index}.ffn_gate_exps.weight")) is not None:
        if gate.shape != stack.shape:
            raise ModelError(
                f"{stack.file}: tensor {gate.name!r}: shape {list(gate.shape)}, not that of {stack.name!r}"
            )
        yield at + layout.stacks[0], _joined(gate, stack, 2 if layout.neurons_alternate else 1)


def _joined(gate: Entry, up: Entry, axis: int) -> Entry:
    """Gate and up of all experts: rows of the two by turns, or all of the first before all of the second."""
    count, neurons, hidden = gate.shape
    shape = count, 2 * neurons, hidden

    def tensor() -> Tensor:
        parts = gate.tensor(), up.tensor()

        def rows(ids: NDArray[np.int64]) -> NDArray[Any]:
            return np.stack([part.rows(ids) for part in parts], axis=axis).reshape(len(ids), *shape[1:])

        return Tensor(shape, lambda: rows(np.arange(count)), rows)

    return replace(up, shape=shape, tensor=tensor)


def _as_stored(entry: Entry, part: str, layout: Layout, config: Config) -> Entry:
    """A tensor of a layer as transformers stores it."""
    if layout.interleaved and part in ("attn_q", "attn_k"):
        heads = config.size("num_attention_heads")
        if part == "attn_k":
            heads = config.size("num_key_value_heads", default=heads)
        rows = entry.shape[0]
        if rows % (2 * heads):
            raise ModelError(f"{config.path}: tensor {entry.name!r}: {rows} rows for {heads} heads")
        return entry.gathered(_halves(rows, heads))
    if part == "attn_qkv" and layout.grouped:
        heads = config.size("num_attention_heads")
        return entry.gathered(_groups(entry, heads, config.size("num_key_value_heads", default=heads), config))
    if layout.norms_plus_one and part.endswith("norm"):
        return _minus_one(entry)
    if layout.transposed and len(entry.shape) == 2:
        return entry.mapped(np.transpose, entry.shape[::-1])
    return entry


def _halves(rows: int, heads: int) -> NDArray[np.int64]:
    """Where the rows of q or k are: llama.cpp puts the two of a rotary pair side by side, transformers puts the first
    of all pairs of a head before the second of all.
    """
    return np.arange(rows).reshape(heads, -1, 2).swapaxes(1, 2).reshape(-1)


def _groups(entry: Entry, heads: int, groups: int, config: Config) -> NDArray[np.int64]:
    """Where the rows of q, k and v are: llama.cpp puts all q before all k before all v, transformers puts them group by
    group, the queries of a group before its key and its value.
    """
    rows, each = entry.shape[0], heads + 2 * groups
    if heads % groups or rows % each:
        raise ModelError(f"{config.path}: tensor {entry.name!r}: {rows} rows for {heads} heads in {groups} groups")
    size = rows // each
    numbers = np.arange(rows).reshape(each, size)
    q, k, v = (part.reshape(groups, -1, size) for part in np.split(numbers, (heads, heads + groups)))
    return np.concatenate([q, k, v], axis=1).reshape(-1)


def _minus_one(entry: Entry) -> Entry:
    return entry.mapped(lambda values: values.astype(np.float64) - 1)
