"""Runs the core's own benchmark and reads what it prints: python -m benchmarks.core PART [WORD ...]

PART: `field`, `rows`, `canonical llama-7b`, `road llama-7b`, and others (rust/circuits/benches/core.rs). Without
arguments these four run, and the figures go to build/bench/core.json.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import asdict, dataclass, field

from . import measure

PARTS = (("field",), ("rows",), ("canonical", "llama-7b"), ("road", "llama-7b"))

_NANOSECONDS = re.compile(r"^(?P<what>.+?):?\s+(?P<ours>[\d.]+) ns, arkworks(?: msm)? (?P<theirs>[\d.]+) ns\b")
_CORES = re.compile(r"^(?P<what>.+?):? (?P<one>[\d.]+) ns on one core, (?P<two>[\d.]+) ns on two\b")
_STAGE = re.compile(r"^(?P<what>\S.*?)\s+(?P<seconds>[\d.]+) s$")
_PEAK = re.compile(r"VmHWM:\s*(\d+) kB")


@dataclass
class Core:
    """Nanoseconds beside arkworks, nanoseconds on one core and on two, seconds of stages (fastest), peak MiB."""

    beside: dict[str, tuple[float, float]] = field(default_factory=dict)
    cores: dict[str, tuple[float, float]] = field(default_factory=dict)
    stages: dict[str, float] = field(default_factory=dict)
    peak: float = 0.0

    def read(self, line: str) -> None:
        """Take in one line of the benchmark's output."""
        if found := _CORES.match(line):
            self.cores[found["what"]] = float(found["one"]), float(found["two"])
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
