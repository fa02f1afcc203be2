"""`huref challenge`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from ...artefacts.blocks import party_lines
from ...artefacts.challenge import between, dump, to_fields
from ...artefacts.dispute import Party
from ...artefacts.document import RESULTS, Result
from .. import options
from ..app import Command
from ..files import check_writable, place, write
from ..show import Out, formatted

_PATH = click.Path(path_type=Path)
DRAWN = "drawn here: the others must trust you; between strangers, give a public beacon with --beacon"


@dataclass(frozen=True, kw_only=True)
class Made(Result):
    """What `huref challenge` prints: the challenge, whether its beacon was drawn here, both sides, what is doubtful."""

    schema: str = f"{RESULTS}/challenge/v1"
    commitments: tuple[str, str]
    beacon: str
    seed: str
    drawn: bool
    parties: tuple[Party, ...]
    doubts: tuple[str, ...]


@click.command(cls=Command)
@click.argument("a", type=_PATH, metavar="A")
@click.argument("b", type=_PATH, metavar="B")
@click.option(
    "--beacon",
    callback=options.hexadecimal,
    metavar="HEX",
    help="32 to 64 random bytes that were published after both commitments.  [default: drawn here]",
)
@options.output(required=True, text="The challenge: public; both owners answer it.")
@formatted
def command(*, a: Path, b: Path, beacon: bytes | None, output: Path, out: Out) -> None:
    """Create a challenge: fresh, unpredictable sketches for comparing two committed models.

    A and B are each a bundle or a commitment; their order does not matter. Both owners answer with 'huref prove
    --opening SECRET --challenge FILE', and 'huref compare' on the two answers decides. Publish both commitments first,
    then agree on a beacon that is still to come, such as a round of drand.
    """
    from ... import dispute

    check_writable(output)
    _, *parties = dispute.parties(a, b)
    made = between(parties[0].commitment, parties[1].commitment, beacon)
    write(output, dump(made))
    doubts = dispute.doubts(*parties)
    for doubt in doubts:
        out.warning(doubt)
    document = Made(drawn=beacon is None, parties=tuple(parties), doubts=tuple(doubts), **to_fields(made))
    lines = [
        *(line for party in parties for line in party_lines(party)),
        ("beacon", made.beacon.hex()),
        ("origin", DRAWN if beacon is None else "given; check yourself that it is younger than both commitments"),
        ("seed", made.seed.hex()),
        ("answer it", f"huref prove MODEL --opening SECRET --challenge {output} -o ANSWER.huref.json"),
    ]
    out.result(document, f"Challenge in {place(output)}", ("", lines))
