"""Writes the pages and schemas that follow from the code; `--check` only says whether they are up to date."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from huref.artefacts.report import json_schema
from huref.errors import TABLE
from huref.serve.app import create_app

ROOT = Path(__file__).parent.parent


def errors() -> str:
    """docs/reference/errors.md."""
    rows = "\n".join(
        f"| `{row.name}` | {int(row.exit)} | {row.http} | {row.title}. | {row.remedy} |" for row in TABLE.values()
    )
    return f"""# Errors

Every error has one stable code. The command line turns it into an exit status, the service into an HTTP status and a
problem of RFC 9457 whose `type` is `https://huref.example/errors/` followed by the code. Exit status 0 means verified,
or done; 2 also stands for wrong arguments.

| code | exit | HTTP | what happened | what to do |
|---|---|---|---|---|
{rows}

(`python scripts/reference.py` writes this page from `huref.errors`.)
"""


def pages() -> dict[Path, str]:
    """Every generated file: path, contents."""
    return {
        ROOT / "docs/reference/errors.md": errors(),
        ROOT / "docs/reference/openapi.json": json.dumps(create_app().openapi(), indent=2) + "\n",
        ROOT / "proofs/schemas/report.v1.json": json.dumps(json_schema(), indent=2) + "\n",
    }


def main() -> int:
    """Exit status 1 if `--check` finds a difference."""
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        sys.stdout.write(f"{path.relative_to(ROOT)}: {'out of date' if '--check' in sys.argv else 'written'}\n")
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(pages()[path], "utf-8")
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
