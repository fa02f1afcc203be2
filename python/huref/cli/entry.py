"""From the words of a command line to a verb."""

from __future__ import annotations

import os

import click
from click.shell_completion import shell_complete

from . import failure
from .app import app
from .show import wants_json

NAME = "huref"


def invoke(arguments: list[str]) -> int:
    """Run a verb; the exit code. Raises whatever goes wrong."""
    if "_HUREF_COMPLETE" in os.environ:
        return shell_complete(app, {}, NAME, "_HUREF_COMPLETE", os.environ["_HUREF_COMPLETE"])
    failure.prepare(json=wants_json(arguments))
    try:
        with app.make_context(NAME, arguments, auto_envvar_prefix="HUREF") as context:
            app.invoke(context)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    return 0
