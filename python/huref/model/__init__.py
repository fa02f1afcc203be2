"""Models: configuration and weights, read as plain matrices whatever the architecture and the container.

No code that comes with a model is run, and nothing is downloaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..place import family_given
from .architecture import Architecture
from .containers import Container, open_container
from .families import Network, network
from .idle import LAYERS, added, is_idle, medians, spread
from .layer import Layer, Matrix, Vector, open_neurons
from .tokenizer import Token

Role = Literal["embedding", "positions", "attention", "feed-forward", "norms", "output matrix"]

#: Towers for images and sound, which models of any make may share.
OTHER_SENSES = re.compile("vision|visual|image|audio|speech", re.IGNORECASE)
#: Saved beside parameters: attention masks (of four axes) and frequencies of rotary positions.
MASK_AXES, TABLES = 4, ("inv_freq", "masked_bias")


@dataclass(frozen=True)
class Model:
    """An opened model. Tensors stay in their files until they are asked for, and none is kept."""

    _container: Container = field(repr=False)
    _network: Network = field(repr=False)

    @property
    def path(self) -> Path:
        """The folder or file, as it was given."""
        return self._container.path

    @property
    def name(self) -> str:
        """The name of the folder or file; of a model on a hub, its name there and the revision that is read."""
        return self._container.name

    @property
    def family(self) -> str:
        """Name of the architecture family."""
        return self._network.family.name

    @property
    def architecture(self) -> Architecture:
        """The sizes, from tensors and configuration."""
        return self._network.architecture

    def vocabulary(self) -> tuple[list[Token], Path]:
        """The ordinary tokens, in no particular order, and the file they came from.

        Raises:
            ModelError: there is no tokenizer, or it cannot be read.

        """
        return self._container.vocabulary()

    def embedding(self, ids: NDArray[np.int64]) -> NDArray[Any]:
        """Input-embedding rows of those token ids, K x d, in the type of the file.

        Raises:
            ModelError: an id has no row; there is NaN or infinity; all rows are zero. The message names file, tensor
                and token id.

        """
        rows = self.architecture.vocab
        table = self._network.embedding()
        if len(ids) and not 0 <= ids.min() <= ids.max() < rows:
            raise ModelError(f"{self.path}: {table.name}: token id {ids.max()} has no row; there are {rows}")
        values = table.rows(ids)
        fine = np.isfinite(values).all(axis=1)
        if not fine.all():
            raise ModelError(f"{self.path}: {table.name}: NaN or infinity in the row of token id {ids[~fine][0]}")
        if len(ids) and not values.any():
            raise ModelError(f"{self.path}: {table.name}: the rows of all {len(ids)} selected tokens are zero")
        return values

    def layer(self, index: int) -> Layer:
        """Layer `index`, neurons that can never open left out. ModelError names file and tensor."""
        self._exists(index)
        layer, gates = self._network.layer(index), self.gate(index)
        if gates:
            layer = replace(layer, up=tuple(map(open_neurons, layer.up, gates)))
        return layer

    def check_layer(self, index: int) -> None:
        """ModelError unless the model has layer `index` with all its tensors, by the files' headers."""
        self._exists(index)
        self._network.layer(index)
        self.gate(index)

    def _exists(self, index: int) -> None:
        if not 0 <= index < self.architecture.layers:
            raise ModelError(
                f"{self.path}: layer {index} asked for; the model has layers 0 to {self.architecture.layers - 1}"
            )
        if index not in self.readable:
            raise ModelError(
                f"{self.path}: layer {index} has no attention with queries and keys, or no feed-forward block; "
                f"layers that have both: {', '.join(map(str, self.readable))}"
            )

    @property
    def readable(self) -> tuple[int, ...]:
        """The layers that have attention and a feed-forward block, ascending: mostly all."""
        return self._network.layers

    def gate(self, index: int) -> tuple[Matrix, ...]:
        """The gate matrices of layer `index`, f x d, one for each expert; none where there is no gate."""
        return self._network.gate(index)

    def default_layers(self, count: int) -> tuple[int, ...]:
        """The last `count` active layers (`huref.model.idle`), ascending.

        Raises:
            ModelError: the model has fewer such layers.

        """
        found = tuple(islice(self._working(reversed(self.readable)), count))
        if len(found) < count:
            raise ModelError(f"{self.path}: {count} active layers are wanted, the model has {len(found)}")
        return found[::-1]

    def chosen_layers(self, wanted: Sequence[int] | Literal["all"] | None, count: int) -> tuple[int, ...]:
        """The layers that are `wanted`: "all" active ones, or the last `count` of them. ModelError if too few."""
        if wanted == "all":
            return self.working_layers()
        return self.default_layers(count) if wanted is None else tuple(wanted)

    def working_layers(self) -> tuple[int, ...]:
        """All active layers, ascending. ModelError if there is none."""
        found = tuple(self._working(self.readable))
        if not found:
            raise ModelError(f"{self.path}: the model has no active layer: every output and down matrix is zero")
        return found

    def whole_layers(self) -> tuple[int, ...]:
        """Those of the working layers in which no matrix is exactly zero, ascending: they have a canonical form."""
        found = self._working(self.readable)
        return tuple(index for index in found if self._network.layer(index).whole)

    def _working(self, indices: Iterable[int]) -> Iterator[int]:
        return (index for index in indices if not is_idle(self._added(index), self._medians))

    @cached_property
    def _medians(self) -> Vector:
        return medians(self._added(self.readable[index]) for index in spread(len(self.readable), LAYERS))

    def _added(self, index: int) -> Vector:
        return added(self._network.layer(index), self.gate(index), self.architecture)

    def parameters(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of all parameters, names without the prefix that models with a head have before them.

        Masks and tables of positions that older libraries saved too are no parameters.
        """
        checkpoint, prefix = self._network.reading.checkpoint, self._network.reading.prefix
        return {
            name.removeprefix(prefix): entry.shape
            for name, entry in checkpoint.place.items()
            if entry.is_float and len(entry.shape) < MASK_AXES and not name.endswith(TABLES)
        }

    def parts(self) -> dict[str, Role]:
        """For each parameter, the part of the model that it belongs to; those of none of them are left out."""
        labels = {self._network.reading.checkpoint.label(self._stored(name)): name for name in self.parameters()}
        roles: dict[str, Role] = {}
        for index in self.readable:
            layer = self._network.layer(index)
            attention = (layer.q, layer.k, layer.v, layer.o)
            roles |= {labels[matrix.name]: "attention" for matrix in attention if matrix.name in labels}
            blocks = (*layer.up, *layer.down, *self.gate(index))
            roles |= {labels[matrix.name]: "feed-forward" for matrix in blocks if matrix.name in labels}
        roles[labels[self._network.embedding().name]] = "embedding"
        for name, shape in self.parameters().items():
            if name not in roles and len(shape) == 1:
                roles[name] = "norms"
            elif name not in roles and shape and shape[0] == self.architecture.vocab:
                roles[name] = "output matrix"
            elif name not in roles and "pos" in name.lower() and not OTHER_SENSES.search(name):
                roles[name] = "positions"
        return roles

    def _stored(self, name: str) -> str:
        """A parameter as its file names it."""
        whole = self._network.reading.prefix + name
        return whole if whole in self._network.reading.checkpoint.place else name

    def parameter(self, name: str, entries: int, every: int = 1) -> Iterator[NDArray[Any]]:
        """A parameter as `parameters` names it, in the type of the file, in blocks of whole rows: about `entries`
        numbers each; or one in `every` of them. A quantised one is a single block. ModelError if it cannot be read.
        """
        checkpoint, whole = self._network.reading.checkpoint, self._stored(name)
        return checkpoint.tensor(whole, checkpoint.shape(whole)).blocks(entries, every)

    def files(self) -> tuple[Path, ...]:
        """Configuration, index and weight files, each once."""
        return tuple(dict.fromkeys((self._network.reading.config.path, *self._network.reading.checkpoint.files)))


def open_model(path: str | Path, family: str | None = None) -> Model:
    """Opens a model: a folder in the Hugging Face layout, or a GGUF file; reads headers only.

    `family`: that of a model whose `model_type` is not known; `huref.place.reading_as` gives it to all that is opened.

    Raises:
        NotFoundError: there is no such file or folder.
        ModelError: it is not a model that can be read; the message names file and tensor or field.
        UsageError: there is no family of that name.

    """
    container = open_container(Path(path))
    return Model(container, network(container.config, container.checkpoint, family or family_given()))


__all__ = ["Architecture", "Model", "open_model"]
