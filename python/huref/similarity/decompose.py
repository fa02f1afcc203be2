"""Of what a merged model is made: for every layer the mixture weights of its parents, by least squares.

With s, p_1 .. p_n and m the entries of all matrices of a layer of the suspect, of n parents and of a common base,

    s - m  ~  a_1 (p_1 - m) + ... + a_n (p_n - m)          without a base: m = 0

What is left, |s - m - sum a_i (p_i - m)| / |s - m|, is 0 for linear merges and for merges along a sphere (SLERP is
linear in each matrix, with weights that do not add up to one: so m itself is fitted too), and what further training
added for others. Merges that trim or drop changes (TIES, DARE) leave much of the change out or scale it up; there
entries of the suspect are exactly those of the base, and these are counted.

Without a base every model of one start is nearly a mixture of two others, for training moves weights little. So what is
left is also compared with what the parents differ by, |p_i - mean| / sqrt(n - 1) over n parents: of the start itself
1 / sqrt(n) of that is left, and more of any other model that came from it.

The models are compared entry by entry, as they are merged; so their hidden dimensions, heads and neurons must be
numbered alike: a canonical form is no linear function of the weights. A copy that was disguised after merging comes out
as "something else".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..artefacts.document import RESULTS, Part, Result
from ..errors import IncomparableError
from ..model import Model
from ..model.layer import Matrix
from ..progress import Progress, silent

Array = NDArray[np.floating]
Made = Literal["a merge", "a merge and more", "trimmed or dropped changes", "something else"]
#: What is left of a merge that was rounded; of one that was trained further; the share of entries equal to the base
#: from which on changes were left out; what is left of the start, as a share of what would be if parents were
#: independent changes of it.
EXACT, FURTHER, KEPT, START = 0.02, 0.5, 0.05, 0.9
#: Entries of a matrix that are looked at together.
BLOCK = 1 << 20


@dataclass(frozen=True)
class Mixture(Part):
    """The `weights` of the parents, in order, in a layer; what is `left`, in [0, 1]; with a base, which share of the
    entries is that of the `base`.
    """

    layer: int
    weights: tuple[float, ...]
    left: float
    base: float | None = None


@dataclass(frozen=True, kw_only=True)
class Decomposition(Result):
    """Of what `suspect` is made. `weights`, `left` and `kept`: as in a layer, over all layers together; `layers`: each.
    `made`: in a word, `reason`: in a sentence.
    """

    schema: str = f"{RESULTS}/decompose/v1"
    suspect: str
    parents: tuple[str, ...]
    base: str | None = None
    weights: tuple[float, ...]
    left: float
    kept: float | None = None
    layers: tuple[Mixture, ...]
    made: Made
    reason: str


@dataclass
class _Sums:
    """Inner products of `parents`, less the base, of the base itself if there is one, and of the suspect, less the base
    (last); entries, and those equal to the base.
    """

    parents: int
    products: Array
    entries: int = 0
    equal: int = 0

    def add(self, suspect: Array, parents: Sequence[Array], base: Array | None) -> None:
        """The entries of a matrix."""
        for start in range(0, suspect.size, BLOCK):
            part = slice(start, start + BLOCK)
            sides = np.stack([side[part] for side in (*parents, suspect)]).astype(np.float64)
            if base is not None:
                self.equal += int((suspect[part] == base[part]).sum())
                sides = np.insert(sides - base[part], len(parents), base[part], axis=0)
            self.products += sides @ sides.T
        self.entries += suspect.size

    def solved(self) -> tuple[tuple[float, ...], float]:
        """The weights of least squares, and the share that is left."""
        gram, seen, whole = self.products[:-1, :-1], self.products[:-1, -1], float(self.products[-1, -1])
        weights = np.linalg.lstsq(gram, seen, rcond=1e-10)[0]
        left = float(whole - 2 * weights @ seen + weights @ gram @ weights)
        return tuple(map(float, weights[: self.parents])), float(np.sqrt(max(0.0, left) / whole)) if whole else 0.0

    def apart(self) -> float:
        """What the parents differ by, as a share of the suspect's length."""
        own, whole = self.products[: self.parents, : self.parents], float(self.products[-1, -1])
        spread = (np.trace(own) - own.sum() / self.parents) / max(1, self.parents - 1)
        return float(np.sqrt(max(0.0, spread) / whole)) if whole else 0.0

    def plus(self, other: _Sums) -> _Sums:
        """Of both together."""
        return _Sums(
            self.parents, self.products + other.products, self.entries + other.entries, self.equal + other.equal
        )

    def kept(self, *, base: bool) -> float | None:
        """The share of entries that is the base's; None without one."""
        return self.equal / self.entries if base else None


