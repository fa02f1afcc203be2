"""`huref scan`."""

from __future__ import annotations

from pathlib import Path

import click

from ... import pipeline
from ...artefacts.blocks import reason
from .. import options
from ..app import Command
from ..bar import progress
from ..failure import sentence
from ..show import Out, formatted
from .compare import summary

_PATH = click.Path(path_type=Path)


@click.command(cls=Command)
@options.model
@click.option(
    "--database",
    metavar="DIR_OR_URL",
    required=True,
    help="Folder of bundles and fingerprints, such as that of 'huref serve --data', or the address of a service.",
)
@click.option("--log-policy", type=_PATH, metavar="FILE", help="The key of the service's log, as for 'registry pull'.")
@options.device
@formatted
def command(model: Path, database: str, log_policy: Path | None, device: str, out: Out) -> None:
    """Find whose model this is: a model against all bundles and fingerprints in a folder, or of a service.

    Folders in that folder are searched too. Every layer of MODEL is compared with every layer of every entry by the
    common vectors, computed on this machine. Entries that are not plainly strangers are then verified and compared as
    by 'huref compare': own vectors of a bundle decide. The scan is exact: an entry that is not named is one of which
    'huref compare' would say 'no relation shown' by its common vectors. Bundles that do not verify, and files over
    tokens that the model hardly has, are named as left out. The exit code is 0 whatever is found.

    A service learns nothing of MODEL: its public files are mirrored into the user's cache, as by 'huref registry pull',
    and compared here. The next scan fetches only what is new.
    """
    with progress(out) as stages:
        found = pipeline.scan(model, database, log_policy=log_policy, device=device, progress=stages)
    blocks = [
        (f"{one.comparison.verdict.capitalize()}: {sentence(one.file)}", summary(one.comparison)) for one in found.found
    ]
    if found.left_out:
        blocks.append(("Left out", [(sentence(Path(left.file).name), sentence(left.why)) for left in found.left_out]))
    if found.not_checked:
        blocks.append(("Not checked", [(entry.what, reason(entry.why, entry.how)) for entry in found.not_checked]))
    first = found.found[0].comparison.verdict if found.found else "no relation shown"
    headline = first.capitalize() if found.entries else "Nothing to compare"
    out.result(found, f"{headline}: {model} and {database}", ("", [("why", found.reason)]), *blocks)
