"""A log of 10^5 entries: python -m benchmarks.registry

Adds entries one by one, without witnesses and with one, makes proofs and checks them. Writes benchmarks/registry.json
and the section of docs/performance.md that shows it.
"""

from __future__ import annotations

import hashlib
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from huref.registry import fsck, policy, proof, tree
from huref.registry.blobs import Folder
from huref.registry.checkpoint import Checkpoint
from huref.registry.entry import Entry
from huref.registry.keys import Secret
from huref.registry.log import Log
from huref.registry.note import Line, Note
from huref.registry.tree import Nodes

from . import measure

RESULTS = Path(__file__).with_suffix(".json")
HEADING = "## The dated log"
SIZE, ALONE = 100_000, 1000
#: Milliseconds of an append without witnesses and of a check, bytes of a proof with one witness.
BARS = {"append": 20.0, "check": 5.0, "proof": 1500}
LOG = Secret("log.example.org/huref", "ed25519", bytes(32))
WITNESS = Secret("witness.example.org/one", "cosignature", bytes(range(32)))


class Beside:
    """A witness without a network between: what one costs the log itself."""

    def cosignatures(self, signed: Note, head: Checkpoint, nodes: Nodes) -> tuple[Line, ...]:  # noqa: ARG002
        """Its signature."""
        return signed.signed(WITNESS, int(time.time())).lines[-1:]

    def suffice(self, signed: Note) -> bool:
        """It is the only one."""
        return bool(signed.times([WITNESS.key]))

    def largest(self, signed: Note, head: Checkpoint, nodes: Nodes) -> tuple[str, int]:  # noqa: ARG002
        """It knows no larger one."""
        return WITNESS.name, 0


def entries(start: int, count: int) -> list[Entry]:
    """Commitments that nobody made."""
    return [Entry("commitment", hashlib.sha256(b"%d" % number).hexdigest()) for number in range(start, start + count)]


def offline(data: bytes, leaf: bytes, rules: policy.Policy) -> None:
    """What `verify --log-proof` does, files apart."""
    proof.check(proof.parse(data), [leaf], rules)


def milliseconds(work: Iterable[Callable[[], object]]) -> dict[str, float]:
    """Median and 99th percentile of what each takes."""
    times = []
    for one in work:
        start = time.perf_counter()
        one()
        times.append(1000 * (time.perf_counter() - start))
    times.sort()
    return {"p50": statistics.median(times), "p99": times[len(times) * 99 // 100]}


def disk(folder: Path) -> dict[str, float]:
    """What the disk takes to write 16 kB through, with the name, as an append does once."""

    def write() -> None:
        with (folder / "new").open("wb") as file:
            file.write(bytes(16_000))
            file.flush()
            os.fsync(file.fileno())
        (folder / "new").replace(folder / "old")
        handle = os.open(folder, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)

    return milliseconds([write] * 100)


def measured(folder: Path) -> dict[str, Any]:
    """All figures: times in milliseconds where nothing else is said."""
    before = disk(folder)
    log = Log(Folder(folder / "log"), [LOG])
    start = time.perf_counter()
    log.append(entries(0, SIZE - ALONE))
    filled = time.perf_counter() - start
    alone = milliseconds(partial(log.append, [one]) for one in entries(SIZE - ALONE, ALONE))
    log.close()
    start = time.perf_counter()
    log = Log(Folder(folder / "log"), [LOG], witnesses=Beside())
    opened = time.perf_counter() - start
    witnessed = milliseconds(partial(log.append, [one]) for one in entries(SIZE, ALONE // 4))
    rules = policy.parse(f"log {LOG.key.text}\nwitness one {WITNESS.key.text}\nquorum one\n".encode())
    places = range(7, SIZE, SIZE // 200)
    made = milliseconds(partial(log.proof, at) for at in places)
    proofs = [(log.proof(at), tree.leaf(log.entry(at).data)) for at in places]
    checked = milliseconds(partial(offline, data, leaf, rules) for data, leaf in proofs)
    start = time.perf_counter()
    faults = list(fsck.faults(Folder(folder / "log"), [LOG.key]))
    if faults:
        sys.exit(f"the log has faults: {faults[:3]}")
    return {
        "disk": before,
        "fill": filled,
        "append": alone,
        "witnessed": witnessed,
        "open": opened,
        "make": made,
        "check": checked,
        "proof": max(len(data) for data, _ in proofs),
        "fsck": time.perf_counter() - start,
        "bytes": sum(path.stat().st_size for path in (folder / "log").rglob("*") if path.is_file()),
    }


def section(result: dict[str, Any]) -> str:
    """The section of the page, without its heading: prose unwrapped, and a table."""
    from .report import table

    machine, figures = result["machine"], result["figures"]

    def times(name: str) -> str:
        median, most = (figures[name][key] for key in ("p50", "p99"))
        return f"{median:.{1 if median < 10 else 0}f} ms (p99 {most:.{1 if most < 10 else 0}f} ms)"

    said = (
        f"A log with {SIZE:,} entries in a folder, measured on {machine['date']} at a load of {machine['load']:.1f}, "
        f"commit `{machine['commit']}`; `make bench-registry`. An append is on the disk before it returns: it writes "
        f"through once, which alone takes this disk {times('disk')}."
    )
    rows = [
        ("add one entry, without witnesses", f"≤ {BARS['append']:g} ms", times("append")),
        ("add one entry, one witness in the same process", "", times("witnessed")),
        ("proof with one Ed25519 witness", f"≤ {BARS['proof']:,} bytes", f"{figures['proof']:,} bytes"),
        ("check a proof offline", f"≤ {BARS['check']:g} ms", times("check")),
        ("make a proof", "", times("make")),
        ("add 99,000 entries at once", "", f"{figures['fill']:.1f} s"),
        ("open the log", "", f"{figures['open']:.2f} s"),
        ("huref registry fsck", "", f"{figures['fsck']:.1f} s"),
        ("the whole folder", "", f"{figures['bytes'] / 1e6:.0f} MB"),
    ]
    return f"{said}\n\n{table(('', 'bar', 'measured, median'), rows)}"


if __name__ == "__main__":
    measure.record(RESULTS, HEADING, measured, section)
