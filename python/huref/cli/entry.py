"""From `sys.argv` to an exit status: whatever happens, one sentence for people or one JSON document for machines."""

from __future__ import annotations

import functools
import os
import sys
from typing import NoReturn

import click
from click.shell_completion import shell_complete

from . import failure, show, streams
from .app import app
from .interrupt import interruptible

NAME = "huref"


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and leave the process. Exit codes: docs/reference/cli.md, "Exit codes"."""
    streams.prepare()
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Run the command line; the exit code. No exception gets out."""
    if "_HUREF_COMPLETE" in os.environ:
        return shell_complete(app, {}, NAME, "_HUREF_COMPLETE", os.environ["_HUREF_COMPLETE"])
    json = show.wants_json(arguments)
    try:
        with interruptible(functools.partial(failure.report, json=json)):
            code = _invoke(arguments)
        sys.stdout.flush()
    except BaseException as error:  # a panic of the core is no Exception, and must not show a traceback either
        return failure.report(error, json=json)
    else:
        return code


def _invoke(arguments: list[str]) -> int:
    try:
        with app.make_context(NAME, arguments, auto_envvar_prefix="HUREF") as context:
            app.invoke(context)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    return 0
