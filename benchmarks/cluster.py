"""How long a commitment takes on more cores than are here: a simulation of engine "ray" from measured pieces.

Workers have two cores and one piece of the model each. The first that is free takes the next piece: it reads it, brings
it to canonical form, makes its leaves of the digest, and sums its rows. At the end one piece is read once more, and a
block of it summed again. Costs of a piece are those measured at the shape of LLaMA-7B (`Pieces`), carried over to
other shapes:

- reading, canonical form and digest in proportion to the integers, those of attention and of neurons apart; for heads
  of another size, attention in proportion to that size;
- the embeddings in proportion to the multiplications of their canonical form;
- sums in proportion to the additions of points, which are fewer for an integer the more rows a block has.

Time of two cores is the measured time by the clock. Starting Ray, lost workers, and a disk or network that is slower
than `demand` are left out.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from huref.artefacts.shape import Shape
from huref.planning import calibrate, memory
from huref.planning.sizes import Sizes
from huref.profile import PROFILES
from huref.stages.commit.work import BLOCK

PROFILE = next(iter(PROFILES))
#: Cores of a worker, and bytes of a weight in a file.
CORES, BYTES = 2, 2
TOKENS = tuple(b"%d" % i for i in range(4096))


@dataclass(frozen=True)
class Large:
    """A model nobody has here. `gates`: weights in files beside those that are committed to, for each neuron."""

    name: str
    shape: Shape
    gates: int = 1


def large(name: str, layers: int, **sizes: int) -> Large:
    """A model with all its layers."""
    return Large(name, Shape(**sizes, layers=tuple(range(layers)), tokens=TOKENS))


#: LLaMA-70B, and a mixture of 384 experts of 2048 neurons with 10^12 weights.
LARGE = (
    large("70B: 80 layers, hidden size 8192", 80, hidden=8192, heads=64, kv_heads=8, head_dim=128, ffn=28672),
    large("1T: 61 layers, 384 experts", 61, hidden=7168, heads=64, kv_heads=64, head_dim=128, ffn=384 * 2048),
)


@dataclass(frozen=True)
class Pieces:
    """What benchmarks/pieces.py measured, by the clock of two cores."""

    figures: Mapping[str, Any]

    @property
    def _shape(self) -> Shape:
        return Shape(**self.figures["shape"], layers=(0,), tokens=TOKENS[: self.figures["tokens"]])

    def _seconds(self, name: str) -> float:
        return float(self.figures[name]["clock"])

    def attention(self, shape: Shape) -> float:
        """Seconds of reading and canonical form."""
        mine = self._shape
        growth = _attention(shape) / _attention(mine) * shape.head_dim / mine.head_dim
        return self._seconds("attention") * growth

    def neurons(self, shape: Shape) -> float:
        """Seconds of reading and canonical form."""
        growth = _neurons(shape) / _neurons(self._shape)
        return (self._seconds("layer") - self._seconds("attention")) * growth

    def embedding(self, shape: Shape) -> float:
        """Seconds of reading and canonical form."""
        return self._seconds("embedding") * calibrate.products(shape) / calibrate.products(self._shape)

    def digest(self, integers: int) -> float:
        """Seconds of the leaves."""
        return self._seconds("digest") * integers / _layer(self._shape)

    def sums(self, integers: int, rows: float) -> float:
        """Seconds of the sums of so many rows."""
        mine = calibrate.additions(self.figures["rows"]) * _layer(self._shape)
        return self._seconds("sums") * calibrate.additions(rows) * integers / mine

    def loads(self, shape: Shape) -> Iterator[tuple[float, float]]:
        """For each piece the seconds until a worker has it, and of its sums."""
        per_row = (1 << 15) // shape.hidden * shape.hidden
        integers = len(shape.tokens) * shape.hidden
        yield self.embedding(shape) + self.digest(integers), self.sums(integers, integers / per_row)
        integers = _layer(shape)
        layer = (
            self.attention(shape) + self.neurons(shape) + self.digest(integers),
            self.sums(integers, integers / per_row),
        )
        yield from [layer] * len(shape.layers)

    def commit(self, shape: Shape, cores: int) -> float:
        """Seconds of the commitment on so many cores, without the start of programs."""
        pieces = list(self.loads(shape))
        free = [0.0] * max(1, cores // CORES)
        for piece in pieces:
            heapq.heapreplace(free, free[0] + sum(piece))
        loaded, summed = max(pieces, key=sum)
        again = 0.0 if cores == CORES else loaded + summed * min(1.0, BLOCK / _rows(shape))
        return max(free) + again

    def stream(self, shape: Shape) -> float:
        """Seconds of a digest in one stream, as the first openings have it, which no core shares with another."""
        return float(self.figures["stream"]) * 1e-9 * Sizes(PROFILE, shape).integers

    def proved(self, shape: Shape, cores: int) -> float:
        """Seconds of sketches and proof on one host, after the commitment, in the units of `huref plan`."""
        sizes, speed = Sizes(PROFILE, shape), calibrate.Speed(**self.figures["speed"])
        expected = calibrate.estimate(sizes, speed)
        return (expected.sketch + expected.prove) / calibrate.elapsed(1.0) * calibrate.shared(1.0, cores)


def read(model: Large) -> float:
    """Bytes of the files that are read: all of the chosen layers, and embeddings."""
    shape = model.shape
    weights = _layer(shape) + model.gates * shape.ffn * shape.hidden
    return float(BYTES * (len(shape.layers) * weights + len(shape.tokens) * shape.hidden))


def held(shape: Shape) -> float:
    """Bytes that a worker holds, which has one piece."""
    return memory.alone(Sizes(PROFILE, shape))


def proving(shape: Shape) -> float:
    """Bytes that a proof holds."""
    return memory.proving(Sizes(PROFILE, shape))


def first(shape: Shape, count: int) -> Shape:
    """The same model with its first layers alone."""
    return replace(shape, layers=shape.layers[:count])


def last(shape: Shape) -> Shape:
    """The same model with its last two layers alone: what a proof takes unless it is told otherwise."""
    return replace(shape, layers=shape.layers[-2:])


def _attention(shape: Shape) -> int:
    return sum(shape.matrices()[1:5]) * shape.hidden


def _neurons(shape: Shape) -> int:
    return sum(shape.matrices()[5:7]) * shape.hidden


def _layer(shape: Shape) -> int:
    return sum(shape.matrices()[1:7]) * shape.hidden


def _rows(shape: Shape) -> float:
    return _layer(shape) / ((1 << 15) // shape.hidden * shape.hidden)
