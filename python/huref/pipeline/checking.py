"""What is checked without a model, or against one: a bundle, or many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..artefacts.bundle import Bundle
from ..artefacts.challenge import Challenge
from ..artefacts.challenge import read as read_challenge
from ..artefacts.commitment import Commitment
from ..artefacts.context import NOBODY, Context
from ..artefacts.dispute import Dispute
from ..artefacts.dispute import read as read_dispute
from ..artefacts.drift import DriftBundle
from ..artefacts.nearness import NearBundle
from ..artefacts.opening import Opening
from ..artefacts.opening import read as read_opening
from ..artefacts.policy import DEFAULT as DEFAULT_POLICY
from ..artefacts.policy import Policy
from ..artefacts.proved import Proved, load
from ..artefacts.report import Report
from ..artefacts.timestamps import Timestamps
from ..audit import generator_of, same_image, same_weights
from ..dispute import must_answer, must_be_for, must_settle
from ..errors import (
    ImageMismatchError,
    UsageError,
    WeightsMismatchError,
)
from ..extras import require
from ..progress import Progress, silent
from ..verifier.batch import Outcome, Source, check_many
from ..verifier.both import Choice
from ..verifier.check import Left, check, must_be_dated
from . import answering, drifting, given
from .encoding import Encoder
from .given import Folder, Place

if TYPE_CHECKING:
    pass


def verify(
    bundle: Proved | Place,
    *,
    policy: Policy = DEFAULT_POLICY,
    commitments: Sequence[Commitment | Place] = (),
    near: Bundle | Place | None = None,
    public: Folder | None = None,
    weights: Folder | None = None,
    opening: Opening | Place | None = None,
    aligned_to: Folder | None = None,
    challenge: Challenge | Place | None = None,
    dispute: Dispute | Place | None = None,
    expected: Context = NOBODY,
    image: Place | None = None,
    generator: Place | None = None,
    encoder: Place | None = None,
    attestation: Place | None = None,
    key: Place | None = None,
    identity: tuple[str, str] | None = None,
    trusted_root: Place | None = None,
    files: Folder | None = None,
    timestamps: Timestamps | Place | None = None,
    authorities: Place | None = None,
    log_proof: Place | None = None,
    log_policy: Place | None = None,
    verifier: Choice = "rust",
    progress: Progress = silent,
) -> Report:
    """Check a bundle, nearness or drift file; `report.ok` is the answer, `report.raise_for_status()` an error for
    scripts.

    Needs no weights and no secret. `commitments`: among them that of a bundle which names it by id alone. `near`: of a
    nearness file, the other side's bundle, which must have the vectors that it is about; without it nobody knows whose
    they are, and there is no verdict. `public`: of a drift file about a public model, that model, without which nothing
    is verified. `weights`: a model folder; its vectors are computed again and every public output
    compared, which shows that these files have these vectors. With `opening` the commitment is made again as well, row
    by row, which shows that it was made from these files. `aligned_to`: the base that the commitment was aligned to, if
    it was; without it the vectors of the files are others. `challenge`: the one that the bundle must answer, or
    `dispute`: a closed one, in which it must.
    `expected`: owner, audience and nonce that the proof must have been made for; only those given are compared.
    `image`: a PNG whose pixels are compared with the image of the vector. `generator`: the file of the generator that
    the bundle's image names, with which it is drawn again. `encoder`: the file of the network that encoded custom
    vectors, without which a bundle that has some is refused. `attestation`: a publisher's signature over the bundle,
    by the public `key` in a PEM file, or by an `identity`, a subject and its issuer, under the `trusted_root` of
    Sigstore in a file or the one that comes with it; with `files`, the folder of a release, over each of its files.
    `timestamps`: what time-stamp authorities signed about the bundle or its commitment; `authorities`: a PEM file with
    the certificates of those that the caller trusts, also for tokens beside the signature of a key. `log_proof`: that a
    log has the bundle or its commitment; `log_policy`: a file with the logs and witnesses that the caller trusts.
    `verifier`: what checks the proof: the core ("rust"), the independent verifier in pure Python ("python"), or "both".

    Raises:
        MalformedBundleError, BundleTooLargeError, UnsupportedVersionError, NotFoundError, InputError: a file is missing
            or cannot be read. A bundle that can be read but is wrong gives a report with `ok == False`.
        ModelError: the model folder cannot be used.
        UsageError: `opening` or `aligned_to` without `weights`, an `opening` of an aligned commitment without
            `aligned_to` or the reverse, `image` for a bundle without a portrait, a `generator` or `encoder` that is not
            the one of the bundle, a bundle that names a commitment that was not given, `near` for a bundle, for
            a nearness or drift file what only bundles have, or a drift file about a public model without that.
        InternalError: a bug; or one of both verifiers accepts what the other refuses.

    """
    if opening is not None and weights is None:
        raise UsageError("an opening is checked together with the weights; give the model folder too")
    if aligned_to is not None and weights is None:
        raise UsageError("a base is needed only together with the weights; give the model folder too")
    signers = sum(signer is not None for signer in (key, identity))
    if signers != (attestation is not None) or (files is not None and attestation is None):
        raise UsageError(
            "an attestation is checked with its signer's public key or identity, and files with both; give all of them"
        )
    if trusted_root is not None and identity is None:
        raise UsageError("a trusted root of Sigstore says whose certificates of an identity count; give the identity")
    if timestamps is not None and authorities is None:
        raise UsageError("timestamps are checked with the certificates of authorities that you trust; give them too")
    if (log_proof is None) != (log_policy is None):
        raise UsageError("a proof of a log is checked with a policy, which names logs and witnesses; give both")
    secret, demanded = given.loaded(opening, read_opening), given.loaded(challenge, read_challenge)
    known = given.committed(commitments)
    loaded = bundle if isinstance(bundle, Proved) else load(Path(bundle), policy.max_bundle_bytes, known)
    alone = (weights, image, generator, encoder, attestation, timestamps, log_proof)
    if not isinstance(loaded, Bundle) and any(each is not None for each in alone):
        what = "a nearness" if isinstance(loaded, NearBundle) else "a drift"
        raise UsageError(
            f"{what} file has no vectors, image, attestation or date; leave out what is compared with them"
        )
    if isinstance(loaded, DriftBundle):
        if any(each is not None for each in (near, challenge, dispute)):
            raise UsageError("a drift file answers no challenge and nobody; leave out what it is compared with")
        return drifting.verified(loaded, public, policy, expected, verifier, progress)
    if public is not None:
        raise UsageError("only a drift file is about a public model; leave that out")
    if isinstance(loaded, NearBundle):
        theirs = None if near is None else answering.bundle_of(near, policy, known)
        settled = None if dispute is None else given.loaded(dispute, read_dispute)
        return answering.verified(loaded, theirs, policy, demanded, settled, expected, verifier)
    if near is not None:
        raise UsageError("the bundle has vectors of its own; compare them with the other side's: huref compare")
    beside: dict[Left, bool] = {
        "attestation": attestation is not None,
        "date": timestamps is not None or attestation is not None or log_proof is not None,
    }
    if encoder is not None:
        loaded = Encoder(encoder).beside(loaded)
    artist = None if generator is None else generator_of(loaded, Path(generator))
    left: list[Left] = [what for what, is_there in beside.items() if is_there]
    report = check(loaded, policy, verifier, left=left, generator=artist)
    if demanded is not None:
        report = must_answer(report, loaded.statement.challenge, demanded)
    if dispute is not None:
        statement = loaded.statement
        report = must_settle(report, statement.commitment, statement.challenge, given.loaded(dispute, read_dispute))
    if expected:
        report = must_be_for(report, loaded.statement.context, expected)
    if attestation is not None:
        from ..attest.given import attested

        signer = (key, identity, trusted_root)
        report = attested(report, loaded, attestation, signer, files, authorities, policy, progress)
    if timestamps is not None and authorities is not None:
        from ..attest.given import with_date

        report = with_date(report, loaded, timestamps, authorities)
    if log_proof is not None and log_policy is not None:
        require("cryptography")
        from ..registry.dating import with_log

        report = with_log(report, loaded, Path(log_proof), Path(log_policy))
    report = must_be_dated(report, policy)
    try:
        if report.ok and image is not None:
            report = report.with_verified(given_image=same_image(loaded, Path(image), artist))
    except ImageMismatchError as why:
        report = report.refused(why, "image")
    if weights is None:
        return report
    if not report.ok:
        return report.not_reached("files")
    try:
        return report.with_verified(weights=same_weights(loaded, Path(weights), secret, progress, base=aligned_to))
    except WeightsMismatchError as why:
        return report.refused(why, "weights", "files")


def verify_many(
    bundles: Sequence[Proved | Place],
    *,
    policy: Policy = DEFAULT_POLICY,
    commitments: Sequence[Commitment | Place] = (),
    encoder: Place | None = None,
    verifier: Choice = "rust",
    progress: Progress = silent,
) -> list[Outcome]:
    """Check many bundles, each a file or at hand: `verify` on each, in a fraction of the time, on all cores.

    The core decides all proofs together, with random weights from the operating system; each outcome is what `verify`
    gives for that bundle alone, except with a probability of 2^-255. Where `verify` raises, the error is the outcome,
    and affects no other bundle. Outcomes are named by the file or the bundle's digest. `commitments`, `encoder`: as for
    `verify`, of all of them.

    Raises:
        InternalError: a bug.

    """
    known = given.committed(commitments)

    def source(bundle: Proved | Place) -> Source:
        if isinstance(bundle, Proved):
            return bundle.digest, lambda: bundle
        return str(bundle), lambda: load(Path(bundle), policy.max_bundle_bytes, known)

    sources: Iterable[Source] = map(source, bundles)
    if encoder is not None:
        sources = Encoder(encoder).beside_all(sources)
    outcomes: list[Outcome] = []
    for outcome in check_many(sources, policy, verifier):
        outcomes.append(outcome)
        progress("verify", len(outcomes), len(bundles))
    return outcomes
