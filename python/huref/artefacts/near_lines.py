"""What a proof of nearness says, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .intervals import Interval, Judged, Near
from .words import count, short

#: Pairs that are listed.
_PAIRS = 6


def near_lines(near: Near) -> Iterator[tuple[str, str]]:
    """What is verified about a nearness file."""
    p, q = near.sides
    a, b = map(short, near.commitments)
    tokens = f"{p:,} and {q:,} tokens on the sides"
    yield "challenge", f"{short(near.seed)}, between commitments {a} and {b}: {tokens}"
    yield "beacon", near.beacon  # whole: people compare it with the published one
    layers = () if near.theirs is None else near.theirs.layers
    yield from interval_lines(near, layers)
    said = f"{count(near.vectors, 'vector')}, digest {short(near.digest)}"
    if near.theirs is None:
        yield "to", f"{said}; whose they are was not checked"
        return
    owner = "" if near.theirs.owner is None else f", owner (as its prover says) {near.theirs.owner}"
    yield "to", f"{said}: those of bundle {short(near.theirs.sha256)}, verified{owner}"
    yield "of", near.theirs.commitment


def interval_lines(near: Near, theirs: Sequence[int]) -> Iterator[tuple[str, str]]:
    """The intervals of cosines, the highest first; `theirs`: the layers of the other side's vectors, if known."""
    if near.answer == "below":
        (top,) = {interval.high for interval in near.intervals}
        yield "cosines", f"all {count(len(near.intervals), 'pair')} of layers: below {top:g} in size"
        return
    best = sorted(near.intervals, key=lambda interval: -interval.low)
    yield "cosines", "; ".join(_interval(interval, near, theirs) for interval in best[:_PAIRS])
    if len(best) > _PAIRS:
        yield "", f"and {count(len(best) - _PAIRS, 'lower one')}"


def _interval(interval: Interval, near: Near, theirs: Sequence[int]) -> str:
    other = f"their layer {theirs[interval.vector]}" if theirs else f"their vector {interval.vector + 1}"
    if near.answer == "at-least":
        return f"layer {interval.layer} with {other}: at least {interval.low:g}"
    return f"layer {interval.layer} with {other}: {interval.low:+.4f} to {interval.high:+.4f}"


def judged_lines(judged: Judged) -> Iterator[tuple[str, str]]:
    """What the cosines are worth."""
    yield "verdict", judged.verdict
    end = "at least" if judged.end == "low" else "less than"
    yield "cosine", f"{end} {judged.cosine:+.4f} (1: the same, independent layers: 0 ± {judged.null_width:.2f})"
    tried = f"{count(judged.pairs, 'pair')} tried"
    yield (
        "chance",
        f"p = {judged.p_value:.2g} for one pair of independent layers; {tried}: {judged.corrected_p_value:.2g}",
    )
    p, q = judged.tokens_on_sides
    yield "tokens", f"{judged.tokens_shared:,} shared, {p:,} and {q:,} on the sides; needed: {judged.tokens_needed:,}"
    yield "why", judged.reason
