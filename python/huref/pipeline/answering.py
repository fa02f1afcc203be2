"""An answer to a challenge without vectors: how near a model comes to the other side's, made and checked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..artefacts.bundle import Bundle, load
from ..artefacts.challenge import Challenge
from ..artefacts.commitment import Commitment
from ..artefacts.commitment import read as read_commitment
from ..artefacts.context import NOBODY, Context, checked
from ..artefacts.dispute import Dispute
from ..artefacts.nearness import NearBundle
from ..artefacts.opening import Opening
from ..artefacts.opening import read as read_opening
from ..artefacts.policy import DEFAULT as DEFAULT_POLICY
from ..artefacts.policy import Policy
from ..artefacts.report import Report
from ..dispute import must_answer, must_be_for, must_be_near, must_be_theirs, must_settle
from ..errors import HurefError, IncomparableError
from ..planning.memory import must_suffice, proving
from ..progress import Progress, silent
from ..verifier.both import Choice
from ..verifier.near import check, must_be_allowed
from . import given
from .given import Folder, Place
from .making import Reserve

if TYPE_CHECKING:
    from ..stages.near import Reveal


def answer(
    model: Folder,
    *,
    near: Bundle | Place,
    opening: Opening | Place,
    commitment: Commitment | Place | None = None,
    aligned_to: Folder | None = None,
    reveal: Reveal = ("rounded", 0),
    policy: Policy = DEFAULT_POLICY,
    commitments: Sequence[Commitment | Place] = (),
    context: Context = NOBODY,
    reserve: Reserve | None = None,
    progress: Progress = silent,
) -> NearBundle:
    """An answer to a challenge without vectors: how near a committed model comes to those of the other side, with a
    zero-knowledge proof. `huref.artefacts.nearness.dump` writes it.

    `near`: the other side's bundle, which answers a challenge that names the commitment of the `opening` too; it is
    verified first. `reveal`: ("rounded", 0) for all cosines in steps of 1/256; ("at-least", t) for one pair whose
    cosine reaches t/256; ("below", t) where all stay below in size. t is one of the policy's `thresholds`, by default
    32, 64, 128 and 192. `policy`: what the other side's proof must meet; `commitments`: among them that of a bundle
    which names it by id alone. All else as for `prove`. Answer once in a dispute: two answers tell more than each.

    Raises:
        ProofRejectedError, PolicyError: the other side's bundle does not verify.
        ChallengeMismatchError: it does not answer a challenge that names this commitment, or is about this one.
        IncomparableError: it has another profile.
        UsageError: t is not one that the policy allows, or the answer would not be true.
        WeightsMismatchError, ModelError: as for `prove`.

    """
    from ..stages.claims import nameless
    from ..stages.commit import recommit
    from ..stages.near import near as make_proof

    secret, known = given.loaded(opening, read_opening), given.loaded(commitment, read_commitment)
    must_be_allowed(reveal, policy)
    checked(context)
    theirs = bundle_of(near, policy, given.committed(commitments))
    try:
        challenge = must_be_theirs(theirs, None, secret.commitment, policy)
    except HurefError as why:
        raise why.within("the other side's bundle") from None
    if theirs.statement.profile != secret.profile:
        raise IncomparableError(
            f"the other side's bundle has profile {theirs.statement.profile}, the opening {secret.profile}"
        )
    folder = given.opened(model)
    source = given.reopened(folder, secret, aligned_to)
    sizes = given.sizes(source, draws=1)
    must_suffice(proving(sizes), f"a proof about {model}")
    vectors = theirs.statement.outputs[0]
    if reserve is not None:
        reserve(sizes.nearness_file(len(vectors.vectors)))
    quantised = source.whole(progress)
    made = known or recommit(quantised, secret, progress)
    draw = challenge.draw(made.id)
    statement, proof = make_proof(quantised, secret, made, draw, vectors.z, reveal, context, progress)
    return NearBundle(statement, nameless(folder, theirs.digest), proof)


def verified(
    bundle: NearBundle,
    theirs: Bundle | None,
    policy: Policy,
    challenge: Challenge | None,
    dispute: Dispute | None,
    expected: Context,
    verifier: Choice,
) -> Report:
    """`verify` of a nearness file."""
    statement = bundle.statement
    report = check(bundle, policy, verifier)
    if challenge is not None:
        report = must_answer(report, statement.challenge, challenge)
    if dispute is not None:
        report = must_settle(report, statement.committed, statement.challenge, dispute)
    if expected:
        report = must_be_for(report, statement.context, expected)
    return report if theirs is None else must_be_near(report, statement, theirs, policy)


def bundle_of(bundle: Bundle | Place, policy: Policy, commitments: Sequence[Commitment]) -> Bundle:
    """The other side's bundle, in a file or at hand. Errors as for `verify`."""
    return bundle if isinstance(bundle, Bundle) else load(Path(bundle), policy.max_bundle_bytes, commitments)
