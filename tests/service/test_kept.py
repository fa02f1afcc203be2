"""What a service keeps: bundles, commitments and attestations, in a folder or on servers."""

from __future__ import annotations

import hashlib
import json
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from huref.artefacts import bundle as bundles
from huref.artefacts import commitment as commitments
from huref.artefacts.kinds import BUNDLE
from huref.attest import envelope, keys, statement
from huref.attest.signing import sign
from huref.errors import InputError, NotFoundError
from huref.registry import proof as proofs
from huref.registry import tree
from huref.registry.entry import Entry
from huref.registry.keys import read_secret
from huref.serve.settings import Settings
from huref.serve.store import Store, fsck, log_of, tables
from tests.service.conftest import serving
from tests.service.test_answers import problem
from tests.support import logs, postgres, s3
from tests.support.bundles import CLAIMS, robust, toy
from tests.support.cli import Here, assert_sentence
from tests.support.sigstore_world import ISSUER, SUBJECT, World

KEY = keys.fresh("ed25519")
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module", params=["folder", "servers"])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Those of a service that keeps everything in its folder, or in PostgreSQL and an object store."""
    folder = tmp_path_factory.mktemp("data")
    if request.param == "folder":
        yield Settings(data=folder)
        return
    with (
        postgres.server() as running,
        s3.store() as address,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in s3.environment(address).items():
            patch.setenv(name, value)
        yield Settings(
            data=folder, database=SecretStr(postgres.database(running)), objects=f"s3://{s3.bucket(address)}/prefix"
        )


@pytest.fixture(scope="module")
def token(settings: Settings) -> str:
    return made(settings, "bundle", "commitment", "attestation")


@pytest.fixture(scope="module")
def service(settings: Settings, token: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {token}"}
    with (
        serving(settings) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, headers=headers) as client,
    ):
        yield client


def made(settings: Settings, *scopes: str, days: int | None = None) -> str:
    store = Store.of(settings)
    assert store is not None
    _, text = store.tokens.create("tests", scopes, days)
    store.close()
    return text


def send(service: httpx.Client, kind: str, data: bytes, **headers: str) -> httpx.Response:
    return service.post(f"/v1/{kind}s", content=data, headers=JSON | headers)


def kept(service: httpx.Client, kind: str, data: bytes) -> dict[str, Any]:
    answer = send(service, kind, data)
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["location"] == found["location"] == f"/v1/{kind}s/{found['sha256']}"
    return found


def entries(service: httpx.Client, **chosen: str) -> list[str]:
    return [entry["sha256"] for entry in service.get("/v1/entries", params=chosen).json()["entries"]]


def test_a_bundle_is_kept_under_its_content_digest(service: httpx.Client) -> None:
    data = bundles.dump(robust())
    first, second = send(service, "bundle", data), send(service, "bundle", b" " + data)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json() == service.get(f"/v1/entries/{robust().digest}").json()
    found = first.json()
    assert found["sha256"] == robust().digest
    assert (found["kind"], found["commitment"]) == ("bundle", robust().statement.commitment.id)
    assert found["vector"] == robust().statement.vector_digest
    assert found["about"]["modelName"] == CLAIMS.model_name
    answer = service.get(found["location"])
    assert (answer.content, answer.headers["content-type"]) == (data, BUNDLE.media_type)
    assert "immutable" in answer.headers["cache-control"]
    again = service.get(found["location"], headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_other_claims_are_not_another_bundle(service: httpx.Client) -> None:
    """Claims lie outside of the content digest; those that came first stay."""
    kept(service, "bundle", bundles.dump(robust()))
    other = replace(robust(), claims=replace(CLAIMS, model_name="another name"))
    assert kept(service, "bundle", bundles.dump(other))["about"]["modelName"] == CLAIMS.model_name


def test_pictures_of_a_bundle(service: httpx.Client) -> None:
    place = kept(service, "bundle", bundles.dump(robust()))["location"]
    assert robust().image is not None
    for _ in range(2):
        picture = service.get(f"{place}/image.png")
        assert (picture.content, picture.headers["content-type"]) == (robust().image.png, "image/png")
    without = replace(robust(), image=None)
    drawn = service.get(f"{kept(service, 'bundle', bundles.dump(without))['location']}/image.png")
    assert drawn.content == robust().image.png
    badge = service.get(f"{place}/badge.svg")
    assert badge.headers["content-type"] == "image/svg+xml"
    assert robust().statement.commitment.id[:16] in badge.text
    assert badge.headers["cross-origin-resource-policy"] == "cross-origin"


def test_nothing_is_kept_that_does_not_verify(service: httpx.Client) -> None:
    before = entries(service)
    flipped = bytearray(robust().proof)
    flipped[5000] ^= 1
    for data, code in (
        (bundles.dump(replace(robust(), proof=bytes(flipped))), "proof-rejected"),
        (bundles.dump(toy()), "policy-not-met"),
        (b"{}", "malformed-bundle"),
    ):
        problem(send(service, "bundle", data), code)
    commitment = toy().statement.commitment
    problem(send(service, "commitment", commitments.dump(commitment)), "policy-not-met")
    commitment = robust().statement.commitment
    rows = b"\2" + b"\xff" * 32 + commitment.rows[33:]
    problem(send(service, "commitment", commitments.dump(replace(commitment, rows=rows))), "malformed-input")
    problem(send(service, "commitment", bundles.dump(robust())), "malformed-input")
    assert entries(service) == before


def test_a_bundle_may_name_a_commitment_that_is_kept(service: httpx.Client) -> None:
    whole = robust(secret=9)
    by_reference = bundles.dump(replace(whole, by_reference=True))
    assert "is not kept here" in problem(send(service, "bundle", by_reference), "usage")["detail"]
    problem(service.post("/verify", content=by_reference, headers=JSON), "usage")
    commitment = whole.statement.commitment
    found = kept(service, "commitment", commitments.dump(commitment))
    assert (found["sha256"], found["kind"]) == (commitment.id, "commitment")
    assert service.get(found["location"]).content == commitments.dump(commitment)
    assert service.post("/verify", content=by_reference, headers=JSON).json()["ok"]
    assert kept(service, "bundle", by_reference)["sha256"] == whole.digest
    assert service.get(f"/v1/bundles/{whole.digest}").content == by_reference
    assert entries(service, commitment=commitment.id) == [commitment.id, whole.digest]


def test_one_vector_under_several_commitments_is_contested(service: httpx.Client) -> None:
    """The same weights under other blinds: anybody could have fitted weights to the vector, and nobody is believed."""
    first, second = robust(), robust(secret=2)
    early = kept(service, "bundle", bundles.dump(first))
    kept(service, "commitment", commitments.dump(second.statement.commitment))
    kept(service, "bundle", bundles.dump(second))
    names = [first.statement.commitment.id, second.statement.commitment.id]
    for name in (first.digest, second.digest, second.statement.commitment.id):
        contested = service.get(f"/v1/entries/{name}").json()["contested"]
        shown = contested["commitments"]
        assert contested["statement"] == f"contested: the same vector under {len(shown)} commitments"
        assert contested["vector"] == first.statement.vector_digest
        assert [one["commitment"] for one in shown if one["commitment"] in names] == names
        assert shown[0]["since"] == early["accepted"]
        assert any("own vectors" in way for way in contested["decides"])
        assert any("challenge" in way for way in contested["decides"])
    assert first.digest in entries(service, vector=str(first.statement.vector_digest))


def attestation(signed: Any = None) -> bytes:
    made = envelope.dump(sign(signed or robust(), KEY)).decode()
    return json.dumps({"attestation": made, "key": KEY.public.pem.decode()}).encode()


def test_an_attestation_is_checked_against_its_bundle(service: httpx.Client) -> None:
    kept(service, "bundle", bundles.dump(robust()))
    found = kept(service, "attestation", attestation())
    file = service.get(found["location"]).content
    assert found["sha256"] == hashlib.sha256(file).hexdigest()
    assert envelope.parse(file, "").hint == KEY.public.hint
    assert (found["bundle"], found["about"]["signer"]) == (robust().digest, KEY.public.name)
    assert found["sha256"] in service.get(f"/v1/entries/{robust().digest}").json()["attestations"]
    other = keys.fresh("p256").public.pem.decode()
    problem(send(service, "attestation", changed(key=other)), "attestation-rejected")
    problem(send(service, "attestation", changed(key="no key")), "malformed-input")
    problem(send(service, "attestation", changed(attestation="{}")), "malformed-input")
    problem(send(service, "attestation", attestation(signed=robust(secret=77))), "usage")


def test_who_signed_must_be_said(service: httpx.Client) -> None:
    kept(service, "bundle", bundles.dump(robust()))
    sent = json.loads(attestation())
    for other in ({"attestation": sent["attestation"]}, sent | {"identity": "https://issuer.example name"}):
        problem(send(service, "attestation", json.dumps(other).encode()), "malformed-input")
    nobody = {"attestation": sent["attestation"], "identity": "https://issuer.example name"}
    found = problem(send(service, "attestation", json.dumps(nobody).encode()), "policy-not-met")
    assert "HUREF_SERVE_SIGNERS" in found["detail"]
    payload = b"no statement"
    other = envelope.Envelope(payload, KEY.sign(envelope.pre_authentication(payload)), KEY.public.hint)
    found = problem(send(service, "attestation", changed(attestation=envelope.dump(other).decode())), "malformed-input")
    assert found["detail"].startswith("attestation: what was signed (dsseEnvelope.payload): not JSON")


def test_an_identity_that_the_operator_names(tmp_path: Path) -> None:
    """In a Sigstore of our own, without a network."""
    world = World()
    names = [f"{ISSUER} {SUBJECT}", KEY.public.name]
    (tmp_path / "policy").write_text(f'name = "signers"\nsigners = {json.dumps(names)}\n')
    (tmp_path / "root").write_text(json.dumps(world.trusted_root()))
    more = {"signers": tmp_path / "policy", "trusted_root": tmp_path / "root"}
    made = json.dumps(world.attestation(statement.dump(statement.about(robust()))))
    foreign = json.dumps(World().attestation(statement.dump(statement.about(robust()))))
    with (
        serving(Settings(data=tmp_path / "data", writing="anyone", **more)) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as service,
    ):
        kept(service, "bundle", bundles.dump(robust()))

        def sent(**fields: str) -> httpx.Response:
            return send(service, "attestation", json.dumps(fields).encode())

        problem(sent(attestation=made, identity=f"{ISSUER} another"), "policy-not-met")
        problem(sent(attestation=foreign, identity=names[0]), "attestation-rejected")
        problem(sent(attestation=made, key=KEY.public.pem.decode()), "attestation-rejected")
        by_key = json.loads(attestation())["attestation"]
        problem(sent(attestation=by_key, identity=names[0]), "attestation-rejected")
        problem(sent(attestation=by_key, identity=KEY.public.name), "policy-not-met")
        answer = sent(attestation=made, identity=names[0])
        assert answer.status_code == 201
        assert answer.json()["about"]["signer"] == names[0]
        assert service.get(answer.json()["location"]).content == made.encode()
    (tmp_path / "policy").write_text("signers")
    with pytest.raises(InputError, match="policy"), serving(Settings(data=tmp_path / "data", **more)):
        pass


def changed(**fields: str) -> bytes:
    return json.dumps(json.loads(attestation()) | fields).encode()


def test_every_entry_is_in_the_log(service: httpx.Client, settings: Settings) -> None:
    """A proof that anybody can check without asking again, and files that anybody can copy."""
    found = kept(service, "bundle", bundles.dump(robust()))
    assert settings.data is not None
    secret = read_secret(settings.data / "log.key")
    answer = service.get(f"/v1/entries/{found['sha256']}/proof")
    assert answer.headers["content-type"].startswith("text/plain")
    leaf = tree.leaf(Entry("bundle", found["sha256"], found["vector"]).data)
    _, shown = proofs.check(proofs.parse(answer.content), [leaf], logs.policy(logs=[secret]))
    assert (shown.index, shown.origin) == (found["position"], secret.name)
    head = service.get("/log/checkpoint")
    assert head.text.startswith(f"{secret.name}\n{len(entries(service, limit='100'))}\n")
    assert head.headers["cache-control"] == "no-cache"
    tile = service.get(f"/log/tile/entries/000.p/{head.text.splitlines()[1]}")
    assert (tile.status_code, found["sha256"].encode() in tile.content) == (200, True)
    assert "immutable" in tile.headers["cache-control"]
    for path in ("head", "../log.key", "%2e%2e/log.key", "tile/entries/999", "tile/../head", ""):
        problem(service.get(f"/log/{path}"), "not-found")


def test_pages_of_entries(service: httpx.Client) -> None:
    kept(service, "bundle", bundles.dump(robust()))
    kept(service, "commitment", commitments.dump(robust().statement.commitment))
    whole, place, walked = entries(service, limit="100"), "/v1/entries?limit=1", []
    while place:
        page = service.get(place).json()
        walked += [entry["sha256"] for entry in page["entries"]]
        place = page.get("next", "")
    assert walked == whole
    for query in ("limit=0", "limit=101", "start=-1", "start=x", "kind=other", "vector=zz", f"bundle={'A' * 64}"):
        problem(service.get(f"/v1/entries?{query}"), "usage")


@pytest.mark.parametrize("name", ["0" * 64, "A" * 64, "x", "%2e%2e%2fhuref.sqlite3", "0" * 63, "0" * 64 + "/more"])
def test_names_of_nothing(service: httpx.Client, name: str) -> None:
    for path in ("bundles", "commitments", "attestations", "entries"):
        problem(service.get(f"/v1/{path}/{name}"), "not-found")
    problem(service.get(f"/v1/bundles/{name}/image.png"), "not-found")
    problem(service.get(f"/v1/entries/{name}/proof"), "not-found")


def test_who_may_write(service: httpx.Client, settings: Settings, token: str) -> None:
    data = bundles.dump(robust())
    forged = token[:-1] + ("0" if token[-1] != "0" else "1")
    for given in ("", f"Basic {token}", "Bearer", "Bearer x", f"Bearer {forged}", f"Bearer {token}0"):
        answer = send(service, "bundle", data, Authorization=given)
        problem(answer, "not-authorised")
        assert answer.headers["www-authenticate"] == "Bearer"
    narrow = made(settings, "commitment")
    problem(send(service, "bundle", data, Authorization=f"Bearer {narrow}"), "forbidden")
    store = Store.of(settings)
    assert store is not None
    store.tokens.revoke(narrow.split("_")[1])
    store.close()
    problem(send(service, "bundle", data, Authorization=f"bearer {narrow}"), "not-authorised")
    assert send(service, "bundle", data, Authorization=f"bearer {token}").status_code in (200, 201)


def test_what_is_kept_outlives_the_service(settings: Settings, service: httpx.Client) -> None:
    """A second service on the same store sees all of it, and what a crash left half done is finished when it starts."""
    found = kept(service, "bundle", bundles.dump(robust()))
    store = Store.of(settings)
    assert store is not None
    orphan = {"sha256": "ab" * 32, "commitment": "cd" * 32, "vector": None, "about": {}}
    store._objects.create(f"commitment/ab/{'ab' * 32}", b"bytes")
    store.entries.add("commitment", orphan, hashlib.sha256(b"bytes").hexdigest(), 5)
    assert store.entries.get("ab" * 32) is None
    store.close()
    with serving(settings) as port:
        address = f"http://127.0.0.1:{port}/v1"
        assert httpx.get(f"{address}/entries/{found['sha256']}").json()["accepted"] == found["accepted"]
        assert httpx.get(f"{address}/entries/{'ab' * 32}").status_code == 200
        assert httpx.get(f"{address}/entries/{'ab' * 32}/proof").status_code == 200


def test_bytes_that_were_changed_are_not_given(settings: Settings, service: httpx.Client) -> None:
    store = Store.of(settings)
    assert store is not None
    found = {"sha256": "ef" * 32, "commitment": "cd" * 32, "vector": None, "about": {}}
    store.keep("commitment", found, b"as they were")
    store._objects.put(f"commitment/ef/{'ef' * 32}", b"as they are")
    store.close()
    problem(service.get(f"/v1/commitments/{'ef' * 32}"), "store-failed")


def test_faults_of_what_is_kept_are_found(tmp_path: Path) -> None:
    given = Settings(data=tmp_path)
    store = Store.of(given)
    assert store is not None
    for name in ("a", "b", "c"):
        sha256 = name * 64
        store.keep("commitment", {"sha256": sha256, "commitment": sha256, "vector": None, "about": {}}, name.encode())
    assert list(fsck.faults(store, log_of(given))) == []
    store._objects.put(f"commitment/bb/{'b' * 64}", b"other bytes")
    with store.database.writing() as connection:
        connection.execute(tables.entries.delete().where(tables.entries.c.sha256 == "a" * 64))
        connection.execute(tables.entries.update().where(tables.entries.c.sha256 == "c" * 64).values(vector="c" * 64))
        connection.execute(tables.entries.update().where(tables.entries.c.sha256 == "c" * 64).values(kind="bundle"))
    found = "\n".join(fsck.faults(store, log_of(given)))
    for words in ("entry 0 of the log has no row", f"commitment {'b' * 64}: its bytes", "its place in the log, 2,"):
        assert words in found
    store.close()


READING = [("serve", "fsck"), ("serve", "token", "list"), ("serve", "token", "revoke", "0123456789abcdef")]


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_what_only_looks_begins_nothing(
    words: tuple[str, ...], tmp_path: Path, huref: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in a folder that is no service's, nor a second key or database beside a log that has its own."""
    nothing, data, other = (tmp_path / name for name in ("nothing", "data", "other"))
    assert_sentence(huref(*words, "--data", nothing), 4, "no log is there")
    assert not nothing.exists()
    (tmp_path / "keys").mkdir()
    store = Store.of(Settings(data=data, log_key=tmp_path / "keys" / "log.key"))
    assert store is not None
    store.close()
    before = sorted(data.iterdir())
    assert_sentence(huref(*words, "--data", data), 4, "log.key")
    with pytest.raises(NotFoundError, match=r"log\.key"):
        Store.of(Settings(data=data))
    assert sorted(data.iterdir()) == before
    monkeypatch.setenv("HUREF_SERVE_OBJECTS", str(data))
    monkeypatch.setenv("HUREF_SERVE_LOG_KEY", str(tmp_path / "keys" / "log.key"))
    assert_sentence(huref(*words, "--data", other), 4, "no database is there")
    assert not other.exists()


def test_readers_who_do_not_read_have_one_budget_and_an_end(tmp_path: Path) -> None:
    """However many ask for a large file and do not take it, memory is bounded, and they lose their connections."""
    given = Settings(data=tmp_path, body_seconds=3, held_bytes=30 << 20, writing="anyone")
    store = Store.of(given)
    assert store is not None
    sha256 = "a" * 64
    found = {"sha256": sha256, "commitment": sha256, "vector": None, "about": {}}
    store.keep("commitment", found, b"x" * (12 << 20))
    store.close()
    head = f"GET /v1/commitments/{sha256} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with serving(given) as port:
        readers = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
        for reader in readers:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.sendall(head)
        time.sleep(1)
        address = f"http://127.0.0.1:{port}"
        problem(httpx.get(f"{address}/v1/commitments/{sha256}"), "verifier-busy")
        assert httpx.head(f"{address}/healthz").status_code == 200
        for _ in range(80):
            time.sleep(0.1)
            again = httpx.get(f"{address}/v1/commitments/{sha256}")
            if again.status_code == 200:
                break
        assert len(again.content) == 12 << 20
        for reader in readers:
            reader.close()


def test_a_service_without_a_folder_keeps_nothing() -> None:
    with serving(Settings()) as port:
        address = f"http://127.0.0.1:{port}/v1"
        problem(httpx.post(f"{address}/bundles", content=b"{}", headers=JSON), "forbidden")
        problem(httpx.get(f"{address}/entries"), "not-found")
        problem(httpx.get(f"{address}/bundles/{'0' * 64}"), "not-found")


def test_anyone_may_write_where_that_is_set(tmp_path: Path) -> None:
    with serving(Settings(data=tmp_path, writing="anyone")) as port:
        data = commitments.dump(robust().statement.commitment)
        answer = httpx.post(f"http://127.0.0.1:{port}/v1/commitments", content=data, headers=JSON, timeout=60)
        assert answer.status_code == 201
