"""Attestations: what holds, and every change to one, refused at its step."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from in_toto_attestation.v1.statement import Statement as Second
from securesystemslib.dsse import Envelope as SecondEnvelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey
from sigstore_models.bundle.v1 import Bundle as SecondBundle

from huref import Bundle
from huref.artefacts.context import Context
from huref.artefacts.policy import Policy
from huref.attest import checking, envelope, keys, statement
from huref.attest.envelope import Envelope, pre_authentication
from huref.attest.signing import sign
from huref.errors import AttestationError, InputError, PolicyError
from huref.verifier.batch import check_many
from huref.verifier.check import check
from tests.support import bundles

KEY = keys.fresh("ed25519")


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release") / "model"
    folder.mkdir()
    (folder / "weights.bin").write_bytes(b"weights")
    (folder / "README.md").write_text("card")
    return folder


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return bundles.robust()


@pytest.fixture(scope="module")
def made(bundle: Bundle, release: Path) -> Envelope:
    return sign(bundle, KEY, release)


def signed(payload: bytes) -> Envelope:
    """Anything, signed by the right key: what a careless or dishonest publisher can make."""
    return Envelope(payload, KEY.sign(pre_authentication(payload)), KEY.public.hint)


def test_an_attestation_holds(bundle: Bundle, made: Envelope, release: Path) -> None:
    found, date = checking.check(bundle, made, KEY.public, release)
    assert date is None
    assert (found.signer, found.bound, found.files) == (KEY.public.name, False, 2)
    assert checking.check(bundle, envelope.parse(envelope.dump(made), "file"), KEY.public)[0].files is None
    report = checking.attested(check(bundle), bundle, made, KEY.public)
    assert report.ok
    assert report.verified.attestation is not None
    left = {entry.what for entry in report.not_checked}
    assert "publisher" not in left
    assert "owner" in left


def owned(bundle: Bundle, owner: str) -> Bundle:
    """The bundle as if its proof named that owner; the proof itself is not looked at here."""
    return replace(bundle, statement=replace(bundle.statement, context=Context(owner)))


def test_bound_is_what_the_proof_names() -> None:
    mine = bundles.robust(Context(KEY.public.name))
    report = checking.attested(check(mine), mine, sign(mine, KEY), KEY.public)
    assert report.verified.attestation is not None
    assert report.verified.attestation.bound
    assert "owner" not in {entry.what for entry in report.not_checked}


def test_the_owner_that_a_proof_names_must_be_the_signer(bundle: Bundle) -> None:
    for owner in (keys.fresh("ed25519").public.name, "https://issuer.example somebody"):
        other = owned(bundle, owner)
        with pytest.raises(AttestationError, match="as its owner, not the signer"):
            sign(other, KEY)
        with pytest.raises(AttestationError) as caught:
            checking.check(other, signed(statement.dump(statement.about(other))), KEY.public)
        assert caught.value.step == "owner"
    named = owned(bundle, "name:Bob")
    assert not checking.check(named, signed(statement.dump(statement.about(named))), KEY.public)[0].bound


def test_second_implementations_read_the_file(made: Envelope, release: Path) -> None:
    found = SecondBundle.from_json(envelope.dump(made))
    assert found.dsse_envelope is not None
    payload = json.loads(made.payload)
    second = Second(subjects=[], predicate_type=payload["predicateType"], predicate=payload["predicate"])
    assert second.pb.predicate_type == statement.PREDICATE
    assert {subject["name"] for subject in payload["subject"]} >= {
        "bundle",
        "commitment",
        "portrait",
        "model",
        "model/weights.bin",
    }


@pytest.mark.parametrize("kind", ["p256", "ed25519"])
def test_a_second_implementation_checks_the_signature(kind: keys.Kind, bundle: Bundle) -> None:
    key = keys.fresh(kind)
    envelope_of = json.loads(envelope.dump(sign(bundle, key)))["dsseEnvelope"]
    public = SSlibKey.from_crypto(load_pem_public_key(key.public.pem))
    public.keyid = ""  # as in the file
    second = SecondEnvelope.from_dict(envelope_of)
    assert second.verify([public], 1)
    second.payload += b" "
    with pytest.raises(VerificationError):
        second.verify([public], 1)


def refused(bundle: Bundle, made: Envelope, step: str, files: Path | None = None) -> str:
    with pytest.raises(AttestationError) as caught:
        checking.check(bundle, made, KEY.public, files)
    assert caught.value.step == step
    report = checking.attested(check(bundle), bundle, made, KEY.public, files)
    code = "no-attestation" if step == "predicate type" else "attestation-rejected"
    assert (report.ok, report.code) == (False, code)
    with pytest.raises(AttestationError):
        report.raise_for_status()
    return str(caught.value)


def changed(made: Envelope, change: Callable[[Any], object]) -> Envelope:
    payload = json.loads(made.payload)
    change(payload)
    return signed(json.dumps(payload).encode())


def test_another_kind_is_refused_before_its_signature(bundle: Bundle, made: Envelope) -> None:
    other = changed(made, lambda payload: payload.update(predicateType="https://slsa.dev/provenance/v1"))
    assert "slsa" in refused(bundle, other, "predicate type")
    refused(bundle, replace(other, signature=b""), "predicate type")


def test_signatures(bundle: Bundle, made: Envelope) -> None:
    refused(bundle, replace(made, signature=made.signature[:-1] + bytes([made.signature[-1] ^ 1])), "signature")
    refused(bundle, replace(made, payload=made.payload.replace(b"hiding", b"hidden")), "signature")
    stranger = keys.fresh("p256")
    words = refused(bundle, sign(bundle, stranger), "signature")
    assert stranger.public.hint in words


def test_a_policy_names_signers_and_files(bundle: Bundle, made: Envelope, release: Path) -> None:
    mine, others = Policy(signers=(KEY.public.name,)), Policy(name="others", signers=("p256:" + "00" * 32,))
    whole = Policy(signers=mine.signers, files=("README.md", "weights.bin"))
    assert checking.check(bundle, made, KEY.public, None, policy=mine)[0].files is None
    assert checking.check(bundle, made, KEY.public, release, policy=whole)[0].files == 2
    for policy, files, words in (
        (others, release, f"signed by {KEY.public.name}, who is none of the signers that policy 'others' names"),
        (whole, None, "no folder of files was given"),
        (Policy(files=("weights",)), release, "no signed file is named 'weights', which policy 'default' demands"),
    ):
        report = checking.attested(
            check(bundle, policy, left=["attestation"]), bundle, made, KEY.public, files, policy=policy
        )
        assert (report.code, report.verified.attestation) == ("policy-not-met", None)
        assert report.failure is not None
        assert words in report.failure.detail
        with pytest.raises(PolicyError):
            report.raise_for_status()


def test_without_an_attestation_such_a_policy_is_never_met(bundle: Bundle) -> None:
    for policy in (Policy(signers=(KEY.public.name,)), Policy(files=("a",))):
        report = check(bundle, policy)
        assert (report.code, report.verified.proof) == ("policy-not-met", None)
        (outcome,) = check_many([("bundle", lambda: bundle)], policy)
        assert outcome.code == "policy-not-met"


def test_keys_of_ml_dsa_44_count_where_a_policy_names_them(bundle: Bundle) -> None:
    key = keys.fresh("ml-dsa-44")
    made = envelope.parse(envelope.dump(sign(bundle, key)), "file")
    assert SecondBundle.from_json(envelope.dump(made)).dsse_envelope is not None
    for policy in (Policy(), Policy(signers=(KEY.public.name,))):
        with pytest.raises(PolicyError):
            checking.check(bundle, made, key.public, policy=policy)
    assert checking.check(bundle, made, key.public, policy=Policy(signers=(key.public.name,)))


def test_every_subject_of_the_bundle(bundle: Bundle, made: Envelope) -> None:
    for name in statement.of_bundle(bundle):

        def swap(payload: Any, name: str = name) -> None:
            (subject,) = (subject for subject in payload["subject"] if subject["name"] == name)
            subject["digest"]["sha256"] = "00" * 32

        assert f"another {name}" in refused(bundle, changed(made, swap), "subjects")
    other = owned(bundle, "name:Bob")
    refused(bundle, signed(statement.dump(statement.about(other))), "subjects")


def test_every_field_of_the_predicate(bundle: Bundle, made: Envelope) -> None:
    for field in statement.predicate(bundle):
        refused(bundle, changed(made, lambda payload, field=field: payload["predicate"].pop(field)), "predicate")
        refused(
            bundle, changed(made, lambda payload, field=field: payload["predicate"].update({field: 1})), "predicate"
        )
    refused(bundle, changed(made, lambda payload: payload["predicate"].update(more=1)), "predicate")


def test_files_that_changed_went_or_came(bundle: Bundle, made: Envelope, release: Path, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    for path in release.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    assert checking.check(bundle, made, KEY.public, folder)[0].files == 2
    (folder / "weights.bin").rename(folder / "weights.bit")  # the same order, so the same root digest
    assert "weights.bit is not as it was signed" in refused(bundle, made, "files", folder)
    (folder / "weights.bit").rename(folder / "weights.bin")
    (folder / "weights.bin").write_bytes(b"wEights")
    assert "weights.bin is not as it was signed" in refused(bundle, made, "files", folder)
    (folder / "weights.bin").unlink()
    assert "weights.bin was signed and is missing" in refused(bundle, made, "files", folder)
    (folder / "weights.bin").write_bytes(b"weights")
    (folder / "more").write_bytes(b"")
    assert "more is not as it was signed" in refused(bundle, made, "files", folder)
    assert "names none of its files" in refused(bundle, sign(bundle, KEY), "files", folder)


@pytest.mark.parametrize("name", ["bundle", "commitment", "portrait"])
def test_a_folder_named_like_another_subject(name: str, bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "weights").write_bytes(b"weights")
    made = sign(bundle, KEY, tmp_path / name)
    assert checking.check(bundle, made, KEY.public, tmp_path / name)[0].files == 1


def test_what_is_not_signed(tmp_path: Path, bundle: Bundle) -> None:
    with pytest.raises(PolicyError):
        sign(bundles.toy(), KEY)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(AttestationError, match="not the file that the bundle claims"):
        sign(bundle, KEY, tmp_path)


def test_a_release_of_many_files_is_named_by_its_root(bundle: Bundle) -> None:
    many = {f"{i}": "ab" * 32 for i in range(statement.MOST_FILES + 1)}
    found = statement.about(bundle, many)
    assert len(found.subjects) == len(statement.of_bundle(bundle)) + 1
    assert statement.parse(statement.dump(statement.about(bundle, dict(list(many.items())[:-1]))), "payload").subjects


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda file: file.update(mediaType="x"), "mediaType"),
        (lambda file: file["dsseEnvelope"].update(payloadType="text/plain"), "payloadType"),
        (
            lambda file: file["dsseEnvelope"]["signatures"].append(file["dsseEnvelope"]["signatures"][0]),
            "one signature",
        ),
        (lambda file: file["dsseEnvelope"]["signatures"].clear(), "one signature"),
        (lambda file: file["verificationMaterial"].pop("publicKey"), "neither a key nor a certificate"),
        (lambda file: file["verificationMaterial"].update(tlogEntries=[{}]), "entries of a log"),
        (lambda file: file["verificationMaterial"].update(more=1), "unknown field"),
        (lambda file: file["dsseEnvelope"].update(payload="?"), "base64"),
        (lambda file: file.update(more=1), "unknown field"),
    ],
)
def test_files_of_another_form(change: Callable[[Any], object], words: str, made: Envelope) -> None:
    file = json.loads(envelope.dump(made))
    change(file)
    with pytest.raises(InputError, match=words):
        envelope.parse(json.dumps(file).encode(), "file")


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"text", "JSON"),
        (b"{}", "_type"),
        (
            b'{"_type": "https://in-toto.io/Statement/v1", "predicateType": "a", "subject": [], "predicate": 1}',
            "object",
        ),
    ],
)
def test_payloads_of_another_form(payload: bytes, words: str, bundle: Bundle) -> None:
    with pytest.raises(InputError, match=words):
        checking.check(bundle, signed(payload), KEY.public)


def test_two_subjects_of_one_name(bundle: Bundle, made: Envelope) -> None:
    with pytest.raises(InputError, match="two subjects"):
        checking.check(
            bundle, changed(made, lambda payload: payload["subject"].append(payload["subject"][0])), KEY.public
        )


def test_no_single_character_can_be_changed(bundle: Bundle, made: Envelope) -> None:
    data = envelope.dump(made)
    for place in range(0, len(data), 11):
        other = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        with pytest.raises((InputError, AttestationError)):
            checking.check(bundle, envelope.parse(other, "file"), KEY.public)


@pytest.mark.parametrize("payload", [b"", b"no JSON", b"[]", b"{}", b'{"_type":"x"}', b"\xff", b"{" * 5000])
def test_what_was_signed_and_is_no_statement(bundle: Bundle, payload: bytes, tmp_path: Path) -> None:
    """The message says in which file, where in it, and what should be there."""
    file = tmp_path / "made.sigstore.json"
    file.write_bytes(envelope.dump(signed(payload)))
    with pytest.raises(InputError) as why:
        checking.check(bundle, envelope.read(file), KEY.public)
    assert str(why.value).startswith(f"{file}: what was signed (dsseEnvelope.payload)")
    assert "in-toto statement" in str(why.value)
