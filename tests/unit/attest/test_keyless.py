"""Signing by an identity with the real signer of `sigstore`, in a Sigstore of our own on loopback."""

import base64
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from huref import Bundle
from huref.attest import checking, envelope, keyless, statement
from huref.attest.identity import Identity
from huref.errors import InputError, NotFoundError, ServiceError, UsageError
from tests.support import bundles
from tests.support.private import stored
from tests.support.sigstore_world import ISSUER, SUBJECT, World


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return bundles.robust()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def trust(world: World, tmp_path: Path) -> Iterator[Path]:
    """The trust configuration of a world that answers."""
    with world.serving() as fields:
        (tmp_path / "trust.json").write_text(json.dumps(fields))
        yield tmp_path / "trust.json"


def test_what_an_identity_signs_can_be_checked(world: World, trust: Path, bundle: Bundle, tmp_path: Path) -> None:
    token = stored(tmp_path / "token", f"{world.token()}\n".encode())
    services = keyless.configuration(trust)
    who = keyless.identified(token, False, services)
    assert keyless.name(who) == f"{ISSUER} {SUBJECT}"
    made = keyless.signed(statement.dump(statement.about(bundle)), who, services)
    again = envelope.parse(envelope.dump(made), "file")
    found, date = checking.check(bundle, again, Identity(SUBJECT, ISSUER, services.trusted_root))
    assert found.signer == keyless.name(who)
    assert date is not None


def test_pipelines_offer_who_they_are(world: World, trust: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "CIRCLECI", "BUILDKITE", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    services = keyless.configuration(trust)
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("SIGSTORE_ID_TOKEN", world.token("project_path:models:ref_type:tag:ref:v1"))
    assert keyless.identified(None, False, services).identity.startswith("project_path")
    monkeypatch.delenv("SIGSTORE_ID_TOKEN")
    with pytest.raises(ServiceError, match="SIGSTORE_ID_TOKEN"):
        keyless.identified(None, False, services)
    monkeypatch.delenv("GITLAB_CI")
    with pytest.raises(UsageError, match="nothing here says who signs"):
        keyless.identified(None, False, services)


def test_tokens_that_cannot_be_used(world: World, trust: Path, tmp_path: Path) -> None:
    services = keyless.configuration(trust)
    with pytest.raises(NotFoundError):
        keyless.identified(tmp_path / "none", False, services)
    late = world.token(until=-timedelta(minutes=1))
    for text in (b"", b"text", b"\xff" * 9, late.encode(), world.token().replace(".", "").encode()):
        path = stored(tmp_path / "token", text)
        with pytest.raises(InputError, match="no identity token") as caught:
            keyless.identified(path, False, services)
        assert not text.decode("ascii", "replace") or text.decode("ascii", "replace") not in str(caught.value)
    path = stored(tmp_path / "token", world.token().encode())
    path.chmod(0o644)
    with pytest.raises(InputError, match="chmod 600"):
        keyless.identified(path, False, services)


def test_signing_in_needs_an_issuer_that_is_there(trust: Path) -> None:
    """The configuration of this world names none, or one where nobody answers."""
    with pytest.raises(ServiceError, match="the issuer of identities: "):
        keyless.identified(None, True, keyless.configuration(trust))

    def change(fields: Any) -> None:
        url = {"url": "http://127.0.0.1:1", "majorApiVersion": 1, "operator": "world"}
        fields["signingConfig"]["oidcUrls"] = [url | {"validFor": {"start": "2020-01-01T00:00:00Z"}}]

    with pytest.raises(ServiceError, match="the issuer of identities: "):
        keyless.identified(None, True, keyless.configuration(_broken(trust, change)))


def _broken(trust: Path, change: Any) -> Path:
    fields = json.loads(trust.read_text())
    change(fields)
    trust.write_text(json.dumps(fields))
    return trust


@pytest.mark.parametrize("urls", ["caUrls", "rekorTlogUrls", "tsaUrls"])
def test_services_that_are_not_there(urls: str, world: World, trust: Path, bundle: Bundle, tmp_path: Path) -> None:
    def change(fields: Any) -> None:
        fields["signingConfig"][urls][0]["url"] = "http://127.0.0.1:1"

    services = keyless.configuration(_broken(trust, change))
    who = keyless.identified(stored(tmp_path / "token", world.token().encode()), False, services)
    with pytest.raises(ServiceError, match=r"^Sigstore: "):
        keyless.signed(statement.dump(statement.about(bundle)), who, services)


@pytest.mark.parametrize("party", ["tlogs", "certificateAuthorities", "ctlogs", "timestampAuthorities"])
def test_services_that_are_not_those_one_trusts(
    party: str, world: World, trust: Path, bundle: Bundle, tmp_path: Path
) -> None:
    def change(fields: Any) -> None:
        fields["trustedRoot"][party] = World().trusted_root()[party]

    services = keyless.configuration(_broken(trust, change))
    who = keyless.identified(stored(tmp_path / "token", world.token().encode()), False, services)
    with pytest.raises(ServiceError, match=r"^Sigstore: "):
        keyless.signed(statement.dump(statement.about(bundle)), who, services)


def test_nothing_shows_the_token(
    world: World, trust: Path, bundle: Bundle, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    token = world.token()
    services = keyless.configuration(trust)
    who = keyless.identified(stored(tmp_path / "token", token.encode()), False, services)
    made = keyless.signed(statement.dump(statement.about(bundle)), who, services)
    secret = token.rpartition(".")[2]
    assert secret not in caplog.text
    assert secret.encode() not in made.file
    assert base64.b64encode(secret.encode()) not in made.file


def test_configurations(tmp_path: Path) -> None:
    path = tmp_path / "trust.json"
    with pytest.raises(NotFoundError):
        keyless.configuration(path)
    for data in (b"", b"{}", b"\xff", b"[]", b"-----BEGIN PRIVATE KEY-----", b'{"mediaType": "secret"}'):
        path.write_bytes(data)
        with pytest.raises(InputError, match="no trust configuration") as caught:
            keyless.configuration(path)
        assert "BEGIN" not in str(caught.value)
        assert "secret" not in str(caught.value)