def decompose(
    suspect: Model, parents: Sequence[Model], base: Model | None, progress: Progress = silent
) -> Decomposition:
    """The mixture of a suspect. One matrix of every model is in memory at a time.

    Raises:
        IncomparableError: the models have different sizes.
        ModelError: a tensor is missing or cannot be read.

    """
    everyone = [suspect, *parents, *([] if base is None else [base])]
    for model in everyone[1:]:
        if model.architecture != suspect.architecture:
            raise IncomparableError(
                f"{model.path} has other sizes than {suspect.path}: models that are merged have the same"
            )
    count = len(everyone)
    total, layers = _Sums(len(parents), np.zeros((count, count))), []
    for index in range(suspect.architecture.layers):
        sums = _Sums(len(parents), np.zeros((count, count)))
        for entries in zip(*(_matrices(model, index) for model in everyone), strict=True):
            own, *others = entries
            sums.add(own, others[: len(parents)], None if base is None else others[-1])
        weights, left = sums.solved()
        layers.append(Mixture(index, weights, left, sums.kept(base=base is not None)))
        total = total.plus(sums)
        progress("layers", index + 1, suspect.architecture.layers)
    weights, left = total.solved()
    kept = total.kept(base=base is not None)
    apart = total.apart() if base is None and len(parents) > 1 else None
    made = _made(left, kept, apart, len(parents))
    names = tuple(str(parent.path) for parent in parents)
    return Decomposition(
        suspect=str(suspect.path),
        parents=names,
        base=None if base is None else str(base.path),
        weights=weights,
        left=left,
        kept=kept,
        layers=tuple(layers),
        made=made,
        reason=_sentence(made, names, weights, left, kept, apart),
    )


def _matrices(model: Model, index: int) -> Iterator[Array]:
    """The entries of every matrix of a layer, float32, one matrix after the other."""
    layer = model.layer(index)
    every: tuple[Matrix, ...] = (layer.q, layer.k, layer.v, layer.o, *layer.up, *layer.down, *model.gate(index))
    for matrix in every:
        yield np.asarray(matrix.values, dtype=np.float32).ravel()


def _made(left: float, kept: float | None, apart: float | None, parents: int) -> Made:
    if apart is not None and left > START * apart / parents**0.5:
        return "something else"
    if kept is not None and kept >= KEPT and left > EXACT:
        return "trimmed or dropped changes"
    if left <= EXACT:
        return "a merge"
    return "a merge and more" if left <= FURTHER else "something else"


def _sentence(
    made: Made,
    names: Sequence[str],
    weights: Sequence[float],
    left: float,
    kept: float | None,
    apart: float | None,
) -> str:
    parts = " and ".join(f"{weight:.2f} of {name}" for weight, name in zip(weights, names, strict=True))
    if made == "something else" and apart is not None and left <= FURTHER:
        return (
            f"the parents explain no more of it than of any model of their start: {left:.1%} of its length is left, "
            f"where they differ by {apart:.1%} of it; --base tells what changes they share"
        )
    if made == "something else":
        return f"the parents explain little of it: {left:.0%} of its length is left beside {parts}"
    if made == "trimmed or dropped changes":
        return (
            f"{parts}, of which changes were left out: {kept:.0%} of all entries are exactly the base's, as merges "
            f"that trim (TIES) or drop (DARE) leave them; {left:.0%} of the length of the change is left"
        )
    if made == "a merge and more":
        more = "further training"
        if kept is None:
            more = "more: further training, or changes that were left out (TIES, DARE); --base tells them apart"
        return f"{parts}, and {more}: {left:.0%} of the length is left"
    return f"{parts}, and nothing else: {left:.1%} of the length is left"
