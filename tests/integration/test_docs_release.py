"""The commands of docs/release.md run, from top to bottom, as they stand there; and in the end a byte changes."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from huref.artefacts import timestamps
from huref.artefacts.timestamps import Timestamps
from huref.attest import keys
from tests.support import models
from tests.support.authority import Authority
from tests.support.cli import Here

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "release.md").read_text("utf-8")


def bash(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def published(huref: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what the page begins with; policy.toml is the one of the page, with the name of the key."""
    monkeypatch.chdir(tmp_path)
    models.network("llama", 1).write(tmp_path / "my-model")
    assert huref("attest", "key", "--type", "ed25519", "-o", "release.pem").code == 0
    name = keys.read_public(Path("release.pem.pub")).name
    opening, signed = ("--opening", "my-model.secret"), ("--key", "release.pem", "--files", "my-model")
    for command in (
        ("commit", "my-model", "-o", "my-model.commitment.json", *opening),
        ("prove", "my-model", *opening, "--owner", name, "-o", "my-model.huref.json"),
        ("attest", "sign", "my-model.huref.json", *signed, "-o", "my-model.sigstore.json"),
    ):
        assert huref(*command).code == 0, command
    authority = Authority("One")
    data = Path("my-model.commitment.json").read_bytes()
    Path("my-model.dates.json").write_bytes(
        timestamps.dump(Timestamps(hashlib.sha256(data).hexdigest(), (authority.stamp(data),)))
    )
    Path("authorities.pem").write_bytes(authority.pem)
    (policy,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    Path("policy.toml").write_text(policy.replace("ed25519:…", name), "utf-8")
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "huref"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m huref "$@"\n')
    program.chmod(0o755)
    (tmp_path / "scripts").symlink_to(ROOT / "scripts")
    return tmp_path


def test_the_page_runs(published: Path) -> None:
    card, verify, check = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for script in (card, verify, check):
        ran = bash(script, published)
        assert ran.returncode == 0, ran
    assert "they knew the weights" in " ".join(ran.stdout.split())
    assert {"card.md", "badge.svg", "portrait.png", "my-model.cdx.json", "receipt.json"} <= {
        path.name for path in published.iterdir()
    }
    weights = published / "my-model" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    assert bash(verify, published).returncode == 1
    assert bash(check.replace("OUT=checked", "OUT=again"), published).returncode == 1
    assert not (published / "again" / "receipt.json").exists()
    weights.unlink()
    assert "was signed and is missing" in " ".join(bash(verify, published).stderr.split())
