"""Commits to all layers of a model by the Ray cluster at an address, from one of its hosts.

    python -m tests.hosts.driver MODEL ADDRESS FOLDER PATIENCE STILL

Writes FOLDER/commitment and FOLDER/opening; FOLDER/work keeps the sums, as it would if the commitment had been
interrupted behind the last one. PATIENCE and STILL replace those of the engine. Prints seconds.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from huref.artefacts import commitment as commitments
from huref.artefacts import opening as openings
from huref.errors import HurefError
from huref.model import open_model
from huref.profile import named
from huref.stages.commit import commit, ray
from huref.stages.quantise import Source, choose
from huref.stages.tokens import select


def source_of(folder: Path) -> Source:
    """All layers of a model, under the toy's rules."""
    model, rules = open_model(folder), named("toy-2")
    return choose(model, select(model, rules), model.working_layers(), rules)


def main() -> None:
    """Exit status 1, and the sentence, for a failure that has one."""
    model, address, folder = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    ray.PATIENCE, ray.STILL = float(sys.argv[4]), float(sys.argv[5])
    start = time.monotonic()
    try:
        made, opening = commit(source_of(model), engine="ray", address=address, work=folder / "work")
    except HurefError as why:
        sys.exit(str(why))
    openings.write(folder / "opening", opening)
    commitments.write(folder / "commitment", made)
    print(f"{time.monotonic() - start:.2f}")  # noqa: T201


if __name__ == "__main__":
    main()
