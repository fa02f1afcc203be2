"""Who sums the rows of a commitment: this process, or the workers of a cluster.

    commitment row m  =  sum_j W_mj G_j  +  r_m H

The sums are nearly all of the work and need no secret but the weights; they are made block by block, in any order and
by anybody who can read the model. The blinds r_m follow from the seed and a digest of *all* weights
(`rust/circuits/src/secrets.rs`), so they are added at the end, here, and the seed never leaves this process. Whoever
sums, the result is the same bytes (docs/decisions/0005).
"""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Protocol

from .. import _native
from ..commit import Commitment, Opening, Seed
from ..errors import ModelError, UsageError
from ..progress import Progress, silent
from ..quantise import Source
from . import local
from .work import Store, Work

ENGINES = ("local", "ray")


class Engine(Protocol):
    """Sums all rows of a source."""

    def __call__(self, source: Source, store: Store, progress: Progress) -> tuple[bytes, bytes]:
        """The sums of all rows in order, 33 bytes each, and the state of the digest after the last piece.

        Sums that `store` knows are taken from it, all others are added to it as they come.
        """


def commit(
    source: Source,
    *,
    engine: str = "local",
    address: str | None = None,
    work: Path | None = None,
    progress: Progress = silent,
) -> tuple[Commitment, Opening]:
    """A fresh commitment to a model, read piece by piece, and its opening.

    `engine`: "local", or "ray" for the Ray cluster at `address` (none: one on this machine). `work`: a private folder
    that keeps what is finished, made when there is something to keep; with it the same call goes on where an earlier
    one was stopped, to the same commitment and opening. It stays until `work.discard` removes it.

    Raises:
        ModelError: as for `Source.piece`; a shape that no statement can have.
        UsageError: no such engine, or its package is not installed; an address for engine "local"; a work folder of
            another commitment.
        OutputError: the work folder cannot be written.

    """
    profile, shape = source.profile.name, source.shape
    try:
        _native.security(profile, shape.native())
    except _native.Rejected as why:
        raise ModelError(f"{source.model.path}: no statement can have this shape ({why.args[1]})") from None
    summed = _engine(engine, address)
    with nullcontext(Store(Seed.fresh())) if work is None else Work.at(work, source) as store:
        sums, state = summed(source, store, progress)
    rows = _native.blind(profile, sums, state, store.seed.reveal())
    commitment = Commitment(profile, shape, rows)
    return commitment, Opening(commitment.id, store.seed)


def _engine(name: str, address: str | None) -> Engine:
    if name not in ENGINES:
        raise UsageError(f"engine {name!r} is not known; choose one of {', '.join(ENGINES)}")
    if name == "ray":
        from .ray import Cluster

        return Cluster(address)
    if address is not None:
        raise UsageError("only engine 'ray' has an address")
    return local.sums
