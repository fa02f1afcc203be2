"""Time of the verifier without the start of a program: python -m benchmarks.verification BUNDLE...

Prints JSON: seconds for one bundle, the fastest of five; with more than one thread also for a hundred at once: those
given, over and over. Each gets randomness of its own, so that equal ones save nothing.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from huref.bundle import load
from huref.verify import DEFAULT, check, check_many

HUNDRED = 100


def timed(job: Callable[[], bool]) -> float:
    """Seconds of a job that must succeed."""
    start = time.perf_counter()
    if not job():
        sys.exit("a bundle was refused")
    return time.perf_counter() - start


def main() -> None:
    """Measure."""
    paths = [Path(name) for name in sys.argv[1:]]
    bundles = [load(path, DEFAULT.max_bundle_bytes) for path in paths]
    one = min(timed(lambda: check(bundles[0]).ok) for _ in range(5))
    if os.environ.get("RAYON_NUM_THREADS") == "1":
        print(json.dumps({"one": one}))
        return
    sources = [(str(i), partial(load, paths[i % len(paths)], DEFAULT.max_bundle_bytes)) for i in range(HUNDRED)]
    hundred = timed(lambda: all(outcome.ok for outcome in check_many(sources)))
    print(json.dumps({"one": one, "hundred": hundred}))


if __name__ == "__main__":
    main()
