"""A run of numbered cases until a count or a time is reached, and how often each answer came."""

from __future__ import annotations

import argparse
import collections
import sys
import time
from collections.abc import Callable, Iterable


def run(about: str | None, agreed: str, answers: Callable[[int, int], Iterable[str]]) -> None:
    """Read the command line; print what a seed and each number answer. SystemExit names the case that failed."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--count", type=int, default=10**9, help="of each kind")
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    start, found = time.monotonic(), collections.Counter[str]()
    for index in range(options.count):
        if time.monotonic() - start > options.seconds:
            break
        try:
            found.update(answers(options.seed, index))
        except Exception as why:
            raise SystemExit(f"seed {options.seed}, case {index}: {why!r}") from why
    seconds = time.monotonic() - start
    lines = [f"{found.total()} cases, seed {options.seed}, {seconds:.0f} s: {agreed}"]
    lines += [f"{times:8d}  {name}" for name, times in found.most_common()]
    sys.stdout.write("\n".join(lines) + "\n")
