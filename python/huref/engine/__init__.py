"""Commitments to models that are read piece by piece: sums of rows first, their blinds last.

    commitment row m  =  sum_j W_mj G_j  +  r_m H

The sums are nearly all of the work and need no secret but the weights; they are made block by block, each when its
piece of the model is there. The blinds r_m follow from the seed and a digest of *all* weights
(`rust/circuits/src/secrets.rs`), so they are added at the end. See docs/decisions/0005.
"""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

from .. import _native
from ..commit import Commitment, Opening, Seed
from ..errors import ModelError
from ..progress import Progress, silent
from ..quantise import Source
from . import local
from .work import Store, Work


def commit(
    source: Source,
    *,
    work: Path | None = None,
    progress: Progress = silent,
) -> tuple[Commitment, Opening]:
    """A fresh commitment to a model, read piece by piece, and its opening.

    `work`: a private folder that keeps what is finished, made when there is something to keep; with it the same call
    goes on where an earlier one was stopped, to the same commitment and opening. It stays until `work.discard` removes
    it.

    Raises:
        ModelError: as for `Source.piece`; a shape that no statement can have.
        UsageError: a work folder of another commitment.
        OutputError: the work folder cannot be written.

    """
    profile, shape = source.profile.name, source.shape
    try:
        _native.security(profile, shape.native())
    except _native.Rejected as why:
        raise ModelError(f"{source.model.path}: no statement can have this shape ({why.args[1]})") from None
    with nullcontext(Store(Seed.fresh())) if work is None else Work.at(work, source) as store:
        sums, state = local.sums(source, store, progress)
    rows = _native.blind(profile, sums, state, store.seed.reveal())
    commitment = Commitment(profile, shape, rows)
    return commitment, Opening(commitment.id, store.seed)
