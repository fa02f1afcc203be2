"""`huref attest predicate`: what a pipeline signs whose own program makes the statement."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from ...artefacts import policy as policies
from ...artefacts.document import RESULTS, Result
from ...errors import UsageError
from .. import options
from ..app import Command
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


@click.command("predicate", cls=Command)
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
def command(
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
