"""Images by a generator from the command line: fingerprint, prove, verify."""

from __future__ import annotations

import hashlib
import os
import pickle
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from huref import image
from huref.image.training import sheet
from tests.support import checkpoints, generators, models
from tests.support.cli import Here, assert_sentence, process

BY = ("--image-by", "stylegan2", "--generator")


@dataclass(frozen=True)
class Made:
    """A model, a generator, and what the command line makes of them."""

    model: Path
    generator: Path
    picture: Path
    bundle: Path

    @property
    def name(self) -> str:
        return hashlib.sha256(self.generator.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("generator")
    model = models.network("llama", 1).write(folder / "model")
    found = Made(model, folder / "G.safetensors", folder / "image.png", folder / "a.huref.json")
    found.generator.write_bytes(generators.file())
    drawn = process("fingerprint", model, "--image", found.picture, *BY, found.generator)
    assert (drawn.code, found.name in drawn.out) == (0, True), drawn
    proved = process("prove", model, *BY, found.generator, "-o", found.bundle, "--json")
    assert proved.code == 0, proved
    return found


def test_with_the_generator(made: Made, huref: Here) -> None:
    given = ("--generator", made.generator)
    report = huref("verify", made.bundle, *given, "--image", made.picture, "--json").json
    drawn = report["verified"]["image"]
    assert drawn == {"sha256": image.rgb_digest(decoded(made.picture)), "inBundle": True, "generator": made.name}
    assert report["verified"]["givenImage"] == {"sha256": drawn["sha256"], "matches": True}
    assert "image" not in [entry["what"] for entry in report["notChecked"]]
    said = " ".join(huref("verify", made.bundle, *given).out.split())
    assert f"image drawn by the generator from the vector, pixels {drawn['sha256'][:16]}" in said
    assert f"generator sha256 {made.name}" in said
    assert decoded(made.picture).shape == (16, 16, 3)


def test_without_it(made: Made, huref: Here) -> None:
    ran = huref("verify", made.bundle, "--json")
    left = {entry["what"]: entry for entry in ran.json["notChecked"]}
    assert (ran.code, ran.json["code"], "image" in ran.json["verified"]) == (0, "verified", False)
    assert left["image"]["why"] == f"generator not at hand, of SHA-256 {made.name}"
    assert left["image"]["how"] == "huref verify BUNDLE --generator FILE"
    many = huref("verify", made.bundle, made.bundle, "--json").json
    assert [one["report"]["notChecked"][0]["what"] for one in many["bundles"]] == ["image"] * 2


def test_a_policy_demands_it(made: Made, huref: Here, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(f'name = "mine"\nimages = ["stylegan2:{made.name}"]\n')
    ran = huref("verify", made.bundle, "--policy", policy, "--json")
    assert (ran.code, ran.json["code"]) == (5, "policy-not-met")
    assert "generator not at hand" in ran.json["failure"]["detail"]
    assert huref("verify", made.bundle, "--policy", policy, "--generator", made.generator).code == 0


def test_pictures_that_differ(made: Made, huref: Here, tmp_path: Path) -> None:
    pixels = decoded(made.picture)
    pixels[7, 7, 0] ^= 1
    Image.fromarray(pixels).save(tmp_path / "other.png")
    ran = huref("verify", made.bundle, "--generator", made.generator, "--image", tmp_path / "other.png", "--json")
    assert (ran.code, ran.json["code"]) == (1, "image-mismatch")
    assert_sentence(huref("verify", made.bundle, "--image", made.picture), 2, "--generator FILE")


def test_wrong_generators(made: Made, huref: Here, tmp_path: Path) -> None:
    other, damaged = tmp_path / "other.safetensors", tmp_path / "damaged.safetensors"
    other.write_bytes(generators.file(2))
    damaged.write_bytes(made.generator.read_bytes()[:-1])
    assert_sentence(huref("verify", made.bundle, "--generator", other), 2, "not the generator", made.name)
    assert_sentence(huref("verify", made.bundle, "--generator", damaged), 3, "damaged.safetensors")
    assert_sentence(huref("verify", made.bundle, "--generator", tmp_path / "none"), 4, "none")
    target = tmp_path / "a.huref.json"
    for code, path in ((3, damaged), (4, tmp_path / "none")):
        assert_sentence(huref("prove", made.model, *BY, path, "-o", target), code, path.name)
        assert_sentence(huref("fingerprint", made.model, "--image", target, *BY, path), code, path.name)
    assert not target.exists()


def test_wrong_usage(made: Made, huref: Here, tmp_path: Path) -> None:
    target = tmp_path / "x"
    for words, arguments in (
        ("name its file: --generator FILE", ("prove", made.model, "-o", target, "--image-by", "stylegan2")),
        ("drawn without a generator", ("prove", made.model, "-o", target, "--generator", made.generator)),
        ("--no-image", ("prove", made.model, "-o", target, "--no-image", *BY, made.generator)),
        ("--image", ("fingerprint", made.model, *BY, made.generator)),
        ("--generator is an option", ("verify", made.bundle, made.bundle, "--generator", made.generator)),
    ):
        assert_sentence(huref(*arguments), 2, words)
    plain = tmp_path / "plain.huref.json"
    assert huref("prove", made.model, "--no-image", "-o", plain).code == 0
    assert_sentence(huref("verify", plain, "--generator", made.generator), 2, "without a generator")
    assert not target.exists()


def test_convert(huref: Here, tmp_path: Path) -> None:
    path, target = tmp_path / "network.pkl", tmp_path / "G.safetensors"
    path.write_bytes(checkpoints.for_torch(generators.made()))
    ran = huref("convert-generator", path, "-o", target, "--json")
    assert ran.json["generator"] == hashlib.sha256(target.read_bytes()).hexdigest()
    assert (ran.json["resolution"], ran.json["bytes"]) == (16, target.stat().st_size)
    assert image.renderer("stylegan2", target).side == 16
    assert "16 x 16 pixels" in huref("convert-generator", path, "-o", target).out
    path.write_bytes(pickle.dumps({"G_ema": os.system}))
    target.unlink()
    assert_sentence(huref("convert-generator", path, "-o", target), 3, "network.pkl", "system")
    assert_sentence(huref("convert-generator", tmp_path / "none", "-o", target), 4, "none")
    assert_sentence(huref("convert-generator", generator_file(tmp_path), "-o", target), 3, "other.safetensors")
    assert not target.exists()


def generator_file(folder: Path) -> Path:
    path = folder / "other.safetensors"
    path.write_bytes(generators.file())
    return path


def test_train(huref: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of portraits that are there already, so that few are drawn."""
    monkeypatch.setattr(sheet, "ROWS", 1)
    work, target = tmp_path / "work", tmp_path / "G.safetensors"
    work.mkdir()
    dice = np.random.default_rng(1)
    (work / "portraits-16-1-000000.bin").write_bytes(
        dice.integers(256, size=250 * 16 * 16 * 3, dtype=np.uint8).tobytes()
    )
    short = ("--resolution", "16", "--portraits", "250", "--device", "cpu", "-o", target)
    ran = huref("train-generator", work, "--steps", "2", *short, "--json")
    assert (ran.code, ran.json["steps"]) == (0, 2), ran
    assert ran.json["generator"] == hashlib.sha256(target.read_bytes()).hexdigest()
    assert (work / "sheet-0000002.png").exists()
    assert "sheet-0000003.png" in huref("train-generator", work, "--steps", "3", *short).out
    assert_sentence(huref("train-generator", work, *short, "--portraits", "300"), 2, "no multiple of 250")
    (work / "training.pt").write_bytes(b"x")
    assert_sentence(huref("train-generator", work, *short), 3, "training.pt", "name a new folder")


def decoded(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return image.decode(path.read_bytes())
