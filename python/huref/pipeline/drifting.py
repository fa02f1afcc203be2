"""How far a committed model is from a later release, or from a public file: made and checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..artefacts.commitment import Commitment
from ..artefacts.context import NOBODY, Context, checked
from ..artefacts.drift import ONE, DriftBundle, Partition
from ..artefacts.opening import Opening
from ..artefacts.opening import read as read_opening
from ..artefacts.policy import Policy
from ..artefacts.report import Report
from ..dispute import must_be_for
from ..errors import UsageError
from ..planning.memory import drifting, must_suffice
from ..profile import named
from ..progress import Progress, silent
from ..verifier.both import Choice
from ..verifier.drift import check, must_be_at_hand
from . import given
from .given import Folder, Place
from .making import Reserve

if TYPE_CHECKING:
    from ..artefacts.shape import Shape
    from ..stages.quantise import Source


def drift(
    base: Folder,
    later: Folder | None = None,
    *,
    public: Folder | None = None,
    openings: Sequence[Opening | Place],
    commitments: Sequence[Commitment | Place] = (),
    aligned_to: Folder | None = None,
    leave_out: Sequence[str] = (),
    partition: Partition = "matrices",
    bound: int | None = None,
    context: Context = NOBODY,
    reserve: Reserve | None = None,
    progress: Progress = silent,
) -> DriftBundle:
    """How far a committed model is from a `later` committed one, or from a `public` one, with a zero-knowledge proof.
    `huref.artefacts.drift.dump` writes it.

    `openings`: that of the commitment to `base`, and that of the commitment to `later`; both commitments must have one
    profile, one shape and the same tokens. `commitments`: those of them whose rows need not be made again.
    `aligned_to`: the base of aligned commitments, if it is neither `base` nor `public`. `leave_out`: matrices of which
    nothing is said: "attention", "X", a name in every layer such as "up", or one matrix such as "4.q". To a public
    model attention is left out anyway, unless the commitment was aligned to that. `partition`: in what the models are
    compared, "matrices", "rows" or "whole"; `bound`: of 1024, by default the least that holds. All else as for `prove`.

    Raises:
        IncomparableError: the models differ in profile, sizes, layers or tokens.
        UsageError: neither a later nor a public model was given, or not one opening for each committed model; a matrix
            differs by more than its own size or the bound, or attention was not aligned.
        WeightsMismatchError, ModelError: as for `prove`.

    """
    from ..stages.claims import claims, nameless
    from ..stages.commit import recommit
    from ..stages.drift import Asked, Committed
    from ..stages.drift import drift as make_proof

    if (later is None) == (public is None):
        raise UsageError("a drift is that of two models; give the later one, or a public one, and not both")
    folders = [base] if later is None else [base, later]
    secrets = [given.loaded(opening, read_opening) for opening in openings]
    if len(secrets) != len(folders):
        raise UsageError(f"one opening for each committed model is needed, in their order: {len(folders)}")
    if bound is not None and not 1 <= bound <= ONE:
        raise UsageError(f"a bound is 1 to {ONE} of {ONE}")
    if aligned_to is not None and all(secret.aligned_to is None for secret in secrets):
        raise UsageError(f"no commitment was aligned to a base; leave {aligned_to} out")
    checked(context)
    known = {commitment.id: commitment for commitment in given.committed(commitments)}
    sources = []
    for folder, second, secret in zip(folders, [later or public, base], secrets, strict=False):
        towards = None if secret.aligned_to is None else aligned_to or second
        sources.append(given.reopened(given.opened(folder), secret, towards))
    shape = sources[0].shape
    other = None if public is None else _source(public, shape, secrets[0].profile)
    sizes = given.sizes(sources[0])
    must_suffice(drifting(sizes), f"a proof about two models such as {base}")
    blocks = sum(shape.matrices()) if partition == "rows" else len(shape.matrices())
    if reserve is not None:
        reserve(sizes.drift_file(blocks, len(sources)))
    stated = None if other is None else claims(other.model)
    models = []
    for source, secret in zip(sources, secrets, strict=True):
        quantised = source.whole(progress)
        made = known.get(secret.commitment) or recommit(quantised, secret, progress)
        models.append(Committed(quantised, secret, made))
    theirs = None if other is None else other.whole(progress)
    aligned = _aligned(secrets, aligned_to)
    left_out = (*leave_out, "attention") if other is not None and not aligned else leave_out
    asked = Asked(left_out, partition, bound, context, aligned)
    statement, proof = make_proof(models, theirs, asked, progress)
    said = nameless(sources[0].model) if stated is None else stated(progress)
    return DriftBundle(statement, said, proof)


def _aligned(secrets: Sequence[Opening], third: Folder | None) -> bool:
    """Whether attention of both models is in one basis: that of a third one, or one of them in that of the other."""
    bases = {secret.aligned_to for secret in secrets}
    if third is not None:
        return len(secrets) == 2 and len(bases) == 1
    return bases != {None} and (len(secrets) == 1 or None in bases)


def verified(
    bundle: DriftBundle,
    public: Folder | None,
    policy: Policy,
    expected: Context,
    verifier: Choice,
    progress: Progress,
) -> Report:
    """`verify` of a drift file.

    Raises:
        UsageError: the statement is about a public model that was not given, or about none.
        ModelError: the public model cannot be used.

    """
    statement = bundle.statement
    must_be_at_hand(statement, public)
    if statement.public is None and public is not None:
        raise UsageError("the drift is that between two commitments; leave the public model out")
    weights = None
    if public is not None:
        weights = _source(public, statement.shape, statement.profile).whole(progress).weights
    report = check(bundle, policy, verifier, weights)
    return must_be_for(report, statement.context, expected) if expected else report


def _source(folder: Folder, shape: Shape, profile: str) -> Source:
    """A public model, over the layers and tokens of a statement. WeightsMismatchError: it lacks a token."""
    from ..stages.tokens import match_all

    model = given.opened(folder)
    return given.source(model, named(profile), shape.layers, match_all(model, shape.tokens))
