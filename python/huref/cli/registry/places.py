"""Options that the subcommands of `huref registry` share, and what they open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...errors import NotFoundError
from ...extras import require
from ..failure import sentence

if TYPE_CHECKING:
    from ...registry.feed import Feed
    from ...registry.log import Log

PATH = click.Path(path_type=Path)

log = click.option("--log", "log_place", metavar="PLACE", required=True, help="A folder, or s3://BUCKET/PREFIX.")
keys = click.option(
    "--key", "key_paths", type=PATH, metavar="SECRET", multiple=True, required=True, help="From 'huref registry key'."
)
policy = click.option(
    "--log-policy",
    type=PATH,
    metavar="FILE",
    required=True,
    help="Logs and witnesses, with their addresses, and how many witnesses suffice.",
)
asked = click.option(
    "--log-policy", type=PATH, metavar="FILE", help="Ask the witnesses in this policy to cosign.  [default: nobody]"
)
data = click.option("--data", type=PATH, metavar="DIR", required=True, help="Where it keeps what it saw.")


def need_registry() -> None:
    """UsageError unless the packages of the extra are there."""
    require("filelock")
    require("cryptography")


def opened(
    log_place: str, key_paths: tuple[Path, ...], log_policy: Path | None, *, begin: bool = False
) -> tuple[Log, Feed | None]:
    """The log at that place, and its witnesses. `begin`: where there is none, one is begun.

    Errors as for `Log` and the readers of the files; NotFoundError: no log is there, and it may not begin.
    """
    need_registry()
    from ...registry import blobs, keys, policy
    from ...registry.feed import Feed
    from ...registry.log import Log
    from ...registry.reader import HEAD

    feed = None if log_policy is None else Feed(policy.read(log_policy))
    secrets = [keys.read_secret(path) for path in key_paths]
    found = blobs.opened(log_place)
    if not begin and found.get(HEAD) is None:
        raise NotFoundError(f"{log_place}: no log is there; 'huref registry append' begins one")
    return Log(found, secrets, witnesses=feed), feed


def witness_lines(feed: Feed) -> list[tuple[str, str]]:
    """What witnesses answered."""
    return [("witness", sentence(f"{name}: {answer}")) for name, answer in sorted(feed.answers.items())]
