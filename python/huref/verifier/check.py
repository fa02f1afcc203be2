"""The check of a bundle from top to bottom: policy, proof, image. It knows nothing of weights."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from .. import _native, image
from ..artefacts.bundle import Bundle, has_portrait
from ..artefacts.challenge import values
from ..artefacts.policy import DEFAULT, Policy
from ..artefacts.report import (
    Answered,
    Failure,
    Identity,
    NotChecked,
    PolicyUsed,
    Portrait,
    Proof,
    Report,
    Verified,
    Verifier,
)
from ..artefacts.statement import Statement
from ..errors import (
    HurefError,
    ImageMismatchError,
    MalformedBundleError,
    PolicyError,
    ProofRejectedError,
    UnsupportedVersionError,
)
from .both import Choice, Refusal, refusal

#: Refusals of the core that concern the form of a statement. Every other refusal is a check of the proof that failed.
_FORM = frozenset({"shape", "commitment rows"})


def check(bundle: Bundle, policy: Policy = DEFAULT, verifier: Choice = "rust") -> Report:
    """Verify a bundle under a policy. `verifier`: what checks the proof, the core ("rust"), "python" or "both".

    The order is: what the policy accepts (profile, bits of security, size of the image), the proof, the image. The
    first failure ends the check, and the report names the check that failed.

    Raises:
        MalformedBundleError: the statement has no possible shape.
        UnsupportedVersionError: the image comes from a renderer that this release does not know.
        InternalError: a bug; or one of both verifiers accepts what the other refuses.

    """
    return report(bundle, policy, lambda bundle: refusal(bundle.statement, bundle.proof, verifier))


def report(bundle: Bundle, policy: Policy, judge: Callable[[Bundle], Refusal | None], already: float = 0.0) -> Report:
    """What `check` reports, given the judge of the proof. `already`: seconds that the bundle took before."""
    start = time.perf_counter()
    verified, failure, code = Verified(), None, "verified"
    try:
        bits = meet(bundle, policy)
        refused = judge(bundle)
        if refused is not None:
            raise _error(refused)
        shape = bundle.statement.shape
        verified = Verified(
            Proof(bundle.statement.protocol, bundle.statement.profile, bits, shape.layers, len(shape.tokens)),
            commitment=bundle.statement.commitment_id,
            vector_digest=bundle.statement.public.vector_digest,
            challenge=answered(bundle.statement),
        )
        verified = replace(verified, image=redraw(bundle))
    except ProofRejectedError as why:
        code, failure = why.code, Failure(why.check, str(why))
    except PolicyError as why:
        code, failure = why.code, Failure("policy", str(why))
    except ImageMismatchError as why:
        code, failure = why.code, Failure("image", str(why))
    return Report(
        ok=failure is None,
        code=code,
        bundle=Identity(bundle.digest, bundle.version),
        verified=verified,
        claimed=bundle.claims,
        not_checked=_not_checked(bundle, verified),
        policy=PolicyUsed(policy.name, policy.digest),
        verifier=Verifier(_native.RELEASE, round(already + time.perf_counter() - start, 3)),
        failure=failure,
    )


def security_bits(statement: Statement) -> int:
    """The least term of the soundness error in whole bits, computed by the core from profile and shape.

    Raises:
        MalformedBundleError: no statement of this profile can have that shape.

    """
    try:
        terms = _native.security(statement.profile, statement.shape)
    except _native.Rejected as why:
        raise _error(Refusal(*why.args)) from None
    except TypeError as why:
        if not isinstance(why.__cause__, OverflowError):
            raise
        raise MalformedBundleError("bundle, statement: a size of the shape is outside the range of its type") from None
    return int(min(bits for _, bits in terms))


def redraw(bundle: Bundle) -> Portrait | None:
    """Draw the portrait of the vector, and compare every pixel of the bundle's image; None if there is no portrait.

    Raises:
        ImageMismatchError: digest or pixels are those of a different picture, or the bytes are not a PNG file.
        UnsupportedVersionError: the image comes from a renderer that this release does not know.

    """
    if not has_portrait(bundle.statement):
        return None
    if bundle.image is None:
        return Portrait(image.rgb_digest(image.render(bundle.statement.public.z)), in_bundle=False)
    if bundle.image.renderer != image.RENDERER:
        renderer = bundle.image.renderer
        raise UnsupportedVersionError(
            f"bundle, image.renderer: {renderer!r} is not known to this release, only {image.RENDERER!r} is"
        )
    portrait = image.render(bundle.statement.public.z)
    digest = image.rgb_digest(portrait)
    if digest != bundle.image.rgb_sha256:
        raise ImageMismatchError(f"the bundle's digest of the image is not {digest}, that of the vector's portrait")
    try:
        pixels = image.decode(bundle.image.png)
    except ValueError as why:
        raise ImageMismatchError(str(why)) from None
    if not np.array_equal(pixels, portrait):
        raise ImageMismatchError("the image of the bundle is not the portrait of its vector")
    return Portrait(digest, in_bundle=True)


def meet(bundle: Bundle, policy: Policy) -> int:
    """The bits of security of a bundle that meets the policy.

    Raises:
        PolicyError: the bundle does not meet the policy.
        MalformedBundleError: the statement has no possible shape.

    """
    profile = bundle.statement.profile
    if profile not in policy.profiles:
        raise PolicyError(f"profile {profile!r}: policy {policy.name!r} accepts {', '.join(policy.profiles)} only")
    bits = security_bits(bundle.statement)
    if bits < policy.security_bits:
        raise PolicyError(f"{bits} bits of security: policy {policy.name!r} demands {policy.security_bits}")
    if bundle.image is not None and len(bundle.image.png) > policy.max_image_bytes:
        raise PolicyError(
            f"the image has more than the {policy.max_image_bytes} bytes that policy {policy.name!r} allows"
        )
    return bits


def no_portrait(statement: Statement) -> str:
    """Why a vector has no portrait."""
    if statement.challenge is not None:
        return "the answer to a challenge has no portrait"
    return f"vectors of profile {statement.profile} have no portrait"


def _error(refused: Refusal) -> HurefError:
    if refused.check in _FORM:
        return MalformedBundleError(f"bundle, statement: {refused.detail}")
    return ProofRejectedError(refused.check, refused.detail)


def answered(statement: Statement) -> Answered | None:
    """The challenge that a statement answers, for a report."""
    return None if statement.challenge is None else Answered(**values(statement.challenge))


def _not_checked(bundle: Bundle, verified: Verified) -> tuple[NotChecked, ...]:
    entries = []
    if verified.proof is None:
        entries.append(NotChecked("image", "the bundle was refused before this check"))
    elif not has_portrait(bundle.statement):
        entries.append(NotChecked("image", no_portrait(bundle.statement)))
    if bundle.statement.challenge is not None:
        how = "huref verify BUNDLE --challenge FILE"
        entries.append(NotChecked("challenge", "nobody said which one must be answered", how))
        entries.append(NotChecked("dates", "both commitments must have been published before the beacon was"))
    weights = "huref verify BUNDLE --weights MODEL"
    entries.append(NotChecked("weights", "no weights were given", weights))
    entries.append(NotChecked("publisher", "the bundle has no attestation"))
    return tuple(entries)
