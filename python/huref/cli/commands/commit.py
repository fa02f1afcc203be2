"""`huref commit`."""

from __future__ import annotations

from pathlib import Path

import click

from ...commit import write_commitment, write_opening
from .. import options
from ..app import Command
from ..bar import progress
from ..files import check_new, check_writable
from ..show import Out, formatted, listed, size
from ..sizes import Sizes


@click.command(cls=Command)
@options.model
@options.output(required=True, text="The commitment: public, can be published and dated.", metavar="COMMITMENT")
@click.option(
    "--opening",
    type=click.Path(path_type=Path),
    metavar="SECRET",
    required=True,
    help="The opening: secret, needed to prove later. A new file, mode 0600.",
)
@options.profile
@options.layers
@options.tokens
@formatted
def command(
    *,
    model: Path,
    output: Path,
    opening: Path,
    profile: str,
    layers: tuple[int, ...] | None,
    tokens: Path | None,
    out: Out,
) -> None:
    """Fix a model's weights: a file to publish, and a secret file to keep.

    The commitment hides the weights and can be dated long before a proof: 'huref prove --opening SECRET' proves against
    it. The secret file is never overwritten; without it, nothing can be proved against the commitment.
    """
    from ... import pipeline

    check_new(opening)
    check_writable(output)
    if output.resolve() == opening.resolve():
        raise click.UsageError("-o and --opening name the same file; one is public, the other secret")
    with progress(out) as stages:
        commitment, secret = pipeline.commit(model, profile=profile, layers=layers, tokens=tokens, progress=stages)
    write_opening(opening, secret)
    try:
        write_commitment(output, commitment)
    except BaseException:
        opening.unlink()  # it opens nothing that anyone has
        raise
    sizes = Sizes(commitment.profile, commitment.shape)
    document = {
        "ok": True,
        "commitment": commitment.id,
        "profile": commitment.profile,
        "layers": list(commitment.shape.layers),
        "integers": sizes.integers,
        "rows": sizes.rows,
        "bytes": sizes.commitment_bytes,
        "seconds": stages.seconds,
    }
    lines = [
        ("id", commitment.id),
        ("layers", listed(commitment.shape.layers)),
        ("weights", f"{sizes.integers:,} integers in {sizes.rows:,} rows, {size(sizes.commitment_bytes)}"),
        ("publish", str(output)),
        ("keep secret", str(opening)),
    ]
    out.result(document, f"Commitment to {model}", ("", lines))
