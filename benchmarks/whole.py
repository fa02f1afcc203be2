"""All layers: a model of LLaMA-7B's shape with 32 of them, from files; proofs of all layers: python -m benchmarks.whole

Commits to 8 layers and to 32, is killed at a quarter of the work and goes on, and proves all of 8 and of 32 layers of a
smaller shape. What the pieces of a commitment take is measured in the same run, and from that larger models and more
cores are simulated (benchmarks/cluster.py). Writes benchmarks/whole.json and the section of docs/performance.md that
shows it. Needs 14 GB of disk and, on two cores that do nothing else, some ten minutes.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from huref.artefacts.bundle import load
from huref.artefacts.policy import DEFAULT
from huref.planning.sizes import Sizes

from . import cluster, measure
from .bars import Bar, cost
from .bench import draw, taken, verification

RESULTS = Path(__file__).with_suffix(".json")
HEADING = "## All layers"
SHAPE, SMALLER, FEW, ALL = "llama-7b", "medium", 8, 32
#: Bytes of the larger model, and part of the rows after which a commitment is killed.
ROOM, KILLED = 14e9, 0.25
#: Minutes and GiB.
MINUTES, AIM, GIB = 5.0, 4.0, 1.5


def listed(count: int) -> str:
    """The option for the first layers."""
    return "all" if count == ALL else ",".join(map(str, range(count)))


def committed(model: Path, folder: Path, count: int) -> dict[str, Any]:
    """`commit` of the first layers: what it took."""
    files = ("-o", folder / f"{count}.commitment", "--opening", folder / f"{count}.secret")
    run = measure.huref("commit", model, *files, "--layers", listed(count))
    return {"layers": count, "integers": run.document["integers"], "rows": run.document["rows"]} | taken(run)


def resumed(model: Path, folder: Path, rows: int) -> dict[str, Any]:
    """`commit` of all layers, ended by SIGKILL when a quarter of the rows is stored, and started again."""
    words = ("commit", model, "-o", folder / "commitment", "--opening", folder / "secret", "--layers", "all")
    start, stored = time.perf_counter(), folder / "commitment.work" / "sums"
    process = subprocess.Popen([sys.executable, "-m", "huref", *map(str, words)], stderr=subprocess.DEVNULL)
    while process.poll() is None and not (stored.exists() and stored.stat().st_size > KILLED * rows * 33):
        time.sleep(0.1)
    if process.poll() is not None:
        sys.exit("commit ended before it could be killed")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    killed, kept = time.perf_counter() - start, stored.stat().st_size // 33
    run = measure.huref(*words)
    if stored.exists() or run.document["rows"] != rows:
        sys.exit("the second run did not finish the work of the first")
    return {"killed": killed, "kept": kept} | taken(run)


def proved(model: Path, folder: Path, count: int) -> dict[str, Any]:
    """`prove` of the first layers, the common draw alone: what it took, and sizes of its statement."""
    bundle = folder / f"{count}.huref.json"
    options = ("--layers", listed(count), "--no-own", "--no-image")
    plan = measure.huref("plan", model, "--layers", listed(count)).document["seconds"]
    run = measure.huref("prove", model, "-o", bundle, *options)
    statement = load(bundle, DEFAULT.max_bundle_bytes).statement
    sizes = Sizes(statement.commitment.profile, statement.commitment.shape, draws=1)
    found = {
        "layers": count,
        "integers": run.document["integers"],
        "rows": sizes.rows,
        "bits": sizes.bits_at(statement.outputs[0].shifts),
        "proof": run.document["sizes"]["proof"],
        "planned": plan["sketch"] / 2 + plan["prove"],  # of two draws
    }
    return found | taken(run) | {"verify": verification(bundle)[0]}


def measured(folder: Path) -> dict[str, Any]:
    """All figures."""
    if shutil.disk_usage(folder).free < ROOM:
        sys.exit(f"{folder} needs {ROOM / 1e9:.0f} GB of free disk")
    model, smaller = folder / "model", folder / "smaller"
    draw(SHAPE, model, ALL, 0, 1)
    pieces = measure.module("benchmarks.pieces", model)
    depths = [committed(model, folder, count) for count in (FEW, ALL)]
    again = resumed(model, folder, depths[-1]["rows"])
    draw(SMALLER, smaller, ALL)
    proofs = [proved(smaller, folder, count) for count in (FEW, ALL)]
    return {"pieces": pieces.document, "commit": depths, "resumed": again, "prove": proofs}


def bars(figures: dict[str, Any]) -> list[Bar]:
    """What all layers have to reach."""
    few, many = figures["commit"]
    linear = 100 * abs(cost(many) / cost(few) - 1)
    return [
        Bar(f"commit, 7B shape, {ALL} layers, from files", "min", many["seconds"] / 60, MINUTES, AIM),
        Bar("peak memory", "GiB", many["peak"] / 1024, GIB, GIB),
        Bar(f"peak memory, {ALL} layers against {FEW}", "times", many["peak"] / few["peak"], 1.05, 1.02),
        Bar(f"an integer, {ALL} layers against {FEW}, difference", "%", linear, 10, 5),
    ]


def section(result: dict[str, Any] | None) -> str:
    """The section of the page, without its heading: prose unwrapped, and tables; None: how to get them."""
    from .report import table

    if result is None:
        return "`make bench-whole` measures a commitment to 32 layers of LLaMA-7B's shape and writes this section."
    machine, figures = result["machine"], result["figures"]
    many, again = figures["commit"][-1], figures["resumed"]
    said = (
        f"`huref commit --layers all` on a model of LLaMA-7B's shape with {ALL} layers in bfloat16, 13 GB of files, "
        f"{many['integers'] / 1e9:.2f}·10^9 integers. The layers have equal matrices, drawn once, and norms of their "
        "own, so that no two of their rows are equal after the canonical form. Measured on "
        f"{machine['date']} at a load of {machine['load']:.1f} on {machine['cores']} cores, commit "
        f"`{machine['commit']}`; `make bench-whole`."
    )
    head = ("", "bar", "aim", "measured", "reached")
    commits = [
        (
            *(one["layers"], f"{one['integers'] / 1e6:,.0f} M", f"{one['seconds']:.0f} s"),
            *(f"{_layer(one):.2f} s", f"{cost(one):.1f} ns", f"{one['peak']:.0f} MiB"),
        )
        for one in figures["commit"]
    ]
    killed = (
        f"Ended by SIGKILL after {again['killed']:.0f} s, with {again['kept']:,} of {many['rows']:,} rows stored, and "
        f"started again, it was finished after {again['seconds']:.0f} s more: everything is read and brought to "
        "canonical form again, and no row that was stored is summed again."
    )
    proofs = [
        (
            *(one["layers"], f"{one['integers'] / 1e6:.0f} M", f"{one['rows']:,}", f"{one['bits']:,}"),
            *(f"{one['proof'] / 1e3:.1f} kB", f"{_after(one):.1f} s", f"{one['seconds']:.1f} s"),
            *(f"{one['verify']:.2f} s", f"{one['peak']:.0f} MiB"),
        )
        for one in figures["prove"]
    ]
    of_proofs = (
        f"Proofs of all layers of the shape *{SMALLER}*, common draw alone. Bits are those of the committed bit "
        "string; *prove* is sketches and proof without the commitment:"
    )
    columns = (
        "layers",
        "integers",
        "rows",
        "bits",
        "proof",
        "prove",
        "whole program",
        "verify, one core",
        "peak memory",
    )
    return "\n\n".join(
        (
            said,
            table(head, [bar.row() for bar in bars(figures)]),
            table(("layers", "integers", "commit", "a layer", "an integer", "peak memory"), commits),
            killed,
            of_proofs,
            table(columns, proofs),
            simulated(figures),
        )
    )


def simulated(figures: dict[str, Any]) -> str:
    """Larger models and more cores, and how far the simulation is from what was measured."""
    from .report import table

    pieces = cluster.Pieces(figures["pieces"])
    seven = cluster.large("7B", ALL, **figures["pieces"]["shape"])
    here = [
        (
            f"commit, 7B shape, {one['layers']} layers",
            pieces.commit(cluster.first(seven.shape, one["layers"]), cluster.CORES),
            sum(one["stages"].values()),
        )
        for one in figures["commit"]
    ]
    here += [
        (f"prove after commit, *{SMALLER}*, {one['layers']} layers", one["planned"], _after(one))
        for one in figures["prove"]
    ]
    checked = [(what, f"{a:.1f} s", f"{b:.1f} s", f"{a / b:.2f}") for what, a, b in here]
    rows = []
    for model in (seven, *cluster.LARGE):
        for hosts, cores in ((1, 2), (1, 16), (1, 64), (4, 64)):
            seconds = pieces.commit(model.shape, hosts * cores)
            rate = cluster.read(model) / seconds
            rows.append(
                (
                    *(model.name, f"{hosts} x {cores}", duration(seconds), duration(pieces.stream(model.shape))),
                    *(f"{rate / 1e9:.2g} GB/s", f"{cluster.held(model.shape) / 2**30:.1f} GiB"),
                    *(duration(pieces.proved(cluster.last(model.shape), cores)),),
                    f"{cluster.proving(cluster.last(model.shape)) / 2**30:,.0f} GiB",
                    duration(pieces.proved(model.shape, cores)),
                    f"{cluster.proving(model.shape) / 2**30:,.0f} GiB",
                )
            )
    head = (
        *("model", "hosts x cores", "commit to all layers", "a digest in one stream", "files read at"),
        *("memory of a worker", "prove two layers", "its memory", "prove all layers", "its memory"),
    )
    return "\n\n".join(
        (
            "**Simulation, not measurement**: more cores and larger models, by `benchmarks/cluster.py` from the "
            "pieces that were measured in the same run. Workers of engine `ray` have two cores and hold one "
            "piece, the embeddings or a layer; the first that is free takes the next; at the end one piece is "
            "read and one block summed again. Costs of a piece are carried over from the 7B shape: canonical form"
            " and digest in proportion to the integers (attention also to the size of a head), embeddings to "
            "their multiplications, sums to the additions of points. Starting Ray, lost workers, and files that "
            "come more slowly than *files read at* are left out; two cores are taken to be as fast beside others "
            "as alone. *A digest in one stream* is what the digest of the weights alone would take on any number "
            "of cores by the rule of the first openings. A proof is made on one host, which holds all integers: "
            "its time is that of `huref plan`, which takes 15 % of it to be the work of one core.",
            table(head, rows),
            "The simulation against what was measured on two cores, without the start of programs:",
            table(("", "simulated or planned", "measured", "ratio"), checked),
        )
    )


def duration(seconds: float) -> str:
    """For people."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def _layer(one: dict[str, Any]) -> float:
    """Seconds for a layer, without the start of the program."""
    return float(sum(one["stages"].values())) / float(one["layers"])


def _after(one: dict[str, Any]) -> float:
    """Seconds of sketches and proof."""
    return float(one["stages"]["sketch"]) + float(one["stages"]["prove"])


if __name__ == "__main__":
    measure.record(RESULTS, HEADING, measured, section)
