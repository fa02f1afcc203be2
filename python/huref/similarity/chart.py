"""Similarities of many models as a picture: a table of coloured cells beside the family tree, plain SVG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from . import Verdict
from .lineage import Tree

#: Pixels: a cell, the tree, a letter of a name.
CELL, TREE, LETTER = 44, 150, 7.2
_LOW, _HIGH = (247, 244, 236), (31, 78, 121)
_MARKS: dict[Verdict, str] = {"related": "*", "unrelated": "", "inconclusive": "?"}


def svg(
    names: Sequence[str],
    similarity: NDArray[np.float64],
    verdicts: Mapping[tuple[int, int], Verdict],
    tree: Tree,
) -> str:
    """The picture. `similarity` n x n; `verdicts` of pairs i < j. Models stand in the order of the tree."""
    order = tree.members
    margin = 16 + LETTER * max(map(len, names))
    left, top = TREE + margin, margin
    width, height = left + CELL * len(order) + 16, top + CELL * len(order) + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        'font-family="monospace" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        *_tree(tree, {model: top + CELL * (row + 0.5) for row, model in enumerate(order)}),
    ]
    for row, i in enumerate(order):
        y = top + CELL * row
        parts.append(f'<text x="{left - 8:.1f}" y="{y + CELL / 2 + 4:.1f}" text-anchor="end">{escape(names[i])}</text>')
        x = left + CELL * row + CELL / 2 + 4
        parts.append(f'<text transform="translate({x:.1f} {top - 8:.1f}) rotate(-90)">{escape(names[i])}</text>')
        for column, j in enumerate(order):
            mark = "" if i == j else _MARKS[verdicts[min(i, j), max(i, j)]]
            parts.extend(_cell(left + CELL * column, y, similarity[i, j], mark))
    return "\n".join([*parts, "</svg>\n"])


def _cell(x: float, y: float, value: float, mark: str) -> Iterator[str]:
    share = min(1.0, max(0.0, value))
    colour = ",".join(f"{round(low + share * (high - low))}" for low, high in zip(_LOW, _HIGH, strict=True))
    ink = "white" if share > 0.5 else "black"
    yield f'<rect x="{x:.1f}" y="{y:.1f}" width="{CELL - 2}" height="{CELL - 2}" fill="rgb({colour})"/>'
    centre = f'x="{x + CELL / 2 - 1:.1f}" y="{y + CELL / 2 + 3:.1f}" text-anchor="middle"'
    yield f'<text {centre} fill="{ink}">{value:.2f}{mark}</text>'


def _tree(tree: Tree, places: Mapping[int, float]) -> Iterator[str]:
    """Lines of the tree: similarity 1 at its right edge, 0 at the left."""

    def across(similarity: float) -> float:
        return 8 + (TREE - 16) * min(1.0, max(0.0, similarity))

    def line(x1: float, y1: float, x2: float, y2: float) -> str:
        return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="black" fill="none"/>'

    def draw(part: Tree, lines: list[str]) -> float:
        if not part.parts:
            return places[part.members[0]]
        heights = [draw(child, lines) for child in part.parts]
        x = across(part.similarity)
        lines.extend(line(x, y, across(child.similarity), y) for child, y in zip(part.parts, heights, strict=True))
        lines.append(line(x, heights[0], x, heights[-1]))
        return sum(heights) / len(heights)

    lines: list[str] = []
    draw(tree, lines)
    yield from lines
