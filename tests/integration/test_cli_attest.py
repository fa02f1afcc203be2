"""An attestation from the command line: made, checked under the right key, refused under another."""

import json
from pathlib import Path

import pytest

from huref.artefacts import bundle as bundle_files
from tests.support import bundles
from tests.support.cli import Here, assert_sentence, contents


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """A folder with a bundle and the files of a release."""
    (tmp_path / "bundle").write_bytes(bundle_files.dump(bundles.robust()))
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights").write_bytes(b"weights")
    return tmp_path


def test_signed_and_checked(huref: Here, released: Path) -> None:
    bundle, key, made = (str(released / name) for name in ("bundle", "key", "attestation"))
    found = huref("attest", "key", "-o", key, "--json").json
    assert (Path(key).stat().st_mode & 0o777, found["name"][:5]) == (0o600, "p256:")
    ran = huref("attest", "sign", bundle, "--key", key, "--files", str(released / "model"), "-o", made, "--json")
    assert (ran.code, ran.json["bound"], ran.json["subjects"]) == (0, False, 5)
    options = ("--attestation", made, "--key", key + ".pub")
    ran = huref("verify", bundle, *options, "--files", str(released / "model"))
    assert ran.code == 0
    assert "published by" in ran.out
    assert found["name"] in ran.out.replace("\n", "").replace(" ", "")
    document = huref("verify", bundle, *options, "--json").json
    assert document["verified"]["attestation"]["signer"] == found["name"]

    huref("attest", "key", "-o", str(released / "other"), "--type", "ed25519")
    ran = huref("verify", bundle, "--attestation", made, "--key", str(released / "other.pub"))
    assert ran.code == 1
    assert "somebody else" in (ran.out + ran.err).replace("\n", " ")
    (released / "model" / "weights").write_bytes(b"other")
    ran = huref("verify", bundle, *options, "--files", str(released / "model"), "--json")
    assert (ran.code, ran.json["failure"]["check"]) == (1, "attestation files")


def test_a_predicate_for_other_programs(huref: Here, released: Path) -> None:
    ran = huref("attest", "predicate", str(released / "bundle"), "-o", str(released / "predicate.json"), "--json")
    assert ran.json["predicateType"].endswith("/attestation/model-fingerprint/v1")
    assert json.loads((released / "predicate.json").read_text())["nonClaims"]


def test_nothing_is_written_where_something_is_wrong(huref: Here, released: Path) -> None:
    before = contents(released)
    bundle = str(released / "bundle")
    ran = huref("attest", "sign", bundle, "--key", str(released / "none"), "-o", str(released / "made"))
    assert_sentence(ran, 4, "none")
    ran = huref("verify", bundle, "--attestation", bundle)
    assert_sentence(ran, 2, "public key")
    ran = huref("verify", bundle, "--files", str(released / "model"))
    assert_sentence(ran, 2, "attestation")
    huref("attest", "key", "-o", str(released / "key"))
    ran = huref("verify", bundle, "--attestation", bundle, "--key", str(released / "key.pub"))
    assert_sentence(ran, 3, "mediaType")
    assert contents(released) == before | {"key", "key.pub"}


def test_an_encrypted_key(huref: Here, released: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, bundle = str(released / "key"), str(released / "bundle")
    monkeypatch.setenv("HUREF_KEY_PASSPHRASE", "open")
    huref("attest", "key", "-o", key)
    assert b"ENCRYPTED" in Path(key).read_bytes()
    assert huref("attest", "sign", bundle, "--key", key, "-o", str(released / "made")).code == 0
    for value, words in (("shut", "wrong"), ("", "is empty")):
        monkeypatch.setenv("HUREF_KEY_PASSPHRASE", value)
        assert_sentence(huref("attest", "sign", bundle, "--key", key, "-o", str(released / "other")), 2, words)
    monkeypatch.delenv("HUREF_KEY_PASSPHRASE")
    assert_sentence(huref("attest", "sign", bundle, "--key", key, "-o", str(released / "other")), 2, "passphrase")
