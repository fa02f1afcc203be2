"""A search among 10^6 vectors: python -m benchmarks.search

An index in a memory map, with three relatives among vectors of strangers, is scanned as `huref scan` does. Writes
benchmarks/search.json and the section of docs/performance.md that shows it.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huref.profile import DEFAULT, named
from huref.similarity.index import Index
from huref.similarity.scan import least
from huref.similarity.verdict import DESCENT, null_width

from . import measure

RESULTS = Path(__file__).with_suffix(".json")
HEADING = "## Search"
SIZE, STEP = 1_000_000, 50_000
#: Layers of the models that are looked for.
LAYERS = (1, 32)
#: Seconds of processor time of a scan for one vector.
BAR = 1.5
PROFILE = named(DEFAULT)


def strangers(random: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Vectors that have nothing to do with any other."""
    return np.rint(PROFILE.units * random.standard_normal((count, PROFILE.outputs)))


def relatives(random: np.random.Generator, vector: NDArray[np.float64]) -> NDArray[np.float64]:
    """Three vectors, as little alike to that one as relatives may be, or a little more."""
    alike = DESCENT + 0.05 + 0.05 * np.arange(3)[:, None]
    return np.rint(alike * vector + np.sqrt(1 - alike**2) * strangers(random, 3))


def filled(folder: Path, wanted: NDArray[np.float64], random: np.random.Generator) -> tuple[Index, list[int]]:
    """The index, whose rows are on the disk, and which of them are relatives of what is looked for."""
    rows = np.memmap(folder / "rows", np.int8, "w+", shape=(SIZE, PROFILE.outputs))
    steps, errors = np.empty(SIZE, np.float32), np.empty(SIZE, np.float32)
    places: list[int] = []
    for start in range(0, SIZE, STEP):
        vectors = strangers(random, STEP)
        if start == SIZE // 2:
            vectors[7:10] = relatives(random, wanted)
            places = [start + 7, start + 8, start + 9]
        part = Index.of(vectors)
        rows[start : start + STEP], steps[start : start + STEP], errors[start : start + STEP] = (
            part.rows,
            part.steps,
            part.errors,
        )
    rows.flush()
    return Index(rows, steps, errors), places


def measured(folder: Path) -> dict[str, Any]:
    """Seconds of processor time (all threads) and of wall time of a scan, by how many vectors are looked for."""
    random = np.random.default_rng(1)
    wanted = strangers(random, max(LAYERS))
    index, places = filled(folder, wanted[0], random)
    figures: dict[str, Any] = {"bytes": (folder / "rows").stat().st_size + index.steps.nbytes + index.errors.nbytes}
    for layers in LAYERS:
        bar = least(layers, 1.0, null_width(PROFILE))
        wall, cpu = time.perf_counter(), time.process_time()
        found = set(index.scan(wanted[:layers], bar))
        figures[f"{layers}"] = {
            "seconds": time.perf_counter() - wall,
            "cpu": time.process_time() - cpu,
            "found": len(found),
            "least": bar,
        }
        if not found.issuperset(places):
            sys.exit(f"the scan lost a relative: {places}")
    return figures


def section(result: dict[str, Any]) -> str:
    """The section of the page, without its heading: prose unwrapped, and a table."""
    from .report import table

    machine, figures = result["machine"], result["figures"]
    said = (
        f"An index of {SIZE:,} vectors in a memory map of {figures['bytes'] / 1e6:.0f} MB, scanned as a whole, as "
        f"`huref scan` does, on {machine['date']} at a load of {machine['load']:.1f}, commit `{machine['commit']}`; "
        "`make bench-search`. Three relatives are in it, and a scan that loses one fails. The other candidates are "
        "strangers, as many as the threshold lets through; their exact cosines are looked at next."
    )
    rows = [
        (
            f"{layers} layer{'s' if layers > 1 else ''}, cosine from {of['least']:.2f} on",
            f"≤ {BAR:g} s" if layers == 1 else "",
            f"{of['cpu']:.2f} s",
            f"{of['seconds']:.2f} s",
            f"{of['found']:,}",
        )
        for layers in LAYERS
        for of in (figures[f"{layers}"],)
    ]
    return f"{said}\n\n{table(('the model has', 'bar', 'processor time', 'wall time', 'candidates'), rows)}"


def main() -> None:
    """Measure, and write both files."""
    from .report import renew

    machine = measure.machine()
    measure.RESULTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=measure.RESULTS) as folder:  # on the disk, which /tmp may not be
        figures = measured(Path(folder))
    result = {"machine": machine, "figures": figures}
    measure.save(RESULTS, result)
    renew(HEADING, section(result))
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
