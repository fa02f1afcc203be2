"""Exact sketches `S_t = (P X) A_t (Q X)^T` of every term (specification, "fingerprint", steps 1 to 3).

The Rust core computes them on all processor cores. With torch and a GPU the same integers come from float64 products:
numbers are cut into limbs of 16 bits, so that every partial sum of a product stays below 2^53, where float64 is exact
whatever the order of additions. With d <= 2^16 columns, weights below 2^11 and K <= 2^16 tokens:

    U = P X         entries of P below 2^17, of X below 2^11, K of them               below 2^44
    L = W U         entries of W below 2^11, limbs of U below 2^16, d of them         below 2^43
    S = L R^T       limbs of L and of R below 2^16, at most 2^20 positions at once    below 2^52
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .. import _native
from ..artefacts.draw import sketch_stream
from ..artefacts.shape import Shape
from ..errors import ModelError, UsageError
from ..extras import require
from ..profile import Profile
from ..progress import Progress, silent

if TYPE_CHECKING:
    from .quantise import Quantised, Source


DEVICES = ("auto", "cpu", "cuda")

#: Bits of a limb.
LIMB = 16
#: Positions of one exact product of limbs.
POSITIONS = 1 << 20
#: Entries of a matrix that are in the device's memory at the same time.
ENTRIES = 1 << 24


#: The seed of a draw; None for the common one.
Seed = bytes | None
#: Sketches of all terms in order (a, b, f of layer after layer), each r x r integers, row after row.
Sketches = list[list[int]]


def sketch(
    quantised: Quantised, device: str = "auto", progress: Progress = silent, seeds: Sequence[Seed] = (None,)
) -> list[Sketches]:
    """The sketches of all terms under the draw of each seed.

    `device`: "cpu" is the Rust core; "cuda" is torch on a GPU; "auto" uses a GPU where torch and a driver are
    installed, else the core. All give the same integers.

    Raises:
        UsageError: the device is unknown, or is "cuda" without torch or without a GPU.
        ModelError: all tokens fall on one side of the sketch.

    """
    found = gpu(device)
    if found is not None:
        return on_torch(quantised, found, progress, seeds)
    try:
        together = _native.sketches(quantised.weights, progress, list(seeds))
    except ValueError as why:
        raise ModelError(f"the model cannot be sketched: {why}") from None
    terms = len(together) // len(seeds)
    return [together[start : start + terms] for start in range(0, len(together), terms)]


def streamed(
    source: Source, device: str = "auto", progress: Progress = silent, seeds: Sequence[Seed] = (None,)
) -> list[Sketches]:
    """The same integers, of a model that is read layer by layer, as one stage "sketch".

    Memory, the device's too, is that of the embeddings and one layer, however many there are: terms of different layers
    have nothing else in common. The embeddings are read again for each layer, about a tenth of its cost.

    Raises:
        UsageError, ModelError: as for `sketch` and `Source.piece`.

    """
    shape, found = source.shape, [Sketches() for _ in seeds]
    rows, layers = 2 * (2 * shape.heads * shape.head_dim + shape.ffn), len(shape.layers)
    for index in range(layers):

        def report(stage: str, done: int, total: int, before: int = 2 * index) -> None:
            half = before + (stage == "sketch")
            progress("sketch", half * rows + rows * done // max(total, 1), 2 * layers * rows)

        alone = sketch(source.alone(index, report), device, report, seeds)
        for so_far, more in zip(found, alone, strict=True):
            so_far.extend(more)
    return found


def gpu(device: str) -> Any:
    """The GPU to compute on, a `torch.device`; None for the processor. UsageError as for `sketch`."""
    if device not in DEVICES:
        raise UsageError(f"device {device!r} is not known; choose one of {', '.join(DEVICES)}")
    if device == "cpu" or (device == "auto" and not _has_driver()):
        return None
    found = _cuda()
    if found is None and device == "cuda":
        require("torch")
        raise UsageError(
            "device 'cuda' needs a GPU that torch can use; leave out the device: the processor gives the same results"
        )
    return found


def _has_driver() -> bool:
    """Is there an NVIDIA driver? Asked first, because importing torch costs seconds and 200 MB."""
    for name in ("libcuda.so.1", "nvcuda.dll"):
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        return True
    return False


def _cuda() -> Any:
    """The CUDA device of torch, or None."""
    if importlib.util.find_spec("torch") is None:
        return None
    import torch

    return torch.device("cuda") if torch.cuda.is_available() else None


def matrices(
    tokens: tuple[bytes, ...], profile: Profile, seed: Seed = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """P and Q, r x K each: side and ternary signs of a token come from SHAKE-128 of its bytes; rows sum to zero.

    The seed of a draw that has one stands before the bytes of each token.
    """
    label, r = sketch_stream(profile, seed), profile.sketch
    streams = np.array([list(hashlib.shake_128(label + token).digest(1 + r // 4)) for token in tokens], dtype=np.uint8)
    codes = (streams[:, 1:, None] >> np.array([0, 2, 4, 6], dtype=np.uint8)) & 3
    signs = np.array([0, 0, 1, -1], dtype=np.int64)[codes.reshape(len(tokens), r)].T
    right = (streams[:, 0] & 1).astype(bool)

    def centred(here: NDArray[np.bool_]) -> NDArray[np.int64]:
        if not here.any():
            raise ModelError("the model cannot be sketched: a side of the sketch has no token")
        side = np.where(here, signs, 0)
        return np.where(here, here.sum() * side - side.sum(axis=1, keepdims=True), 0)

    return centred(~right), centred(right)


def on_torch(
    quantised: Quantised, device: Any, progress: Progress = silent, seeds: Sequence[Seed] = (None,)
) -> list[Sketches]:
    """The sketches, computed by torch on that `torch.device`."""
    import torch

    shape = quantised.shape
    embedding = torch.from_numpy(quantised.weights.matrix(0)).to(device, torch.float64)
    grouped = torch.tensor(_grouped(shape), device=device)
    work = len(seeds) * len(shape.layers) * 2 * (2 * len(grouped) + shape.ffn)
    done = 0

    def chain(layer: int, name: str, x: Any, wiring: Any = None) -> Any:
        nonlocal done
        limbs = _cut(_product(torch.from_numpy(quantised.matrix(layer, name)), x))
        limbs = limbs if wiring is None else limbs[:, :, wiring]
        done += limbs.shape[2]
        progress("sketch", done, work)
        return limbs

    progress("sketch", 0, work)
    found = []
    for seed in seeds:
        sketches: Sketches = []
        pair = (torch.from_numpy(m).to(device, torch.float64) for m in matrices(shape.tokens, quantised.profile, seed))
        u, v = (_cut([_integers(m @ embedding)]) for m in pair)
        for layer in range(len(shape.layers)):
            sketches.append(_gram(chain(layer, "q", u), chain(layer, "k", v, grouped)))
            sketches.append(_gram(chain(layer, "v", u, grouped), chain(layer, "o", v)))
            sketches.append(_gram(chain(layer, "up", u), chain(layer, "down", v)))
        found.append(sketches)
    return found


def _grouped(shape: Shape) -> list[int]:
    """For each query position the row of its key/value head."""
    heads = range(shape.heads)
    return [(h * shape.kv_heads // shape.heads) * shape.head_dim + i for h in heads for i in range(shape.head_dim)]


def _integers(x: Any) -> Any:
    """Exact float64 integers as int64."""
    import torch

    return x.to(torch.int64)


def _cut(parts: Sequence[Any]) -> Any:
    """`sum_i parts[i] 2^(16 i)`, int64, in limbs of 16 bits: float64, limb x r x columns, the highest with the sign."""
    import torch

    limbs, carry = [], torch.zeros_like(parts[0])
    for part in parts:
        total = part + carry
        limbs.append(total & ((1 << LIMB) - 1))
        carry = total >> LIMB
    while bool(((carry >> (LIMB - 1)) != (carry >> 63)).any()):
        limbs.append(carry & ((1 << LIMB) - 1))
        carry = carry >> LIMB
    return torch.stack([*limbs, carry]).to(torch.float64)


def _product(matrix: Any, x: Any) -> Any:
    """`U W^T` for each limb of U: int64, limb x r x rows."""
    import torch

    blocks = matrix.split(max(1, ENTRIES // matrix.shape[1]))
    return torch.cat([_integers(x @ block.to(x.device).to(torch.float64).T) for block in blocks], dim=2)


def _gram(left: Any, right: Any) -> list[int]:
    """`L R^T`, r x r, row after row, from limbs of both."""
    import torch

    (m, r, positions), n = left.shape, right.shape[0]
    left, right = left.reshape(m * r, positions), right.reshape(n * r, positions)
    chunks = zip(left.split(POSITIONS, dim=1), right.split(POSITIONS, dim=1), strict=True)
    products = sum(_integers(a @ b.T) for a, b in chunks)
    entries = torch.as_tensor(products).reshape(m, r, n, r).cpu().numpy()
    sums = np.zeros((r, r), dtype=object)
    for i in range(m):
        for j in range(n):
            sums += entries[i, :, j, :].astype(object) << (LIMB * (i + j))
    return [int(entry) for entry in sums.flat]
