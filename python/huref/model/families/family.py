"""What a family is: a documented reading of a config and of tensor names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...errors import ModelError
from ..architecture import Architecture
from ..checkpoint import Checkpoint
from ..config import LARGEST, Config
from ..layer import Layer, Matrix, Reader

#: Where models that also take images or sound keep their language model; none for a plain one.
WRAPPERS = ("", "language_model.", "model.language_model.", "model.text_model.")


@dataclass(frozen=True)
class Family:
    """One architecture family.

    `types` are the values of `model_type` that it reads; `embedding` is the input embedding (vocab x d); `prefixes`
    is what may stand before all names (models saved with and without a head differ in it). `gate` reads the gate
    matrices of a layer, f x d, one for each expert; None where the feed-forward block has no gate, or one with a
    bias. No term has a gate in it; it only tells which neurons never open.
    """

    name: str
    types: tuple[str, ...]
    prefixes: tuple[str, ...]
    embedding: str
    architecture: Callable[[Config], Architecture]
    layer: Callable[[Reader, int], Layer]
    gate: Callable[[Reader, int], tuple[Matrix, ...]] | None = None

    def _prefixes(self) -> tuple[str, ...]:
        """What may stand before all names, in models that wrap this one too."""
        return tuple(wrapper + prefix for wrapper in WRAPPERS for prefix in self.prefixes)

    def reader(self, checkpoint: Checkpoint, config: Config) -> Reader:
        """The checkpoint under the prefix that it uses; ModelError if the embedding is missing or there are two."""
        present = [prefix for prefix in self._prefixes() if prefix + self.embedding in checkpoint.place]
        if not present:
            expected = " or ".join(repr(prefix + self.embedding) for prefix in self.prefixes)
            raise ModelError(f"{checkpoint.path}: a {self.name} model needs the tensor {expected}; it is missing")
        if len(present) > 1:
            names = " and ".join(repr(prefix + self.embedding) for prefix in present)
            raise ModelError(f"{checkpoint.path}: two input embeddings, {names}; which is the model's?")
        a = self.architecture(config)
        if a.heads % a.kv_heads:
            raise ModelError(
                f"{config.where}: {a.heads} attention heads cannot share {a.kv_heads} key/value heads evenly"
            )
        if a.ffn > LARGEST:  # of all experts together; each of the numbers behind it was smaller
            raise ModelError(f"{config.where}: a layer of {a.ffn} neurons; at most {LARGEST} can be read")
        return Reader(checkpoint, present[0], config, a)
