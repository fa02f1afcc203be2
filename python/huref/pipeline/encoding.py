"""The network of custom vectors, in a file of its own beside the bundles that have them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

from ..artefacts.bundle import Bundle
from ..artefacts.draw import Draw
from ..artefacts.proved import Proved
from ..errors import UsageError
from . import given
from .given import Place

if TYPE_CHECKING:
    from ..verifier.batch import Source


class Encoder:
    """An encoder file, which is read once for each profile."""

    def __init__(self, path: Place) -> None:
        """`path`: of the file, which is not read yet."""
        self._path, self._network = path, cache(partial(given.network, path))

    def beside(self, bundle: Proved) -> Bundle:
        """The bundle with the network of its custom vectors at hand.

        Raises:
            NotFoundError, InputError: as for `given.network`.
            UsageError: the bundle names no network, or another one.

        """
        draw = bundle.statement.custom if isinstance(bundle, Bundle) else None
        if draw is None or not isinstance(bundle, Bundle):
            raise UsageError("the bundle has no vectors by an encoder of its maker's own; leave out the encoder file")
        found = Draw.custom(self._network(bundle.statement.profile))
        if found != draw:
            raise UsageError(
                f"{self._path} is not the encoder of the bundle: its SHA-256 is {found.network_id.hex()}, "
                f"the bundle names {draw.network_id.hex()}"
            )
        return replace(bundle, statement=bundle.statement.with_network(found.network))

    def beside_all(self, sources: Iterable[Source]) -> Iterator[Source]:
        """The same of each that is read there."""
        for name, load in sources:
            yield name, partial(self._read, load)

    def _read(self, load: Callable[[], Proved]) -> Bundle:
        return self.beside(load())
