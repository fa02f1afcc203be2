"""docs/reference/cli.md, from the program's own help and the table of exit codes."""

from __future__ import annotations

import click

from huref.cli.app import VERBS, app
from huref.errors import TABLE, Exit

MEANING = {
    Exit.OK: "verified, or done",
    Exit.REJECTED: "refused: a check failed",
    Exit.USAGE: "wrong usage, or an optional package is missing",
    Exit.MALFORMED: "an input is malformed, its version is unknown, or two inputs cannot be compared",
    Exit.NOT_FOUND: "there is nothing there",
    Exit.POLICY: "the policy is not met, though the mathematics may hold",
    Exit.RESOURCES: "memory, disk or time is not enough, or an output cannot be written",
    Exit.NETWORK: "a service is busy, or a cluster, hub, signing service or time-stamp authority does not do its work",
    Exit.CONTRADICTED: "a model card names a parent that the weights do not have, or a log signed two histories",
    Exit.UNKNOWN: "a model card names no parent, or the weights leave it open",
    Exit.INTERNAL: "a bug, with a hint on how to report it",
}
HEAD = """\
# Command line

Written by `make docs` from the program itself; do not edit.

- **Results** go to stdout; progress, warnings and refusals go to stderr. Only exit code 0 means success.
- `--format human` (default) is for people. `--format json` (or `--json`) prints one JSON document on stdout, also on
  failure: `{"schema": ..., "ok": false, "code": ..., "detail": ...}`. Its field `schema` names one of
  `proofs/schemas/results`; what does not apply is left out. `verify` prints its [report](bundle.md#report), or for
  several bundles a [document](bundle.md#many-bundles) that holds their reports; `fingerprint` prints the fingerprint
  file. `--format quiet` prints nothing unless something is wrong.
- **Environment.** Every option can be set by `HUREF_VERB_OPTION`, such as `HUREF_PROVE_LAYERS=4,5`. `NO_COLOR` is
  respected. `HUREF_DEBUG=1` shows tracebacks.
- **Progress** is a bar on a terminal and one line for each stage otherwise.
- **Files** are written whole or not at all, and replace files of the same name; an opening never replaces anything.
  Before the work begins, the program checks that its outputs can be written. Ctrl-C ends the program within a second.
- **`-o -`** writes a file to stdout and everything else to stderr. An opening always goes to a file.
- **A reader that leaves**, as of `| head`, changes no exit code; but a file that it did not read to the end counts as
  not written.
- The network is used by `serve`, which listens, by `commit --engine ray`, by `attest stamp`, by `attest sign`
  with `--keyless`, `--key-uri` or `--tsa`, and where a model is named `hf:OWNER/NAME`; by nothing else.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD, "## Exit codes\n\n" + _exits(), "## huref\n\n" + _help(app, None, "huref")]
    with click.Context(app, info_name="huref", **app.context_settings) as group:
        for verb in VERBS:
            parts += _parts(app.get_command(group, verb), group, f"huref {verb}")
    return "\n".join(parts)


def _parts(command: click.Command | None, parent: click.Context, name: str, level: int = 2) -> list[str]:
    """The help of a verb, and of all that is under it."""
    word = name.rpartition(" ")[2]
    parts = [f"{'#' * level} {name}\n\n" + _help(command, parent, word)]
    if isinstance(command, click.Group):
        with click.Context(command, parent=parent, info_name=word) as inner:
            for below, part in command.commands.items():
                parts += _parts(part, inner, f"{name} {below}", level + 1)
    return parts


def _help(command: click.Command | None, parent: click.Context | None, name: str) -> str:
    if command is None:
        raise LookupError(name)
    settings = {**command.context_settings, "terminal_width": 100}
    with click.Context(command, parent=parent, info_name=name, **settings) as context:
        return f"```text\n{command.get_help(context)}\n```\n"


def _exits() -> str:
    rows = ["| code | meaning | `code` in JSON |", "|---|---|---|"]
    for exit_code in Exit:
        names = ", ".join(f"`{code.name}`" for code in TABLE.values() if code.exit is exit_code) or "`verified`"
        rows.append(f"| {exit_code.value} | {MEANING[exit_code]} | {names} |")
    rows.append("| 130, 143 | stopped by Ctrl-C or SIGTERM | `interrupted` |")
    return "\n".join(rows) + "\n"
