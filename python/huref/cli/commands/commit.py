"""`huref commit`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from ...artefacts.commitment import dump
from ...artefacts.commitment import read as read_commitment
from ...artefacts.document import RESULTS, Result
from ...artefacts.opening import read as read_opening
from ...artefacts.opening import write as write_opening
from ...artefacts.words import listed, size
from ...errors import HurefError, OutputError, UsageError
from ...planning.sizes import Sizes
from .. import options
from ..app import Command
from ..bar import progress
from ..files import awaited, check_new, check_writable, is_device, place
from ..show import Out, formatted


@dataclass(frozen=True, kw_only=True)
class Committed(Result):
    """What `huref commit` prints: the commitment's id, what it is to, bytes of its rows, seconds of each stage.

    `aligned_to`: the digest of the base, if there was one.
    """

    schema: str = f"{RESULTS}/commit/v1"
    commitment: str
    profile: str
    layers: tuple[int, ...]
    aligned_to: str | None = None
    integers: int
    rows: int
    bytes: int
    seconds: Mapping[str, float]


@click.command(cls=Command)
@options.model
@options.output(required=True, text="The commitment: public, can be published and dated.", metavar="COMMITMENT")
@click.option(
    "--opening",
    type=click.Path(path_type=Path),
    metavar="SECRET",
    required=True,
    callback=options.only_file,
    help="The opening: secret, needed to prove later. A new file, mode 0600.",
)
@options.profile
@options.layers
@options.tokens
@click.option(
    "--aligned-to",
    type=click.Path(path_type=Path),
    metavar="BASE",
    help="The release before, or any model of this shape: attention is committed to as turned towards its own.",
)
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    help="What does the work; the result is the same. ray needs the extra ray.",
)
@click.option(
    "--address",
    metavar="HOST:PORT",
    help="Ray cluster that does the work.  [default: a temporary one on this machine]",
)
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Secret folder for finished parts until the commitment is complete.  [default: COMMITMENT.work]",
)
@formatted
def command(
    *,
    model: Path,
    output: Path,
    opening: Path,
    profile: str,
    layers: options.Layers,
    tokens: Path | None,
    aligned_to: Path | None,
    engine: Literal["local", "ray"],
    address: str | None,
    work: Path | None,
    out: Out,
) -> None:
    """Fix a model's weights: a file to publish, and a secret file to keep.

    The commitment hides the weights and can be dated long before a proof: 'huref prove --opening SECRET' proves against
    it. The secret file is never overwritten; without it, nothing can be proved against the commitment. An interrupted
    run resumes where it left off when the same command is given again.

    With --aligned-to two commitments differ by as much as the models do: by themselves heads are stored in a basis that
    turns under the smallest change. 'huref prove' and 'huref verify --weights' need BASE too, then.
    """
    from ... import pipeline
    from ...stages.commit.work import discard

    check_writable(opening, output)
    if work is None and not is_device(output):
        work = output.with_name(f"{output.name}.work")
    if output.resolve() == opening.resolve():
        raise click.UsageError("-o and --opening name the same file; one is public, the other secret")
    # an interrupted run with the same work folder may have written its opening, and its commitment too
    written = opening if work is not None and work.is_dir() and opening.is_file() else None
    if written is None:
        check_new(opening)
    _keep_published(output, written)
    stored = False
    try:
        with awaited(output) as file:
            with _kept(work), progress(out) as stages:
                commitment, secret = pipeline.commit(
                    model,
                    profile=profile,
                    layers=layers,
                    tokens=tokens,
                    aligned_to=aligned_to,
                    engine=engine,
                    address=address,
                    work=work,
                    written=written,
                    reserve=file.reserve,
                    progress=stages,
                )
            if written is None:
                write_opening(opening, secret)
                stored = True
            file.write(dump(commitment))
    except BaseException:
        if stored:
            opening.unlink()  # it opens nothing that anyone has
        raise
    if work is not None:
        discard(work)
    sizes = Sizes(commitment.profile, commitment.shape)
    document = Committed(
        commitment=commitment.id,
        profile=commitment.profile,
        layers=commitment.shape.layers,
        aligned_to=secret.aligned_to,
        integers=sizes.integers,
        rows=sizes.rows,
        bytes=sizes.commitment_bytes,
        seconds=stages.seconds,
    )
    lines = [
        ("id", commitment.id),
        ("layers", listed(commitment.shape.layers)),
        ("weights", f"{sizes.integers:,} integers in {sizes.rows:,} rows, {size(sizes.commitment_bytes)}"),
        *([] if aligned_to is None else [("aligned to", str(aligned_to))]),
        ("publish", place(output)),
        ("keep secret", str(opening)),
    ]
    out.result(document, f"Commitment to {model}", ("", lines))


def _keep_published(output: Path, written: Path | None) -> None:
    """OutputError if a commitment stands there already that is not the one of the opening `written`: it may have been
    published and dated, and would be lost.
    """
    if is_device(output) or not output.is_file():
        return
    try:
        there = read_commitment(output).id
    except (HurefError, OSError):
        return  # another kind of file is replaced, as every output is
    if written is None or read_opening(written).commitment != there:
        raise OutputError(
            f"{output}: holds commitment {there[:16]}..., which may have been published, and is not overwritten; "
            "choose another name"
        )


@contextmanager
def _kept(work: Path | None) -> Iterator[None]:
    """Say where the finished parts are kept if the work fails."""
    try:
        yield
    except UsageError:
        raise
    except BaseException:
        if work is not None and work.is_dir():
            click.echo(f"huref: the finished part is kept in {work}; the same command resumes from there", err=True)
        raise
