"""Line and bar charts as SVG, for the report: no more than it needs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

WIDTH, HEIGHT = 760, 400
LEFT, RIGHT, TOP, BOTTOM = 74, 176, 40, 52
#: Told apart by people who see colours differently (Okabe and Ito).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f")
STYLE = "font-family='DejaVu Sans, Helvetica, Arial, sans-serif' font-size='12'"

Point = tuple[float, float]


def _text(x: float, y: float, words: str, anchor: str = "middle", more: str = "") -> str:
    return f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' {more}>{escape(words)}</text>"


def _document(title: str, parts: Sequence[str]) -> str:
    head = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' width='{WIDTH}' height='{HEIGHT}' "
        f"role='img' aria-label='{escape(title)}' {STYLE} fill='#222222'>"
    )
    back = f"<rect width='{WIDTH}' height='{HEIGHT}' fill='white'/>"
    return "\n".join(
        [head, back, _text(LEFT, 22, title, "start", "font-size='14' font-weight='bold'"), *parts, "</svg>\n"]
    )


def _tick(value: float) -> str:
    """1, 30, 1 000, 10⁶: as short as it can be read."""
    if value >= 1e5:
        power = math.floor(math.log10(value) + 1e-9)
        lead = value / 10**power
        exponent = str(power).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return f"10{exponent}" if abs(lead - 1) < 1e-9 else f"{lead:g}·10{exponent}"
    return f"{value:g}"


@dataclass(frozen=True)
class Axis:
    """From `low` to `high`, over `length` pixels from `start` on; `log`arithmic or not."""

    low: float
    high: float
    start: float
    length: float
    log: bool

    @classmethod
    def over(cls, values: Sequence[float], start: float, length: float, log: bool) -> Axis:
        """An axis that holds the values: decades, or round steps from 0 on."""
        if log:
            low, high = 10 ** math.floor(math.log10(min(values))), 10 ** math.ceil(math.log10(max(values)))
            return cls(low, high, start, length, log)
        step = cls._step(max(values))
        return cls(0, step * math.ceil(max(values) * 1.02 / step), start, length, log)

    @staticmethod
    def _step(high: float) -> float:
        """1, 2 or 5 times a power of ten: four to ten of them reach `high`."""
        power: float = 10.0 ** math.floor(math.log10(high / 4))
        return max(power * factor for factor in (1, 2, 5) if power * factor <= high / 4)

    def at(self, value: float) -> float:
        """The pixel of a value."""
        low, high = (math.log10(self.low), math.log10(self.high)) if self.log else (self.low, self.high)
        return self.start + self.length * ((math.log10(value) if self.log else value) - low) / (high - low)

    def ticks(self) -> list[float]:
        """Where to write a number."""
        if self.log:
            return [10.0**power for power in range(round(math.log10(self.low)), round(math.log10(self.high)) + 1)]
        step = self._step(self.high)
        return [step * number for number in range(round(self.high / step) + 1)]


@dataclass(frozen=True)
class Lines:
    """A chart of lines through points; `log` for x and for y. `dashed` names are bounds, without points."""

    title: str
    x: str
    y: str
    series: Mapping[str, Sequence[Point]]
    log: tuple[bool, bool] = (True, True)
    dashed: frozenset[str] = field(default_factory=frozenset)

    def svg(self) -> str:
        """The chart."""
        points = [point for line in self.series.values() for point in line]
        across = Axis.over([x for x, _ in points], LEFT, WIDTH - LEFT - RIGHT, self.log[0])
        up = Axis.over([y for _, y in points], HEIGHT - BOTTOM, TOP + BOTTOM - HEIGHT, self.log[1])
        parts = [self._grid(across, up)]
        for number, (name, line) in enumerate(self.series.items()):
            colour = COLOURS[number % len(COLOURS)]
            path = " ".join(f"{across.at(x):.1f},{up.at(y):.1f}" for x, y in line)
            dash = " stroke-dasharray='6 4'" if name in self.dashed else ""
            parts.append(f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='2'{dash}/>")
            if name not in self.dashed:
                parts += [
                    f"<circle cx='{across.at(x):.1f}' cy='{up.at(y):.1f}' r='3.5' fill='{colour}'/>" for x, y in line
                ]
            top, edge = TOP + 14 + 20 * number, WIDTH - RIGHT + 14
            parts.append(
                f"<line x1='{edge}' x2='{edge + 18}' y1='{top}' y2='{top}' stroke='{colour}' stroke-width='3'{dash}/>"
            )
            parts.append(_text(edge + 24, top + 4, name, "start"))
        return _document(self.title, parts)

    def _grid(self, across: Axis, up: Axis) -> str:
        floor, parts = HEIGHT - BOTTOM, []
        for value in across.ticks():
            x = across.at(value)
            parts.append(f"<line x1='{x:.1f}' x2='{x:.1f}' y1='{TOP}' y2='{floor}' stroke='#e0e0e0'/>")
            parts.append(_text(x, floor + 18, _tick(value)))
        for value in up.ticks():
            y = up.at(value)
            parts.append(f"<line x1='{LEFT}' x2='{WIDTH - RIGHT}' y1='{y:.1f}' y2='{y:.1f}' stroke='#e0e0e0'/>")
            parts.append(_text(LEFT - 8, y + 4, _tick(value), "end"))
        middle = (TOP + floor) / 2
        parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, self.x))
        parts.append(_text(18, middle, self.y, more=f"transform='rotate(-90 18 {middle:.1f})'"))
        return "\n".join(parts)


@dataclass(frozen=True)
class Shares:
    """A chart of horizontal bars, each cut into the shares of its parts."""

    title: str
    bars: Mapping[str, Mapping[str, float]]

    def svg(self) -> str:
        """The chart."""
        parts, width = [], WIDTH - LEFT - RIGHT
        # in the order of a bar that has them all
        names = list(dict.fromkeys(name for bar in sorted(self.bars.values(), key=len)[::-1] for name in bar))
        thick = (HEIGHT - TOP - BOTTOM) / len(self.bars)
        for number, (label, bar) in enumerate(self.bars.items()):
            x, y, total = float(LEFT), TOP + number * thick, sum(bar.values())
            parts.append(_text(LEFT - 8, y + thick / 2 + 4, label, "end"))
            for name, value in bar.items():
                length = width * value / total
                colour = COLOURS[names.index(name) % len(COLOURS)]
                box = f"x='{x:.1f}' y='{y + 4:.1f}' width='{length:.1f}' height='{thick - 8:.1f}'"
                parts.append(f"<rect {box} fill='{colour}'/>")
                if value / total > 0.06:
                    words = f"{100 * value / total:.0f} %"
                    parts.append(_text(x + length / 2, y + thick / 2 + 4, words, more="fill='white'"))
                x += length
        for number, name in enumerate(names):
            top, edge = TOP + 14 + 20 * number, WIDTH - RIGHT + 14
            parts.append(
                f"<rect x='{edge}' y='{top - 6}' width='12' height='12' fill='{COLOURS[number % len(COLOURS)]}'/>"
            )
            parts.append(_text(edge + 18, top + 4, name, "start"))
        return _document(self.title, parts)
