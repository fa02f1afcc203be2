"""An attestation from the command line: made, checked under the right key, refused under another."""

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement as Second

from huref import _native
from huref.artefacts import bundle as bundle_files
from huref.artefacts import commitment as commitments
from huref.attest import statement
from tests.support import bundles
from tests.support.authority import Authority, served
from tests.support.cli import Here, assert_sentence, contents
from tests.support.offline import cut
from tests.support.private import stored
from tests.support.schemas import validate
from tests.support.sigstore_world import ISSUER, SUBJECT, World


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
    assert "signed by" in ran.out
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


def test_stamped_and_dated(huref: Here, released: Path) -> None:
    one, two = Authority("One"), Authority("Two")
    bundle, made, trusted = (str(released / name) for name in ("bundle", "timestamps", "authorities.pem"))
    Path(trusted).write_bytes(one.pem + two.pem)
    commitment = released / "commitment"
    commitment.write_bytes(commitments.dump(bundles.robust().statement.commitment))
    with served(one, two) as addresses:
        asked = [word for address in addresses for word in ("--tsa", address)]
        ran = huref("attest", "stamp", commitment, *asked, "--authorities", trusted, "-o", made, "--json")
    assert (ran.code, ran.json["tokens"], ran.json["checked"]) == (0, 2, True)
    validate("timestamps", Path(made).read_bytes())
    options = ("--timestamp", made, "--authorities", trusted)
    ran = huref("verify", bundle, *options)
    assert ran.code == 0
    assert "the commitment existed by" in ran.out
    assert "by 2 of 2 authorities: One (" in ran.out.replace("\n", " ").replace("               ", "")
    (dated,) = huref("verify", bundle, *options, "--json").json["verified"]["dates"]
    assert (dated["what"], dated["source"], dated["tokens"]) == ("commitment", "authorities", 2)
    assert "claimed only" in huref("verify", bundle).out.replace("\n", " ")

    policy = released / "policy.toml"
    for rule, code in (
        (f"authorities = {json.dumps(dated['authorities'])}", 0),
        (f'dated-before = "{dated["by"]}"', 0),
        ('dated-before = "2001-01-01T00:00:00Z"', 5),
        ('authorities = ["One (0123456789abcdef)"]', 5),
    ):
        policy.write_text(f'name = "early"\n{rule}\n')
        assert huref("verify", bundle, *options, "--policy", policy).code == code, rule
        assert huref("verify", bundle, "--policy", policy).code == 5

    Path(trusted).write_bytes(Authority("One").pem)
    ran = huref("verify", bundle, *options, "--json")
    assert (ran.code, ran.json["code"], ran.json["failure"]["check"]) == (1, "timestamp-rejected", "timestamp")
    assert_sentence(huref("verify", bundle, "--timestamp", made), 2, "certificates of authorities")


