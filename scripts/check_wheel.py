"""Installs a wheel as users do, and has it verify every bundle that is kept: python scripts/check_wheel.py WHEEL

Runs on every platform and Python that a release is for, with nothing but the standard library. Packages come from the
index that pip uses. Prints how many packages the verifier is and how large.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

KEPT = Path(__file__).parents[1] / "proofs" / "vectors" / "bundles"


def main(wheel: str) -> int:
    """Exit status 1 if a bundle gets another verdict than it must."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        programs = Path(folder) / ("Scripts" if os.name == "nt" else "bin")
        pip = [str(programs / "python"), "-m", "pip", "--disable-pip-version-check", "install", "-q"]
        binary = ["--only-binary", ":all:"]  # no compiler is asked for
        before = set(Path(folder).rglob("*"))
        subprocess.run([*pip, *binary, wheel], check=True)
        report(set(Path(folder).rglob("*")) - before)
        wrong = runs(programs / "huref", attested=False)
        subprocess.run([*pip, *binary, f"{wheel}[attest]"], check=True)
        report(set(Path(folder).rglob("*")) - before)
        return int(wrong + runs(programs / "huref", attested=True) > 0)


def report(came: set[Path]) -> None:
    """Print what the wheel brought: pip was there before."""
    packages = sum(path.suffix == ".dist-info" for path in came)
    size = sum(path.stat().st_size for path in came if path.is_file())
    print(f"{packages} packages, {size / 1e6:.0f} MB, on Python {sys.version.split()[0]}", flush=True)


def runs(huref: Path, *, attested: bool) -> int:
    """How many of the kept command lines, with an attestation or without, end with another exit code than they must."""
    wrong = 0
    for kept in sorted(KEPT.glob("*/kept.json")):
        for run in json.loads(kept.read_text("utf-8"))["runs"]:
            if ("--attestation" in run["arguments"]) == attested:
                command = [str(huref), "verify", *run["arguments"]]
                found = subprocess.run(command, cwd=kept.parent, capture_output=True, check=False)
                wrong += found.returncode != run["exit"]
                verdict = "as it must" if found.returncode == run["exit"] else f"NOT {run['exit']}: {found.stderr!r}"
                print(f"huref verify {' '.join(run['arguments'])}: exit {found.returncode}, {verdict}", flush=True)
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
