"""The check of a file that has a proof and neither vectors nor image: what nearness and drift have in common."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from .. import _native
from ..artefacts.drift import DriftBundle
from ..artefacts.nearness import NearBundle
from ..artefacts.policy import Policy
from ..artefacts.report import Failure, Identity, NotChecked, PolicyUsed, Report, Verified, Verifier
from ..errors import HurefError, InputError, PolicyError, ProofRejectedError, WeightsMismatchError
from .both import Rejection
from .check import FORM, must_meet


def report(
    bundle: NearBundle | DriftBundle,
    policy: Policy,
    verified: Callable[[], Verified],
    not_checked: tuple[NotChecked, ...],
) -> Report:
    """The report on a file; `verified`: what holds, or ProofRejectedError, PolicyError or, of a
    public model, WeightsMismatchError.
    """
    start = time.perf_counter()
    holds, failure, code = Verified(), None, "verified"
    try:
        holds = verified()
    except ProofRejectedError as why:
        code, failure = why.code, Failure(why.check, str(why))
    except PolicyError as why:
        code, failure = why.code, Failure("policy", str(why))
    except WeightsMismatchError as why:
        code, failure = why.code, Failure("public model", str(why))
    return Report(
        ok=failure is None,
        code=code,
        bundle=Identity(bundle.digest, bundle.file_digest, bundle.version),
        verified=holds,
        claimed=bundle.claims,
        not_checked=not_checked,
        policy=PolicyUsed(policy.name, policy.digest),
        verifier=Verifier(_native.RELEASE, round(time.perf_counter() - start, 3)),
        failure=failure,
    )


def proof_suffices(what: str, policy: Policy) -> None:
    """PolicyError if a policy demands what such a file never has; `what`: the kind with its article."""
    demand = partial(must_meet, policy)
    demand(not policy.demands_attestation, f"{what} has no attestation, which")
    demand(not policy.demands_date, f"{what} has no date, which")
    demand(not policy.own_vectors, f"{what} has no own vectors, which")
    demand(not policy.images, f"{what} has no image, which")


def error(refused: Rejection, kind: str) -> HurefError:
    """The error of a rejection; `kind`: that of the file."""
    if refused.check in FORM:
        return InputError(f"{kind}, statement: {refused.detail}")
    return ProofRejectedError(refused.check, refused.detail)
