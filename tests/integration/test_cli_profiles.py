"""A profile whose encoder is a trained network, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from huref import compare, fingerprint
from huref.artefacts.fingerprint import parse
from huref.errors import IncomparableError, UnsupportedVersionError
from tests.support import models
from tests.support.cli import Here, assert_sentence
from tests.support.schemas import validate

CNN = "robust-2-cnn"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return models.network("llama", 3, hidden=96, ffn=300).write(tmp_path_factory.mktemp("a"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return models.network("llama", 4, hidden=96, ffn=300).write(tmp_path_factory.mktemp("b"))


def test_fingerprints_by_both_encoders(huref: Here, folder: Path, other: Path, tmp_path: Path) -> None:
    paths = {name: tmp_path / f"{name}.json" for name in ("linear", "cnn", "stranger")}
    assert huref("fingerprint", folder, "-o", paths["linear"]).code == 0
    ran = huref("fingerprint", folder, "--profile", CNN, "-o", paths["cnn"], "--image", tmp_path / "x.png")
    assert (ran.code, CNN in ran.out) == (0, True)
    assert huref("fingerprint", other, "--profile", CNN, "-o", paths["stranger"]).code == 0
    data = paths["cnn"].read_bytes()
    validate("fingerprint", data)
    assert parse(data) == fingerprint(folder, profile=CNN)
    linear, cnn = json.loads(paths["linear"].read_bytes()), json.loads(data)
    assert linear["tokens"] == cnn["tokens"]
    assert linear["vectors"] != cnn["vectors"]

    assert_sentence(huref("compare", paths["linear"], paths["cnn"]), 3, "profile robust-2,", f"the other {CNN}:")
    same = huref("compare", folder, paths["cnn"], "--json").json
    assert (same["verdict"], same["profile"]) == ("alike", CNN)
    assert same["cosine"] == pytest.approx(1)
    apart = huref("compare", paths["stranger"], paths["cnn"], "--json").json
    assert apart["verdict"] == "no relation shown"
    assert apart["nullWidth"] == pytest.approx(0.060, abs=1e-3)
    with pytest.raises(IncomparableError):
        compare(fingerprint(folder), fingerprint(folder, profile=CNN))


def test_a_trained_encoder_is_proved(huref: Here, folder: Path, tmp_path: Path) -> None:
    bundle, policy = tmp_path / "bundle.json", tmp_path / "policy.toml"
    assert huref("prove", folder, "--profile", CNN, "-o", bundle).code == 0
    # the common vectors are those of the fingerprint
    proved, computed = json.loads(bundle.read_bytes()), fingerprint(folder, profile=CNN)
    common = proved["statement"]["draws"][0]
    assert [number for vector in common["vectors"] for number in vector] == list(computed.outputs.z)
    # a policy accepts it by name, and none that says nothing
    refused = huref("verify", bundle)
    assert (refused.code, f"'{CNN}': policy 'default' accepts robust-2 only" in refused.err) == (5, True)
    policy.write_text(f'name = "networks too"\nprofiles = ["robust-2", "{CNN}"]\n')
    ran = huref("verify", bundle, "--policy", policy, "--json").json
    assert (ran["code"], ran["verified"]["proof"]["profile"]) == ("verified", CNN)
    with pytest.raises(UnsupportedVersionError, match="is not known"):
        fingerprint(folder, profile="mean")


def test_profiles_say_what_can_be_proved(huref: Here) -> None:
    listed = {profile["name"]: profile["provable"] for profile in huref("profiles", "--json").json["profiles"]}
    assert listed == {"robust-2": True, CNN: True, "toy-2": True, "toy-2-cnn": True, "paper": False}
