"""`huref registry witness`."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click

from ... import disk
from ...extras import require
from ..app import Command
from . import places


@click.command("witness", cls=Command)
@places.keys
@click.option("--log-policy", type=places.PATH, metavar="FILE", required=True, help="The logs that it cosigns.")
@places.data
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    default=8001,
    show_default=True,
    help="Port to listen on; 0 picks a free one.",
)
def command(*, key_paths: tuple[Path, ...], log_policy: Path, data: Path, host: str, port: int) -> None:
    """Run a witness: it cosigns the checkpoints of logs that only grow, with the time of its clock.

    POST /add-checkpoint, and GET /HASH/checkpoint, as in c2sp.org/tlog-witness. What it cosigned is on the disk before
    it answers: keep DIR, since a witness that forgets can be made to sign two histories. Runs until Ctrl-C or SIGTERM.
    """
    places.need_registry()
    require("uvicorn")
    from ...registry import keys, policy, witnessing
    from ...registry.witness import Witness

    secrets = [keys.read_secret(path) for path in key_paths]
    rules = policy.read(log_policy)
    with disk.writing(data):
        data.mkdir(parents=True, exist_ok=True)
    witness = Witness(data / "witness.sqlite", secrets, rules)
    with contextlib.suppress(KeyboardInterrupt):  # raised again after everything was closed in good order
        witnessing.serve(witness, host, port, lambda address: click.echo(f"huref witnesses on {address}", err=True))
    witness.close()
