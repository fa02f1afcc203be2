"""`huref serve`: the service, and the tokens of those who may write to it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...artefacts.document import RESULTS, Document, Part, Result
from ...artefacts.words import count
from ...errors import Exit, UsageError
from ..app import Command
from ..failure import sentence
from ..show import Out, formatted

if TYPE_CHECKING:
    from ...serve.settings import Settings
    from ...serve.store import Store
    from ...serve.store.tokens import Token

_PATH = click.Path(path_type=Path)
_SENDING = ("bundle", "commitment", "attestation")


@dataclass(frozen=True)
class Listed(Part):
    """A token without its secret; times as YYYY-MM-DDTHH:MM:SSZ."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created: str
    expires: str | None = None
    revoked: str | None = None


@dataclass(frozen=True, kw_only=True)
class Created(Result):
    """What `huref serve token create` prints: the token, which is shown this once, and what is kept of it."""

    schema: str = f"{RESULTS}/serve-token-create/v1"
    token: str
    kept: Listed


@dataclass(frozen=True, kw_only=True)
class Tokenlist(Result):
    """What `huref serve token list` and `huref serve token revoke` print."""

    schema: str = f"{RESULTS}/serve-token-list/v1"
    tokens: tuple[Listed, ...]


@dataclass(frozen=True, kw_only=True)
class StoreChecked(Document):
    """What `huref serve fsck` prints: a sentence for each fault; none if all is well."""

    schema: str = f"{RESULTS}/serve-fsck/v1"
    ok: bool
    faults: tuple[str, ...]


_data = click.option(
    "--data", type=_PATH, metavar="DIR", envvar="HUREF_SERVE_DATA", help="The service's folder.  [default: its setting]"
)
_settings = click.option(
    "--settings", type=_PATH, metavar="FILE", envvar="HUREF_SERVE_SETTINGS", help="A file of settings."
)


@click.group(invoke_without_command=True)
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), metavar="PORT", default=8000, help="Port to listen on; 0 picks a free one."
)
@click.option(
    "--data", type=_PATH, metavar="DIR", help="Folder that keeps bundles and reports.  [default: nothing is kept]"
)
@click.option("--open", "is_open", is_flag=True, help="Let everyone on this machine write, without a token.")
@click.option("--settings", type=_PATH, metavar="FILE", help="A file of settings, HUREF_SERVE_NAME=VALUE in each line.")
@click.pass_context
def command(
    context: click.Context, *, host: str, port: int, data: Path | None, is_open: bool, settings: Path | None
) -> None:
    """Run the HTTP service that verifies bundles, and keeps them if it has a folder.

    POST /verify answers 200 only for a bundle that verifies. Runs until Ctrl-C or SIGTERM.
    """
    if context.invoked_subcommand is not None:
        return
    from ... import serve

    with contextlib.suppress(KeyboardInterrupt):  # raised again after everything was closed in good order
        serve.run(host=host, port=port, data=data, writing="anyone" if is_open else None, file=settings)


@command.command("fsck", cls=Command)
@_data
@_settings
@formatted
@click.pass_context
def fsck(context: click.Context, *, data: Path | None, settings: Path | None, out: Out) -> None:
    """Check what a service keeps: rows, bytes, log, and the index of the search against each other.

    What a crash left undone is finished before. The exit code is 1 if there is a fault.
    """
    from ...serve.index import files
    from ...serve.store import fsck as checking
    from ...serve.store import log_of

    given, store = _opened(data, settings)
    assert given.data is not None  # noqa: S101 - there is a store
    found = (*checking.faults(store, log_of(given)), *files.faults(given.data / "index", store.vectors))
    headline = f"{count(len(found), 'fault')} in what is kept" if found else "No fault in what is kept"
    document = StoreChecked(ok=not found, faults=found)
    out.result(document, headline, ("", [("fault", sentence(one)) for one in found]))
    if found:
        context.exit(Exit.REJECTED)


@command.group()
def token() -> None:
    """Make, list and withdraw the tokens of those who may write."""


@token.command("create", cls=Command)
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice((*_SENDING, "proof")),
    multiple=True,
    default=_SENDING,
    help="What may be sent, or 'proof': proof jobs; can be repeated.",
)
@click.option("--days", type=click.IntRange(1, 36500), metavar="N", help="Days until it expires.  [default: never]")
@_data
@_settings
@formatted
def create(
    *, name: str, scopes: tuple[str, ...], days: int | None, data: Path | None, settings: Path | None, out: Out
) -> None:
    """Make a token for NAME. It is shown this once; the service keeps a digest of it.

    There may be one before the first start: where nothing is kept yet, what 'huref serve' would make is made.
    """
    made, text = _opened(data, settings, begin=True)[1].tokens.create(name, scopes, days)
    out.result(Created(token=text, kept=_listed(made)), text)


@token.command("list", cls=Command)
@_data
@_settings
@formatted
def listed(*, data: Path | None, settings: Path | None, out: Out) -> None:
    """List all tokens, also those that count no more."""
    found = [_listed(one) for one in _opened(data, settings)[1].tokens.every()]
    out.result(Tokenlist(tokens=tuple(found)), f"Tokens: {len(found)}", ("", [(one.id, _words(one)) for one in found]))


@token.command("revoke", cls=Command)
@click.argument("name", metavar="ID")
@_data
@_settings
@formatted
def revoke(*, name: str, data: Path | None, settings: Path | None, out: Out) -> None:
    """Withdraw the token with that ID. What it has written stays."""
    found = _listed(_opened(data, settings)[1].tokens.revoke(name))
    out.result(Tokenlist(tokens=(found,)), f"Withdrawn: {found.id} ({found.name})")


def _opened(data: Path | None, file: Path | None, *, begin: bool = False) -> tuple[Settings, Store]:
    """The settings of a service, and what it keeps. `begin`: where there is nothing, it is begun, not refused."""
    from ...serve.settings import load
    from ...serve.store import Store

    settings = load(file, data=data)
    store = Store.of(settings, begin=begin)
    if store is None:
        raise UsageError("give the folder of the service: --data DIR")
    return settings, store


def _listed(token: Token) -> Listed:
    return Listed(token.id, token.name, token.scopes, token.created, token.expires, token.revoked)


def _words(token: Listed) -> str:
    end = f"withdrawn {token.revoked}" if token.revoked else f"until {token.expires}" if token.expires else "no end"
    return f"{token.name}: {', '.join(token.scopes)}; since {token.created}, {end}"
