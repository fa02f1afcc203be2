"""`huref drift`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import click

from ... import pipeline
from ...artefacts import drift
from ...artefacts.blocks import made_for_lines
from ...artefacts.context import Context
from ...artefacts.document import RESULTS, Result
from ...artefacts.drift import ONE, PARTITIONS, Partition
from ...artefacts.drift_lines import drift_lines
from ...artefacts.drifted import Drifted, shown
from ...artefacts.report import Identity, MadeFor
from ...artefacts.words import listed, seconds, size
from ...verifier.check import made_for
from .. import options
from ..app import Command
from ..bar import progress
from ..files import awaited, check_writable, place
from ..show import Out, formatted
from .prove import ProvedSizes

_PATH = click.Path(path_type=Path)
_BOUND = re.compile(rf"([1-9][0-9]{{0,3}})/{ONE}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Distance(Result):
    """What `huref drift` prints: all that the file says; `seconds` of each stage."""

    schema: str = f"{RESULTS}/drift/v1"
    drift: Identity
    profile: str
    layers: tuple[int, ...]
    commitment: str
    said: Drifted
    made_for: MadeFor | None = None
    sizes: ProvedSizes
    seconds: Mapping[str, float]


def _bound(_ctx: click.Context, _param: click.Parameter, value: str) -> int | None:
    """`52/1024` -> 52; `least` -> None."""
    if value == "least":
        return None
    found = _BOUND.fullmatch(value)
    if found is None or int(found[1]) > ONE:
        raise click.BadParameter(f"{value[:60]!r} is neither least nor a part such as 52/{ONE}, up to {ONE}/{ONE}")
    return int(found[1])


@click.command(cls=Command)
@click.argument("base", type=_PATH)
@click.argument("later", type=_PATH, required=False)
@options.stored
@options.output(required=True, text="The proof: public, everything that a verifier needs.", metavar="NAME.drift.json")
@click.option(
    "--opening",
    "openings",
    type=_PATH,
    multiple=True,
    required=True,
    metavar="SECRET",
    help="That of the commitment to BASE; then that of the commitment to LATER.",
)
@click.option(
    "--commitment",
    "commitments",
    type=_PATH,
    multiple=True,
    metavar="FILE",
    help="One of the commitments: its rows are not made again then.",
)
@click.option(
    "--public", type=_PATH, metavar="MODEL", help="In place of LATER a model that everybody has, such as a GGUF file."
)
@click.option(
    "--aligned-to",
    type=_PATH,
    metavar="FIRST",
    help="The base that commitments were aligned to, if it is neither BASE nor the public model.",
)
@click.option(
    "--leave-out",
    "leave_out",
    multiple=True,
    metavar="MATRIX",
    help="Say nothing of these: attention, X, one of q, k, v, oT, up, downT, or that of a layer, such as 4.q.",
)
@click.option(
    "--blocks",
    type=click.Choice(PARTITIONS),
    default="matrices",
    show_default=True,
    help="In what the bound holds: in every matrix, in every row of the commitment, or over the whole.",
)
@click.option(
    "--bound",
    default="least",
    show_default=True,
    metavar="WHAT",
    callback=_bound,
    help=f"The least that holds, or one that you choose and that tells less, such as 52/{ONE}.",
)
@click.option(
    "--by-reference", is_flag=True, help="Name commitments by their ids alone; verifiers need their files too."
)
@options.owner("Who you are: ed25519:HEX, 'https://ISSUER SUBJECT' or name:NAME. Part of the proof.")
@options.audience("Whom the proof is for. Part of the proof.")
@options.nonce("16 to 64 bytes that a verifier asked for. Part of the proof.")
@formatted
def command(
    *,
    base: Path,
    later: Path | None,
    output: Path,
    openings: tuple[Path, ...],
    commitments: tuple[Path, ...],
    public: Path | None,
    aligned_to: Path | None,
    leave_out: tuple[str, ...],
    blocks: Partition,
    bound: int | None,
    by_reference: bool,
    owner: str,
    audience: str,
    nonce: bytes | None,
    out: Out,
) -> None:
    """Prove how far a committed model is at most from a later release, or from a public file.

    Both releases are committed to, the later one with 'huref commit --aligned-to BASE', and neither is shown. The file
    says by what part of its norm each matrix of BASE differs at most, up to a power of two, and nothing else.

    With --public the second model is one that everybody has, such as a quantised file, and verifiers need it. Its
    attention is compared only if BASE was committed to with --aligned-to that model.

    It does not say that the models answer alike, nor which one came first.
    """
    check_writable(output)
    with awaited(output) as file:
        with progress(out) as stages:
            bundle = pipeline.drift(
                base,
                later,
                public=public,
                openings=openings,
                commitments=commitments,
                aligned_to=aligned_to,
                leave_out=leave_out,
                partition=blocks,
                bound=bound,
                context=Context(owner, audience, nonce or b""),
                reserve=file.reserve,
                progress=stages,
            )
        bundle = replace(bundle, by_reference=by_reference)
        data = drift.dump(bundle)
        file.write(data)
    statement = bundle.statement
    document = Distance(
        drift=Identity(bundle.digest, bundle.file_digest, bundle.version),
        profile=statement.profile,
        layers=statement.shape.layers,
        commitment=statement.commitments[0].id,
        said=shown(statement),
        made_for=made_for(statement.context),
        sizes=ProvedSizes(len(data), len(bundle.proof), len(statement.commitment)),
        seconds=stages.seconds,
    )
    needed = "" if public is None else f" --public {public}"
    if by_reference:
        needed += " --commitment FILE" * len(statement.commitments)
    lines = [
        ("file", f"{place(output)}, {size(len(data))}"),
        ("digest", bundle.digest),
        ("layers", listed(statement.shape.layers)),
        ("commitment", statement.commitments[0].id),
        *drift_lines(document.said),
        ("proof", f"{size(len(bundle.proof))}, in {seconds(stages.total)}"),
        *made_for_lines(document.made_for),
        ("check it", f"huref verify {output}{needed}"),
    ]
    out.result(document, f"Proved how far {later or public} is from {base}", ("", lines))
