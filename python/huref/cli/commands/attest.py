"""`huref attest`: a publisher's signature over a bundle and the files of a release."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import click

from ... import disk
from ...artefacts import policy as policies
from ...artefacts.document import RESULTS, Result
from ...errors import UsageError
from ...extras import require
from ...verifier.check import check
from .. import options
from ..app import Command
from ..attesting import key, sign, stamp
from ..bar import progress
from ..files import check_writable, load_bundle, place, write
from ..show import Out, formatted

_PATH = click.Path(path_type=Path)


@dataclass(frozen=True, kw_only=True)
class Predicate(Result):
    """What `huref attest predicate` prints: the file, the type that belongs to it, and the file of the subjects."""

    schema: str = f"{RESULTS}/attest-predicate/v1"
    predicate: str
    predicate_type: str
    subjects: str | None = None


@dataclass(frozen=True, kw_only=True)
class Listed(Result):
    """What `huref attest sbom` prints: the file, and how many files of the release it lists."""

    schema: str = f"{RESULTS}/attest-sbom/v1"
    sbom: str
    files: int


@click.group()
def command() -> None:
    """Sign a bundle and the files of a release, so that others can see who publishes them.

    'huref verify BUNDLE --attestation FILE' checks what is signed here, with --key, or with --identity and --issuer.
    """


command.add_command(key.command)
command.add_command(sign.command)
command.add_command(stamp.command)


@command.command("predicate", cls=Command)
@click.argument("bundle_path", metavar="BUNDLE", type=click.Path(allow_dash=True))
@click.option("--files", type=_PATH, metavar="DIR", help="The folder of the release, whose files are subjects too.")
@click.option(
    "--subjects",
    type=_PATH,
    metavar="FILE",
    callback=options.only_file,
    help="Where the subjects are written, a line for each, as sha256sum does.",
)
@options.commitments
@options.output(required=True, text="The predicate, for programs that sign by themselves.")
@formatted
def predicate(
    *,
    bundle_path: str,
    files: Path | None,
    subjects: Path | None,
    commitments: tuple[Path, ...],
    output: Path,
    out: Out,
) -> None:
    """Write the predicate about a bundle, for a pipeline whose own program makes and signs the statement.

    With --subjects, the subjects of the statement too. Nothing is checked here: run 'huref verify' first.
    """
    from ...artefacts import strict
    from ...attest import release, statement

    if files is not None and subjects is None:
        raise UsageError("--files needs --subjects, which says where their digests are written")
    check_writable(output, subjects)
    bundle = load_bundle(bundle_path, policies.DEFAULT.max_bundle_bytes, commitments)
    with progress(out) as stages:
        found = None if files is None else release.digests(files, stages)
    about = statement.about(bundle, found, files)
    if subjects is not None:
        write(subjects, statement.checksums(about))
    write(output, strict.dump(dict(about.predicate)))
    document = Predicate(
        predicate=str(output),
        predicate_type=statement.PREDICATE,
        subjects=None if subjects is None else str(subjects),
    )
    out.result(document, f"Predicate in {place(output)}")


@command.command("sbom", cls=Command)
@options.named_bundle
@click.option("--files", type=_PATH, metavar="DIR", help="The folder of the release; every file in it is listed.")
@click.option("--attestation", type=_PATH, metavar="FILE", help="An attestation of the bundle, to refer to.")
@options.commitments
@options.output(required=True, text="The bill of materials, in JSON.")
@formatted
def sbom(
    *,
    bundle_path: Path,
    files: Path | None,
    attestation: Path | None,
    commitments: tuple[Path, ...],
    output: Path,
    out: Out,
) -> None:
    """Write a bill of materials (CycloneDX 1.7) for the model of a bundle, which must verify.

    It lists the files with their digests, and refers to bundle, commitment and attestation by their file names. That
    the bundle's proof is about these files it does not say: 'huref verify BUNDLE --weights MODEL' shows that.
    """
    require("cyclonedx")
    from ...attest import envelope, release
    from ...attest import sbom as boms

    check_writable(output)
    bundle = load_bundle(str(bundle_path), policies.DEFAULT.max_bundle_bytes, commitments)
    check(bundle).raise_for_status()
    refer = None
    if attestation is not None:
        data = disk.read(attestation, envelope.MAX_BYTES)
        refer = (attestation.name, hashlib.sha256(data).digest(), envelope.parse(data, str(attestation)))
    with progress(out) as stages:
        found = None if files is None else release.digests(files, stages)
    write(output, boms.of(bundle, bundle_path.name, found, refer))
    count = len(found or ())
    out.result(
        Listed(sbom=str(output), files=count), f"Bill of materials in {place(output)}", ("", [("files", f"{count}")])
    )
