"""`huref registry pull`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from ...artefacts.document import RESULTS, Document
from ...artefacts.words import count
from ...errors import Exit
from ..app import Command
from ..bar import progress
from ..failure import sentence
from ..show import Out, formatted
from . import places


@dataclass(frozen=True, kw_only=True)
class Mirrored(Document):
    """What `huref registry pull` prints: the log, its size and root, how many files its entries name and how many of
    them are new here; those that the service does not give, by kind and digest. `ok` if there are none of these.
    """

    schema: str = f"{RESULTS}/registry-pull/v1"
    ok: bool
    log: str
    size: int
    root: str
    files: int
    new: int
    withheld: tuple[str, ...]


@click.command("pull", cls=Command)
@click.argument("url")
@click.argument("folder", type=places.PATH, metavar="DIR")
@places.policy
@formatted
@click.pass_context
def command(ctx: click.Context, *, url: str, folder: Path, log_policy: Path, out: Out) -> None:
    """Mirror the public files of the service at URL in DIR: bundles, commitments, attestations, and the log.

    What is there is not fetched again, so the same call goes on where an interrupted one was. Every file must be the
    one that the log names, and the log must be signed by a key of the policy and go on from what it showed before; two
    histories are kept in DIR/seen/evidence. 'huref scan --database DIR' searches the mirror. The exit code is 7 if the
    service does not give some of the files; all others are kept.
    """
    places.need_registry()
    from ...registry import policy
    from ...registry.mirror import pull

    with progress(out) as stages:
        found = pull(url, folder, policy.read(log_policy), stages)
    document = Mirrored(
        ok=not found.withheld,
        log=found.head.origin,
        size=found.head.size,
        root=found.head.root.hex(),
        files=found.files,
        new=found.new,
        withheld=found.withheld,
    )
    lines = [("log", f"{found.head.origin}, {count(found.head.size, 'entry', 'entries')}")]
    lines += [("withheld", sentence(name)) for name in found.withheld]
    there = found.files - len(found.withheld)
    out.result(document, f"{count(there, 'file')} in {sentence(str(folder))}, {found.new:,} of them new", ("", lines))
    if found.withheld:
        ctx.exit(Exit.NETWORK)
