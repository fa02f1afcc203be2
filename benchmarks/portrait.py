"""Time of a portrait and of reading its picture, on one core: python -m benchmarks.portrait

Prints JSON: the median of seconds for nine vectors.
"""

from __future__ import annotations

import json
import statistics
import sys
import time

import numpy as np
from numpy.typing import NDArray

from huref.image.files import decode, png, rgb_digest
from huref.image.portrait import LENGTH, UNIT, render


def main() -> None:
    """Measure."""
    vectors = np.random.default_rng(0).integers(-2 * UNIT, 2 * UNIT, (9, LENGTH))
    print(json.dumps({"seconds": statistics.median(map(time_of, vectors))}))


def time_of(vector: NDArray[np.int64]) -> float:
    """Seconds of one portrait, and of its comparison with the picture in a bundle."""
    picture = png(render(vector))
    start = time.perf_counter()
    if rgb_digest(render(vector)) != rgb_digest(decode(picture)):
        sys.exit("the picture is another one")
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
