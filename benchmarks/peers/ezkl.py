"""EZKL on the pooled statement beside huref on the same matrices: python -m benchmarks.peers.ezkl [N:RANGES ...]

EZKL lives in an environment of its own, build/peers/ezkl (`make bench-peers` makes it), and is a dependency of nothing.
Every step of either is a process of its own, of which processor time (all threads) and peak memory are taken, so that
the machine may be shared. Results go to benchmarks/peers/results.json after every case, which the report reads.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from .. import measure

PYTHON = measure.ROOT / "build" / "peers" / "ezkl" / "bin" / "python"
RESULTS = Path(__file__).with_name("results.json")
CASES = ("64:unchecked", "64:checked", "128:unchecked", "256:unchecked", "128:checked", "256:checked")
#: A case that is expected to take more than this many rows is only counted, not run: 15 minutes of processor time.
MOST_ROWS = 1_000_000


def ours(folder: Path) -> dict[str, object]:
    """The bundle of that layer: from the files to the proof, and its verification."""
    prove = measure.huref("prove", folder / "model", "--layers", "0", "-o", folder / "bundle")
    verify = measure.huref("verify", folder / "bundle")
    return {
        "cpu": prove.cpu,
        "seconds": prove.seconds,
        "peak": prove.peak,
        "verifyCpu": verify.cpu,
        "proofBytes": prove.document["sizes"]["proof"],
        "commitmentBytes": prove.document["sizes"]["commitment"],
    }


def theirs(folder: Path, ranges: str) -> dict[str, object]:
    """Set-up, proof and verification by EZKL; what stopped it, if something did."""

    def step(name: str) -> measure.Run:
        # -P: beside that file, this one would stand in the way of the package ezkl
        return measure.run([PYTHON, "-P", Path(__file__).with_name("ezkl_steps.py"), name, folder, ranges])

    counted = step("settle")
    if counted.code:
        sys.exit(f"EZKL cannot count the rows of {folder}:\n{counted.errors}")
    rows = counted.document["rows"]
    if rows > MOST_ROWS:
        return {"rows": rows, "stopped": "not run: more rows than fit into memory and 15 minutes"}
    step("reference")
    result: dict[str, object] = {"rows": rows}
    for name in ("setup", "prove", "verify"):
        done = step(name)
        if done.code:
            said = (done.errors or done.output).strip().splitlines()
            why = "killed" if done.code < 0 else said[-1] if said else f"exit code {done.code}"
            stopped = f"{name} stopped at {done.peak / 1024:.1f} GiB, {done.cpu:.0f} s: {why}"
            return result | {"stopped": stopped}
        result |= {f"{name}Cpu": done.cpu, f"{name}Seconds": done.seconds, f"{name}Peak": done.peak} | done.document
    return result


def main() -> None:
    """Measure the cases, and keep those of earlier calls that are not measured again."""
    cases = sys.argv[1:] or CASES
    version = measure.run([PYTHON, "-c", "from importlib.metadata import version; print(version('ezkl'))"])
    for case in cases:
        n, ranges = case.split(":")
        with tempfile.TemporaryDirectory(prefix="huref-peers-") as name:
            folder = Path(name)
            subprocess.run([sys.executable, "-m", "benchmarks.peers.pooled", n, name], check=True, cwd=measure.ROOT)
            found = {"huref": ours(folder), "ezkl": theirs(folder, ranges), "machine": measure.machine()}
        print(case, json.dumps(found, indent=1), flush=True)
        known = json.loads(RESULTS.read_text())["cases"] if RESULTS.exists() else {}
        measure.save(
            RESULTS, {"ezkl": version.output.strip(), "command": "make bench-peers", "cases": known | {case: found}}
        )


if __name__ == "__main__":
    main()
