"""A comparison of vectors in lines for people: the numbers, what they are worth, and why the verdict is what it is."""

from __future__ import annotations

from collections.abc import Sequence

from ..artefacts.words import count
from .verdict import Comparison, Matched, Own

_SIDES = {
    "model folder": "a model folder",
    "verified bundle": "a bundle, verified",
    "fingerprint": "a fingerprint, as its maker says",
}


def lines(found: Comparison) -> list[tuple[str, str]]:
    """Lines about the vectors of two sides, the last of which says why the verdict is what it is."""
    if not found.pairs:
        tokens = f"{found.tokens_shared:,} shared; needed: {found.tokens_needed:,}"
        return [("tokens", tokens), ("why", found.reason)]
    chance = f"p = {found.p_value:.2g} for one pair of independent layers; {count(found.pairs, 'pair')} tried"
    p, q = found.tokens_on_sides
    return [
        ("cosine", f"{found.cosine:+.4f} (1: the same, independent layers: 0 ± {found.null_width:.2f})"),
        ("chance", chance),
        *([] if found.own is None else [("own vectors", _own(found.own))]),
        *([] if found.evidence is not None else [("layers", _matched(found.layers))]),
        ("compared", " and ".join(_SIDES[side] for side in found.sides)),
        *([] if found.challenge is None else [("challenge", f"sketches of challenge {found.challenge}")]),
        ("tokens", f"{found.tokens_shared:,} shared, {p:,} and {q:,} on the sides; needed: {found.tokens_needed:,}"),
        ("why", found.reason),
    ]


def _own(own: Own) -> str:
    layers = count(own.pairs, "matched layer")
    return f"mean cosine {own.mean:+.4f} over {layers}, p = {own.corrected_p_value:.2g} with the price of trying"


def _matched(layers: Sequence[Matched]) -> str:
    """The matched layers, the most alike first, at most six of them."""
    best = sorted(layers, key=lambda pair: -pair.cosine)
    more = f", {len(best) - 6} more" if len(best) > 6 else ""
    return ", ".join(f"{pair.a} - {pair.b} {pair.cosine:+.2f}" for pair in best[:6]) + more
