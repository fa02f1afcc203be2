"""Trains an encoder of kind `cnn` on synthetic sketches, and measures it.

    python -m lab.encoder FILE [--steps 1000] [--seed 1]

With its defaults this is how the encoder of the package was made. No data is needed. Writes FILE, a plot of the losses
beside it, and what was measured to standard output. A training that was stopped goes on from FILE.checkpoint when the
same command is given again.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from huref import disk

from .measure import measure, of_network
from .plot import svg
from .train import train


def main(arguments: Sequence[str]) -> None:
    """Train, measure, write, print."""
    parser = argparse.ArgumentParser(prog="python -m lab.encoder", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    output: Path = given.file
    output.parent.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    network, state = train(output.with_name(f"{output.name}.checkpoint"), given.steps, given.seed)
    found, data = measure(of_network(network)), network.to_bytes()
    disk.write(output, data)
    disk.write(output.with_suffix(".svg"), svg(state.losses).encode())
    kept = ", ".join(f"{value:.3f} of {correlation}" for correlation, value in found.kept.items())
    print(f"{output}: {len(data)} bytes, {given.steps} steps, {time.perf_counter() - start:.0f} s")
    print(f"SHA-256 {hashlib.sha256(data).hexdigest()}")
    print(f"cosine of copies: {kept}")
    print(f"independent models: 0 ± {found.null_width:.4f}, at most {found.largest:.2f}")
    print(f"{found.rejected:.1%} of the coordinates are not Gaussian, by a test at a level of 1 %")


if __name__ == "__main__":
    main(sys.argv[1:])