def test_signed_by_an_identity(huref: Here, released: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried, world = cut(monkeypatch), World()
    bundle, made, root = (str(released / name) for name in ("bundle", "made.sigstore.json", "root.json"))
    payload = statement.dump(statement.about(bundles.robust()))
    Path(made).write_text(json.dumps(world.attestation(payload)))
    Path(root).write_text(json.dumps(world.trusted_root()))
    options = ("--attestation", made, "--trusted-root", root, "--identity")
    ran = huref("verify", bundle, *options, SUBJECT, "--issuer", ISSUER)
    assert ran.code == 0, ran
    assert f"{ISSUER} {SUBJECT}" in ran.out
    assert "the attestation existed by" in ran.out
    ran = huref("verify", bundle, *options, "stranger@models.example", "--issuer", ISSUER, "--json")
    assert (ran.code, ran.json["failure"]["check"]) == (1, "attestation identity")
    assert_sentence(huref("verify", bundle, *options, SUBJECT), 2, "--issuer")
    key = ("--key", root, "--trusted-root", root)
    assert_sentence(huref("verify", bundle, "--attestation", made, *key), 2, "identity")
    both = ("--issuer", ISSUER, "--key", root)
    assert_sentence(huref("verify", bundle, *options, SUBJECT, *both), 2, "public key or identity")
    assert not tried


def test_signing_without_a_key(huref: Here, released: Path) -> None:
    world, bundle = World(), str(released / "bundle")
    token, trust, root, made = (str(released / name) for name in ("token", "trust.json", "root.json", "made"))
    stored(Path(token), world.token().encode())
    Path(root).write_text(json.dumps(world.trusted_root()))
    with world.serving() as fields:
        Path(trust).write_text(json.dumps(fields))
        sign = ("attest", "sign", bundle, "--keyless", "--trust-config", trust, "--identity-token", token, "-o", made)
        ran = huref(*sign, "--files", released / "model", "--json")
    assert (ran.code, ran.json["signer"], ran.json["subjects"]) == (0, f"{ISSUER} {SUBJECT}", 5)
    who = ("--identity", SUBJECT, "--issuer", ISSUER, "--trusted-root", root)
    assert huref("verify", bundle, "--attestation", made, *who, "--files", released / "model").code == 0
    before = contents(released)
    assert_sentence(huref(*sign[:-1], released / "other"), 7, "Sigstore: ")  # nobody answers any more
    assert contents(released) == before


def test_signing_with_a_key_elsewhere(huref: Here, released: Path) -> None:
    bundle, key = str(released / "bundle"), str(released / "key")
    huref("attest", "key", "-o", key)
    uri = ("--key-uri", f"file2:{key}?encrypted=false", "--public", key + ".pub")
    assert huref("attest", "sign", bundle, *uri, "-o", released / "made").code == 0
    assert huref("verify", bundle, "--attestation", released / "made", "--key", key + ".pub").code == 0
    uri = ("--key-uri", f"file2:{key}.none", "--public", key + ".pub")
    assert_sentence(huref("attest", "sign", bundle, *uri, "-o", released / "other"), 7, "does not sign")


def test_signatures_of_keys_can_be_dated(huref: Here, released: Path) -> None:
    bundle, key, trusted = (str(released / name) for name in ("bundle", "key", "authorities.pem"))
    huref("attest", "key", "-o", key)
    authority = Authority()
    Path(trusted).write_bytes(authority.pem)
    with served(authority) as (address,):
        dated = ("--tsa", address, "--authorities", trusted)
        assert huref("attest", "sign", bundle, "--key", key, *dated, "-o", released / "made").code == 0
    options = ("--attestation", released / "made", "--key", key + ".pub")
    (found,) = huref("verify", bundle, *options, "--authorities", trusted, "--json").json["verified"]["dates"]
    assert found["what"] == "attestation"
    assert "dates" not in huref("verify", bundle, *options, "--json").json["verified"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "say who signs"),
        (("--key", "k", "--keyless"), "one of them"),
        (("--key-uri", "awskms:k"), "--public"),
        (("--key", "k", "--browser"), "belong to --keyless"),
        (("--keyless", "--tsa", "http://a"), "belongs to keys"),
    ],
)
def test_signers_that_do_not_go_together(options: tuple[str, ...], words: str, huref: Here, released: Path) -> None:
    before = contents(released)
    assert_sentence(huref("attest", "sign", released / "bundle", *options, "-o", released / "made"), 2, words)
    assert contents(released) == before


def test_authorities_that_fail_leave_no_file(huref: Here, released: Path) -> None:
    before = contents(released)
    with served(Authority()) as addresses:
        asked = ("--tsa", addresses[0], "--tsa", addresses[0][:-1] + "7")
        ran = huref("attest", "stamp", released / "bundle", *asked, "-o", released / "made")
    assert_sentence(ran, 7, "answered with 404")
    assert_sentence(huref("attest", "stamp", released / "none", *asked, "-o", released / "made"), 4, "none")
    assert contents(released) == before


def test_a_predicate_for_other_programs(huref: Here, released: Path) -> None:
    ran = huref("attest", "predicate", str(released / "bundle"), "-o", str(released / "predicate.json"), "--json")
    assert ran.json["predicateType"].endswith("/attestation/model-fingerprint/v1")
    assert json.loads((released / "predicate.json").read_text())["nonClaims"]


