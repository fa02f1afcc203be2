"""Time of a portrait on one core: python -m benchmarks.portrait

Prints JSON: the median of seconds for nine vectors.
"""

from __future__ import annotations

import json
import statistics
import time

import numpy as np
from numpy.typing import NDArray

from huref.image.portrait import LENGTH, UNIT, render


def main() -> None:
    """Measure."""
    vectors = np.random.default_rng(0).integers(-2 * UNIT, 2 * UNIT, (9, LENGTH))
    print(json.dumps({"seconds": statistics.median(map(time_of, vectors))}))


def time_of(vector: NDArray[np.int64]) -> float:
    """Seconds of one portrait."""
    start = time.perf_counter()
    render(vector)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
