"""`huref attest sbom`: the model of a bundle in a bill of materials."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import click

from ... import disk
from ...artefacts import policy as policies
from ...artefacts.document import RESULTS, Result
from ...extras import require
from ...verifier.check import check
from .. import options
from ..app import Command
from ..bar import progress
from ..files import check_writable, load_bundle, place, write
from ..show import Out, formatted

_PATH = click.Path(path_type=Path)


@dataclass(frozen=True, kw_only=True)
class Listed(Result):
    """What `huref attest sbom` prints: the file, and how many files of the release it lists."""

    schema: str = f"{RESULTS}/attest-sbom/v1"
    sbom: str
    files: int


@click.command("sbom", cls=Command)
@options.named_bundle
@click.option("--files", type=_PATH, metavar="DIR", help="The folder of the release; every file in it is listed.")
@click.option("--attestation", type=_PATH, metavar="FILE", help="An attestation of the bundle, to refer to.")
@options.commitments
@options.output(required=True, text="The bill of materials, in JSON.")
@formatted
def command(
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