def test_subjects_for_other_programs(huref: Here, released: Path) -> None:
    predicate, subjects, files = (released / name for name in ("predicate.json", "subjects", "model"))
    asked = ("attest", "predicate", released / "bundle", "--files", files, "-o", predicate)
    assert_sentence(huref(*asked), 2, "--subjects")
    assert huref(*asked, "--subjects", subjects, "--json").json["subjects"] == str(subjects)
    found = dict(reversed(line.split("  ")) for line in subjects.read_text().splitlines())
    assert found["model/weights"] == hashlib.sha256(b"weights").hexdigest()
    assert found["bundle"] == hashlib.sha256((released / "bundle").read_bytes()).hexdigest()
    (files / "a\nb").write_bytes(b"")
    subjects.unlink()
    assert_sentence(
        huref(*asked, "--subjects", subjects, "--format", "quiet"), 3, "cannot stand in a list of checksums"
    )
    assert not subjects.exists()


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


def receipt_of(huref: Here, released: Path, *options: object) -> Any:
    made = released / "receipt.json"
    ran = huref("verify", released / "bundle", *options, "--receipt", made)
    assert ran.code == 0, ran
    fields = json.loads(made.read_text())
    assert statement.parse(made.read_bytes(), "receipt").predicate_type == "https://in-toto.io/attestation/svr/v0.2"
    subjects = [ResourceDescriptor(name=one["name"], digest=one["digest"]).pb for one in fields["subject"]]
    second = Second(subjects, fields["predicateType"], fields["predicate"])
    second.validate()
    (found,) = (one["digest"]["sha256"] for one in fields["subject"] if one["name"] == "bundle")
    assert found == hashlib.sha256((released / "bundle").read_bytes()).hexdigest()
    return fields["predicate"]


def test_receipts(huref: Here, released: Path) -> None:
    found = receipt_of(huref, released)
    assert found["verifier"]["policies"] == []
    assert found["verifier"]["id"].endswith(f"/verifier/{_native.RELEASE}")
    assert found["properties"] == ["HUREF_PROOF_VALID", "HUREF_IMAGE_MATCHES"]
    datetime.strptime(found["timeCreated"], "%Y-%m-%dT%H:%M:%SZ")


def test_a_publisher_counts_only_where_the_policy_names_them(huref: Here, released: Path) -> None:
    key, made, policy = (released / name for name in ("key", "attestation", "policy.toml"))
    name = huref("attest", "key", "-o", key, "--json").json["name"]
    huref("attest", "sign", released / "bundle", "--key", key, "--files", released / "model", "-o", made)
    signed = ("--attestation", made, "--key", f"{key}.pub", "--files", released / "model")
    assert "HUREF_PUBLISHER_VERIFIED" not in receipt_of(huref, released, *signed)["properties"]
    policy.write_text(f'name = "release"\nsigners = ["{name}"]\nfiles = ["weights"]\n')
    found = receipt_of(huref, released, *signed, "--policy", policy)
    assert found["properties"][-1] == "HUREF_PUBLISHER_VERIFIED"
    digest = hashlib.sha256(policy.read_bytes()).hexdigest()
    assert found["verifier"]["policies"] == [{"name": "release", "digest": {"sha256": digest}}]


def test_what_is_refused_has_no_receipt(huref: Here, released: Path) -> None:
    policy, receipt = released / "policy.toml", released / "receipt.json"
    policy.write_text(f'name = "release"\nsigners = ["p256:{"ab" * 32}"]\n')
    ran = huref("verify", released / "bundle", "--policy", policy, "--receipt", receipt)
    assert ran.code == 5
    assert "no attestation was checked, which policy 'release' demands" in ran.err
    assert_sentence(huref("verify", released / "bundle", "--receipt", "-"), 2, "needs a file")
    assert_sentence(huref("verify", released / "bundle", "--receipt", released / "none" / "file"), 6, "none")
    assert_sentence(huref("verify", *[released / "bundle"] * 2, "--receipt", receipt), 2, "--receipt")
    assert not receipt.exists()
