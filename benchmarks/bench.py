"""Time and memory of the whole road, each verb in a process of its own: python -m benchmarks.bench

Shapes from 10^6 to 4 10^8 integers (benchmarks/shapes.py; the largest is 1 GB of weights in the temporary folder). The
models are drawn, not trained, and have two layers; the work is that of the real ones: the profile takes two. The
yardsticks, arkworks' field and sums of multiples, are measured in the same run. Prints what huref has to reach and
whether it does, and writes everything to build/bench/bench.json.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from . import core, measure, shapes
from .bars import bars, work
from .peers.ezkl import RESULTS as PEERS

#: The shape whose commitment is made again on one core, the one of which there are bundles for a batch, the one that
#: gets more layers, the one for the second verifier, and the one of which two are compared.
CORES, BATCH, LAYERS, SECOND, COMPARED = "llama-1b", "minilm", "medium", "llama-7b", "small"
BUNDLES, DEPTHS, ALL = 4, (1, 2, 4, 8, 16, 24), 32


def taken(run: measure.Run) -> dict[str, Any]:
    """What a run took, and what it says about its stages."""
    found = {"seconds": run.seconds, "cpu": run.cpu, "peak": run.peak}
    return found | {"stages": run.document["seconds"]} if "seconds" in run.document else found


def verification(*bundles: Path) -> list[float]:
    """Seconds of the verifier alone for each bundle, on one core, measured in turns."""
    with measure.one_core():
        return list(measure.module("benchmarks.verification", *bundles).document["seconds"])


def draw(name: str, model: Path, *options: int) -> None:
    """Write a model, in a process of its own: this one has to stay small (measure.run)."""
    subprocess.run([sys.executable, "-m", "benchmarks.shapes", name, str(model), *map(str, options)], check=True)


def road(name: str, folder: Path) -> dict[str, Any]:
    """Plan, commit, prove and verify one shape; what each took."""
    model, commitment, opening, bundle = (folder / part for part in (name, "commitment", "opening", "bundle"))
    draw(name, model)
    plan = measure.huref("plan", model)
    commit = measure.huref("commit", model, "-o", commitment, "--opening", opening)
    prove = measure.huref("prove", model, "-o", bundle, "--opening", opening)
    verify = measure.huref("verify", bundle)
    found = {
        "name": name,
        "integers": commit.document["integers"],
        "sizes": prove.document["sizes"],
        "plan": taken(plan),
        "commit": taken(commit),
        "prove": taken(prove),
        "verify": taken(verify) | {"one": verification(bundle)[0]},
    }
    if name == SECOND:
        found["second"] = taken(measure.huref("verify", bundle, "--verifier", "python"))
        found["ways"] = ways(model, commitment, opening, folder)
    return found


def ways(model: Path, commitment: Path, opening: Path, folder: Path) -> dict[str, Any]:
    """`prove` after `commit`, with the rows of the commitment: common vectors alone; common and own vectors."""
    rows = ("--commitment", commitment)
    options, found = {"common": ("--no-own", *rows), "both": rows}, {}
    for word, given in options.items():
        run = measure.huref("prove", model, "-o", folder / word, "--opening", opening, *given)
        found[word] = taken(run) | {"proof": run.document["sizes"]["proof"]}
    for word, seconds in zip(options, verification(*(folder / word for word in options)), strict=True):
        found[word]["one"] = seconds
    return found


def whole(folder: Path) -> dict[str, Any]:
    """`prove` of all layers of a model with as many as LLaMA-7B has, one draw."""
    model, bundle = folder / "model", folder / "bundle"
    draw(LAYERS, model, ALL)
    run = measure.huref("prove", model, "-o", bundle, "--layers", "all", "--no-own", "--no-image")
    return {"layers": ALL, "integers": run.document["integers"], "proof": run.document["sizes"]["proof"]} | taken(run)


def deeper(folder: Path) -> list[dict[str, Any]]:
    """`commit` of models that differ in the number of layers only, all layers taken."""
    found = []
    for depth in DEPTHS:
        model = folder / f"{depth}"
        draw(LAYERS, model, depth)
        files = ("-o", folder / f"{depth}.commitment", "--opening", folder / f"{depth}.secret")
        run = measure.huref("commit", model, *files, "--layers", ",".join(map(str, range(depth))))
        found.append({"layers": depth, "integers": run.document["integers"]} | taken(run))
    return found


def one_and_two(folder: Path) -> dict[str, float]:
    """Seconds of `commit`, from files, on one core and on two; without the start of the program."""
    model = folder / "model"
    draw(CORES, model)
    found = {}
    for cores, word in ((nullcontext, "two"), (measure.one_core, "one")):
        with cores():
            run = measure.huref("commit", model, "-o", folder / word, "--opening", folder / f"{word}.secret")
        found[word] = sum(run.document["seconds"].values())
    return found


def batch(folder: Path) -> dict[str, float]:
    """Seconds of `verify` for one bundle, the median of a few, and for a hundred: these, over and over. Each gets
    randomness of its own, so that the proofs of equal ones save nothing. All are of one model and have one portrait:
    what another one takes, and its picture, is measured beside them.
    """
    model = folder / "model"
    draw(BATCH, model)
    bundles = [folder / f"{number}.huref.json" for number in range(BUNDLES)]
    for bundle in bundles:
        measure.huref("prove", model, "-o", bundle)
    ones = [measure.huref("verify", bundle).seconds for bundle in bundles]
    hundred = measure.huref("verify", *bundles * (100 // BUNDLES))
    portrait = measure.module("benchmarks.portrait").document["seconds"]
    return {"one": statistics.median(ones), "hundred": hundred.seconds, "portrait": portrait}


def compared(folder: Path) -> dict[str, Any]:
    """Seconds of `compare` for two strangers, and what `plan` said: the least and the most."""
    a, b = folder / "a", folder / "b"
    for seed, model in enumerate((a, b)):
        draw(COMPARED, model, 2, seed)
    plan = measure.huref("plan", a, b).document
    return taken(measure.huref("compare", a, b)) | {"planned": (plan["secondsRelated"], plan["secondsUnrelated"])}


def line(model: dict[str, Any]) -> str:
    """One shape, for people."""
    parts = (
        f"{verb} {model[verb]['seconds']:.1f} s, {model[verb]['peak']:.0f} MiB"
        for verb in ("commit", "prove", "verify")
    )
    return f"{model['name']:9} {model['integers']:>12,} integers  {'; '.join(parts)}; {work(model):.0f} ns an integer"


def main() -> None:
    """Measure everything, line by line."""
    result: dict[str, Any] = {"machine": measure.machine(), "models": []}
    print(", ".join(f"{key} {value}" for key, value in result["machine"].items()), "\n", flush=True)
    field, rows = core.run("field", echo=True), core.run("rows", "256", echo=True)
    result["core"] = {"beside": field.beside, "rows": rows.rows}
    for name in shapes.SHAPES:
        with tempfile.TemporaryDirectory(prefix="huref-bench-") as folder:
            result["models"].append(road(name, Path(folder)))
        print(line(result["models"][-1]), flush=True)
    jobs = {"cores": one_and_two, "batch": batch, "layers": deeper, "whole": whole, "compare": compared}
    for key, job in jobs.items():
        with tempfile.TemporaryDirectory(prefix="huref-bench-") as folder:
            result[key] = job(Path(folder))
    found = bars(result, json.loads(PEERS.read_text()) if PEERS.exists() else None)
    result["bars"] = [bar.to_json() for bar in found]
    print()
    shown = [("", "bar", "aim", "measured", "reached"), *(bar.row() for bar in found)]
    widths = [max(len(row[column]) for row in shown) for column in range(len(shown[0]))]
    for row in shown:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))
    print(f"\n{measure.save(measure.RESULTS / 'bench.json', result)}")


if __name__ == "__main__":
    main()
