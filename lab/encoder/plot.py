"""Losses of a training as a picture: plain SVG."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH, HEIGHT, MARGIN = 720, 360, 48
#: Points of a curve; each is a mean over its share of the steps.
POINTS = 120
CURVES = (
    ("contrastive", "#1f4e79"),
    ("discriminator (2 ln 2 = 1.39: it is guessing)", "#a23b2a"),
    ("adversarial (ln 2 = 0.69)", "#5b7f3b"),
)


def svg(losses: Sequence[tuple[float, float, float]]) -> str:
    """The picture of at least one step's losses: contrastive, discriminator, adversarial."""
    size = -(-len(losses) // POINTS)
    means = [
        [sum(column) / len(column) for column in zip(*losses[start : start + size], strict=True)]
        for start in range(0, len(losses), size)
    ]
    top = max(2.0, *map(max, means))
    across, up = (WIDTH - 2 * MARGIN) / max(1, len(means) - 1), (HEIGHT - 2 * MARGIN) / top
    base = HEIGHT - MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" '
        'font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<path d="M{MARGIN} {MARGIN}V{base}H{WIDTH - MARGIN}" stroke="black" fill="none"/>',
        f'<text x="{WIDTH - MARGIN}" y="{base + 20}" text-anchor="end">step {len(losses)}</text>',
    ]
    for value in range(int(top) + 1):
        y = base - value * up
        parts.append(f'<text x="{MARGIN - 8}" y="{y + 4:.1f}" text-anchor="end">{value}</text>')
    for i, (name, colour) in enumerate(CURVES):
        points = " ".join(f"{MARGIN + across * j:.1f},{base - up * mean[i]:.1f}" for j, mean in enumerate(means))
        parts.append(f'<polyline points="{points}" stroke="{colour}" stroke-width="1.5" fill="none"/>')
        parts.append(f'<text x="{MARGIN + 12}" y="{16 + 15 * i}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>\n"])
