"""Encoder cnn on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from huref import cnn, compare, fingerprint
from huref.artefacts.fingerprint import dump, parse
from huref.errors import IncomparableError, UsageError
from tests.support import models
from tests.support.cli import Here, assert_sentence
from tests.support.schemas import validate


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return models.network("llama", 3, hidden=96, ffn=300).write(tmp_path_factory.mktemp("a"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return models.network("llama", 4, hidden=96, ffn=300).write(tmp_path_factory.mktemp("b"))


def test_fingerprints_by_both_encoders(huref: Here, folder: Path, other: Path, tmp_path: Path) -> None:
    paths = {name: tmp_path / f"{name}.json" for name in ("linear", "cnn", "stranger")}
    assert huref("fingerprint", folder, "-o", paths["linear"]).code == 0
    ran = huref("fingerprint", folder, "--encoder", "cnn", "-o", paths["cnn"], "--image", tmp_path / "x.png")
    assert (ran.code, f"cnn {cnn.DIGEST[:16]}" in ran.out) == (0, True)
    assert huref("fingerprint", other, "--encoder", "cnn", "-o", paths["stranger"]).code == 0
    data = paths["cnn"].read_bytes()
    validate("fingerprint", data)
    assert json.loads(data)["encoder"] == {"name": "cnn", "digest": cnn.DIGEST}
    assert parse(data) == fingerprint(folder, encoder="cnn")
    linear = json.loads(paths["linear"].read_bytes())
    assert "encoder" not in linear
    assert linear["vector"] != json.loads(data)["vector"]

    refused = huref("compare", paths["linear"], paths["cnn"])
    assert_sentence(refused, 3, "encoder linear", f"encoder cnn {cnn.DIGEST[:16]}")
    same = huref("compare", folder, paths["cnn"], "--json").json
    assert (same["verdict"], same["encoder"]) == ("related", "cnn")
    assert same["cosine"] == pytest.approx(1)
    apart = huref("compare", paths["stranger"], paths["cnn"], "--json").json
    assert apart["verdict"] == "unrelated"
    assert apart["nullWidth"] == pytest.approx(0.075, abs=1e-3)
    with pytest.raises(IncomparableError):
        compare(fingerprint(folder), fingerprint(folder, encoder="cnn"))


def test_what_encoder_cnn_is_not_for(huref: Here, folder: Path, tmp_path: Path) -> None:
    proved = huref("prove", folder, "--encoder", "cnn", "-o", tmp_path / "x.huref.json")
    assert_sentence(proved, 2, "there is no proof for encoder cnn yet", "encoder linear")
    for profile in ("toy-1", "paper"):
        ran = huref("fingerprint", folder, "--encoder", "cnn", "--profile", profile)
        assert_sentence(ran, 2, f"trained for profile robust-1 and does not go with profile {profile}")
    with pytest.raises(UsageError, match="choose one of linear, cnn"):
        fingerprint(folder, encoder="mean")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (cnn.DIGEST, "00" * 32, "encoder 'cnn 0000000000000000' under profile robust-1 is not known"),
        ('"cnn"', '"other"', "is not known"),
        (cnn.DIGEST, cnn.DIGEST[1:], "'digest' must be 64 lower-case hexadecimal digits"),
        ('"name":"cnn",', '"name":"cnn","more":1,', "unknown field 'more'"),
    ],
)
def test_files_that_name_other_encoders_are_refused(
    old: str, new: str, words: str, huref: Here, folder: Path, tmp_path: Path
) -> None:
    text = dump(fingerprint(folder, encoder="cnn")).decode()
    assert old in text
    path = tmp_path / "x.json"
    path.write_text(text.replace(old, new))
    assert_sentence(huref("compare", path, path), 3, words)
