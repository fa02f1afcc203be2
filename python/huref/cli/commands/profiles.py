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
    """List the profiles: the sets of rules for fingerprints.

    Only fingerprints of the same profile can be compared.
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
            "provable": True,
        }
        for p in known
    ]
    paper = {
        "name": profiles.PAPER,
        "default": False,
        "tokens": 4096,
        "outputs": 512,
        "weightBits": None,
        "layers": 2,
        "provable": False,
    }
    lines = [
        (p.name, f"{p.outputs} numbers from {p.tokens} tokens, weights of {p.weight_bits} bits; {PURPOSE[p.name]}")
        for p in known
    ]
    lines.append((profiles.PAPER, "512 numbers from 4096 tokens, in floating point; by HuRef's authors, never proved"))
    out.result({"ok": True, "profiles": [*document, paper]}, "Profiles", ("", lines))
