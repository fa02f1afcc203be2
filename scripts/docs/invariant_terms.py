"""docs/explanation/invariant-terms.svg: a model of 8 tokens and 6 hidden dimensions, with its real numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
TOKENS = ("the", "of", "house", "river", "blue", "seven", "runs", "quietly")
HIDDEN = 6
CELL, TOP, STEP = 16, 92, 182
#: Left edges: names of rows, tokens, X, W_q, W_k, M_a, what it comes to.
NAMES, WORDS, X, Q, K, M, NOTES = 20, 222, 232, 372, 500, 642, 796
WIDTH, HEIGHT = 980, TOP + 3 * STEP - 14
#: Negative, zero, positive.
COLOURS = np.array([[33, 102, 172], [250, 250, 250], [217, 95, 2]])
FONT = "font-family='Helvetica, Arial, sans-serif' fill='#222'"


def figure() -> str:
    """The figure, as SVG."""
    rng = np.random.default_rng(4)
    x, q, k = (rng.standard_normal(shape) for shape in ((len(TOKENS), HIDDEN), (HIDDEN, HIDDEN), (HIDDEN, HIDDEN)))
    mixing = np.linalg.qr(rng.standard_normal((HIDDEN, HIDDEN)))[0]
    basis = rng.standard_normal((HIDDEN, HIDDEN)) + np.eye(HIDDEN)
    disguised = (x @ mixing, basis @ q @ mixing, np.linalg.inv(basis).T @ k @ mixing)
    other = [rng.standard_normal(matrix.shape) for matrix in (x, q, k)]
    rows = (
        (("A model", ""), (x, q, k), ()),
        (
            (
                "The same model,",
                "disguised",
                "hidden dimensions mixed",
                "(X R, W R), head's basis",
                "changed (C W_q, C^−T W_k)",
            ),
            disguised,
            ("Every matrix looks", "like another one.", "The term is the same:", "R and C cancel."),
        ),
        (("Another model", ""), other, ("Its term has", "nothing to do with", "the others.")),
    )
    lines = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' width='{WIDTH}' height='{HEIGHT}'>",
        "<title>Three models: embeddings, query and key matrices, and the invariant term made of them</title>",
        f"<rect width='{WIDTH}' height='{HEIGHT}' fill='white'/>",
        *headings(),
    ]
    for number, (names, matrices, notes) in enumerate(rows):
        lines += row(TOP + number * STEP, names, matrices, notes)
    return "\n".join([*lines, "</svg>", ""])


def headings() -> Iterator[str]:
    """Names of the columns, and what they are."""
    columns = (
        (X, HIDDEN, "X", "a row for each token"),
        (Q, HIDDEN, "W_q", "queries"),
        (K, HIDDEN, "W_k", "keys"),
        (M, len(TOKENS), "M_a = X W_q^T W_k X^T", "a number for each pair"),
    )
    for left, cells, name, meaning in columns:
        middle = left + cells * CELL // 2
        yield text(middle, 36, name, size=17, anchor="middle", weight="bold")
        yield text(middle, 57, meaning, anchor="middle")


def row(
    top: int, names: tuple[str, ...], matrices: tuple[Array, ...] | list[Array], notes: tuple[str, ...]
) -> Iterator[str]:
    """One model: its name, its matrices, its term."""
    x, q, k = matrices
    height = len(TOKENS) * CELL
    inset = (height - HIDDEN * CELL) // 2
    for line, words in enumerate(names):
        title = line < 2
        yield text(NAMES, top + 24 + 20 * line, words, size=15 if title else 13, weight="bold" if title else "normal")
    for line, word in enumerate(TOKENS):
        yield text(WORDS, top + CELL * line + 12, word, size=12, anchor="end")
    yield from heatmap(X, top, x)
    yield from heatmap(Q, top + inset, q)
    yield from heatmap(K, top + inset, k)
    yield text((K + HIDDEN * CELL + M) // 2, top + height // 2 + 8, "→", size=24, anchor="middle")
    yield from heatmap(M, top, x @ q.T @ k @ x.T)
    for line, words in enumerate(notes):
        yield text(NOTES, top + 40 + 20 * line, words, size=14)


def heatmap(left: int, top: int, matrix: Array) -> Iterator[str]:
    """A matrix in colours, white for zero, the strongest for its largest entry."""
    share = matrix / np.abs(matrix).max()
    for i, j in np.ndindex(matrix.shape):
        ends = COLOURS[1], COLOURS[2 if share[i, j] > 0 else 0]
        red, green, blue = np.rint(ends[0] + abs(share[i, j]) * (ends[1] - ends[0])).astype(int)
        place = f"x='{left + CELL * j}' y='{top + CELL * i}' width='{CELL - 1}' height='{CELL - 1}'"
        yield f"<rect {place} fill='#{red:02x}{green:02x}{blue:02x}'/>"


def text(x: int, y: int, words: str, *, size: int = 13, anchor: str = "start", weight: str = "normal") -> str:
    """A line of text; `_` lowers and `^` raises the letters behind it."""

    def shifted(found: re.Match[str]) -> str:
        by = 4 if found[1] == "_" else -6
        return f"<tspan dy='{by}' font-size='{size * 2 // 3}'>{found[2]}</tspan><tspan dy='{-by}'>&#8203;</tspan>"

    words = re.sub(r"([_^])([^ ,)_^]+)", shifted, words)
    return (
        f"<text x='{x}' y='{y}' {FONT} font-size='{size}' font-weight='{weight}' text-anchor='{anchor}'>{words}</text>"
    )
