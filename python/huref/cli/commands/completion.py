"""`huref completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from ..app import Command, app


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script for a shell.

    For bash: huref completion bash > ~/.local/share/bash-completion/completions/huref
    """
    script = get_completion_class(shell)
    if script is None:  # click has all three
        raise click.UsageError(f"no completion for {shell}")
    click.echo(script(app, {}, "huref", "_HUREF_COMPLETE").source())
