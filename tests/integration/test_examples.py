"""The short examples run as they stand, on the model of the demo."""

import subprocess
import sys
from pathlib import Path

from huref.artefacts.bundle import parse
from tests.integration.test_minilm import MINILM

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name: str, *arguments: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(EXAMPLES / name), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_prove_then_verify(tmp_path: Path) -> None:
    bundle = tmp_path / "minilm.huref.json"
    proved = run("prove.py", MINILM, bundle)
    assert (proved.returncode, proved.stdout, proved.stderr) == (0, "", "")
    verified = run("verify.py", bundle)
    statement = parse(bundle.read_bytes()).statement
    assert (verified.returncode, verified.stdout) == (0, f"verified {statement.commitment.id}\n"), verified.stderr

    text = bundle.read_text()
    at = text.index('"proof"') + 200
    bundle.write_text(text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :])
    refused = run("verify.py", bundle)
    assert refused.returncode == 1
    assert refused.stdout.startswith("proof-rejected ")
