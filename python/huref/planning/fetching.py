"""What a fingerprint, commitment or proof of a model on a hub would fetch, before it is fetched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..artefacts.document import Part
from ..model.hub.remote import behind, counted

if TYPE_CHECKING:
    from ..model import Model
    from ..stages.quantise import Source


@dataclass(frozen=True)
class Fetching(Part):
    """Bytes that are still to be fetched, and those of the model's weights."""

    bytes: int
    weights: int


def planned(model: Model, choose: Callable[[], Source]) -> tuple[Source, Fetching | None]:
    """What `choose` makes of a model of which only headers were read, and what would be fetched for it; None for a
    model that is here. Of a model on a hub the last layers count as active.
    """
    remotes = [remote for path in model.files() if (remote := behind(path)) is not None]
    if not remotes:
        return choose(), None
    with counted() as count:
        source = choose()
        model.embedding(source.selection.ids)
        for index in source.layers:
            layer = model.layer(index)
            for matrix in (layer.q, layer.k, layer.v, layer.o, *layer.up, *layer.down):
                _ = matrix.values
        return source, Fetching(count.bytes, sum(remote.size for remote in remotes))
