"""Runs the core's own benchmark and reads what it prints: python -m benchmarks.core PART [WORD ...]

PART: as rust/circuits/benches/core.rs says. Without arguments those of PARTS run, and the figures go to
build/bench/core.json.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import asdict, dataclass, field

from . import measure

PARTS = (("field",), ("rows", "64"), ("multiples",), ("canonical", "llama-7b"), ("road", "llama-7b"))

_NANOSECONDS = re.compile(r"^(?P<what>.+?):?\s+(?P<ours>[\d.]+) ns, arkworks(?: msm)? (?P<theirs>[\d.]+) ns\b")
_ROWS = re.compile(r"^(?P<rows>\d+) rows of +(?P<bits>\d+) bits, (?P<cores>\d+) cores?: (?P<ways>[^;]+)")
_WAY = re.compile(r"(?P<way>[a-z][a-z0-9 ]*?) +(?P<ns>[\d.]+)(?: ns)?$")
_STAGE = re.compile(r"^(?P<what>\S.*?)\s+(?P<seconds>[\d.]+) s$")
_PEAK = re.compile(r"VmHWM:\s*(\d+) kB")


@dataclass
class Core:
    """What a part says.

    `beside`: nanoseconds, and those of arkworks. `rows`: nanoseconds a weight of committing to rows in different ways,
    "arkworks" among them, with `rows`, `bits` and `cores`. `stages`: seconds, the fastest. `peak`: MiB.
    """

    beside: dict[str, tuple[float, float]] = field(default_factory=dict)
    rows: list[dict[str, float]] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)
    peak: float = 0.0

    def read(self, line: str) -> None:
        """Take in one line of the benchmark's output."""
        if found := _ROWS.match(line):
            ways = filter(None, map(_WAY.match, found["ways"].split(", ")))
            sizes = {key: int(found[key]) for key in ("rows", "bits", "cores")}
            self.rows.append(sizes | {way["way"]: float(way["ns"]) for way in ways})
        elif found := _NANOSECONDS.match(line):
            self.beside[found["what"]] = float(found["ours"]), float(found["theirs"])
        elif found := _STAGE.match(line):
            what, seconds = found["what"], float(found["seconds"])
            self.stages[what] = min(seconds, self.stages.get(what, seconds))
        if found := _PEAK.search(line):
            self.peak = max(self.peak, int(found[1]) / 1024)


def run(*part: str, echo: bool = False) -> Core:
    """Run one part, on an optimised build. SystemExit when it fails."""
    command = ["cargo", "bench", "--locked", "-q", "-p", "huref-circuits", "--bench", "core", "--", *part]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=measure.ROOT) as process:
        core = Core()
        for line in process.stdout or ():
            core.read(line.rstrip())
            if echo:
                print(line, end="", flush=True)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed")
    return core


def main() -> None:
    """Run one part and show it, or all and keep the figures."""
    if sys.argv[1:]:
        run(*sys.argv[1:], echo=True)
        return
    parts = {" ".join(part): asdict(run(*part, echo=True)) for part in PARTS}
    measure.save(measure.RESULTS / "core.json", {"machine": measure.machine(), "parts": parts})


if __name__ == "__main__":
    main()
