"""action.yml and the examples of release pipelines: their own commands, run on an example release.

The release passes; where a byte of it changes it is refused, and nothing is left that could be mistaken for success.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from huref import _native
from huref.artefacts import bundle as bundle_files
from huref.artefacts import commitment as commitment_files
from huref.artefacts import timestamps
from huref.artefacts.timestamps import Timestamps
from huref.attest import envelope, keys, statement
from huref.attest.signing import sign
from tests.support import bundles
from tests.support.authority import Authority

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
GITLAB = yaml.safe_load((ROOT / "examples/release/gitlab.yml").read_text())["check-release"]
FILES = {"config.json": b"{}", "model.safetensors": b"weights"}
BUNDLE = replace(
    bundles.robust(),
    claims=replace(bundles.CLAIMS, files={name: hashlib.sha256(data).hexdigest() for name, data in FILES.items()}),
)
GITHUB = yaml.safe_load((ROOT / "examples/release/github.yml").read_text())


@dataclass(frozen=True)
class Release:
    """A repository with a release, as the examples lay it out; `programs`: where `huref` is."""

    folder: Path
    programs: Path

    def run(self, script: str, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        path = f"{self.programs}:{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=self.folder,
            env={"PATH": path, "PYTHONPATH": os.environ.get("PYTHONPATH", ""), **variables},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def check(self) -> tuple[int, dict[str, str], str]:
        """The step of action.yml, as a runner runs it: exit code, outputs, summary."""
        given = GITHUB["jobs"]["check"]["steps"][-1]["with"]
        values = {name: given.get(name, field.get("default")) for name, field in ACTION["inputs"].items()}
        step = STEPS["Check"]
        variables = {
            name: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda found: values[found[1]], value)
            for name, value in step["env"].items()
        }
        runner = {
            "RUNNER_TEMP": str(self.folder),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "GITHUB_OUTPUT": str(self.folder / "outputs"),
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_REPOSITORY": "owner/model",
            "GITHUB_SHA": "ab" * 20,
        }
        ran = self.run(step["run"], variables | runner)
        outputs = (self.folder / "outputs").read_text().splitlines()
        return ran.returncode, dict(line.split("=") for line in outputs), (self.folder / "summary").read_text()


@pytest.fixture
def release(tmp_path: Path) -> Release:
    for name in ("release", "model", "huref/bin"):
        (tmp_path / name).mkdir(parents=True)
    for name, data in FILES.items():
        (tmp_path / "model" / name).write_bytes(data)
    program = tmp_path / "huref" / "bin" / "huref"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m huref "$@"\n')
    program.chmod(0o755)
    key = keys.fresh("p256")
    made = sign(BUNDLE, key, tmp_path / "model")
    (tmp_path / "release" / "model.huref.json").write_bytes(bundle_files.dump(BUNDLE))
    (tmp_path / "release" / "model.sigstore.json").write_bytes(envelope.dump(made))
    (tmp_path / "release" / "release.pem.pub").write_bytes(key.public.pem)
    assert BUNDLE.image is not None
    (tmp_path / "release" / "portrait.png").write_bytes(BUNDLE.image.png)
    rules = (ROOT / "examples/release/policy.toml").read_text()
    (tmp_path / "release" / "policy.toml").write_text(rules.replace("p256:" + "0" * 64, key.public.name))
    return Release(tmp_path, program.parent)


def test_a_release_passes(release: Release) -> None:
    code, outputs, summary = release.check()
    left = release.folder / "huref-release"
    assert (code, outputs) == (0, {"verified": "true"})
    assert summary.startswith("## Model release: Verified")
    assert f"![Portrait](https://github.example/owner/model/raw/{'ab' * 20}/release/portrait.png)\n" in summary
    assert "signed by" in summary
    assert "given image" in summary
    assert json.loads((left / "receipt.json").read_bytes())["predicate"]["properties"][-1] == "HUREF_PUBLISHER_VERIFIED"
    assert json.loads((left / "predicate.json").read_bytes()) == statement.predicate(BUNDLE)
    signed = statement.parse(envelope.read(left / "model.sigstore.json").payload, "attestation").subjects
    lines = (left / "subjects.sha256").read_text().splitlines()
    assert {name: digest for digest, name in (line.split("  ") for line in lines)} == signed
    assert {path.name for path in left.iterdir()} == {
        *("model.huref.json", "model.sigstore.json", "report.txt", "receipt.json"),
        *("predicate.json", "subjects.sha256", "portrait.png", "badge.svg", "card.md"),
    }


@pytest.mark.parametrize(
    ("name", "before", "code"),
    [
        ("model/model.safetensors", b"", 1),
        ("model/config.json", b"", 1),
        ("release/model.huref.json", b'"proof": "', 1),
        ("release/model.sigstore.json", b'"sig":"', 1),
        ("release/portrait.png", b"IDAT", 3),
        ("release/policy.toml", b"p256:", 5),
    ],
)
def test_a_byte_changes(release: Release, name: str, before: bytes, code: int) -> None:
    path = release.folder / name
    data = bytearray(path.read_bytes())
    at = data.index(before) + len(before)
    data[at] = ord("b" if data[at] == ord("a") else "a")  # still of the alphabet of its field
    path.write_bytes(data)
    found, outputs, summary = release.check()
    assert (found, outputs) == (code, {"verified": "false"})
    assert summary.startswith(f"## Model release: Refused (exit code {code})")
    assert "![" not in summary
    left = {path.name for path in (release.folder / "huref-release").iterdir()}
    assert left == {"model.huref.json", "model.sigstore.json", "report.txt"}


def test_a_date_and_a_signer_that_nobody_named(release: Release) -> None:
    authority = Authority("One")
    data = (release.folder / "release" / "model.huref.json").read_bytes()
    stamped = timestamps.dump(Timestamps(hashlib.sha256(data).hexdigest(), (authority.stamp(data),)))
    (release.folder / "timestamps").write_bytes(stamped)
    (release.folder / "authorities.pem").write_bytes(authority.pem)
    given = {"ATTESTATION": "release/model.sigstore.json", "BUNDLE": "release/model.huref.json", "FILES": "model"}
    given |= {"TIMESTAMP": "timestamps", "AUTHORITIES": "authorities.pem"}
    script = str(ROOT / "scripts/check-release")
    ran = release.run(script, given | {"KEY": "release/release.pem.pub", "OUT": "dated"})
    assert (ran.returncode, "the bundle existed by" in ran.stdout) == (0, True)
    assert release.run(script, given | {"OUT": "nobody"}).returncode == 2
    other = {"IDENTITY": "a@example.org", "ISSUER": "https://issuer.example", "OUT": "identity"}
    assert release.run(script, given | other).returncode == 1


def test_what_is_missing_or_in_the_way(release: Release) -> None:
    script = str(ROOT / "scripts/check-release")
    ran = release.run(script, {"BUNDLE": "release/model.huref.json"})
    assert (ran.returncode, ran.stderr) == (2, "check-release: ATTESTATION is not set\n")
    (release.folder / "huref-release").mkdir()
    given = {
        "BUNDLE": "release/model.huref.json",
        "ATTESTATION": "release/model.sigstore.json",
        "KEY": "release/release.pem.pub",
        "FILES": "model",
    }
    assert release.run(script, given | {"OUT": "huref-release"}).returncode == 6
    assert release.run(script, given | {"OUT": "other", "BUNDLE": "none"}).returncode == 4


def test_a_bundle_that_names_its_commitment_and_the_default_policy(release: Release) -> None:
    (release.folder / "commitment").write_bytes(commitment_files.dump(BUNDLE.statement.commitment))
    given = {"ATTESTATION": "release/model.sigstore.json", "KEY": "release/release.pem.pub", "FILES": "model"}
    given |= {"BUNDLE": "release/model.huref.json", "OUT": "out", "COMMITMENT": "commitment", "POLICY": ""}
    assert release.run(str(ROOT / "scripts/check-release"), given).returncode == 0
    assert (release.folder / "out" / "commitment.json").exists()


def test_the_pipeline_of_gitlab(release: Release) -> None:
    ran = release.run("\n".join(GITLAB["script"]), {})
    assert ran.returncode == 0, ran.stderr
    left = {path.name for path in (release.folder / "out").iterdir()}
    assert left == {"receipt.json", "card.md", "portrait.png", "badge.svg", "model.cdx.json"}
    (release.folder / "out").rename(release.folder / "before")
    (release.folder / "model" / "config.json").write_text("[]")
    assert release.run("\n".join(GITLAB["script"]), {}).returncode == 1


def test_the_predicate_is_ours_and_the_release_is_this_one() -> None:
    assert STEPS["Attest"]["with"]["predicate-type"] == statement.PREDICATE
    wanted = f"'huref[attest]=={_native.RELEASE}'"
    assert wanted in STEPS["Install"]["run"]
    assert wanted in GITLAB["before_script"][0]


def test_inputs_reach_scripts_as_variables_alone() -> None:
    """An expression inside a script would be code."""
    assert all("${{" not in step.get("run", "") for step in STEPS.values())
    used: Any = {name for step in STEPS.values() for name in re.findall(r"inputs\.(\w+)", json.dumps(step))}
    assert used == set(ACTION["inputs"])
    assert set(GITHUB["jobs"]["check"]["steps"][-1]["with"]) <= set(ACTION["inputs"])
