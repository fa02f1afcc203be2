"""Every bundle of a released format still gets the verdict that it had, by both verifiers, and is the same file."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from huref.artefacts.kinds import BUNDLE, DRIFT, NEARNESS
from tests.support.cli import process

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "proofs" / "vectors" / "bundles"
FORMATS = sorted(path for path in FOLDER.iterdir() if path.is_dir())


def kept(folder: Path) -> Any:
    return json.loads((folder / "kept.json").read_text())


RUNS = [(folder, run["arguments"], run["exit"]) for folder in FORMATS for run in kept(folder)["runs"]]
#: What is said beside a bundle changes nothing for the reference verifier, which takes seconds: it has each file once.
ONCE = list({folder / words[0]: (folder, words, code) for folder, words, code in reversed(RUNS)}.values())
CHOSEN = [("rust", *run) for run in RUNS] + [("python", *run) for run in ONCE]


def test_the_format_of_today_is_kept() -> None:
    today = {f"v{BUNDLE.version}", f"nearness-v{NEARNESS.version}", f"drift-v{DRIFT.version}"}
    assert today <= {folder.name for folder in FORMATS}
    assert all(any(code == 0 for folder, _, code in RUNS if folder == kept) for kept in FORMATS)


@pytest.mark.parametrize("folder", FORMATS, ids=lambda folder: folder.name)
def test_no_file_was_changed(folder: Path) -> None:
    found = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "kept.json"
    }
    assert found == kept(folder)["files"]


@pytest.mark.parametrize(
    ("verifier", "folder", "arguments", "code"),
    CHOSEN,
    ids=[f"{verifier}-{folder.name}-{'-'.join(words)}" for verifier, folder, words, _ in CHOSEN],
)
def test_verdicts(verifier: str, folder: Path, arguments: list[str], code: int) -> None:
    words = [str(folder / word) if (folder / word).exists() else word for word in arguments]
    ran = process("verify", *words, "--verifier", verifier, "--json")
    assert ran.code == code, ran
    if code == 0:
        assert ran.json["bundle"]["sha256"] == kept(folder)["digests"][arguments[0]]
