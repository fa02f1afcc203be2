"""Quantisers written from the formats' descriptions, sharing nothing with huref's readers: tiny models in every format.

Each takes a matrix W (out x in, float32) and returns the tensors it is stored in, by the ending of their names behind
the module's, and the matrix that they stand for. Packing is done number by number in plain Python.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

Floats = NDArray[np.float32]
Stored = dict[str, NDArray[Any]]
Quantiser = Callable[[Floats], tuple[Stored, Floats]]

GROUP = 32


def words(numbers: NDArray[np.int64], bits: int, order: tuple[int, ...] | None = None) -> NDArray[np.int32]:
    """Rows of small numbers as rows of 32-bit words; the first of a word in its lowest bits. `order`: of the numbers of
    a word, which comes first, second, ...
    """
    each = 32 // bits
    rows = []
    for row in numbers.tolist():
        row += [0] * (-len(row) % each)
        packed = []
        for start in range(0, len(row), each):
            part = row[start : start + each]
            part = [part[i] for i in order] if order else part
            packed.append(sum(number << (bits * i) for i, number in enumerate(part)))
        rows.append(packed)
    return np.array(rows, dtype=np.uint32).view(np.int32)


def grouped(weight: Floats, bits: int, group: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
    """Integers of W, zero points and scales (groups x out, float16) of asymmetric quantisation."""
    count, top = int(group.max()) + 1, (1 << bits) - 1
    parts = [weight[:, group == i] for i in range(count)]
    low = np.array([np.minimum(part.min(1), 0) for part in parts])
    high = np.array([np.maximum(part.max(1), 0) for part in parts])
    scales = ((high - low) / top).astype(np.float16)
    wide = scales.astype(np.float32)
    zeros = np.clip(np.rint(-low / wide), 0, top).astype(np.int64)
    q = np.clip(np.rint(weight / wide.T[:, group]) + zeros.T[:, group], 0, top).astype(np.int64)
    return q, zeros, scales  # type: ignore[return-value]


def gptq(bits: int, version: int = 1, act_order: bool = False) -> Quantiser:
    def quantise(weight: Floats) -> tuple[Stored, Floats]:
        group = np.arange(weight.shape[1]) // GROUP
        if act_order:
            group = np.random.default_rng(0).permutation(group)
        q, zeros, scales = grouped(weight, bits, group)
        plain = scales.astype(np.float32).T[:, group] * (q - zeros.T[:, group])
        shown = zeros if version == 2 else (zeros - 1) % (1 << bits)
        stored: Stored = {"qweight": words(q, bits).T, "qzeros": words(shown, bits), "scales": scales}
        if act_order:
            stored["g_idx"] = group.astype(np.int32)
        return stored, plain.astype(np.float32)

    return quantise


def awq(weight: Floats) -> tuple[Stored, Floats]:
    group = np.arange(weight.shape[1]) // GROUP
    q, zeros, scales = grouped(weight, 4, group)
    plain = scales.astype(np.float32).T[:, group] * (q - zeros.T[:, group])
    order = (0, 2, 4, 6, 1, 3, 5, 7)
    stored = {"qweight": words(q.T, 4, order), "qzeros": words(zeros, 4, order), "scales": scales}
    return stored, plain.astype(np.float32)


def int8(weight: Floats) -> tuple[Stored, Floats]:
    largest = np.abs(weight).max(1)
    q = np.rint(weight * (127 / largest)[:, None]).astype(np.int8)
    stored: Stored = {"weight": q, "SCB": largest, "weight_format": np.zeros((), dtype=np.uint8)}
    return stored, (q * (largest / 127)[:, None]).astype(np.float32)


#: Quantiles of the normal distribution (QLoRA, appendix E), and the eight sizes of fp4 with both signs.
NF4 = [-1.0, -0.6962, -0.5251, -0.3949, -0.2844, -0.1848, -0.0911, 0.0]
NF4 += [0.0796, 0.1609, 0.2461, 0.3379, 0.4407, 0.5626, 0.7230, 1.0]
FP4 = [0.0, 0.0052, 0.6667, 1.0, 0.3333, 0.5, 0.1667, 0.25]
FP4 += [-value for value in FP4]


def four_bits(kind: str, table: list[float], double: bool) -> Quantiser:
    def quantise(weight: Floats) -> tuple[Stored, Floats]:
        block, flat, values = 64, weight.reshape(-1), np.array(table, dtype=np.float32)
        largest = np.array([np.abs(flat[i : i + block]).max() for i in range(0, len(flat), block)])
        state: dict[str, Any] = {
            "quant_type": kind,
            "blocksize": block,
            "dtype": "float16",
            "shape": list(weight.shape),
        }
        stored: Stored = {"weight.quant_map": values}
        if double:
            offset = float(np.float32(largest.mean()))
            steps = np.linspace(-1, 1, 256, dtype=np.float32)
            rest = largest - offset
            size = np.array([np.abs(rest[i : i + 256]).max() for i in range(0, len(rest), 256)], dtype=np.float32)
            scaled = rest / size.repeat(256)[: len(rest)]
            codes = np.abs(scaled[:, None] - steps).argmin(1).astype(np.uint8)
            largest = steps[codes] * size.repeat(256)[: len(rest)] + offset
            state |= {"nested_blocksize": 256, "nested_dtype": "float32", "nested_offset": offset}
            stored |= {"weight.absmax": codes, "weight.nested_absmax": size, "weight.nested_quant_map": steps}
        else:
            stored["weight.absmax"] = largest.astype(np.float32)
        each = largest.astype(np.float32).repeat(block)[: len(flat)]
        codes = np.abs((flat / each)[:, None] - values).argmin(1)
        pairs = codes.tolist() + [0] * (len(codes) % 2)
        stored["weight"] = np.array(
            [[16 * a + b] for a, b in zip(pairs[::2], pairs[1::2], strict=True)], dtype=np.uint8
        )
        stored[f"weight.quant_state.bitsandbytes__{kind}"] = np.frombuffer(json.dumps(state).encode(), dtype=np.uint8)
        return stored, (values[codes] * each).reshape(weight.shape)

    return quantise


def fp8(rows: int | None, columns: int | None, name: str) -> Quantiser:
    """Blocks of that many rows and columns; None: all of them."""

    def quantise(weight: Floats) -> tuple[Stored, Floats]:
        r, c = rows or len(weight), columns or weight.shape[1]
        starts = [[(i, j) for j in range(0, weight.shape[1], c)] for i in range(0, len(weight), r)]
        scales = np.array([[np.abs(weight[i : i + r, j : j + c]).max() / 448 for i, j in row] for row in starts])
        q, plain = np.zeros(weight.shape, dtype=ml_dtypes.float8_e4m3fn), np.zeros_like(weight)
        scales = scales.astype(np.float32)
        for row, line in zip(starts, scales, strict=True):
            for (i, j), scale in zip(row, line, strict=True):
                q[i : i + r, j : j + c] = (weight[i : i + r, j : j + c] / scale).astype(q.dtype)
                plain[i : i + r, j : j + c] = q[i : i + r, j : j + c].astype(np.float32) * scale
        return {"weight": q, name: scales.reshape(()) if scales.size == 1 else scales}, plain

    return quantise


def packed(bits: int) -> Quantiser:
    """compressed-tensors, pack-quantized, symmetric, in groups."""

    def quantise(weight: Floats) -> tuple[Stored, Floats]:
        half = 1 << (bits - 1)
        blocks = weight.reshape(len(weight), -1, GROUP)
        scales = (np.abs(blocks).max(-1) / (half - 0.5)).astype(np.float16)
        wide = scales.astype(np.float32)[..., None]
        q = np.clip(np.rint(blocks / wide), -half, half - 1).astype(np.int64)
        stored: Stored = {
            "weight_packed": words(q.reshape(weight.shape) + half, bits),
            "weight_shape": np.array(weight.shape, dtype=np.int64),
            "weight_scale": scales,
        }
        return stored, (q * wide).reshape(weight.shape).astype(np.float32)

    return quantise


def rows8(weight: Floats) -> tuple[Stored, Floats]:
    """compressed-tensors, int-quantized: a scale and a zero point for each row."""
    low, high = weight.min(1, keepdims=True), weight.max(1, keepdims=True)
    scales = ((high - low) / 255).astype(np.float32)
    zeros = np.clip(np.rint(-128 - low / scales), -128, 127).astype(np.int8)
    q = np.clip(np.rint(weight / scales) + zeros, -128, 127).astype(np.int8)
    plain = (q.astype(np.float32) - zeros) * scales
    return {"weight": q, "weight_scale": scales, "weight_zero_point": zeros}, plain


#: The sizes of a 4-bit float.
E2M1 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6], dtype=np.float32)


def codes4(values: Floats) -> tuple[NDArray[np.uint8], Floats]:
    """Two 4-bit floats a byte along the last axis, the first in the low bits; and what they stand for."""
    codes = np.abs(values[..., None] - E2M1).argmin(-1)
    lists = codes.reshape(-1, codes.shape[-1]).tolist()
    packed = [[low + 16 * high for low, high in zip(row[::2], row[1::2], strict=True)] for row in lists]
    return np.array(packed, dtype=np.uint8).reshape(*codes.shape[:-1], -1), E2M1[codes]


def powers(values: Floats) -> tuple[NDArray[np.uint8], Floats]:
    """Exponents such that numbers fit 4-bit floats, one for each 32 along the last axis; and the powers."""
    largest = np.abs(values.reshape(*values.shape[:-1], -1, 32)).max(-1)
    exponents = np.ceil(np.log2(largest / 6)).astype(np.int64)
    return (exponents + 127).astype(np.uint8), (2.0**exponents).astype(np.float32)


def mlx(bits: int) -> Quantiser:
    def quantise(weight: Floats) -> tuple[Stored, Floats]:
        blocks, top = weight.reshape(len(weight), -1, GROUP), (1 << bits) - 1
        biases = blocks.min(-1).astype(np.float16)
        scales = ((blocks.max(-1) - biases) / top).astype(np.float16)
        low, step = (part.astype(np.float32)[..., None] for part in (biases, scales))
        q = np.clip(np.rint((blocks - low) / step), 0, top).astype(np.int64)
        stream = ["".join(f"{number:0{bits}b}"[::-1] for number in row) for row in q.reshape(len(weight), -1).tolist()]
        packed = [[int(bits_[i : i + 32][::-1], 2) for i in range(0, len(bits_), 32)] for bits_ in stream]
        stored: Stored = {"weight": np.array(packed, dtype=np.uint32), "scales": scales, "biases": biases}
        return stored, (low + step * q).reshape(weight.shape).astype(np.float32)

    return quantise


def mlx_floats(weight: Floats) -> tuple[Stored, Floats]:
    scales, wide = powers(weight)
    each = wide.repeat(32, axis=1)
    codes, values = codes4(weight / each)
    return {"weight": codes.view(np.uint32), "scales": scales}, values * each


def nvfp4(weight: Floats) -> tuple[Stored, Floats]:
    whole = np.float32(np.abs(weight).max() / (6 * 448))
    largest = np.abs(weight.reshape(len(weight), -1, 16)).max(-1)
    scales = (largest / 6 / whole).astype(ml_dtypes.float8_e4m3fn)
    each = (scales.astype(np.float32) * whole).repeat(16, axis=1)
    codes, values = codes4(weight / np.maximum(each, 1e-30))
    return {"weight": codes, "weight_scale": scales, "weight_scale_2": np.array(whole)}, values * each


def ternary(weight: Floats) -> tuple[Stored, Floats]:
    scale = np.float32(np.abs(weight).mean())
    q = np.rint(weight / scale).clip(-1, 1).astype(np.int8)
    fourths = (q + 1).astype(np.uint8).reshape(4, -1, weight.shape[1])
    packed_ = fourths[0] | fourths[1] << 2 | fourths[2] << 4 | fourths[3] << 6
    return {"weight": packed_, "weight_scale": np.array([scale])}, q * scale


def nvfp4_other(weight: Floats) -> tuple[Stored, Floats]:
    stored, values = nvfp4(weight)
    whole = np.array([1 / stored["weight_scale_2"]], np.float32)
    return {
        "weight_packed": stored["weight"],
        "weight_scale": stored["weight_scale"],
        "weight_global_scale": whole,
    }, values


_CT = {"quant_method": "compressed-tensors"}
_BNB = {"quant_method": "bitsandbytes"}
_GPTQ = {"quant_method": "gptq", "group_size": GROUP}
#: What a format is called here -> `quantization_config`, quantiser.
FORMATS: dict[str, tuple[dict[str, Any], Quantiser]] = {
    "gptq, 4 bits": (_GPTQ | {"bits": 4, "checkpoint_format": "gptq"}, gptq(4)),
    "gptq, 8 bits": (_GPTQ | {"bits": 8}, gptq(8)),
    "gptq, version 2": (_GPTQ | {"bits": 4, "checkpoint_format": "gptq_v2"}, gptq(4, 2)),
    "gptq, act order": (_GPTQ | {"bits": 4, "desc_act": True}, gptq(4, act_order=True)),
    "awq": ({"quant_method": "awq", "bits": 4, "group_size": GROUP, "version": "gemm", "zero_point": True}, awq),
    "int8": (_BNB | {"load_in_8bit": True}, int8),
    "nf4": (_BNB | {"load_in_4bit": True}, four_bits("nf4", NF4, double=False)),
    "nf4, double": (_BNB | {"load_in_4bit": True}, four_bits("nf4", NF4, double=True)),
    "fp4": (_BNB | {"load_in_4bit": True}, four_bits("fp4", FP4, double=False)),
    "fp8, blocks": ({"quant_method": "fp8", "weight_block_size": [48, 40]}, fp8(48, 40, "weight_scale_inv")),
    "fp8, one scale": ({"quant_method": "fp8"}, fp8(None, None, "weight_scale")),
    "fp8, rows": ({"quant_method": "fbgemm_fp8"}, fp8(1, None, "weight_scale")),
    "compressed, 4 bits": (_CT | {"format": "pack-quantized"}, packed(4)),
    "compressed, int8": (_CT | {"format": "int-quantized"}, rows8),
    **{f"mlx, {bits} bits": ({"group_size": GROUP, "bits": bits}, mlx(bits)) for bits in (3, 4, 6)},
    "mlx, floats": ({"group_size": 32, "bits": 4, "mode": "mxfp4"}, mlx_floats),
    "modelopt, fp8": ({"quant_method": "modelopt", "quant_algo": "FP8"}, fp8(None, None, "weight_scale")),
    "modelopt, nvfp4": ({"quant_method": "modelopt", "quant_algo": "NVFP4"}, nvfp4),
    "bitnet": ({"quant_method": "bitnet", "linear_class": "autobitlinear"}, ternary),
    "compressed, nvfp4": (_CT | {"format": "nvfp4-pack-quantized"}, nvfp4_other),
    "compressed, fp8": (_CT | {"format": "float-quantized"}, fp8(1, None, "weight_scale")),
}


def quantise(
    source: Path, folder: Path, name: str, edit: Callable[[Stored], object] = lambda _: None
) -> dict[str, Floats]:
    """A copy of a model folder with every projection of its layers quantised; the matrices that it stands for. `edit`
    changes the tensors before they are saved.
    """
    settings, quantiser = FORMATS[name]
    folder.mkdir()
    for path in source.iterdir():
        if path.suffix == ".json":
            (folder / path.name).write_bytes(path.read_bytes())
    config = json.loads((source / "config.json").read_text()) | {"quantization_config": settings}
    (folder / "config.json").write_text(json.dumps(config))
    tensors, plain = load_file(source / "model.safetensors"), {}
    for key in [key for key in tensors if key.endswith("_proj.weight")]:
        stored, plain[key] = quantiser(tensors.pop(key))
        stem = key.removesuffix("weight")
        tensors |= {stem + ending: np.ascontiguousarray(part) for ending, part in stored.items()}
    edit(tensors)
    save_file(tensors, folder / "model.safetensors")
    return plain
