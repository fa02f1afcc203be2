"""`huref verify` with several bundles: a line for each, one document, the worst exit code."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from huref.artefacts import bundle
from huref.errors import Exit
from tests.support.bundles import robust, toy
from tests.support.cli import Here, assert_sentence, process

REPORT = Draft202012Validator(json.loads(Path("proofs/schemas/report.v1.json").read_text("utf-8")))


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Bundles by what becomes of them under the policy of toys."""
    proof = toy().proof
    bundles = {
        "good": toy(1),
        "better": toy(2),
        "false": replace(toy(), proof=proof[:-1] + bytes([proof[-1] ^ 1])),
        "forbidden": robust(),
    }
    paths = {name: tmp_path / f"{name}.huref.json" for name in (*bundles, "cut", "none")}
    for name, made in bundles.items():
        paths[name].write_bytes(bundle.dump(made))
    paths["cut"].write_bytes(paths["good"].read_bytes()[:-9])
    return paths


def test_exit_codes(huref: Here, files: dict[str, Path], toys: Path) -> None:
    for names, code in (
        ("good better", Exit.OK),
        ("good good good", Exit.OK),
        ("good none", Exit.NOT_FOUND),
        ("none cut good", Exit.MALFORMED),
        ("cut forbidden none", Exit.POLICY),
        ("good none cut forbidden false better", Exit.REJECTED),
    ):
        paths = [files[name] for name in names.split()]
        assert huref("verify", *paths, "--policy", toys).code == code, names


def test_a_line_for_each(huref: Here, files: dict[str, Path], toys: Path) -> None:
    ran = huref("verify", files["good"], files["false"], files["none"], files["better"], "--policy", toys)
    head, *lines, last = ran.out.splitlines()
    assert head.split()[:2] == ["Bundle", "Verdict"]
    assert [line.split()[:2] for line in lines] == [
        [str(files["good"]), "verified"],
        [str(files["false"]), "proof-rejected"],
        [str(files["none"]), "not-found"],
        [str(files["better"]), "verified"],
    ]
    assert (toy().statement.vector_digest or "")[:16] in lines[0]
    assert "check failed: opening" in lines[1]
    assert last.startswith("2 of 4 bundles verified in ")


def test_one_document(huref: Here, files: dict[str, Path], toys: Path) -> None:
    paths = [files[name] for name in ("good", "false", "cut")]
    ran = huref("verify", *paths, "--policy", toys, "--json")
    assert ran.code == Exit.REJECTED
    assert (ran.json["ok"], ran.json["verified"]) == (False, 1)
    good, false, cut = ran.json["bundles"]
    assert [entry["name"] for entry in (good, false, cut)] == list(map(str, paths))
    assert [entry["code"] for entry in (good, false, cut)] == ["verified", "proof-rejected", "malformed-bundle"]
    for entry, path in ((good, paths[0]), (false, paths[1])):
        REPORT.validate(entry["report"])
        single = huref("verify", path, "--policy", toys, "--json").json
        assert {**entry["report"], "verifier": {}} == {**single, "verifier": {}}
    assert (cut["ok"], set(cut)) == (False, {"name", "ok", "code", "detail"})
    assert str(paths[2]) in cut["detail"]


def test_quiet(huref: Here, files: dict[str, Path], toys: Path) -> None:
    ran = huref("verify", files["good"], files["better"], "--policy", toys, "--format", "quiet")
    assert (ran.code, ran.out, ran.err) == (Exit.OK, "", "")
    paths = [files["good"], files["false"], files["better"]]
    assert_sentence(huref("verify", *paths, "--policy", toys, "--format", "quiet"), 1, str(paths[1]), "opening")


def test_options_about_one_bundle(huref: Here, files: dict[str, Path], tmp_path: Path) -> None:
    two = (files["good"], files["better"])
    for options in (("--weights", tmp_path), ("--weights", tmp_path, "--opening", "secret"), ("--image", "p.png")):
        assert_sentence(huref("verify", *two, *options), 2, options[0], "about one bundle")
    assert_sentence(huref("verify"), 2, "missing: BUNDLE")


def test_other_verifiers_and_stdin(files: dict[str, Path], toys: Path) -> None:
    given = files["better"].read_bytes()
    for verifier in ("python", "both"):
        options = ("--policy", toys, "--verifier", verifier, "--json")
        ran = process("verify", files["good"], "-", files["false"], *options, stdin=given)
        assert ran.code == Exit.REJECTED, ran
        assert [entry["ok"] for entry in ran.json["bundles"]] == [True, True, False]
        assert ran.json["bundles"][1]["name"] == "-"
