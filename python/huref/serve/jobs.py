"""What a worker does with the bytes of strangers: each job takes byte strings and returns a `Done`.

A job that needs something else that is kept says so (`Wanted`), and is asked again with it behind the other parts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from .. import image
from ..artefacts import bundle as bundles
from ..artefacts import commitment as commitments
from ..artefacts import portrait
from ..artefacts.bundle import Bundle
from ..artefacts.policy import DEFAULT
from ..artefacts.statement import Statement
from ..errors import CommitmentMissingError, InputError, NotFoundError
from ..verifier.both import rejection
from ..verifier.check import check, commitment_meets
from .common import vectors_of

VERIFIED = "verified"


@dataclass(frozen=True)
class Done:
    """`code`: "verified" or one of `errors.TABLE`; `detail`: a sentence; `report`: of a bundle that could be read.

    `found`: what an entry says of an accepted object; `data`: the bytes that are kept, or that were asked for;
    `common`: the fields of `Common`.
    """

    code: str
    detail: str
    report: dict[str, Any] | None = None
    found: dict[str, Any] = field(default_factory=dict)
    data: bytes = b""
    common: dict[str, Any] | None = None


class Wanted(Exception):  # noqa: N818
    """What a job needs beside what it has: an entry of that kind and digest."""

    def __init__(self, kind: str, sha256: str) -> None:
        super().__init__(kind, sha256)
        self.kind, self.sha256 = kind, sha256


def verify(data: bytes, *given: bytes) -> Done:
    """The report on a bundle; `given`: its commitment's file, if the bundle names that by its id alone."""
    return reported(parsed(data, given))


def accept(data: bytes, *given: bytes) -> Done:
    """As `verify`, with what is to be kept of a bundle that is verified: the bytes of its file."""
    bundle = parsed(data, given)
    done = reported(bundle)
    if done.report is None or done.code != VERIFIED:
        return done
    verified, shape = done.report["verified"], bundle.statement.shape
    about = {
        "modelName": bundle.claims.model_name,
        "profile": bundle.statement.profile,
        "securityBits": verified["proof"]["securityBits"],
        "layers": list(shape.layers),
        "tokens": len(shape.tokens),
        "draws": [draw.kind for draw in bundle.statement.draws],
        **({"owner": owner} if (owner := bundle.statement.context.owner) else {}),
    }
    found = {
        "sha256": bundle.digest,
        "commitment": bundle.statement.commitment.id,
        "vector": bundle.statement.vector_digest,
        "about": about,
    }
    as_written = hashlib.sha256(data).hexdigest() == bundle.file_digest
    kept = data if as_written else bundles.dump(bundle)
    return replace(done, found=found, data=kept, common=vectors_of(bundle).to_json())


def commit(data: bytes) -> Done:
    """A commitment that the policy's rules let somebody prove, with points that are on the curve."""
    commitment = commitments.parse(data)
    commitment_meets(commitment, DEFAULT)
    refused = rejection(Statement(commitment, (), ()), b"", "rust")
    if refused is None or refused.check != "draws":  # what comes behind the points
        raise InputError("commitment: field 'rows' must hold points of the curve")
    shape = commitment.shape
    about = {
        "profile": commitment.profile,
        "layers": list(shape.layers),
        "tokens": len(shape.tokens),
        "hidden": shape.hidden,
    }
    found = {"sha256": commitment.id, "commitment": commitment.id, "vector": None, "about": about}
    return Done(VERIFIED, VERIFIED, None, found, commitments.dump(commitment))


def draw(data: bytes, *given: bytes) -> Done:
    """The portrait of a kept bundle, a PNG file. NotFoundError: its vectors have none.

    An image by a generator was not checked here, so it is not what this returns.
    """
    bundle = parsed(data, given)
    if bundle.image is not None and bundle.image.renderer == image.PORTRAIT.name:
        return Done(VERIFIED, VERIFIED, data=bundle.image.png)
    vector = portrait.portrayed(bundle.statement)
    if vector is None:
        raise NotFoundError("the vectors of this bundle have no portrait")
    return Done(VERIFIED, VERIFIED, data=image.png(image.render(vector)))


#: Every job, by the name of its function.
JOBS: dict[str, Callable[..., Done]] = {job.__name__: job for job in (verify, accept, commit, draw)}


def parsed(data: bytes, given: tuple[bytes, ...]) -> Bundle:
    """The bundle in a file. Wanted: it names a commitment that is not among those given."""
    try:
        return bundles.parse(
            data, max_bytes=DEFAULT.max_bundle_bytes, commitments=[commitments.parse(part) for part in given]
        )
    except CommitmentMissingError as why:
        raise Wanted("commitment", why.commitment) from None


def reported(bundle: Bundle) -> Done:
    """The report on a bundle."""
    report = check(bundle, DEFAULT)
    detail = VERIFIED if report.failure is None else report.failure.detail
    return Done(report.code, detail, report.to_json())
