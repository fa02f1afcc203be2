"""`huref profiles`."""

from __future__ import annotations

from dataclasses import dataclass

import click

from ... import profile as profiles
from ...artefacts.document import RESULTS, Part, Result
from ..app import Command
from ..show import Out, formatted


@dataclass(frozen=True)
class Listed(Part):
    """A profile: tokens and layers that it takes, numbers of a vector; `weight_bits` where weights are quantised."""

    name: str
    default: bool
    tokens: int
    outputs: int
    layers: int
    provable: bool
    weight_bits: int | None = None


@dataclass(frozen=True, kw_only=True)
class Profiles(Result):
    """What `huref profiles` prints."""

    schema: str = f"{RESULTS}/profiles/v1"
    profiles: tuple[Listed, ...]


@click.command(cls=Command)
@formatted
def command(out: Out) -> None:
    """List the profiles: the sets of rules for fingerprints.

    Only fingerprints of the same profile can be compared.
    """
    listed = [
        Listed(p.name, p.name == profiles.DEFAULT, p.tokens, p.outputs, p.layers, True, p.weight_bits)
        for p in profiles.PROFILES.values()
    ]
    listed.append(Listed(profiles.PAPER, False, 4096, 512, 2, False))
    lines = [
        (p.name, f"{p.outputs} numbers from {p.tokens} tokens, weights of {p.weight_bits} bits; {_words(p)}")
        for p in profiles.PROFILES.values()
    ]
    lines.append((profiles.PAPER, "512 numbers from 4096 tokens, in floating point; by HuRef's authors, never proved"))
    out.result(Profiles(profiles=tuple(listed)), "Profiles", ("", lines))


def _words(profile: profiles.Profile) -> str:
    default = "the default: " if profile.name == profiles.DEFAULT else ""
    return default + profile.purpose
