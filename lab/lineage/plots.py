"""Two drawings of the scores, as SVG."""

from __future__ import annotations

from collections.abc import Iterator
from math import log10

import numpy as np

from lab.lineage.report import Found, roc, split
from lab.lineage.scores import SHIPPED

BLUE, RED, GREY = "#2b6cb0", "#c53030", "#718096"
COLOURS = ("#2b6cb0", "#2f855a", "#1a202c", "#b7791f", "#dd6b20", "#718096", "#c53030", "#805ad5", "#00b5d8", "#97266d")
#: Width of the drawing, of the names on the left, of a row.
WIDTH, LEFT, ROW = 760, 150, 52


def strips(found: Found) -> str:
    """A row for every method: relatives above the line, strangers below it, one mark for each pair."""
    names = SHIPPED
    height = ROW * len(names) + 40
    parts = [_text(LEFT, 16, "relatives above the line, strangers below; crosses: a model with tied embeddings", GREY)]
    for row, name in enumerate(names):
        y = 30 + ROW * row + ROW / 2
        parts += [_text(LEFT - 10, y + 4, name, "#1a202c", "end"), _line(LEFT, y, WIDTH - 20, y, GREY)]
        for pair, score in found:
            place = _place(name, score["scores"][name])
            if pair.hard:
                parts.append(_cross(place, y - 10 if pair.related else y + 10, BLUE if pair.related else RED))
            else:
                parts.append(_dot(place, y - 10 if pair.related else y + 10, BLUE if pair.related else RED))
        parts += _ticks(name, y)
    return _svg(height, parts, "Scores of relatives and strangers by method")


def curves(found: Found) -> str:
    """True positives against false positives up to 20 %, a line for each method."""
    size, top = 360, 30
    names = SHIPPED
    parts = [
        f'<rect x="{LEFT}" y="{top}" width="{size}" height="{size}" fill="none" stroke="{GREY}"/>',
        _text(LEFT + size / 2, top + size + 34, "strangers called related (false positives)", GREY, "middle"),
        _text(LEFT, 20, "relatives recognised", GREY),
    ]
    for share in (0, 0.05, 0.1, 0.15, 0.2):
        parts.append(_text(LEFT + size * share / 0.2, top + size + 16, f"{share:.0%}", GREY, "middle"))
    for share in (0, 0.25, 0.5, 0.75, 1):
        parts.append(_text(LEFT - 8, top + size * (1 - share) + 4, f"{share:.0%}", GREY, "end"))
    for row, (name, colour) in enumerate(zip(names, COLOURS, strict=True)):
        rates, hits = roc(*split(found, name))
        inside = np.concatenate([rates[rates < 0.2], [0.2]])
        line = " ".join(
            f"{LEFT + size * x / 0.2:.1f},{top + size * (1 - y):.1f}"
            for x, y in zip(inside, np.interp(inside, rates, hits), strict=True)
        )
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        y = top + 20 + 24 * row
        parts += [_line(LEFT + size + 20, y - 4, LEFT + size + 44, y - 4, colour, 3)]
        parts.append(_text(LEFT + size + 52, y, name, "#1a202c"))
    return _svg(top + size + 50, parts, "True positives against false positives by method")


def _place(method: str, value: float) -> float:
    """Scores from -0.2 to 1; of two folders the exponent of the p-value, from 1 to 1e-40."""
    share = min(-log10(max(-value, 1e-40)) / 40, 1) if method == "folders" else (max(value, -0.2) + 0.2) / 1.2
    return LEFT + share * (WIDTH - 20 - LEFT)


def _ticks(method: str, y: float) -> Iterator[str]:
    values = [(-(10.0**-e), f"1e-{e}" if e else "1") for e in (0, 10, 20, 30, 40)]
    if method != "folders":
        values = [(value, f"{value:g}") for value in (0, 0.2, 0.4, 0.6, 0.8, 1)]
    for value, name in values:
        x = _place(method, value)
        yield _line(x, y - 2, x, y + 2, GREY)
        yield _text(x, y + 24, name, GREY, "middle", 9)


def _text(x: float, y: float, text: str, colour: str, anchor: str = "start", size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}" font-size="{size}">{text}</text>'


def _line(x: float, y: float, to_x: float, to_y: float, colour: str, width: int = 1) -> str:
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" stroke="{colour}" stroke-width="{width}"/>'


def _dot(x: float, y: float, colour: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}" fill-opacity="0.5"/>'


def _cross(x: float, y: float, colour: str) -> str:
    corners = f"M{x - 3:.1f} {y - 3:.1f}l6 6m0 -6l-6 6"
    return f'<path d="{corners}" stroke="{colour}" stroke-opacity="0.7" fill="none"/>'


def _svg(height: float, parts: list[str], title: str) -> str:
    inside = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:.0f}" font-family="sans-serif" '
        f'role="img"><title>{title}</title>\n<rect width="100%" height="100%" fill="white"/>\n{inside}\n</svg>\n'
    )
