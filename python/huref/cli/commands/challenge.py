"""`huref challenge`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from ...artefacts.challenge import dump, to_fields
from ...artefacts.document import RESULTS, Result
from .. import options
from ..app import Command
from ..files import check_writable, place, write
from ..show import Out, formatted

_PATH = click.Path(path_type=Path)
DRAWN = "drawn here: the others must trust you; between strangers, give a public beacon with --beacon"


@dataclass(frozen=True, kw_only=True)
class Made(Result):
    """What `huref challenge` prints: the challenge, and whether its beacon was drawn here."""

    schema: str = f"{RESULTS}/challenge/v1"
    commitments: tuple[str, str]
    beacon: str
    seed: str
    drawn: bool


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
    made = dispute.challenge(a, b, beacon=beacon)
    write(output, dump(made))
    first, second = made.commitments
    document = Made(drawn=beacon is None, **to_fields(made))
    lines = [
        ("between", first),
        ("and", second),
        ("beacon", made.beacon.hex()),
        ("origin", DRAWN if beacon is None else "given; check yourself that it is younger than both commitments"),
        ("seed", made.seed.hex()),
        ("answer it", f"huref prove MODEL --opening SECRET --challenge {output} -o ANSWER.huref.json"),
    ]
    out.result(document, f"Challenge in {place(output)}", ("", lines))
