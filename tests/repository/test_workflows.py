"""Workflows and action: actions pinned by commit, least permissions, no finding of zizmor, files that exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
AUDITED = [".github", "action.yml", "examples/release/github.yml"]
#: What a job may write, by its name: the rest reads at most.
WRITES = {
    "provenance": {"id-token", "attestations"},
    "demo": {"id-token", "attestations"},
    "publish": {"id-token"},
    "page": {"contents"},
    "check": {"id-token", "attestations"},
}


def jobs(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text())["jobs"]
    return found


def test_there_are_three() -> None:
    assert [path.stem for path in WORKFLOWS] == ["ci", "nightly", "release"]


@pytest.mark.parametrize("path", [*WORKFLOWS, ROOT / "action.yml", ROOT / "examples/release/github.yml"], ids=str)
def test_actions_are_pinned_by_commit(path: Path) -> None:
    """One commit for each action, with its version beside it for people and bots."""
    lines = [line for line in path.read_text().splitlines() if re.match(r"\s*(- )?uses:", line)]
    for line in lines:
        assert re.search(r"uses: [\w.-]+/[\w.-]+@[0-9a-f]{40}( # v\d+\.\d+\.\d+)?$", line), line
        assert " # v" in line or "OWNER/huref" in line, line


def test_an_action_has_the_same_commit_everywhere() -> None:
    text = "\n".join(
        path.read_text() for path in [*WORKFLOWS, ROOT / "action.yml", ROOT / "examples/release/github.yml"]
    )
    pins = set(re.findall(r"uses: ([\w./-]+)@(\w+)", text))
    assert len({action for action, _ in pins}) == len(pins)


@pytest.mark.parametrize("path", [*WORKFLOWS, ROOT / "examples/release/github.yml"], ids=lambda path: path.stem)
def test_permissions(path: Path) -> None:
    assert yaml.safe_load(path.read_text())["permissions"] == {}
    for name, job in jobs(path).items():
        written = {what for what, how in job["permissions"].items() if how == "write"}
        assert written == WRITES.get(name, set()), name


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_what_they_run_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for job in jobs(path).values():
        for step in job["steps"]:
            words = step.get("run", "")
            assert all(
                (ROOT / name).exists() for name in re.findall(r"\b(?:scripts|docker|proofs|examples)/[\w./-]+", words)
            )
            assert set(re.findall(r"\bmake ([a-z-]+)", words)) <= targets


def test_every_job_counts() -> None:
    """The one check that a merge requires waits for every job that ends a chain."""
    found = jobs(ROOT / ".github/workflows/ci.yml")
    needed = {name for job in found.values() for name in job.get("needs", ())}
    assert needed == found.keys() - {"all-green"}
    gate = found["all-green"]
    assert gate["if"] == "always()"
    assert gate["steps"][0]["run"].count("success") == len(gate["needs"])


def test_zizmor_finds_nothing() -> None:
    command = [str(Path(sys.executable).parent / "zizmor"), "--offline", "--persona=auditor", *AUDITED]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
    assert "No findings" in ran.stdout


def test_zizmor_finds_what_is_wrong(tmp_path: Path) -> None:
    bad = (ROOT / ".github/workflows/ci.yml").read_text().replace("permissions: {}\nconcurrency", "concurrency")
    (tmp_path / "bad.yml").write_text(bad.replace("@3d3c42e5aac5ba805825da76410c181273ba90b1", "@v7"))
    command = [str(Path(sys.executable).parent / "zizmor"), "--offline", "bad.yml"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode > 10
    assert "unpinned-uses" in ran.stdout
