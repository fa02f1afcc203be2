"""Attestations and dates that somebody has tampered with: each field, and each known attack, is refused at its step.

The manifest (attestations.json) names every field of every object with what becomes of a report where it is changed or
left out: the step that fails, or "form", and the code. A field that is not in the manifest fails the test, and so does
one that is there and does not exist.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from huref import Bundle
from huref.artefacts import commitment as commitments
from huref.artefacts import timestamps
from huref.artefacts.context import Context
from huref.artefacts.report import Report
from huref.artefacts.timestamps import Timestamps
from huref.attest import envelope, keys, release, statement
from huref.attest.authorities import Authorities
from huref.attest.checking import Signer, attested
from huref.attest.dates import with_date
from huref.attest.envelope import Envelope, pre_authentication
from huref.attest.identity import Identity
from huref.errors import TABLE, Exit, HurefError
from huref.verifier.check import check
from tests.support import bundles, tampering
from tests.support.authority import DAY, NOW, Authority
from tests.support.sigstore_world import ISSUER, SUBJECT, World

MANIFEST: dict[str, Any] = json.loads(Path(__file__).with_name("attestations.json").read_bytes())
KEY, AUTHORITY = keys.fresh("p256"), Authority(clock=NOW)
TRUSTED = Authorities((AUTHORITY.root,))
HOLDS = ("", "verified")


@dataclass(frozen=True)
class Scene:
    """A bundle that verifies, and the folder of its release."""

    bundle: Bundle
    report: Report
    files: Path

    @property
    def payload(self) -> bytes:
        return statement.dump(statement.about(self.bundle, release.digests(self.files)))

    def of(self, data: bytes, signer: Signer) -> tuple[str, str]:
        """Step and code of what becomes of the report with that attestation."""
        try:
            found = envelope.parse(data, "attestation")
            report = attested(self.report, self.bundle, found, signer, self.files, authorities=TRUSTED)
        except HurefError as why:
            return "form", why.code
        return _outcome(report)

    def dated(self, data: bytes) -> tuple[str, str]:
        """The same of a file of timestamps."""
        try:
            return _outcome(with_date(self.report, self.bundle, timestamps.parse(data), TRUSTED))
        except HurefError as why:
            return "form", why.code


def _outcome(report: Report) -> tuple[str, str]:
    return HOLDS if report.failure is None else (report.failure.check, report.code)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    folder = tmp_path_factory.mktemp("tampered") / "model"
    folder.mkdir()
    (folder / "weights").write_bytes(b"weights")
    bundle = bundles.robust()
    return Scene(bundle, check(bundle), folder)


def by_key(payload: bytes, key: keys.PrivateKey = KEY) -> dict[str, Any]:
    """An attestation by a key, dated by an authority."""
    signature = key.sign(pre_authentication(payload))
    made = Envelope(payload, signature, key.public.hint, (AUTHORITY.stamp(signature),))
    return dict(json.loads(envelope.dump(made)))


Look = Callable[[Any], tuple[str, str]]


def objects(scene: Scene) -> Iterator[tuple[str, Any, Look]]:
    """Each object of the manifest: its name, the document, and what becomes of a changed one."""
    yield "file, by a key", by_key(scene.payload), lambda file: scene.of(dumped(file), KEY.public)
    for name, promised in (("file, by an identity", False), ("file, by an identity, first log", True)):
        world = World()
        who = Identity(SUBJECT, ISSUER, world.root())
        made = world.attestation(scene.payload, promised=promised)
        yield name, made, lambda file, who=who: scene.of(dumped(file), who)
    yield (
        "statement, signed again by its key",
        json.loads(scene.payload),
        lambda payload: scene.of(dumped(by_key(dumped(payload))), KEY.public),
    )
    yield "timestamps", json.loads(timestamps.dump(stamped(scene))), lambda file: scene.dated(dumped(file))


def dumped(document: Any) -> bytes:
    return json.dumps(document).encode()


def stamped(scene: Scene) -> Timestamps:
    data = commitments.dump(scene.bundle.statement.commitment)
    return Timestamps(hashlib.sha256(data).hexdigest(), (AUTHORITY.stamp(data),))


def found_fields(scene: Scene) -> dict[str, dict[str, dict[str, list[str]]]]:
    """What becomes of each field, as the manifest has it."""
    return {
        name: {
            tampering.name(path): {
                "changed": list(look(tampering.changed(document, path))),
                "removed": list(look(tampering.removed(document, path))),
            }
            for path in tampering.fields(document)
        }
        for name, document, look in objects(scene)
    }


def found_token(scene: Scene) -> dict[str, list[str]]:
    """What becomes of each field of a token."""
    data = commitments.dump(scene.bundle.statement.commitment)
    made = stamped(scene)
    return {
        name: list(scene.dated(timestamps.dump(Timestamps(made.sha256, (token,)))))
        for name, token in tampering.tokens(AUTHORITY, made.tokens[0], data)
    }


def test_what_is_not_tampered_with_holds(scene: Scene) -> None:
    for name, document, look in objects(scene):
        assert look(document) == HOLDS, name


def test_every_field_is_in_the_manifest_and_refused_at_its_step(scene: Scene) -> None:
    assert found_fields(scene) == MANIFEST["fields"]
    assert found_token(scene) == MANIFEST["token"]


def test_what_may_change_is_named_with_its_reason() -> None:
    holding = {
        f"{name}: {field}, {how}"
        for name, rows in MANIFEST["fields"].items()
        for field, outcomes in rows.items()
        for how, outcome in outcomes.items()
        if tuple(outcome) == HOLDS
    } | {f"token: {field}" for field, outcome in MANIFEST["token"].items() if tuple(outcome) == HOLDS}
    assert holding == MANIFEST["holds"].keys()
    assert all(len(reason) > 20 for reason in MANIFEST["holds"].values())


def attacks(scene: Scene) -> Mapping[str, Callable[[], tuple[str, str]]]:
    """What attackers, or careless publishers, could try."""
    good, payload = by_key(scene.payload), json.loads(scene.payload)
    other = bundles.toy()

    def key_says(document: Any) -> tuple[str, str]:
        return scene.of(dumped(by_key(dumped(document))), KEY.public)

    def enveloped(**changes: Any) -> tuple[str, str]:
        return scene.of(dumped(good | {"dsseEnvelope": good["dsseEnvelope"] | changes}), KEY.public)

    def material(**changes: Any) -> tuple[str, str]:
        return scene.of(dumped(good | {"verificationMaterial": good["verificationMaterial"] | changes}), KEY.public)

    def swapped() -> Any:
        names = [subject["name"] for subject in payload["subject"]]
        subjects = [
            {**subject, "name": name} for subject, name in zip(payload["subject"], names[1:] + names[:1], strict=True)
        ]
        return payload | {"subject": subjects}

    def token(authority: Authority, data: bytes | None = None) -> tuple[str, str]:
        made = stamped(scene)
        stamped_by = authority.stamp(commitments.dump(scene.bundle.statement.commitment) if data is None else data)
        trusted = Authorities((authority.root,))
        return _outcome(with_date(scene.report, scene.bundle, Timestamps(made.sha256, (stamped_by,)), trusted))

    (signature,) = good["dsseEnvelope"]["signatures"]
    stranger = keys.fresh("p256")
    certificate = World().attestation(scene.payload)["verificationMaterial"]["certificate"]
    return {
        "another predicate type": lambda: key_says(payload | {"predicateType": "https://slsa.dev/provenance/v1"}),
        "an older version of the predicate": lambda: key_says(
            payload | {"predicateType": statement.PREDICATE.replace("/v1", "/v0.1")}
        ),
        "two signatures": lambda: enveloped(signatures=[signature, signature]),
        "no signature": lambda: enveloped(signatures=[]),
        "an empty signature": lambda: enveloped(signatures=[signature | {"sig": ""}]),
        "another payload type": lambda: enveloped(payloadType="application/json"),
        "a signature by somebody else": lambda: scene.of(dumped(by_key(scene.payload, stranger)), KEY.public),
        "the hint of somebody else": lambda: material(publicKey={"hint": stranger.public.hint}),
        "a certificate beside a key": lambda: material(certificate=certificate),
        "an entry of a log beside a key": lambda: material(tlogEntries=[{}]),
        "a field twice": lambda: scene.of(dumped(good)[:-1] + b', "mediaType": "x"}', KEY.public),
        "subjects swapped": lambda: key_says(swapped()),
        "two subjects of one name": lambda: key_says(
            payload | {"subject": [*payload["subject"], payload["subject"][0]]}
        ),
        "no subject": lambda: key_says(payload | {"subject": []}),
        "the attestation of another bundle": lambda: key_says(json.loads(statement.dump(statement.about(other)))),
        "an owner who is not the signer": lambda: _owned(scene),
        "the token of another file": lambda: token(AUTHORITY, b"another file"),
        "an authority that nobody trusts": lambda: _outcome(
            with_date(scene.report, scene.bundle, stamped(scene), Authorities((Authority("Other").root,)))
        ),
        "an authority of the same name": lambda: _outcome(
            with_date(scene.report, scene.bundle, stamped(scene), Authorities((Authority().root,)))
        ),
        "an authority whose certificate had run out": lambda: token(Authority(until=NOW - 2 * DAY)),
        "an authority whose clock is ahead": lambda: token(Authority(clock=NOW + DAY)),
        "the token of another signature": lambda: material(
            timestampVerificationData={
                "rfc3161Timestamps": by_key(dumped(payload | {"predicateType": "x"}))["verificationMaterial"][
                    "timestampVerificationData"
                ]["rfc3161Timestamps"]
            }
        ),
    }


def _owned(scene: Scene) -> tuple[str, str]:
    """A proof that names some other key; that it is not a proof any more is no matter here."""
    context = Context(keys.fresh("ed25519").public.name)
    owned = replace(scene.bundle, statement=replace(scene.bundle.statement, context=context))
    changed = replace(scene, bundle=owned)
    return changed.of(dumped(by_key(changed.payload)), KEY.public)


def test_attacks(scene: Scene) -> None:
    assert {name: list(attack()) for name, attack in attacks(scene).items()} == MANIFEST["attacks"]


def test_every_code_of_the_manifest_is_a_refusal() -> None:
    rows = [*MANIFEST["attacks"].values(), *MANIFEST["token"].values()]
    rows += [row for fields in MANIFEST["fields"].values() for field in fields.values() for row in field.values()]
    codes = {code for _, code in rows} - {"verified"}
    exits = {TABLE[code].exit for code in codes}
    assert exits == {Exit.REJECTED, Exit.MALFORMED, Exit.NOT_FOUND}
    assert {code for _, code in MANIFEST["attacks"].values()} == codes
