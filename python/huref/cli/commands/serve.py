"""`huref serve`."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click

from ..app import Command


@click.command(cls=Command)
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), metavar="PORT", default=8000, help="Port to listen on; 0 picks a free one."
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder that keeps reports.  [default: none are kept]",
)
def command(host: str, port: int, data: Path | None) -> None:
    """Run the HTTP service that verifies bundles.

    POST /verify answers 200 only for a bundle that verifies. Runs until Ctrl-C or SIGTERM.
    """
    from ... import serve

    with contextlib.suppress(KeyboardInterrupt):  # raised again after everything was closed in good order
        serve.run(host=host, port=port, data=data)
