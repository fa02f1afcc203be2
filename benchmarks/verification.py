"""Time of the verifier without the start of a program: python -m benchmarks.verification BUNDLE...

Prints JSON: seconds for each bundle, the fastest of five, all in turns.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from huref.artefacts.bundle import Bundle, load
from huref.artefacts.policy import DEFAULT
from huref.recent import forget
from huref.verifier.check import check


def main() -> None:
    """Measure."""
    bundles = [load(Path(name), DEFAULT.max_bundle_bytes) for name in sys.argv[1:]]
    seconds = [[time_of(bundle) for bundle in bundles] for _ in range(5)]
    print(json.dumps({"seconds": [min(column) for column in zip(*seconds, strict=True)]}))


def time_of(bundle: Bundle) -> float:
    """Seconds of one verification that knows nothing of those before, but for the generators."""
    forget()
    start = time.perf_counter()
    if not check(bundle).ok:
        sys.exit("the bundle was refused")
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
