"""Writes docs/performance.md and its plots from what was measured: python -m benchmarks.report

Reads build/bench/bench.json, build/bench/core.json (`make bench bench-core`) and what is recorded in benchmarks/peers.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Any

from . import browser, gpu, measure, registry, search, whole
from .bars import cost, linearity, peak, peer_seconds, work
from .peers.ezkl import RESULTS as PEERS
from .plots import Lines, Shares

DOCS = measure.ROOT / "docs"
TEMPLATE = Path(__file__).with_name("performance.md.in")
PUBLISHED = Path(__file__).parent / "peers" / "published.json"
#: Stages of `huref prove` in the order of their work, in words.
STAGES = {
    "read": "read",
    "quantise": "canonical form",
    "commit": "commit",
    "sketch": "sketch",
    "prove": "prove",
    "verify": "verify",
    "image": "portrait",
}
#: Group additions that a weight of 12 bits costs at least with tables of subset sums, and multiplications of an affine
#: addition in a batch (decision 0002).
ADDITIONS, MULTIPLICATIONS = 0.7, 6


def load(path: Path) -> Any:
    """A result; SystemExit with what to do if it is not there."""
    if not path.exists():
        sys.exit(f"{path} is missing; run `make bench bench-core` first")
    return json.loads(path.read_text())


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def model_rows(models: Sequence[dict[str, Any]]) -> str:
    """The table of the whole job."""
    rows = [
        (
            m["name"],
            f"{m['integers'] / 1e6:.1f} M",
            f"{m['commit']['seconds']:.1f} s",
            f"{work(m):.0f} ns",
            f"{m['prove']['seconds']:.1f} s",
            f"{m['verify']['one']:.2f} s",
            f"{m['sizes']['proof'] / 1e3:.1f} kB",
            f"{m['sizes']['commitment'] / 1e3:.1f} kB",
            ", ".join(f"{m[verb]['peak']:.0f}" for verb in ("commit", "prove", "verify")) + " MiB",
        )
        for m in models
    ]
    head = (
        "shape",
        "integers",
        "commit",
        "an integer",
        "prove",
        "verify",
        "proof",
        "commitment",
        "peak memory: commit, prove, verify",
    )
    return table(head, rows)


def rows(found: Sequence[dict[str, float]]) -> str:
    """The table of committing to rows in different ways."""
    head = ("rows", "bits", "cores", "tables", "avx2", "portable", "bucket tree", "arkworks")
    ordered = sorted(found, key=lambda row: (row["rows"], row["bits"], row["cores"]))
    return table(
        (*head, "ratio"), [(*(f"{r[key]:g}" for key in head), f"{r['arkworks'] / r['tables']:.1f}") for r in ordered]
    )


def floor(core: dict[str, Any]) -> float:
    """Nanoseconds of one core for a weight, in portable code: the field multiplications that it cannot do without."""
    return float(ADDITIONS * MULTIPLICATIONS * core["beside"]["multiplication"][0])


def plots(result: dict[str, Any]) -> dict[str, str]:
    """Path below docs and content of each plot."""
    models = result["models"]

    def line(value: Any) -> list[tuple[float, float]]:
        return [(m["integers"], value(m)) for m in models]

    verbs = ("commit", "prove", "verify")
    time = {verb: line(lambda m, verb=verb: m[verb]["seconds"]) for verb in verbs}
    memory = {verb: line(lambda m, verb=verb: m[verb]["peak"] / 1024) for verb in verbs}
    memory["commit, more layers"] = [(m["integers"], m["peak"] / 1024) for m in result["layers"]]
    least = floor(result["core"]) / result["machine"]["cores"]
    cost = {
        "commit, from files": line(work),
        "rows alone": line(lambda m: 1e9 * m["prove"]["stages"]["commit"] / m["integers"]),
        "floor, portable": line(lambda _: least),
    }
    shares = {
        m["name"]: {STAGES.get(name, name): seconds for name, seconds in m["prove"]["stages"].items()} for m in models
    }
    integers = "integers"
    return {
        "performance/time.svg": Lines("Seconds of the whole program", integers, "seconds", time).svg(),
        "performance/memory.svg": Lines(
            "Peak memory of the whole program", integers, "GiB", memory, (True, False)
        ).svg(),
        "performance/integer.svg": Lines(
            "Cost of committing to one integer", integers, "ns", cost, (True, False), frozenset({"floor, portable"})
        ).svg(),
        "performance/stages.svg": Shares("huref prove: share of each stage", shares).svg(),
    }


def ezkl(peers: dict[str, Any]) -> str:
    """Both provers on the same matrices."""
    words = {"checked": "as it comes: ranges checked", "unchecked": "ranges not checked"}
    rows = []
    for key, case in sorted(peers["cases"].items(), key=lambda item: (int(item[0].split(":")[0]), item[0])):
        n, ranges = key.split(":")
        ours, theirs = case["huref"], case["ezkl"]
        seconds, measured = peer_seconds(peers, ranges, int(n))
        steps = (f"{value:.0f}" if step in measured else f"({value:.0f})" for step, value in seconds.items())
        whole, ratio = "stopped" not in theirs, f"{sum(seconds.values()) / ours['cpu']:.0f}"
        peaks = [theirs[f"{step}Peak"] / 1024 for step in sorted(measured)]
        rows.append(
            (
                n,
                words[ranges],
                f"{theirs['rows']:,}",
                " + ".join(steps) + " s",
                f"{ours['cpu']:.1f} s",
                ratio if whole else f"({ratio})",
                f"{max(peaks):.1f} GiB" if whole else theirs["stopped"],
                f"{ours['peak'] / 1024:.2f} GiB",
                f"{theirs['proofBytes'] / 1e3:.1f} kB" if whole else "",
                f"{ours['proofBytes'] / 1e3:.1f} kB",
                f"{theirs['verifyCpu']:.2f} s" if whole else "",
                f"{ours['verifyCpu']:.2f} s",
            )
        )
    head = (
        "n",
        "EZKL",
        "rows of its circuit",
        "EZKL: set-up + proof",
        "huref: all",
        "ratio",
        "EZKL: memory",
        "huref: memory",
        "EZKL: proof",
        "huref: proof",
        "EZKL: verify",
        "huref: verify",
    )
    return table(head, rows)


def wrapped(page: str) -> str:
    """The page with its prose at the width of all Markdown; tables, pictures and formulas as they are."""
    parts = (part.strip("\n") for part in page.split("\n\n"))
    fill = textwrap.TextWrapper(120, break_long_words=False, break_on_hyphens=False).fill
    return "\n\n".join(part if part.startswith(("|", "#", "!", "    ")) else fill(part) for part in parts) + "\n"


def renew(heading: str, section: str) -> None:
    """Put another text below that heading of the page."""
    page = DOCS / "performance.md"
    before, _, rest = page.read_text().partition(f"{heading}\n")
    after = rest[rest.index("\n## ") :]
    page.write_text(f"{before}{heading}\n\n{wrapped(section)}{after}")


def write(
    result: dict[str, Any], core: dict[str, Any], peers: dict[str, Any], published: Sequence[dict[str, str]]
) -> None:
    """The page and its plots."""
    (DOCS / "performance").mkdir(exist_ok=True)
    for name, content in plots(result).items():
        (DOCS / name).write_text(content)
    models, machine = result["models"], result["machine"]
    growing = [work(m) for m in models if 0.9e7 < m["integers"] < 3.5e8]
    names = {name: value for part in core["parts"].values() for name, value in part["beside"].items()}
    stages = {name: value for part in core["parts"].values() for name, value in part["stages"].items()}
    least, batch, two = floor(result["core"]), result["batch"], result["cores"]
    second = next(m["second"] for m in models if "second" in m)
    page = Template(TEMPLATE.read_text()).substitute(
        machine | {"load": f"{machine['load']:.1f}"},
        bars=table(
            ("", "bar", "aim", "measured", "reached"),
            [(b["what"], *b["words"]) for b in result["bars"]],
        ),
        models=model_rows(models),
        verify_start=f"{min(m['verify']['seconds'] - m['verify']['one'] for m in models):.1f}",
        cheapest=f"{min(growing):.0f}",
        dearest=f"{max(growing):.0f}",
        cheapest_layer=f"{min(map(cost, result['layers'])):.0f}",
        dearest_layer=f"{max(map(cost, result['layers'])):.0f}",
        linear=f"{100 * linearity(result['layers']):.0f}",
        layers=table(
            ("layers", "integers", "commit", "an integer", "peak memory"),
            [
                (
                    *(m["layers"], f"{m['integers'] / 1e6:.0f} M", f"{m['seconds']:.1f} s", f"{cost(m):.0f} ns"),
                    f"{m['peak']:.0f} MiB",
                )
                for m in result["layers"]
            ],
        ),
        additions=ADDITIONS,
        multiplications=MULTIPLICATIONS,
        multiplication=f"{result['core']['beside']['multiplication'][0]:.1f}",
        floor_one=f"{least:.0f}",
        floor=f"{least / machine['cores']:.0f}",
        one_core=f"{two['one']:.1f}",
        two_cores=f"{two['two']:.1f}",
        times_cores=f"{two['one'] / two['two']:.2f}",
        batch_one=f"{batch['one']:.1f}",
        batch_hundred=f"{batch['hundred']:.1f}",
        portrait=f"{batch['portrait']:.2f}",
        times_batch=f"{batch['hundred'] / batch['one']:.0f}",
        core=table(
            ("", "huref", "arkworks", "ratio"),
            [(name, f"{a:g} ns", f"{b:g} ns", f"{b / a:.1f}") for name, (a, b) in names.items()],
        ),
        rows=rows(result["core"]["rows"] + [row for part in core["parts"].values() for row in part["rows"]]),
        stages=", ".join(f"{name} {seconds:.2f} s" for name, seconds in stages.items() if not name.startswith("(")),
        core_peak=f"{max(part['peak'] for part in core['parts'].values()):.0f}",
        second=f"{second['seconds']:.1f}",
        second_peak=f"{second['peak']:.0f}",
        browser=browser.section(load(browser.RESULTS)),
        registry=registry.section(load(registry.RESULTS)),
        search=search.section(load(search.RESULTS)),
        gpu=gpu.section(load(gpu.RESULTS) if gpu.RESULTS.exists() else None),
        whole=whole.section(load(whole.RESULTS) if whole.RESULTS.exists() else None),
        ezkl_version=peers["ezkl"],
        ezkl_command=peers["command"],
        ezkl_date=next(iter(peers["cases"].values()))["machine"]["date"],
        ezkl=ezkl(peers),
        published=table(
            ("system", "what it proves", "hardware", "figures", "source"),
            [(p["system"], p["statement"], p["hardware"], p["figures"], p["source"]) for p in published],
        ),
    )
    (DOCS / "performance.md").write_text(wrapped(page))
    sys.stdout.write(f"{DOCS / 'performance.md'}, peak of the whole job {max(map(peak, models)) / 1024:.1f} GiB\n")


if __name__ == "__main__":
    write(load(measure.RESULTS / "bench.json"), load(measure.RESULTS / "core.json"), load(PEERS), load(PUBLISHED))
