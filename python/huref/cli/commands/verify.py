"""`huref verify`."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from ... import disk
from ...artefacts import policy as policies
from ...artefacts.bundle import Bundle
from ...artefacts.context import Context
from ...artefacts.nearness import NearBundle
from ...artefacts.policy import Policy
from ...errors import TABLE
from ...profile import DEFAULT
from ...verifier.batch import Outcome, Source, check_many, severest
from ...verifier.both import CHOICES, Choice
from .. import options
from ..app import Command
from ..bar import progress
from ..files import check_writable, load_bundle, load_proved
from ..report import show, show_many
from ..show import Out, formatted

_PATH = click.Path(path_type=Path)


@click.command(cls=Command)
@click.argument("bundle_paths", metavar="BUNDLE...", nargs=-1, required=True, type=click.Path(allow_dash=True))
@options.commitments
@options.stored
@click.option("--near", type=_PATH, metavar="BUNDLE", help="Of a nearness file: the other side's bundle.")
@click.option("--public", type=_PATH, metavar="MODEL", help="Of a drift file: the public model that it is about.")
@click.option("--weights", type=_PATH, metavar="MODEL", help="Compare with this model folder too.")
@options.opening
@options.aligned_to
@click.option("--challenge", type=_PATH, metavar="FILE", help="The challenge that the bundle must answer.")
@click.option("--dispute", type=_PATH, metavar="FILE", help="The closed dispute in which the bundle must answer.")
@options.owner("The owner that the proof must name.", "--expect-owner")
@options.audience("The audience that the proof must name.", "--expect-audience")
@options.nonce("The nonce that the proof must be made over.", "--expect-nonce")
@click.option("--image", type=_PATH, metavar="PNG", help="Compare the pixels of this picture too.")
@click.option("--generator", type=_PATH, metavar="FILE", help="The generator that the bundle's image was drawn with.")
@click.option("--encoder-file", type=_PATH, metavar="FILE", help="The network of custom vectors, not of this release.")
@click.option("--attestation", type=_PATH, metavar="FILE", help="A publisher's signature over the bundle.")
@click.option("--key", type=_PATH, metavar="PEM", help="The publisher's public key, for --attestation.")
@click.option("--identity", metavar="ID", help="Who signed, such as an address, instead of --key; needs --issuer.")
@click.option("--issuer", metavar="URL", help="Who vouches for that identity.")
@click.option(
    "--trusted-root", type=_PATH, metavar="FILE", help="Sigstore's trusted root.  [default: that of the public service]"
)
@click.option("--files", type=_PATH, metavar="DIR", help="Files of a release, all of which must be as signed.")
@click.option("--timestamp", type=_PATH, metavar="FILE", help="What time-stamp authorities signed about the bundle.")
@options.authorities
@click.option("--log-proof", type=_PATH, metavar="FILE", help="That a log has the bundle or its commitment.")
@click.option("--log-policy", type=_PATH, metavar="FILE", help="Logs and witnesses that you trust, for --log-proof.")
@click.option(
    "--policy", type=_PATH, metavar="FILE", help=f"Rules for what is accepted.  [default: {DEFAULT}, 120 bits]"
)
@click.option(
    "--receipt",
    type=_PATH,
    metavar="FILE",
    callback=options.only_file,
    help="Where a receipt is written if all holds: an in-toto statement, for you to sign.",
)
@click.option(
    "--verifier",
    type=click.Choice(CHOICES),
    default="rust",
    show_default=True,
    help="What checks the proof: the core, the independent verifier in pure Python, or both.",
)
@formatted
@click.pass_context
def command(
    ctx: click.Context,
    *,
    bundle_paths: tuple[str, ...],
    commitments: tuple[Path, ...],
    near: Path | None,
    public: Path | None,
    weights: Path | None,
    opening: Path | None,
    aligned_to: Path | None,
    challenge: Path | None,
    dispute: Path | None,
    expect_owner: str,
    expect_audience: str,
    expect_nonce: bytes | None,
    image: Path | None,
    generator: Path | None,
    encoder_file: Path | None,
    attestation: Path | None,
    key: Path | None,
    identity: str | None,
    issuer: str | None,
    trusted_root: Path | None,
    files: Path | None,
    timestamp: Path | None,
    authorities: Path | None,
    log_proof: Path | None,
    log_policy: Path | None,
    policy: Path | None,
    receipt: Path | None,
    verifier: Choice,
    out: Out,
) -> None:
    """Check bundles: the proof, and that the image is the portrait of the proved vectors.

    Or nearness files: the proof; with --near, that the vectors are those of the other side's bundle, which is verified
    too, and what the cosines are worth. Or drift files: the proof; with --public, against the public model.

    Needs no weights, no network and no secret. BUNDLE may be - for stdin. The exit code is 0 only if everything
    that was asked for holds.

    Several bundles get a line each. Checked together they take a fraction of the time, on all cores. Each bundle gets
    the verdict that it would get alone, with --encoder-file too. The exit code is the worst one, in the order 70, 1, 5,
    3, 4, 2, 6.

    With --weights the vectors are computed again from a model folder; with --opening as well, the commitment is made
    again, row by row. With --challenge the bundle must be an answer to that challenge. A nonce of yours shows that
    somebody has the weights today; only with --expect-owner it shows which party.

    An image by a generator is drawn again with --generator, and otherwise not checked. A bundle of custom vectors is
    refused without the file of its network, --encoder-file; their likeness decides nothing.

    With --attestation and --key, or --identity and --issuer, the report says who published the bundle, and whether the
    proof names them as its owner. With --timestamp and --authorities it says since when the bundle or its commitment
    exists; so do --log-proof and --log-policy, by the witnesses of a log. Nothing of it needs the network.
    """
    from ... import pipeline

    for option, beside in (("--opening", opening), ("--aligned-to", aligned_to)):
        if beside is not None and weights is None:
            raise click.UsageError(f"{option} needs --weights: the commitment is made again from the weights")
    if (identity is None) != (issuer is None):
        raise click.UsageError("--identity and --issuer belong together: an identity is one that an issuer vouches for")
    check_writable(receipt)
    rules_file = None if policy is None else disk.read(policy, policies.MAX_FILE_BYTES)
    rules = policies.DEFAULT if rules_file is None else policies.parse(rules_file, str(policy))
    if len(bundle_paths) > 1:
        given = {
            "--near": near,
            "--public": public,
            "--weights": weights,
            "--opening": opening,
            "--aligned-to": aligned_to,
            "--challenge": challenge,
            "--dispute": dispute,
            "--expect-owner": expect_owner,
            "--expect-audience": expect_audience,
            "--expect-nonce": expect_nonce,
            "--image": image,
            "--generator": generator,
            "--attestation": attestation,
            "--key": key,
            "--identity": identity,
            "--issuer": issuer,
            "--trusted-root": trusted_root,
            "--files": files,
            "--receipt": receipt,
            "--timestamp": timestamp,
            "--authorities": authorities,
            "--log-proof": log_proof,
            "--log-policy": log_policy,
        }
        for option in (option for option, value in given.items() if value):
            raise click.UsageError(f"{option} is an option about one bundle, but {len(bundle_paths)} were given")
        outcomes = _many(bundle_paths, rules, commitments, encoder_file, verifier, out)
        ctx.exit(severest(outcomes))
    (bundle_path,) = bundle_paths
    bundle = load_proved(bundle_path, rules.max_bundle_bytes, commitments)
    if receipt is not None and not isinstance(bundle, Bundle):
        what = "a nearness" if isinstance(bundle, NearBundle) else "a drift"
        raise click.UsageError(f"--receipt is an option about a bundle, but {what} file was given")
    with progress(out) as stages:
        report = pipeline.verify(
            bundle,
            policy=rules,
            near=None if near is None else load_bundle(str(near), rules.max_bundle_bytes, commitments),
            public=public,
            weights=weights,
            opening=opening,
            aligned_to=aligned_to,
            challenge=challenge,
            dispute=dispute,
            expected=Context(expect_owner, expect_audience, expect_nonce or b""),
            image=image,
            generator=generator,
            encoder=encoder_file,
            attestation=attestation,
            key=key,
            identity=None if identity is None or issuer is None else (identity, issuer),
            trusted_root=trusted_root,
            files=files,
            timestamps=timestamp,
            authorities=authorities,
            log_proof=log_proof,
            log_policy=log_policy,
            verifier=verifier,
            progress=stages,
        )
    if receipt is not None and report.ok:
        from ...attest import receipt as receipts
        from ...attest import statement

        digest = None if rules_file is None else hashlib.sha256(rules_file).hexdigest()
        disk.write(receipt, statement.dump(receipts.of(report, datetime.now(UTC), rules, digest)))
    show(report, bundle_path, out)
    if not report.ok:
        ctx.exit(TABLE[report.code].exit)


def _many(
    paths: tuple[str, ...],
    policy: Policy,
    commitments: tuple[Path, ...],
    encoder: Path | None,
    verifier: Choice,
    out: Out,
) -> list[Outcome]:
    from ...pipeline.encoding import Encoder

    start, outcomes = time.monotonic(), []
    sources: Iterable[Source] = (
        (path, partial(load_proved, path, policy.max_bundle_bytes, commitments)) for path in paths
    )
    if encoder is not None:
        sources = Encoder(encoder).beside_all(sources)
    with progress(out) as stages:
        stages("verify", 0, len(paths))
        for outcome in check_many(sources, policy, verifier):
            outcomes.append(outcome)
            stages("verify", len(outcomes), len(paths))
    show_many(outcomes, time.monotonic() - start, out)
    return outcomes
