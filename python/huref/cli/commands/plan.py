"""`huref plan`."""

from __future__ import annotations

from pathlib import Path

import click

from ... import profile as profiles
from ...artefacts.shape import Shape
from ...planning.sizes import Sizes
from .. import options
from ..app import Command
from ..show import Out, count, formatted, listed, seconds, size


@click.command(cls=Command)
@options.model
@options.profile
@options.layers
@options.tokens
@formatted
def command(*, model: Path, profile: str, layers: options.Layers, tokens: Path | None, out: Out) -> None:
    """Estimate time, memory and file sizes of a proof before it starts.

    Sizes follow from the model's shape. Time and memory are estimated, after a calibration of a few seconds: those of
    'huref commit', which reads layer by layer, and those of 'huref prove' from the files to the bundle.
    """
    from ... import model as weights
    from ...planning.calibrate import estimate, measure
    from ...stages import tokens as token_lists

    rules = profiles.named(profile)
    found = weights.open_model(model)
    selection = token_lists.select(found, rules) if tokens is None else token_lists.chosen(found, tokens, rules)
    chosen = found.chosen_layers(layers, rules.layers)
    for index in chosen:
        found.check_layer(index)
    a = found.architecture
    sizes = Sizes(profile, Shape(a.hidden, a.heads, a.kv_heads, a.head_dim, a.ffn, chosen, selection.tokens))
    expected = estimate(sizes, measure(profile, sizes.shape))
    document = {
        "ok": True,
        "estimate": True,
        "profile": profile,
        "layers": list(chosen),
        "tokens": len(selection.tokens),
        "integers": sizes.integers,
        "rows": sizes.rows,
        "sizes": {"proof": sizes.proof_bytes, "commitment": sizes.commitment_bytes},
        "seconds": {
            "quantise": round(expected.quantise, 2),
            "sketch": round(expected.sketch, 2),
            "commit": round(expected.commit, 2),
            "prove": round(expected.prove, 2),
            "total": round(expected.total, 2),
        },
        "memoryBytes": {"commit": round(expected.commit_memory), "prove": round(expected.prove_memory)},
    }
    lines = [
        ("layers", f"{listed(chosen)} of {a.layers}"),
        ("weights", f"{sizes.integers:,} integers in {count(sizes.rows, 'row')}"),
        ("commitment", size(sizes.commitment_bytes)),
        ("proof", f"about {size(sizes.proof_bytes)}"),
        ("commit", f"about {seconds(expected.quantise + expected.commit)}, {size(expected.commit_memory)} of memory"),
        ("prove", f"about {seconds(expected.total)}, {size(expected.prove_memory)} of memory: it holds all integers"),
    ]
    out.result(document, f"Plan for {model}: an estimate", ("", lines))
