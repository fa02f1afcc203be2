"""Signers by identity, in a Sigstore of our own, checked by the real `sigstore` without a network."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sigstore_models.bundle.v1 import Bundle as SecondBundle

from huref import Bundle
from huref.artefacts.context import Context
from huref.artefacts.report import Dated
from huref.attest import checking, envelope, identity, keys, statement
from huref.attest.identity import Identity
from huref.attest.signing import sign
from huref.errors import AttestationError, InputError, NotFoundError
from huref.verifier.check import check
from tests.support import bundles
from tests.support.authority import DAY, NOW, Authority
from tests.support.offline import cut
from tests.support.sigstore_world import ISSUER, SUBJECT, Log, World, fresh

WORLD = World()


@pytest.fixture(autouse=True)
def tried(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """The network is cut off, and nobody asks for it."""
    found = cut(monkeypatch)
    yield found
    assert not found


WHO = Identity(SUBJECT, ISSUER, WORLD.root())


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return bundles.robust()


@pytest.fixture(scope="module")
def payload(bundle: Bundle) -> bytes:
    return statement.dump(statement.about(bundle))


def read(file: dict[str, Any]) -> envelope.Envelope:
    return envelope.parse(json.dumps(file).encode(), "file")


def refused(bundle: Bundle, file: dict[str, Any], step: str, who: Identity = WHO) -> str:
    with pytest.raises(AttestationError) as caught:
        checking.check(bundle, read(file), who)
    assert caught.value.step == step, caught.value
    return str(caught.value)


def test_the_network_is_cut_off(tried: list[object]) -> None:
    with pytest.raises(urllib.error.URLError, match="cut off"):
        urllib.request.urlopen("http://127.0.0.1:1/")
    assert tried
    tried.clear()


@pytest.mark.parametrize("promised", [False, True], ids=["entry 2, authority", "entry 1, promise of the log"])
def test_an_identity_has_signed(promised: bool, bundle: Bundle, payload: bytes) -> None:
    made = read(WORLD.attestation(payload, promised=promised))
    found, date = checking.check(bundle, made, WHO)
    assert (found.signer, found.bound) == (f"{ISSUER} {SUBJECT}", False)
    assert isinstance(date, Dated)
    assert (date.what, date.by) == ("attestation", f"{WORLD.clock:%Y-%m-%dT%H:%M:%SZ}")
    assert date.source == ("log" if promised else "authorities")
    report = checking.attested(check(bundle), bundle, made, WHO)
    assert report.ok
    assert report.verified.dates == (date,)


def test_a_second_implementation_reads_the_file(payload: bytes) -> None:
    assert SecondBundle.from_json(json.dumps(WORLD.attestation(payload))).dsse_envelope is not None


def test_bound_is_what_the_proof_names(bundle: Bundle) -> None:
    context = Context(f"{ISSUER} {SUBJECT}")
    owned = replace(bundle, statement=replace(bundle.statement, context=context))
    signed = statement.dump(statement.about(owned))
    assert checking.check(owned, read(WORLD.attestation(signed)), WHO)[0].bound
    other = "somebody@models.example"
    words = refused(owned, WORLD.attestation(signed, subject=other), "owner", Identity(other, ISSUER, WORLD.root()))
    assert "not the signer" in words


def test_pipelines_are_identities_too(bundle: Bundle, payload: bytes) -> None:
    workflow = "https://github.example/owner/models/.github/workflows/release.yml@refs/tags/v1"
    who = Identity(workflow, "https://token.actions.example", WORLD.root())
    made = WORLD.attestation(payload, subject=workflow, issuer=who.issuer)
    assert checking.check(bundle, read(made), who)[0].signer == f"{who.issuer} {workflow}"


def test_other_identities(bundle: Bundle, payload: bytes) -> None:
    other = WORLD.attestation(payload, subject="stranger@models.example")
    assert "stranger@models.example" in refused(bundle, other, "identity")
    other = WORLD.attestation(payload, issuer="https://other.example")
    assert "by another issuer" in refused(bundle, other, "identity")
    part = Identity(SUBJECT[:-1], ISSUER, WHO.root)
    refused(bundle, WORLD.attestation(payload), "identity", part)


def test_keys_and_identities_are_not_mixed_up(bundle: Bundle, payload: bytes) -> None:
    key = keys.fresh("p256")
    with pytest.raises(AttestationError, match="signed by a key, not by an identity"):
        checking.check(bundle, sign(bundle, key), WHO)
    with pytest.raises(AttestationError, match="signed by an identity"):
        checking.check(bundle, read(WORLD.attestation(payload)), key.public)


def test_parties_that_the_trusted_root_does_not_name(bundle: Bundle, payload: bytes) -> None:
    """One party of the world after the other is a stranger."""
    for name, step in {"ca": "certificate", "ct": "certificate", "log": "log", "tsa": "time"}.items():
        trusted = Identity(SUBJECT, ISSUER, _but(WORLD, name).root())
        refused(bundle, WORLD.attestation(payload), step, trusted)


def _but(world: World, name: str) -> World:
    """The same world with one party that is somebody else."""
    other = World()
    for part in ("ca", "ca_key", "ct_key", "log", "tsa"):
        if part.partition("_")[0] != name.partition("_")[0]:
            setattr(other, part, getattr(world, part))
    return other


def test_times_and_promises(bundle: Bundle, payload: bytes) -> None:
    assert "SCT" in refused(bundle, WORLD.attestation(payload, logged=False), "certificate")
    late = World()
    late.tsa.clock = late.clock + timedelta(minutes=11)  # the certificate had run out
    refused(bundle, late.attestation(payload), "certificate", Identity(SUBJECT, ISSUER, late.root()))
    ahead = World(clock=NOW + timedelta(hours=1))
    words = refused(bundle, ahead.attestation(payload), "time", Identity(SUBJECT, ISSUER, ahead.root()))
    assert "one clock is wrong" in words
    expired = World()
    expired.tsa = Authority("Time of the world", clock=NOW, until=NOW - DAY)
    refused(bundle, expired.attestation(payload), "time", Identity(SUBJECT, ISSUER, expired.root()))


def test_parts_of_other_attestations(bundle: Bundle, payload: bytes) -> None:
    def mixed(part: str) -> dict[str, Any]:
        one, other = WORLD.attestation(payload), WORLD.attestation(payload)
        one["verificationMaterial"][part] = other["verificationMaterial"][part]
        return one

    refused(bundle, mixed("tlogEntries"), "log")
    refused(bundle, mixed("timestampVerificationData"), "time")
    refused(bundle, mixed("certificate"), "signature")


def test_logs_with_one_entry_and_with_many(bundle: Bundle, payload: bytes) -> None:
    for before in range(1, 10):
        world = World(log=Log(fresh(), [b"%d" % i for i in range(before)]))
        assert checking.check(bundle, read(world.attestation(payload)), Identity(SUBJECT, ISSUER, world.root()))


def test_no_single_character_can_be_changed(bundle: Bundle, payload: bytes) -> None:
    data = json.dumps(WORLD.attestation(payload), separators=(",", ":")).encode()
    expected = checking.check(bundle, envelope.parse(data, "file"), WHO)
    held = 0
    for place in range(0, len(data), 7):
        other = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        try:
            assert checking.check(bundle, envelope.parse(other, "file"), WHO) == expected
            held += 1
        except (InputError, AttestationError):
            pass
    assert held < 12  # numbers of the log that nothing depends on, and bytes that no signature of a token covers


def test_trusted_roots(tmp_path: Path) -> None:
    path = tmp_path / "root.json"
    with pytest.raises(NotFoundError):
        identity.trusted_root(path)
    for text in ("", "{}", "[1]", json.dumps(WORLD.trusted_root() | {"mediaType": "other"})):
        path.write_text(text)
        with pytest.raises(InputError, match="no trusted root"):
            identity.trusted_root(path)
    path.write_text(json.dumps(WORLD.trusted_root()))
    assert identity.trusted_root(path).get_timestamp_authorities()


def test_the_trusted_root_of_the_public_service(
    bundle: Bundle, payload: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    public = identity.trusted_root(None)
    refused(bundle, WORLD.attestation(payload), "time", Identity(SUBJECT, ISSUER, public))
