"""`huref profiles`."""

from __future__ import annotations

import click

from ... import profile as profiles
from ..app import Command
from ..show import Out, formatted

PURPOSE = {
    "robust-1": "the default: survives every change that leaves a model's outputs alone",
    "toy-1": "tiny, for tests and for reading along; it has no security",
}


@click.command(cls=Command)
@formatted
def command(out: Out) -> None:
    """List the profiles: the rule sets of fingerprints.

    Two fingerprints can be compared only under one profile.
    """
    known = [profiles.named(name) for name in profiles.KNOWN]
    document = [
        {
            "name": p.name,
            "default": p.name == profiles.DEFAULT,
            "tokens": p.tokens,
            "outputs": p.outputs,
            "weightBits": p.weight_bits,
            "layers": p.layers,
        }
        for p in known
    ]
    lines = [
        (p.name, f"{p.outputs} numbers from {p.tokens} tokens, weights of {p.weight_bits} bits; {PURPOSE[p.name]}")
        for p in known
    ]
    out.result({"ok": True, "profiles": document}, "Profiles", ("", lines))
