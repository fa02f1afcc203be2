"""Architecture families: a table of layouts (`table`) and one reader of them. `model_type` says which one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from reprlib import repr as shown

from ...errors import ModelError, UsageError
from ..architecture import Architecture
from ..checkpoint import Checkpoint
from ..config import Config
from ..layer import Layer, Matrix
from . import layers as of_layers
from .family import Family
from .reading import ENDINGS, Reading
from .refused import REFUSED
from .sizes import architecture
from .table import FAMILIES

#: Tensors of a layer that no layout names, because they are in no term.
ENDS, ROUTER = ("bias", "inv_freq", "rotary_emb.freqs"), re.compile(r"router\.|\bgate\.")
BY_TYPE = {kind: family for family in FAMILIES for kind in family.heads}
BY_NAME = {family.name: family for family in FAMILIES}


@dataclass(frozen=True)
class Network:
    """A checkpoint in plain matrices, as its family reads it. `layers`: those that can be read, ascending."""

    reading: Reading = field(repr=False)
    architecture: Architecture
    layers: tuple[int, ...]

    @property
    def family(self) -> Family:
        """Which family."""
        return self.reading.family

    def embedding(self) -> Matrix:
        """The input embedding, vocab x d."""
        return self.reading.embedding(self.architecture.vocab, self.architecture.hidden)

    def layer(self, index: int) -> Layer:
        """Layer `index`. ModelError names file and tensor."""
        return of_layers.layer(self.reading, self.architecture, index)

    def gate(self, index: int) -> tuple[Matrix, ...]:
        """The gate matrices of layer `index`, f x d, one for each expert; none where there is no gate."""
        return of_layers.gates(self.reading, self.architecture, index)


def network(config: Config, checkpoint: Checkpoint, name: str | None = None) -> Network:
    """The model of a config and a checkpoint. `name`: the family of a model of no known type.

    Raises:
        UsageError: there is no family of that name.
        ModelError: the type is not known or cannot be read, or config and tensors contradict each other or the family.

    """
    family = _family(config, checkpoint, None if name is None else named(name))
    reading = Reading(family, checkpoint, _prefix(family, checkpoint, config), config)
    return Network(reading, *architecture(reading))


def _family(config: Config, checkpoint: Checkpoint, given: Family | None) -> Family:
    kind = config.model_type
    if kind in BY_TYPE:
        plain = BY_TYPE[kind].latent and not config.flag("use_mla", True)
        return BY_NAME["deepseek"] if plain else BY_TYPE[kind]
    if kind in REFUSED:
        raise ModelError(f"{config.where}: architecture {shown(kind)} {REFUSED[kind]}, so only files can be compared")
    if given is not None:
        return given
    fits = layout(config, checkpoint)
    tries = f"its tensors have the layout of {fits}; --family {fits} reads it so"
    more = tries if fits else "nor is its layout (--family NAME tries one)"
    raise ModelError(f"{config.where}: architecture {shown(kind)} is not known; {more}")


def named(name: str) -> Family:
    """The family of that name. UsageError lists them."""
    if name not in BY_NAME:
        raise UsageError(f"family {shown(name)} is not known; known are: {', '.join(sorted(BY_NAME))}")
    return BY_NAME[name]


def layout(config: Config, checkpoint: Checkpoint) -> str | None:
    """The first family that finds all it needs in every layer's headers, and nothing there that it does not know."""
    for family in (family for family in FAMILIES if not family.partial):
        try:
            reading = Reading(family, checkpoint, _prefix(family, checkpoint, config), config)
            sizes, found = architecture(reading)
            for index in found:
                of_layers.layer(reading, sizes, index)
        except ModelError:
            continue
        left = [name for index in found for name in reading.untouched(index)]
        shifted = any("norm" in name for name in left)  # a bias of a norm
        if family.layer_norm >= shifted and all(name.endswith(ENDS) or ROUTER.search(name) for name in left):
            return family.name
    return None


def _prefix(family: Family, checkpoint: Checkpoint, config: Config) -> str:
    """What stands before all names; ModelError if the embedding is missing or there are two."""
    names = [name + ending for name in family.embedding.split("|") for ending in ENDINGS]
    found = {
        whole.removesuffix(name)
        for whole in checkpoint.place
        for name in names
        if whole.endswith(name) and whole.removesuffix(name)[-1:] in {"", "."}
    }
    if not found:
        stack = family.layers.split()[0].split("|")[0]
        before = next((name[: name.index(stack)] for name in checkpoint.place if stack in name), "")
        raise ModelError(
            f"{checkpoint.path}: a {family.name} model needs the tensor {before + names[0]!r}; it is missing"
        )
    found = {prefix for prefix in found if not re.search(r"\.\d+\.$", prefix)} or found  # not of a further layer
    if "thinker_config" in config.part.split("."):
        found = {prefix for prefix in found if prefix.startswith("thinker.")} or found
    if len(found) > 1:
        both = " and ".join(repr(prefix + names[0]) for prefix in sorted(found))
        raise ModelError(f"{checkpoint.path}: two input embeddings, {both}; which is the model's?")
    return found.pop()


__all__ = ["FAMILIES", "Family", "Network", "network"]
