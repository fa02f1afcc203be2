"""The check of a drift file: policy, then proof. A public model is read by `huref.pipeline`."""

from __future__ import annotations

from .. import _native
from ..artefacts.drift import PROTOCOL, Drift, DriftBundle
from ..artefacts.drift_lines import names
from ..artefacts.drifted import shown
from ..artefacts.policy import DEFAULT, Policy
from ..artefacts.report import NotChecked, Proof, Report, Verified
from ..artefacts.shape import is_attention
from ..errors import UsageError, WeightsMismatchError
from .both import Choice, Rejection, drift_rejection
from .check import bits_meet, commitment_meets, context_meets, made_for, owner_not_checked
from .proof_alone import error, proof_suffices, report


def check(
    bundle: DriftBundle,
    policy: Policy = DEFAULT,
    verifier: Choice = "rust",
    public: _native.Weights | None = None,
) -> Report:
    """Verify a drift file under a policy. `verifier`: what checks the proof, as for a bundle; `public`: the integers of
    the public model, if the statement is about one.

    Raises:
        UsageError: the statement is about a public model, and that is not at hand: then nothing is verified.
        InputError: the statement has no possible shape.
        InternalError: a bug; or one of both verifiers accepts what the other refuses.

    """
    statement, shape = bundle.statement, bundle.statement.shape
    must_be_at_hand(statement, public)

    def verified() -> Verified:
        bits = meet(bundle, policy, public)
        if public is not None and _native.public_digest(public).hex() != statement.public:
            raise WeightsMismatchError("the public model is not the one that the statement is about")
        refused = drift_rejection(statement, bundle.proof, verifier, public)
        if refused is not None:
            raise error(refused, "drift")
        return Verified(
            Proof(PROTOCOL, statement.profile, bits, shape.layers, len(shape.tokens)),
            commitment=statement.commitments[0].id,
            made_for=made_for(statement.context),
            drift=shown(statement),
        )

    return report(bundle, policy, verified, _not_checked(statement))


def must_be_at_hand(statement: Drift, public: object) -> None:
    """UsageError if a statement is about a public model, and nobody gave that."""
    if statement.public is not None and public is None:
        raise UsageError(
            "the proof is not verified: it is about a public model, and that file is not at hand; give it: "
            "huref verify FILE --public MODEL"
        )


def meet(bundle: DriftBundle, policy: Policy, public: _native.Weights | None) -> int:
    """The bits of security of a drift file that meets the policy.

    Raises:
        PolicyError: it does not meet the policy.
        InputError: the statement has no possible shape.

    """
    statement = bundle.statement
    proof_suffices("a drift file", policy)
    for commitment in statement.commitments:
        commitment_meets(commitment, policy)
    bits = int(min(bits for _, bits in security_terms(statement, public)))
    bits_meet(bits, policy)
    context_meets(statement.context, policy)
    return bits


def security_terms(statement: Drift, public: _native.Weights | None) -> list[tuple[str, float]]:
    """Terms of the soundness error, as those of a bundle. InputError: the statement has no possible shape."""
    try:
        return _native.drift_security(statement, public)
    except _native.Rejected as why:
        raise error(Rejection(*why.args), "drift") from None


def _not_checked(statement: Drift) -> tuple[NotChecked, ...]:
    return (
        *_left_out(shown(statement).left_out),
        NotChecked("rest", "gates, biases, norms, other layers, other tokens: nothing is said of them"),
        NotChecked("behaviour", "that both models answer alike: a back door needs less than one per cent of the norm"),
        NotChecked("order", "which of the two came first, and whether one was made from the other"),
        owner_not_checked(statement.context, "drift"),
        _files(statement),
    )


def _left_out(matrices: tuple[str, ...]) -> tuple[NotChecked, ...]:
    """That nothing is said of these matrices."""
    if not matrices:
        return ()
    why = f"{names(matrices)}: left out, so nothing is said of them"
    if not any(map(is_attention, matrices)):
        return (NotChecked("matrices", why),)
    turns = "the canonical basis of attention turns unless a commitment is aligned to the other model"
    return (NotChecked("matrices", f"{why}; {turns}", "huref commit --aligned-to MODEL"),)


def _files(statement: Drift) -> NotChecked:
    if statement.public is None:
        why = "that either commitment was made from the files of any model; an audit of one is no audit of the other"
    else:
        why = "that the commitment was made from the files of any model"
    return NotChecked("files", why, "huref verify BUNDLE --weights MODEL --opening SECRET, of each commitment")
