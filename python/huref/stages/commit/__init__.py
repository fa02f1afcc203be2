"""What sums the rows of a commitment: this process, or the workers of a cluster.

    commitment row m  =  sum_j W_mj G_j  +  r_m H

The sums are nearly all of the work and need no secret except the weights; they are made block by block, in any order,
by any process that can read the model. The blinds r_m follow from the seed and a digest of *all* weights
(`rust/circuits/src/prover/secrets.rs`), so they are added at the end, here, and the seed never leaves this process. The
resulting bytes do not depend on the engine (docs/decisions/0005).
"""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Protocol

from ... import _native
from ...artefacts.commitment import Commitment
from ...artefacts.opening import FIRST_RULE, Opening, Seed
from ...artefacts.opening import read as read_opening
from ...errors import ModelError, UsageError, WeightsMismatchError
from ...progress import Progress, silent
from ..quantise import Quantised, Source
from . import local
from .work import Store, Work

ENGINES = ("local", "ray")


class Engine(Protocol):
    """Sums all rows of a source."""

    def __call__(self, model: Source, store: Store, progress: Progress) -> tuple[bytes, list[bytes]]:
        """The sums of all rows in order, 33 bytes each, and the leaves of the weights' digest.

        Sums that `store` knows are taken from it, all others are added to it as they come.
        """


def commit(
    source: Source,
    *,
    engine: str = "local",
    address: str | None = None,
    work: Path | None = None,
    written: Path | None = None,
    progress: Progress = silent,
) -> tuple[Commitment, Opening]:
    """A fresh commitment to a model, read piece by piece, and its opening.

    `engine`: "local", or "ray" for the Ray cluster at `address` (none: one on this machine). `work`: a private folder
    that keeps finished parts, made when there is something to keep; with it the same call resumes where an interrupted
    one left off. It stays until `work.discard` removes it. `written`: the opening that an earlier call with that work
    folder has already written; the commitment is the one that it opens, or there is none.

    The seed is drawn, or read from `written`, after the last sum: until then this process holds no secret but the
    weights, and the work folder never holds the seed.

    Raises:
        WeightsMismatchError: the model does not give the commitment of the opening `written`.
        InputError: that opening cannot be read.
        ModelError: as for `Source.piece`; or no statement can have this shape.
        UsageError: there is no such engine, or its package is not installed; engine "local" was given an address, or
            engine "ray" a base; the work folder belongs to a different commitment.
        OutputError: the work folder cannot be written.

    """
    _provable(source)
    summed = _engine(engine, address)
    if source.base is not None and engine != "local":
        raise UsageError(f"engine {engine!r} does not align; commit with engine 'local', or without a base")
    if written is not None and read_opening(written).seed.rule == FIRST_RULE:  # whose digest is made in one go
        opening = read_opening(written)
        return recommit(source.whole(progress), opening, progress), opening
    with nullcontext(Store()) if work is None else Work.at(work, source) as store:
        sums, leaves = summed(source, store, progress)
    digest = _native.digest_of_leaves(source.profile.name, leaves)
    if written is None:
        return _blinded(source, sums, digest, Seed.fresh(), None if source.base is None else source.base.digest)
    opening = read_opening(written)
    return _that_of(opening, _blinded(source, sums, digest, opening.seed)[0]), opening


def commit_whole(
    quantised: Quantised, progress: Progress = silent, seed: Seed | None = None
) -> tuple[Commitment, Opening]:
    """A commitment to a model that is in memory, and its opening; by default under a fresh seed.

    Raises:
        ModelError: no statement can have this shape.

    """
    _provable(quantised)
    seed = seed or Seed.fresh()
    sums, leaves = local.sums(quantised, Store(), progress)
    if seed.rule == FIRST_RULE:
        digest = quantised.weights.stream_digest()
    else:
        digest = _native.digest_of_leaves(quantised.profile.name, leaves)
    return _blinded(quantised, sums, digest, seed)


def recommit(quantised: Quantised, opening: Opening, progress: Progress = silent) -> Commitment:
    """The commitment that an opening belongs to, made again from the model.

    Raises:
        WeightsMismatchError: the model does not give that commitment under this opening.

    """
    return _that_of(opening, commit_whole(quantised, progress, opening.seed)[0])


def _that_of(opening: Opening, commitment: Commitment) -> Commitment:
    """A commitment, which must be the one that the opening names; WeightsMismatchError if it is another one."""
    if commitment.id != opening.commitment:
        raise WeightsMismatchError(
            f"model and opening do not give commitment {opening.commitment[:16]}...: it was made for other weights. "
            "Give the model folder given to `huref commit`, or leave out the opening to make a new commitment"
        )
    return commitment


def _provable(model: Source | Quantised) -> None:
    try:
        _native.security(model.profile.name, model.shape, 1)
    except _native.Rejected as why:
        raise ModelError(f"no statement can have this shape ({why.args[1]})") from None


def _blinded(
    model: Source | Quantised, sums: bytes, digest: bytes, seed: Seed, aligned_to: str | None = None
) -> tuple[Commitment, Opening]:
    """Blinds added to the sums of all rows: the last step of every commitment."""
    rows = _native.blind(model.profile.name, sums, digest, seed)
    commitment = Commitment(model.profile.name, model.shape, rows)
    return commitment, Opening.of(commitment, seed, aligned_to)


def _engine(name: str, address: str | None) -> Engine:
    if name not in ENGINES:
        raise UsageError(f"engine {name!r} is not known; choose one of {', '.join(ENGINES)}")
    if name == "ray":
        from .ray import Cluster

        return Cluster(address)
    if address is not None:
        raise UsageError("only engine 'ray' has an address")
    return local.sums
