"""Time and memory of the whole road, each verb in a process of its own: python benchmarks/bench.py [SHAPE ...]

Shapes: minilm, llama-1b, llama-7b (all by default; 7B writes 1.3 GB of weights into the temporary folder). The models
are drawn, not trained, and have two layers; the work is that of the real ones, because the profile takes two layers.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapes

COLUMNS = (
    ("shape", 9),
    ("integers", 13),
    ("read s", 7),
    ("commit s", 9),
    ("ns/int", 7),
    ("prove s", 8),
    ("verify s", 9),
    ("proof B", 8),
    ("commitm. B", 11),
    ("commit MiB", 11),
    ("prove MiB", 10),
    ("verify MiB", 11),
)


@dataclass(frozen=True)
class Run:
    """What one process said and took: its JSON document, seconds of wall time, peak resident memory in MiB."""

    document: dict[str, Any]
    seconds: float
    peak: float


def huref(*arguments: object) -> Run:
    """Run the command line in a process of its own. SystemExit when it fails.

    Linux counts the memory of the parent at the moment of spawning as the child's, so this process has to stay small.
    """
    command = [sys.executable, "-m", "huref", *map(str, arguments), "--json"]
    start = time.perf_counter()
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        actions = [(os.POSIX_SPAWN_DUP2, output.fileno(), 1), (os.POSIX_SPAWN_DUP2, errors.fileno(), 2)]
        pid = os.posix_spawn(sys.executable, command, os.environ, file_actions=actions)
        _, status, usage = os.wait4(pid, 0)
        seconds = time.perf_counter() - start
        output.seek(0)
        errors.seek(0)
        text, complaints = output.read(), errors.read()
    if os.waitstatus_to_exitcode(status):
        sys.exit(f"{' '.join(command)} failed:\n{text.decode()}{complaints.decode()}")
    return Run(json.loads(text), seconds, usage.ru_maxrss / 1024)


def measure(name: str, folder: Path) -> tuple[object, ...]:
    """One row of the table."""
    model, commitment, opening, bundle = (folder / part for part in (name, "commitment", "opening", "bundle"))
    subprocess.run([sys.executable, shapes.__file__, name, str(model)], check=True)
    commit = huref("commit", model, "-o", commitment, "--opening", opening)
    prove = huref("prove", model, "-o", bundle, "--opening", opening)
    verify = huref("verify", bundle)
    stages, integers = commit.document["seconds"], commit.document["integers"]
    return (
        name,
        f"{integers:,}",
        f"{commit.seconds - stages['commit']:.1f}",
        f"{stages['commit']:.1f}",
        f"{stages['commit'] / integers * 1e9:.0f}",
        f"{prove.document['seconds']['sketch'] + prove.document['seconds']['prove']:.1f}",
        f"{verify.seconds:.2f}",
        f"{prove.document['sizes']['proof']:,}",
        f"{prove.document['sizes']['commitment']:,}",
        f"{commit.peak:.0f}",
        f"{prove.peak:.0f}",
        f"{verify.peak:.0f}",
    )


def main() -> None:
    """Print the table, row by row as it comes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shapes", nargs="*", metavar="SHAPE", help=", ".join(shapes.SHAPES))
    names = parser.parse_args().shapes or list(shapes.SHAPES)
    if unknown := sorted(set(names) - set(shapes.SHAPES)):
        parser.error(f"unknown shape {', '.join(unknown)}; known: {', '.join(shapes.SHAPES)}")
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; robust-1, two layers.")
    print("read: start, reading, canonical form, rounding. prove: sketches and proof, without the commitment.")
    print("verify: the whole process, start of Python included.\n")
    print("".join(title.rjust(width) for title, width in COLUMNS), flush=True)
    for name in names:
        with tempfile.TemporaryDirectory(prefix="huref-bench-") as folder:
            row = measure(name, Path(folder))
        print("".join(str(cell).rjust(width) for cell, (_, width) in zip(row, COLUMNS, strict=True)), flush=True)


if __name__ == "__main__":
    main()
