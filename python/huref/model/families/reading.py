"""A checkpoint as a family names its tensors: below the model's prefix, every shape checked."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...errors import ModelError
from ..checkpoint import Checkpoint
from ..config import Config
from ..exact import product
from ..layer import Matrix, Vector
from ..tensor import Tensor
from .family import Family

ENDINGS = (".weight", "", ".gamma")
#: Of the number of a layer.
DIGITS = 6
PLANE = 2
#: Every fourth layer has no rotary positions where a config does not say which.
EVERY = 4


@dataclass(frozen=True)
class Reading:
    """Tensors are named without prefix and ending. `touched`: those that were asked for, with both."""

    family: Family
    checkpoint: Checkpoint
    prefix: str
    config: Config
    touched: set[str] = field(default_factory=set, repr=False)

    def find(self, name: str) -> str | None:
        """The whole name of a tensor, which is now asked for; None if there is none."""
        for ending in ENDINGS:
            whole = self.prefix + name + ending
            if whole in self.checkpoint.place:
                self.touched.add(whole)
                return whole
        return None

    def has(self, name: str) -> bool:
        """Whether there is such a tensor."""
        return self.find(name) is not None

    def first(self, at: str, alternatives: str) -> str | None:
        """The first of `a|b` that is there below `at`; the last if none is, or None where they may be missing."""
        names = [at + name for name in alternatives.removeprefix("?").split("|")]
        missing = None if alternatives.startswith("?") else names[0]
        return next(filter(self.has, names), missing)

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor, rows first. ModelError if it is missing."""
        whole = self.find(name)
        if whole is None:
            raise ModelError(f"{self.checkpoint.path}: tensor {self.prefix + name + ENDINGS[0]!r} is missing")
        shape = self.checkpoint.shape(whole)
        if len(shape) < PLANE:
            raise ModelError(f"{self.checkpoint.path}: {self._label(whole)}: shape {list(shape)}; expected a matrix")
        return shape[::-1] if self.family.transposed and len(shape) == PLANE else shape

    def matrix(self, name: str, rows: int, columns: int) -> Matrix:
        """The tensor of that name, rows x columns. ModelError if missing, of a different shape or type."""
        stored = (columns, rows) if self.family.transposed else (rows, columns)
        whole = self.find(name) or self.prefix + name + ENDINGS[0]
        matrix = Matrix(self._label(whole), stored, self.checkpoint.tensor(whole, stored))
        return matrix.transposed if self.family.transposed else matrix

    def normed(self, matrix: Matrix, at: str, half: int) -> Matrix:
        """A matrix that writes to the hidden state, with the weight of the norm in it that stands before it."""
        names = self.family.inner_norms.split()
        if not names:
            return matrix
        weight = self.vector(at + names[half], matrix.shape[1])
        return matrix.then(matrix.shape, lambda values: values.astype(np.float64) * weight)

    @property
    def words(self) -> str:
        """What the embedding is called here."""
        return self.first("", self.family.embedding) or ""

    def embedding(self, rows: int, columns: int) -> Matrix:
        """The input embedding, vocab x d. ModelError as for `matrix`."""
        whole = self.find(self.words) or self.words
        if not self.projected:
            return Matrix(self._label(whole), (rows, columns), self.checkpoint.tensor(whole, (rows, columns)))
        width = self.shape(self.words)[1]
        table = self.checkpoint.tensor(whole, (rows, width))
        projection = self.matrix(self.family.projection, columns, width)
        gamma = self.vector(self.family.embedding_norm, width)

        def made(ids: NDArray[np.int64]) -> Vector:
            stored = table.rows(ids).astype(np.float64)
            behind = projection.values.T.astype(np.float64)
            sizes = np.exp2(np.frexp(np.abs(behind).max(axis=1))[1])  # stand before, which rounds nothing
            return product((stored - stored.mean(axis=1, keepdims=True)) * gamma * sizes, behind / sizes[:, None])

        return Matrix(self._label(whole), (rows, columns), Tensor((rows, columns), lambda: made(np.arange(rows)), made))

    @property
    def projected(self) -> bool:
        """Whether a matrix stands between the embedding and the hidden state."""
        return bool(self.family.projection) and self.has(self.family.projection)

    def length(self, name: str) -> int:
        """How many entries a vector has; 0 if it is missing or none."""
        whole = self.find(name)
        shape = self.checkpoint.shape(whole) if whole else ()
        return shape[0] if len(shape) == 1 else 0

    def stack(self, name: str) -> list[Matrix]:
        """The matrices that a tensor of three axes holds."""
        count, rows, columns = self.shape(name)
        whole = self.find(name) or name
        tensor = self.checkpoint.tensor(whole, (count, rows, columns))

        def entry(index: int) -> Matrix:
            part = Tensor((rows, columns), lambda: tensor.rows(np.array([index]))[0])
            return Matrix(self._label(whole), (rows, columns), part)

        return list(map(entry, range(count)))

    def vector(self, name: str, size: int) -> Vector:
        """That tensor in float64, `size` entries. ModelError as for `matrix`, or if not finite."""
        whole = self.find(name) or self.prefix + name + ENDINGS[0]
        values = self.checkpoint.tensor(whole, (size,)).read().astype(np.float64)
        if not np.isfinite(values).all():
            raise ModelError(f"{self.checkpoint.path}: {self._label(whole)}: NaN or infinity")
        return values

    def norm(self, at: str, alternatives: str, size: int) -> Vector | None:
        """The factors of a norm; None where there is none."""
        name = None if alternatives == "-" else self.first(at, alternatives)
        return None if name is None else self.family.added + self.vector(name, size)

    def normalised(self, index: int) -> bool:
        """Whether layer `index` divides queries and keys by their lengths, by the config alone."""
        rotary = self.config.fields.get("no_rope_layers")
        turned = (index + 1) % EVERY if not isinstance(rotary, list) or index >= len(rotary) else rotary[index]
        named = self.family.bare_head_norms
        return named == "always" or (self.config.flag(named, True) and bool(turned))

    def _label(self, whole: str) -> str:
        return self.checkpoint.label(whole) if whole in self.checkpoint.place else whole

    @cached_property
    def stacks(self) -> tuple[str, ...]:
        """What stands before the numbers of layers, one stack after the other."""
        names = [stack.split("|") for stack in self.family.layers.split()]
        return tuple(next(filter(self._begins, stack), stack[0]) for stack in names)

    def _begins(self, name: str) -> bool:
        return any(whole.startswith(self.prefix + name) for whole in self.checkpoint.place)

    @cached_property
    def _layers(self) -> tuple[tuple[str, list[str]], ...]:
        """Of each layer what stands before its names, and these: the first stack's, then the next one's."""
        found: list[tuple[str, list[str]]] = []
        for stack in self.stacks:
            layers: dict[int, list[str]] = defaultdict(list)
            start = self.prefix + stack
            for name in self.checkpoint.place:
                number = name[len(start) :].split(".", 1)[0] if name.startswith(start) else ""
                if number.isdecimal() and len(number) < DIGITS:
                    layers[int(number)].append(name)
            found += ((f"{stack}{i}.", layers[i]) for i in range(1 + max(layers, default=-1)))
        return tuple(found)

    @property
    def layers(self) -> int:
        """How many layers have tensors, counted up to the last one."""
        stored = len(self._layers)
        return self.config.layer_count("num_hidden_layers") if stored and self.family.repeated else stored

    def at(self, index: int) -> str:
        """What stands before the names of a layer's tensors."""
        return self._own(index)[0] if index < self.layers else f"{self.stacks[-1]}{index}."

    def _own(self, index: int) -> tuple[str, list[str]]:
        return self._layers[index * len(self._layers) // self.layers]

    def stack_of(self, index: int) -> tuple[int, int]:
        """The stack of layers in which layer `index` is, and its number there."""
        stack, number = self.at(index).rsplit(".", 2)[:2]
        return self.stacks.index(stack + "."), int(number)

    def numbers(self, index: int, start: str) -> range:
        """The numbers that stand in a layer behind `start`, from 0 on."""
        at, names = self._own(index)
        whole = self.prefix + at + start
        found = (name[len(whole) :].split(".", 1)[0] for name in names if name.startswith(whole))
        return range(1 + max((int(number) for number in found if number.isdecimal()), default=-1))

    def untouched(self, index: int) -> list[str]:
        """Names of a layer's tensors that nobody asked for, without what stands before them."""
        at, names = self._own(index)
        start = len(self.prefix + at)
        return [name[start:] for name in names if name not in self.touched]
