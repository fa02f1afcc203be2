"""Cards, badges and bills of materials from the command line."""

import hashlib
import json
from pathlib import Path

import pytest
from PIL import Image

from huref.artefacts import bundle as bundle_files
from tests.support import bundles
from tests.support.cli import Here, assert_sentence, contents, process


@pytest.fixture
def released(tmp_path: Path) -> Path:
    (tmp_path / "model.huref.json").write_bytes(bundle_files.dump(bundles.robust()))
    (tmp_path / "toy.huref.json").write_bytes(bundle_files.dump(bundles.toy()))
    return tmp_path


def test_a_card_with_portrait_and_badge(huref: Here, released: Path) -> None:
    bundle, image, badge = (released / name for name in ("model.huref.json", "portrait.png", "badge.svg"))
    ran = process("card", bundle, "--image", image, "--badge", badge)
    assert (ran.code, ran.out[:4]) == (0, "---\n")
    assert "(model.huref.json)" in ran.out
    assert "(portrait.png)" in ran.out
    assert Image.open(image).size == (512, 512)
    assert badge.read_text().startswith("<svg")
    made = huref("card", bundle, "-o", released / "card.md", "--json").json
    assert (made["card"], "image" in made) == (str(released / "card.md"), False)
    assert "![" not in (released / "card.md").read_text()
    assert huref("verify", bundle, "--image", image).code == 0


def test_a_bundle_that_does_not_verify_has_no_card(huref: Here, released: Path) -> None:
    before = contents(released)
    for verb in (("card",), ("attest", "sbom")):
        assert_sentence(huref(*verb, released / "toy.huref.json", "-o", released / "made"), 5, "profile 'toy-2'")
        assert_sentence(huref(*verb, "-", "-o", released / "made"), 2, "not standard input")
        assert_sentence(huref(*verb, released / "none", "-o", released / "made"), 4, "none")
        (released / "a\nb").write_bytes(b"")
        assert_sentence(huref(*verb, released / "a\nb", "-o", released / "made"), 2, "cannot be printed")
        (released / "a\nb").unlink()
    assert_sentence(huref("card", released / "model.huref.json", "--image", "-"), 2, "needs a file")
    assert contents(released) == before


def test_a_bill_of_materials(huref: Here, released: Path) -> None:
    bundle, folder, made = (released / name for name in ("model.huref.json", "files", "model.cdx.json"))
    folder.mkdir()
    (folder / "weights").write_bytes(b"weights")
    key, attestation = released / "key", released / "model.sigstore.json"
    assert huref("attest", "key", "-o", key).code == 0
    assert huref("attest", "sign", bundle, "--key", key, "--files", folder, "-o", attestation).code == 0
    ran = huref("attest", "sbom", bundle, "--files", folder, "--attestation", attestation, "-o", made, "--json")
    assert (ran.code, ran.json["files"]) == (0, 1)
    (model,) = json.loads(made.read_text())["components"]
    assert model["components"][0]["hashes"][0]["content"] == hashlib.sha256(b"weights").hexdigest()
    digest = hashlib.sha256(attestation.read_bytes()).hexdigest()
    assert digest in [one["hashes"][0]["content"] for one in model["externalReferences"]]
    assert_sentence(huref("attest", "sbom", bundle, "--files", released / "none", "-o", made), 4, "none")
    assert_sentence(huref("attest", "sbom", bundle, "--attestation", bundle, "-o", made), 3, "mediaType")
