"""`huref help`."""

from __future__ import annotations

import click

from ..app import Command, app


@click.command(cls=Command)
@click.argument("verb", required=False)
@click.pass_context
def command(ctx: click.Context, verb: str | None) -> None:
    """Show what a verb does, and its options.

    'huref help VERB' is 'huref VERB --help'. Without a verb, all of them are listed.
    """
    top = ctx.find_root()
    if verb is None:
        click.echo(top.get_help())
        return
    _, found, _ = app.resolve_command(top, [verb])
    if found is not None:
        with click.Context(found, parent=top, info_name=verb) as inner:
            click.echo(found.get_help(inner))
