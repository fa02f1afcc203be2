"""Time of the verifier without the start of a program: python -m benchmarks.verification BUNDLE

Prints JSON: seconds for the bundle, the fastest of five.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from huref.artefacts.bundle import load
from huref.artefacts.policy import DEFAULT
from huref.verifier.check import check


def main() -> None:
    """Measure."""
    bundle = load(Path(sys.argv[1]), DEFAULT.max_bundle_bytes)
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        if not check(bundle).ok:
            sys.exit("the bundle was refused")
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"one": min(seconds)}))


if __name__ == "__main__":
    main()
