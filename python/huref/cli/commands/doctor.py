"""`huref doctor`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import click

from ...artefacts.document import RESULTS, Document
from ...artefacts.words import count
from ...doctor.finding import Finding
from ...errors import TABLE
from ..app import Command
from ..failure import sentence
from ..show import Out, formatted

_PATH = click.Path(path_type=Path)


@dataclass(frozen=True, kw_only=True)
class Examined(Document):
    """What `huref doctor` prints: every check; `ok` if all is well."""

    schema: str = f"{RESULTS}/doctor/v1"
    ok: bool
    findings: tuple[Finding, ...]


@click.command("doctor", cls=Command)
@click.option("--data", type=_PATH, metavar="DIR", help="Folder of the service that is checked.")
@click.option("--settings", type=_PATH, metavar="FILE", help="Its file of settings, as for 'huref serve'.")
@formatted
@click.pass_context
def command(context: click.Context, *, data: Path | None, settings: Path | None, out: Out) -> None:
    """Check the installation, and the set-up of a service.

    The set-up is checked where --data, --settings or a variable HUREF_SERVE_NAME describes it. It may be running;
    nothing that it keeps is changed. The exit code is that of the first fault.
    """
    from ...doctor import installation

    found = list(installation.findings())
    if data or settings or any(name.startswith("HUREF_SERVE_") for name in os.environ):
        from ...serve import doctor
        from ...serve.settings import load

        found += doctor.findings(load(settings, data=data))
    faults = [one for one in found if one.code is not None]
    headline = f"{count(len(faults), 'fault')} found" if faults else "All is well"
    lines = [(one.check, sentence(one.detail if one.ok else f"FAULT: {one.detail}")) for one in found]
    out.result(Examined(ok=not faults, findings=tuple(found)), headline, ("", lines))
    if faults:
        context.exit(TABLE[str(faults[0].code)].exit)
