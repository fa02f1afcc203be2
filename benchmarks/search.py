"""A search of the service among 10^6 vectors: python -m benchmarks.search

The table of a service gets the vectors of 500,000 bundles, with three relatives among strangers. A service with it is
asked over HTTP, and must answer what a comparison with every vector says. Writes benchmarks/search.json and the section
of docs/performance.md that shows it.
"""

from __future__ import annotations

import hashlib
import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from huref.artefacts import tokens
from huref.artefacts.fingerprint import Fingerprint
from huref.artefacts.outputs import Outputs
from huref.profile import DEFAULT, named
from huref.serve.settings import Settings
from huref.serve.store import Store
from huref.serve.store.database import beside
from huref.serve.store.tables import lists, vectors
from huref.similarity.scan import ORDER
from huref.similarity.vectors import compare_vectors
from huref.similarity.verdict import DESCENT

from . import measure
from .load import JSON, Service

RESULTS = Path(__file__).with_suffix(".json")
HEADING = "## Search"
BUNDLES, STEP, LAYERS = 500_000, 25_000, 2
#: Seconds: of an answer by signs, and of processor time of an exact scan.
PAGE, EXACT = 0.15, 1.5
TIMES = 5
PROFILE = named(DEFAULT)
TOKENS = tuple(b"token %d" % number for number in range(PROFILE.numbers["tokens"]))
#: Layers of what is asked for, and whether relatives of it are there.
QUESTIONS = {"one": (1, True), "two": (2, True), "stranger": (1, False), "many": (32, True)}
Numbers = NDArray[np.float64]


@dataclass
class Question:
    """Vectors that are asked for; `expected`: bundles of which more is said than that no relation is shown, with the
    size of the largest cosine, by a comparison with every vector.
    """

    vectors: Numbers
    expected: dict[str, float] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """What is posted."""
        fields = {"profile": PROFILE.name, "tokens": tokens.digest(TOKENS), "layers": list(range(len(self.vectors)))}
        return json.dumps(fields | {"vectors": self.vectors.astype(int).tolist()}).encode()

    def look(self, names: Sequence[str], rows: Numbers) -> None:
        """Compare with these bundles, whose vectors are rows, one bundle after the other."""
        unit, wanted = (side / np.linalg.norm(side, axis=1, keepdims=True) for side in (rows, self.vectors))
        likeness = np.abs(unit @ wanted.T).max(axis=1).reshape(-1, LAYERS).max(axis=1)
        for at in map(int, np.flatnonzero(likeness >= 0.2)):  # below, nothing is more than a stranger
            found = compare_vectors(made(self.vectors), made(rows[LAYERS * at : LAYERS * (at + 1)]))
            if found.verdict in ORDER:
                self.expected[names[at]] = float(likeness[at])


def made(rows: Numbers) -> Fingerprint:
    """Vectors as those of a model."""
    numbers = tuple(map(tuple, rows.astype(int).tolist()))
    return Fingerprint(PROFILE.name, tuple(range(len(rows))), TOKENS, Outputs(numbers, (), (), ()))


def strangers(random: np.random.Generator, count: int) -> Numbers:
    """Vectors that have nothing to do with any other."""
    return np.rint(PROFILE.units * random.standard_normal((count, PROFILE.outputs)))


def batches(random: np.random.Generator, wanted: Numbers) -> Iterator[tuple[list[str], Numbers]]:
    """Names and vectors of all bundles; three are hardly more alike to what is wanted than relatives must be."""
    for start in range(0, BUNDLES, STEP):
        rows = strangers(random, LAYERS * STEP)
        if start == BUNDLES // 2:
            alike = DESCENT + 0.05 + 0.05 * np.arange(3)[:, None]
            rows[101:107:2] = np.rint(alike * wanted + np.sqrt(1 - alike**2) * strangers(random, 3))
        yield [hashlib.sha256(b"%d" % number).hexdigest() for number in range(start, start + STEP)], rows


