"""The check of a nearness file: policy, then proof. Whose vectors it is about, `huref.dispute` compares."""

from __future__ import annotations

from functools import partial

from .. import _native
from ..artefacts.context import Context
from ..artefacts.intervals import shown
from ..artefacts.nearness import ONE, PROTOCOL, THRESHOLDS, AnswerKind, NearBundle, Nearness
from ..artefacts.policy import DEFAULT, Policy
from ..artefacts.report import NotChecked, Proof, Report, Verified
from ..errors import UsageError
from .both import Choice, Rejection, near_rejection
from .check import bits_meet, commitment_meets, context_meets, made_for, must_meet, owner_not_checked, sides_meet
from .proof_alone import error, proof_suffices, report


def check(bundle: NearBundle, policy: Policy = DEFAULT, verifier: Choice = "rust") -> Report:
    """Verify a nearness file under a policy. `verifier`: what checks the proof, as for a bundle.

    Raises:
        InputError: the statement has no possible shape.
        InternalError: a bug; or one of both verifiers accepts what the other refuses.

    """
    statement, shape = bundle.statement, bundle.statement.shape

    def verified() -> Verified:
        bits = meet(bundle, policy)
        refused = near_rejection(statement, bundle.proof, verifier)
        if refused is not None:
            raise error(refused, "nearness")
        return Verified(
            Proof(PROTOCOL, statement.profile, bits, shape.layers, len(shape.tokens)),
            commitment=statement.committed.id,
            made_for=made_for(statement.context),
            nearness=shown(statement),
        )

    return report(bundle, policy, verified, _not_checked(statement.context))


def meet(bundle: NearBundle, policy: Policy) -> int:
    """The bits of security of a nearness file that meets the policy.

    Raises:
        PolicyError: it does not meet the policy.
        InputError: the statement has no possible shape.

    """
    statement, answer, demand = bundle.statement, bundle.statement.answer, partial(must_meet, policy)
    proof_suffices("a nearness file", policy)
    commitment_meets(statement.committed, policy)
    bits = int(min(bits for _, bits in security_terms(statement)))
    bits_meet(bits, policy)
    sides_meet("challenge", statement.sides, policy)
    context_meets(statement.context, policy)
    allowed = answer.kind == "rounded" or not policy.thresholds or answer.cosines[0] in policy.thresholds
    demand(allowed, f"the bound is {answer.cosines[0]}/{ONE}, none of those that")
    return bits


def security_terms(statement: Nearness) -> list[tuple[str, float]]:
    """Terms of the soundness error, as those of a bundle. InputError: the statement has no possible shape."""
    try:
        return _native.near_security(statement)
    except _native.Rejected as why:
        raise error(Rejection(*why.args), "nearness") from None


def must_be_allowed(reveal: tuple[AnswerKind, int], policy: Policy) -> None:
    """Check that somebody may answer so: rounded, or with a bound that does not follow the cosine.

    Raises:
        UsageError: the bound is neither one of the policy's, nor of `THRESHOLDS` if that names none.

    """
    allowed, (kind, bound) = policy.thresholds or THRESHOLDS, reveal
    if kind != "rounded" and bound not in allowed:
        listed = ", ".join(f"{each / ONE:g}" for each in allowed)
        raise UsageError(
            f"a bound of {bound / ONE:g} could follow the cosine and tell as much as the cosine itself; choose one of "
            f"{listed}, or a policy file that names others as its thresholds"
        )


def _not_checked(context: Context) -> tuple[NotChecked, ...]:
    return (
        NotChecked(
            "theirs", "whose vectors these are", "huref verify FILE --near BUNDLE, with the other side's answer"
        ),
        NotChecked("challenge", "nobody said which one must be answered", "huref verify FILE --dispute DISPUTE"),
        owner_not_checked(context, "answer"),
        NotChecked("order", "that both commitments were published before the beacon was known"),
        NotChecked("layers", "layers that a side left out: it chose them, and numbered them"),
        NotChecked("files", "that the commitment was made from the files of any model"),
    )
