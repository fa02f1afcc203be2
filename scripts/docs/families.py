"""The tables of docs/reference/models.md, from the table of families."""

from __future__ import annotations

import re
from collections.abc import Iterable

from huref.model.families import FAMILIES, Family
from huref.model.families.refused import REASONS

START, END = "<!-- families: generated -->", "<!-- families: end -->"


def page(text: str) -> str:
    """The page with its tables made again."""
    lines = ["| family | `model_type` | norms | particulars |", "|---|---|---|---|"]
    lines += [f"| {f.name} | {_types(f.heads)} | {_norms(f)} | {_particulars(f)} |" for f in FAMILIES]
    lines += ["", "Known and refused, with the reason:", "", "| `model_type` | it ... |", "|---|---|"]
    lines += [f"| {_types(types.split())} | {why} |" for why, types in REASONS.items()]
    return re.sub(f"(?s){START}.*{END}", "\n".join([START, *lines, END]), text)


def _types(types: Iterable[str]) -> str:
    return ", ".join(f"`{kind}`" for kind in types)


def _norms(family: Family) -> str:
    first, first_out, second, second_out = (name != "-" for name in family.norms.split())
    words = []
    if family.post_norm:
        words.append("behind")
    elif first or second or first_out or second_out:
        places = [place for place, there in (("before", first or second), ("behind", first_out or second_out)) if there]
        words.append(" and ".join(places))
    if family.head_norms:
        words.append("on queries and keys")
    return ("LayerNorm, " if family.layer_norm else "RMS, ") + "; ".join(words or ["without weights"])


def _particulars(family: Family) -> str:
    fused = len(family.attention.split()) == 2
    first, _, second, _ = family.norms.split()
    words = [
        *(["q, k, v group by group in one matrix" if family.grouped else "q, k, v in one matrix"] if fused else []),
        *(["transposed"] if family.transposed else []),
        *(["one norm for both halves"] if first == second != "-" else []),
        *(["latent attention"] if family.latent else []),
        *(["mixture of experts"] if family.mixture else []),
        *(["layers with such attention"] if family.partial else []),
        *(["those with as many heads as the config says"] if family.alike else []),
        *([f"a norm multiplies by {family.added:g} + weight"] if family.added else []),
        *([family.note] if family.note else []),
    ]
    return "; ".join(words)
