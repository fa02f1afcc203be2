"""Relatives of MiniLM from the ONNX files that packages ship, to model folders: MiniLM itself in 8 bits, and
paraphrase-MiniLM-L3-v2, three layers of BERT with a common ancestor.

Only the initialisers of the graph are read, and which bias stands behind which product: an export gives products no
names, but their biases keep theirs. A matrix `NAME` in 8 bits is stored as `NAME_q` and `NAME_scale`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab.lineage.folder import write

#: Of protobuf: a number, eight bytes, a length and so many bytes, four bytes.
VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
CONFIG = {
    "architectures": ["BertModel"],
    "model_type": "bert",
    "hidden_size": 384,
    "intermediate_size": 1536,
    "num_attention_heads": 12,
    "vocab_size": 30522,
    "hidden_act": "gelu",
    "layer_norm_eps": 1e-12,
    "max_position_embeddings": 512,
    "type_vocab_size": 2,
    "pad_token_id": 0,
}


def from_onnx(at: Path, source: Path, layers: int, tokenizer: bytes) -> None:
    """A folder with the tensors of an ONNX file; `tokenizer`: that of MiniLM, whose vocabulary it has."""
    graph = next(part for field, part in _fields(source.read_bytes()) if field == 7)
    nodes, tensors = [], {}
    for field, part in _fields(graph):
        if field == 1:
            nodes.append(_node(part))
        elif field == 5:
            name, values = _tensor(part)
            tensors[name] = values
    for name in [name for name in tensors if f"{name.removesuffix('_q')}_scale" in tensors]:
        whole = name.removesuffix("_q")
        tensors[whole] = tensors.pop(name).astype(np.float32) * tensors[f"{whole}_scale"]
    named = {name: values for name, values in tensors.items() if values.dtype == np.float32 and "." in name}
    made_by = {output: node for node in nodes for output in node.outputs}
    for node in nodes:
        bias = next((one for one in node.inputs if one.endswith(".bias") and one in tensors), None)
        product = next((made_by[one] for one in node.inputs if one in made_by), None)
        if node.kind != "Add" or bias is None or product is None or product.kind != "MatMul":
            continue
        weight = next((one for one in product.inputs if one in tensors), None)
        if weight is not None:
            named[bias.removesuffix("bias") + "weight"] = tensors[weight].T
    named = {name.removeprefix("inner."): values for name, values in named.items() if not name.endswith("_scale")}
    write(at, named, CONFIG | {"num_hidden_layers": layers}, tokenizer)


@dataclass(frozen=True)
class _Node:
    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def _node(part: bytes) -> _Node:
    fields = list(_fields(part))

    def texts(number: int) -> tuple[str, ...]:
        return tuple(value.decode() for field, value in fields if field == number)

    return _Node(texts(4)[0], texts(1), texts(2))


def _tensor(part: bytes) -> tuple[str, NDArray[Any]]:
    shape: list[int] = []
    name, data, kind = "", b"", 0
    for field, value in _fields(part):
        if field == 1:
            shape += [value] if isinstance(value, int) else _numbers(value)
        elif field == 2:
            kind = value
        elif field == 8:
            name = value.decode()
        elif field == 9:
            data = value
    dtype = {1: np.float32, 3: np.int8, 7: np.int64}.get(kind)
    if dtype is None or not data:
        return name, np.zeros(0)
    return name, np.frombuffer(data, dtype).reshape(shape)


def _numbers(packed: bytes) -> list[int]:
    found, at = [], 0
    while at < len(packed):
        value, at = _varint(packed, at)
        found.append(value)
    return found


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Number and value of every field of a message."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        field, wire = key >> 3, key & 7
        if wire == VARINT:
            value, at = _varint(data, at)
            yield field, value
        elif wire == LENGTH:
            size, at = _varint(data, at)
            yield field, data[at : at + size]
            at += size
        elif wire in (FIXED32, FIXED64):
            size = 4 if wire == FIXED32 else 8
            yield field, struct.unpack_from("<I" if size == 4 else "<Q", data, at)[0]
            at += size
        else:
            raise ValueError(f"wire type {wire}")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