def fill(data: Path) -> dict[str, Question]:
    """Fill the table of a service; what is asked then."""
    random = np.random.default_rng(1)
    relative, alone = strangers(random, 32), strangers(random, 1)
    asked = {name: Question(relative[:count] if of else alone) for name, (count, of) in QUESTIONS.items()}
    store = Store.of(Settings(data=data))
    assert store is not None
    engine = sa.create_engine(beside(data))
    common = {"profile": PROFILE.name, "tokens": tokens.digest(TOKENS), "layers": list(range(LAYERS))}
    with engine.begin() as connection:
        connection.execute(lists.insert(), {"digest": common["tokens"], "tokens": tokens.packed(TOKENS)})
        for names, rows in batches(random, relative[0]):
            parts = rows.astype("<i4").reshape(len(names), -1)
            of = zip(names, parts, strict=True)
            connection.execute(vectors.insert(), [{"sha256": n, "numbers": p.tobytes()} | common for n, p in of])
            for question in asked.values():
                question.look(names, rows)
    engine.dispose()
    for name in {name for question in asked.values() for name in question.expected}:
        about = {"modelName": name[:8]}
        store.keep("bundle", {"sha256": name, "commitment": name, "vector": None, "about": about}, b"")
    store.close()
    return asked


def processor(pid: int) -> float:
    """Seconds of processor time of a process and all its children."""
    children = Path(f"/proc/{pid}/task").glob("*/children")
    return measure.processor(pid) + sum(
        processor(int(child)) for path in children for child in path.read_text().split()
    )


def answered(service: Service, question: Question, client: httpx.Client) -> dict[str, Any]:
    """What a question takes, in the median, and what is answered. SystemExit: that is wrong."""
    seconds, cpu = [], []
    for _ in range(TIMES):
        wall, used = time.perf_counter(), processor(service.process.pid)
        answer = client.post("/v1/search?limit=100", content=question.body)
        seconds.append(time.perf_counter() - wall)
        cpu.append(processor(service.process.pid) - used)
        answer.raise_for_status()
    found = answer.json()
    expected = {name for name, value in question.expected.items() if value >= found["least"]}
    if {one["sha256"] for one in found["neighbours"]} != expected or found["bundles"] != BUNDLES:
        sys.exit(f"the answer is not that of a comparison with every vector: {found}")
    return {
        "seconds": statistics.median(seconds),
        "cpu": statistics.median(cpu),
        "method": found["method"],
        "least": found["least"],
        "found": len(expected),
    }


def measured(folder: Path) -> dict[str, Any]:
    """Seconds of wall time and of processor time (all processes) of each question."""
    asked = fill(folder / "data")
    service = Service(folder / "data")
    try:
        with httpx.Client(base_url=service.address, timeout=3600, headers=JSON) as client:
            start = time.perf_counter()
            client.post("/v1/search", content=asked["one"].body).raise_for_status()
            figures: dict[str, Any] = {"index": time.perf_counter() - start}
            figures["questions"] = {name: answered(service, question, client) for name, question in asked.items()}
    finally:
        service.end()
    index = folder / "data" / "index"
    return figures | {"bytes": sum(path.stat().st_size for path in index.iterdir())}


def section(result: dict[str, Any]) -> str:
    """The section of the page, without its heading: prose unwrapped, and a table."""
    from .report import table

    machine, figures = result["machine"], result["figures"]
    said = (
        f"`POST /v1/search` with vectors, of a service on SQLite that keeps {LAYERS * BUNDLES:,} vectors of "
        f"{BUNDLES:,} bundles; its index has {figures['bytes'] / 1e6:.0f} MB and was made in {figures['index']:.0f} s. "
        "Measured on "
        f"{machine['date']} at a load of {machine['load']:.1f} on {machine['cores']} cores, commit "
        f"`{machine['commit']}`; `make bench-search`. Three relatives are among strangers. Every answer is that of a "
        "comparison with every vector, or the run fails. Medians of five; processor time is that of the service and "
        "its workers together."
    )
    words = {
        "one": "a model with relatives, 1 layer",
        "two": "the same, 2 layers",
        "stranger": "a model without, 1 layer: signs first, then everything",
        "many": "a model with relatives, 32 layers",
    }
    bars = {"one": f"≤ {1000 * PAGE:.0f} ms", "stranger": f"≤ {EXACT:g} s of processor time"}
    rows = [
        (
            words[name],
            of["method"],
            f"{of['least']:.2f}",
            f"{of['found']:,}",
            bars.get(name, ""),
            f"{1000 * of['seconds']:,.0f} ms",
            f"{of['cpu']:.2f} s",
        )
        for name, of in figures["questions"].items()
    ]
    heads = ("asked for", "method", "cosine from", "found", "bar", "answer after", "processor time")
    return f"{said}\n\n{table(heads, rows)}"


if __name__ == "__main__":
    measure.record(RESULTS, HEADING, measured, section)
