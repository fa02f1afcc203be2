"""Writes every page, schema and figure that follows from the code alone; --check only says what is out of date.

    python -m scripts.docs [--check]

What is measured has its own writers: benchmarks/report.py, lab/lineage, lab/encoder. `make docs` runs them all.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from huref.serve.app import create_app

from . import cli, errors, families, invariant_terms, portraits, schemas

ROOT = Path(__file__).parents[2]
PORTRAITS = ROOT / "docs/portraits.png"


def pages() -> dict[Path, str]:
    """Every generated text: path, contents."""
    return {
        ROOT / "docs/reference/cli.md": cli.page(),
        ROOT / "docs/reference/errors.md": errors.page(),
        ROOT / "docs/reference/models.md": families.page((ROOT / "docs/reference/models.md").read_text("utf-8")),
        ROOT / "docs/reference/openapi.json": _json(create_app().openapi()),
        ROOT / "docs/explanation/invariant-terms.svg": invariant_terms.figure(),
        **{
            ROOT / "proofs/schemas" / schemas.file(document): _json(schemas.json_schema(document))
            for document in schemas.DOCUMENTS
        },
    }


def _json(document: object) -> str:
    return json.dumps(document, indent=2) + "\n"


def main() -> int:
    """Exit status 1 if `--check` finds a difference."""
    check = sys.argv[1:] == ["--check"]
    stale = {path: text for path, text in pages().items() if not path.exists() or path.read_text("utf-8") != text}
    for path, text in stale.items():
        print(f"{path.relative_to(ROOT)}: {'out of date; run make docs' if check else 'written'}")
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
    if not check:
        PORTRAITS.write_bytes(portraits.sheet())
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
