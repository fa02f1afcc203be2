"""What the service answers: 200 for a verified bundle, a problem for everything else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from huref.artefacts import bundle, drift, nearness
from huref.artefacts.bundle import Bundle
from huref.artefacts.kinds import BUNDLE, DRIFT, NEARNESS
from huref.artefacts.policy import DEFAULT
from huref.errors import TABLE
from huref.verifier.check import check
from tests.support.bundles import drift as drift_file
from tests.support.bundles import nearness as near
from tests.support.bundles import robust, toy

OPENAPI = json.loads(Path("docs/reference/openapi.json").read_text("utf-8"))
JSON = {"Content-Type": "application/json"}


def post(service: httpx.Client, data: bytes, path: str = "/verify", **headers: str) -> httpx.Response:
    return service.post(path, content=data, headers=JSON | headers)


def fits(value: object, schema: dict[str, Any]) -> None:
    """A value has the form that the OpenAPI file promises."""
    Draft202012Validator({**schema, "components": OPENAPI["components"]}).validate(value)


def problem(response: httpx.Response, code: str) -> dict[str, Any]:
    """The answer is the problem of that code, whole and harmless."""
    content: dict[str, Any] = response.json()
    assert response.status_code == TABLE[code].http, content
    assert response.headers["content-type"] == "application/problem+json"
    fits(content, {"$ref": "#/components/schemas/Problem"})
    assert content["code"] == code
    assert content["status"] == response.status_code
    assert content["type"].endswith(f"/{code}")
    assert content["instance"] == f"urn:uuid:{response.headers['x-request-id']}"
    harmless(response)
    return content


def harmless(response: httpx.Response) -> None:
    """No traceback, no path of this machine; headers that keep browsers careful."""
    for word in ("Traceback", "site-packages", ".py", str(Path.cwd()), "/tmp"):
        assert word not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"].startswith("default-src 'none'")
    assert response.headers["cache-control"] in ("no-store", "no-cache")  # the latter for files of the page
    assert "server" not in response.headers


def with_proof(whole: Bundle, proof: bytes) -> bytes:
    return bundle.dump(replace(whole, proof=proof))


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/verify", "application/json"),
        ("/v1/verify", BUNDLE.media_type),
        ("/verify", "Application/JSON; charset=utf-8"),
    ],
)
def test_verified(service: httpx.Client, path: str, media_type: str) -> None:
    response = post(service, bundle.dump(robust()), path, **{"Content-Type": media_type})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    harmless(response)
    schema = OPENAPI["paths"][path]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    fits(response.json(), schema)
    expected = check(robust()).to_json()
    assert response.json() == expected | {"verifier": response.json()["verifier"]}


def test_rejected_proof(service: httpx.Client) -> None:
    content = problem(post(service, with_proof(robust(), robust().proof[:-1])), "proof-rejected")
    assert content["report"]["ok"] is False
    assert content["report"]["failure"]["check"] == "proof length"
    assert content["report"]["verified"] == {}
    flipped = bytearray(robust().proof)
    flipped[5000] ^= 1
    problem(post(service, with_proof(robust(), bytes(flipped))), "proof-rejected")


def test_policy(service: httpx.Client) -> None:
    content = problem(post(service, bundle.dump(toy())), "policy-not-met")
    assert content["report"]["code"] == "policy-not-met"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "malformed-bundle"),
        (b"\xff\xfe", "malformed-bundle"),
        (b"{}", "malformed-bundle"),
        (b"[" * 10**6, "malformed-bundle"),
        (b'{"mediaType":1,"mediaType":1}', "malformed-bundle"),
        (bundle.dump(toy()).replace(b"kvHeads", b"kvheads"), "malformed-bundle"),
        (bundle.dump(toy()).replace(b"bundle.v2", b"bundle.v9"), "unsupported-version"),
        (bundle.dump(toy()).replace(b'"toy-2"', b'"toy-9"'), "unsupported-version"),
        (b" " * ((32 << 20) + 1), "bundle-too-large"),
        (b" " * (32 << 20), "malformed-bundle"),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_no_bundle(service: httpx.Client, data: bytes, code: str) -> None:
    assert "report" not in problem(post(service, data), code)


def test_impossible_shape(service: httpx.Client) -> None:
    changed = bundle.dump(robust()).replace(b'"kvHeads":2', b'"kvHeads":3')
    problem(post(service, changed), "malformed-bundle")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/jsonx"},
        {"Content-Type": ""},
        {"Content-Encoding": "gzip"},
    ],
    ids=str,
)
def test_other_types(service: httpx.Client, headers: dict[str, str]) -> None:
    problem(post(service, bundle.dump(toy()), "/verify", **headers), "unsupported-media-type")


def test_a_nearness_file_is_named_for_what_it_is(service: httpx.Client) -> None:
    data = nearness.dump(near())
    found = problem(post(service, data), "malformed-bundle")
    assert "this is a proof of nearness; `huref verify` checks it" in found["detail"]
    problem(post(service, data, **{"Content-Type": NEARNESS.media_type}), "unsupported-media-type")


def test_a_drift_file_is_named_for_what_it_is(service: httpx.Client) -> None:
    data = drift.dump(drift_file())
    found = problem(post(service, data), "malformed-bundle")
    assert "this is a proof of drift; `huref verify` checks it" in found["detail"]
    problem(post(service, data, **{"Content-Type": DRIFT.media_type}), "unsupported-media-type")


def test_unknown_paths_and_methods(service: httpx.Client) -> None:
    for path in ("/nothing", "/verify/", "/v1", "/docs", "/page/page.js", "/%2e%2e/etc/passwd"):
        problem(service.get(path), "not-found")
    for method, path in (("GET", "/verify"), ("DELETE", "/v1/verify"), ("POST", "/healthz"), ("PUT", "/")):
        response = service.request(method, path)
        problem(response, "method-not-allowed")
        assert method not in response.headers["allow"].split(", ")


def test_options_and_head(service: httpx.Client) -> None:
    for path, methods in (("/verify", "OPTIONS, POST"), ("/healthz", "GET, HEAD, OPTIONS")):
        response = service.options(path)
        assert (response.status_code, response.headers["allow"]) == (204, methods)
    for path in ("/healthz", "/v1/profiles", "/"):
        head, get = service.head(path), service.get(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == get.headers["content-length"] == str(len(get.content))


def test_health_profiles_policy(service: httpx.Client) -> None:
    assert service.get("/healthz").json() == {"status": "ok"}
    known = {entry["name"]: entry for entry in service.get("/v1/profiles").json()["profiles"]}
    assert [name for name, entry in known.items() if entry["accepted"]] == list(DEFAULT.profiles)
    assert known["robust-2"]["parameters"]["outputs"] == 512
    assert service.get("/v1/policies/default").json() == {**DEFAULT.to_json(), "sha256": DEFAULT.digest}


def test_openapi_is_what_is_checked_in(service: httpx.Client) -> None:
    assert service.get("/openapi.json").json() == OPENAPI
    assert {"/verify", "/v1/verify", "/v1/bundles", "/v1/entries/{sha256}/proof"} <= set(OPENAPI["paths"])


def test_page_needs_nothing_from_elsewhere(service: httpx.Client) -> None:
    page = service.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for path, kind in (("/page.js", "text/javascript"), ("/page.css", "text/css")):
        part = service.get(path)
        assert f'"{path[1:]}"' in page.text
        assert part.headers["content-type"].startswith(kind)
        harmless_script = "innerHTML" not in part.text and "eval(" not in part.text
        assert harmless_script
        assert "//" not in part.text.replace("// ", "")
    assert "//" not in page.text


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]),
    st.sampled_from(["/verify", "/v1/verify", "/healthz", "/v1/profiles", "/", "/openapi.json"])
    | st.text(st.characters(codec="utf-8", exclude_characters="/?#\\"), max_size=20).map(
        lambda text: "/" + quote(text)
    ),
    st.dictionaries(
        st.sampled_from(["Content-Type", "Accept", "Cookie", "Range", "X-Request-ID", "Origin"]),
        st.sampled_from(["application/json", BUNDLE.media_type, "*/*", "", "0", "bytes=0-9999999", ";;=,"]),
    ),
    st.binary(max_size=200),
)
def test_whatever_is_asked(
    service: httpx.Client, method: str, path: str, headers: dict[str, str], content: bytes
) -> None:
    response = service.request(method, path, headers=headers, content=content)
    assert response.status_code < 500
    harmless(response)
    if response.status_code >= 400 and method != "HEAD":
        problem(response, response.json()["code"])
    if method == "POST":
        assert response.status_code >= 400


def test_a_name_of_megabytes_does_not_cost_a_verifier(service: httpx.Client) -> None:
    """Answers of workers have a limit, so no message may repeat what a stranger sent at any length."""
    whole = json.loads(bundle.dump(toy()))
    whole["statement"]["commitment"]["profile"] = "x" * (5 << 20)
    answer = problem(post(service, json.dumps(whole).encode()), "unsupported-version")
    assert len(answer["detail"]) < 500
