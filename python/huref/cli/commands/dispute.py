"""`huref dispute`: a dispute between two owners, in one file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from ...artefacts import dispute as disputes
from ...artefacts.blocks import dispute_lines
from ...artefacts.claims import is_time
from ...artefacts.dispute import Dated, Dispute
from ...artefacts.document import RESULTS, Result
from ...errors import UsageError
from .. import options
from ..app import Command
from ..files import check_writable, place, write
from ..show import Out, formatted

_PATH = click.Path(path_type=Path)


@dataclass(frozen=True, kw_only=True)
class Opened(Result):
    """What `huref dispute open` and `close` print: the dispute, the seed of its challenge, and what is doubtful."""

    schema: str = f"{RESULTS}/dispute/v1"
    dispute: Dispute
    seed: str | None = None
    doubts: tuple[str, ...] = ()


@click.group()
def command() -> None:
    """Open or close a dispute between two owners of committed models, in one file.

    It is opened before the beacon is known and names commitments, layers and beacon; with the beacon it is closed, and
    is the challenge that both sides answer with 'huref prove --challenge'.
    """


def _published(_ctx: click.Context, _param: click.Parameter, value: tuple[str, str] | None) -> Dated | None:
    if value is None:
        return None
    if not is_time(value[0]):
        raise click.BadParameter(f"{value[0]!r} is not a time such as 2026-01-31T12:00:00Z")
    return Dated(*value)


def published(side: str) -> Callable[[options.Command], options.Command]:
    """When and where the commitment of a side was published."""
    return click.option(
        f"--published-{side.lower()}",
        nargs=2,
        metavar="TIME WHERE",
        callback=_published,
        help=f"When and where the commitment of {side} was published, as its owner says.",
    )


@command.command("open", cls=Command)
@click.argument("a", type=_PATH, metavar="A")
@click.argument("b", type=_PATH, metavar="B")
@click.option("--source", required=True, metavar="TEXT", help="Whose beacon decides, for example 'drand quicknet'.")
@click.option("--round", "period", required=True, metavar="TEXT", help="Which value of it, still to come.")
@options.layers_demanded
@published("A")
@published("B")
@options.output(required=True, text="The dispute: public.")
@formatted
def open_(
    *,
    a: Path,
    b: Path,
    source: str,
    period: str,
    layers: tuple[int, ...] | None,
    published_a: Dated | None,
    published_b: Dated | None,
    output: Path,
    out: Out,
) -> None:
    """Open a dispute between two commitments, before the beacon that will decide it is known.

    A and B are each a commitment or a bundle. Both sides must have committed to the layers that are demanded. What
    makes the outcome doubtful is said now: layers that a side left out, other token lists.
    """
    from ... import dispute

    check_writable(output)
    made = dispute.open_dispute(a, b, source=source, period=period, layers=layers, published=(published_a, published_b))
    write(output, disputes.dump(made))
    doubts = dispute.doubts(*made.parties)
    for doubt in doubts:
        out.warning(doubt)
    close = ("then", f"huref dispute close {output} --beacon HEX")
    document = Opened(dispute=made, doubts=tuple(doubts))
    out.result(document, f"Dispute in {place(output)}", ("", [*dispute_lines(made), close]))


@command.command("close", cls=Command)
@click.argument("file", type=_PATH, metavar="FILE")
@click.option("--beacon", callback=options.hexadecimal, required=True, metavar="HEX", help="The value of the beacon.")
@click.option("-o", "--output", type=_PATH, metavar="FILE", help="The closed dispute.  [default: FILE itself]")
@formatted
def close(*, file: Path, beacon: bytes, output: Path | None, out: Out) -> None:
    """Close a dispute with the beacon: from now on it is a challenge that both sides can answer."""
    found = disputes.read(file)
    if found.beacon is not None and found.beacon != beacon.hex():
        raise UsageError(f"{file}: the dispute was closed with another beacon, {found.beacon}")
    made, target = disputes.closed(found, beacon), output or file
    check_writable(target)
    write(target, disputes.dump(made))
    seed = disputes.must_be_closed(made, str(target)).seed.hex()
    answer = ("answer it", f"huref prove MODEL --opening SECRET --challenge {target} -o ANSWER.huref.json")
    lines = [*dispute_lines(made), ("seed", seed), answer]
    out.result(Opened(dispute=made, seed=seed), f"Closed the dispute in {place(target)}", ("", lines))
