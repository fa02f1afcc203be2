"""Answers to challenges, counted beside the opening that they were made with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

from ..artefacts import answers
from ..artefacts.answers import Answers
from ..artefacts.challenge import Challenge
from .files import check_writable
from .show import Out


def check(opening: Path) -> Answers:
    """The answers so far. OutputError, InputError: the list cannot be written, or read."""
    path = answers.beside(opening)
    check_writable(path)
    return answers.read(path)


def count(opening: Path, challenge: Challenge, by: Literal["seeds", "near"], out: Out) -> None:
    """Note an answer with vectors ("seeds") or by nearness ("near"); a warning from the second answer on.

    An answer with vectors that was given before discloses nothing new and is not counted again.
    """
    path, seed = answers.beside(opening), challenge.seed.hex()
    known = answers.read(path)
    if by == "seeds" and seed in known.seeds:
        return
    if known:
        out.warning(
            f"this is answer number {len(known) + 1} for one commitment ({path}); each discloses new numbers about the "
            "weights, on sketches that others may have chosen"
        )
    answers.write(path, replace(known, **{by: (*getattr(known, by), seed)}))
