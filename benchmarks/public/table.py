"""Rows of tables on two models: what `huref compare` says, and which parts they share."""

from __future__ import annotations

from huref.similarity.chance import TEN, shown
from huref.similarity.verdict import Comparison

PARTS = ("embedding", "attention", "feed-forward")
COLUMNS = ("verdict", "decided by", "p", *PARTS)


def cells(found: Comparison) -> tuple[str, ...]:
    """Those of COLUMNS, of a comparison of two folders."""
    assert found.shared is not None
    p = "0" if found.log10_p_value is None else shown(found.log10_p_value * TEN)
    return (found.verdict, str(found.decided_by), p, *(str(found.shared[part]) for part in PARTS))


def row(*entries: str) -> str:
    """A line of a table."""
    return f"| {' | '.join(entries)} |"


def head(*columns: str) -> str:
    """The first two lines of a table."""
    return f"{row(*columns)}\n|{'---|' * len(columns)}"
