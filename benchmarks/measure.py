"""Runs a program and says what it took: wall time, processor time, peak memory."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "build" / "bench"


@dataclass(frozen=True)
class Run:
    """A program that has ended: exit code, output, seconds of wall and of processor time (all threads), peak MiB."""

    code: int
    output: str
    errors: str
    seconds: float
    cpu: float
    peak: float

    @property
    def document(self) -> dict[str, Any]:
        """The output as JSON."""
        value: dict[str, Any] = json.loads(self.output)
        return value


def run(command: Sequence[object]) -> Run:
    """Run the program in a process of its own and wait for it.

    Linux counts the memory of the parent at the moment of spawning as the child's, so this process has to stay small.
    """
    words = [str(word) for word in command]
    start = time.perf_counter()
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        actions = [(os.POSIX_SPAWN_DUP2, output.fileno(), 1), (os.POSIX_SPAWN_DUP2, errors.fileno(), 2)]
        pid = os.posix_spawnp(words[0], words, os.environ, file_actions=actions)
        _, status, usage = os.wait4(pid, 0)
        seconds = time.perf_counter() - start
        output.seek(0)
        errors.seek(0)
        said, complained = (stream.read().decode(errors="replace") for stream in (output, errors))
    code = os.waitstatus_to_exitcode(status)
    return Run(code, said, complained, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


@contextmanager
def one_core() -> Iterator[None]:
    """What runs meanwhile has one core, however many threads it starts."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def huref(*arguments: object) -> Run:
    """Run the command line with --json. SystemExit when it fails."""
    return module("huref", *arguments, "--json")


def module(name: str, *arguments: object) -> Run:
    """Run a module as a program. SystemExit when it fails."""
    command = [sys.executable, "-m", name, *arguments]
    done = run(command)
    if done.code:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.output}{done.errors}")
    return done


def machine() -> dict[str, object]:
    """What was measured, on what, and when."""
    cpu = platform.machine()
    info = Path("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "cores": os.cpu_count(),
        "processor": names[0] if names else cpu,
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "rustc": _said("rustc", "--version").removeprefix("rustc ").partition(" ")[0],
        "commit": _said("git", "rev-parse", "--short=10", "HEAD"),
    }


def _said(*command: str) -> str:
    """What a program of this machine says of itself; "unknown" where it is not installed or does not know."""
    if not shutil.which(command[0]):
        return "unknown"
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return done.stdout.strip() or "unknown"


def save(path: Path, document: Mapping[str, object]) -> Path:
    """Write a JSON file, and its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n")
    return path


def record(
    results: Path,
    heading: str,
    measured: Callable[[Path], Mapping[str, Any]],
    section: Callable[[dict[str, Any]], str],
) -> None:
    """Measure in a folder on the disk, write the figures, and the section of docs/performance.md that shows them."""
    from .report import renew

    about = machine()
    RESULTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=RESULTS) as folder:  # on the disk, which /tmp may not be
        figures = measured(Path(folder))
    result = {"machine": about, "figures": figures}
    save(results, result)
    renew(heading, section(result))
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")


def processor(pid: int) -> float:
    """Seconds of processor time of a process that runs."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
