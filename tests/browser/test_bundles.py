"""Bundles in the page's verifier: the verdict, the check and the report of `huref verify`."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from huref.artefacts import bundle as bundle_files
from huref.artefacts import commitment as commitments
from huref.artefacts.bundle import Bundle
from huref.artefacts.context import Context
from huref.artefacts.draw import COMMON, OWN, Draw
from huref.artefacts.policy import DEFAULT, Policy
from huref.verifier.check import check
from tests.browser.node import Node
from tests.fuzz.browser import verdict
from tests.support import bundles, networks, tampering

KEPT = sorted((Path(__file__).parents[2] / "proofs" / "vectors" / "bundles").glob("v*/*.huref.json"))
BEACON = bytes(range(40))
MADE = {
    "common": bundles.toy(),
    "own, for somebody": bundles.proved((OWN,), Context("https://issuer subject", "somebody", bytes(20))),
    "common and own with a beacon": bundles.proved((COMMON, Draw("own", BEACON))),
    "answer": bundles.answer(),
    "a network of no release": bundles.proved((Draw.custom(networks.TOY), OWN)),
    "by reference": replace(bundles.whole(), by_reference=True),
}


def asked(node: Node, data: bytes, policy: Policy = DEFAULT, **more: Any) -> Any:
    return node.ask("verify", bundle=base64.b64encode(data).decode(), policy=policy.to_json(), **more)


def agree(node: Node, data: bytes, policy: Policy = DEFAULT) -> str:
    """The code of both."""
    found = asked(node, data, policy)
    assert (found["verdict"], found["code"], found["check"]) == verdict(data, policy)
    code: str = found["code"]
    return code


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_kept(node: Node, path: Path) -> None:
    agree(node, path.read_bytes())
    agree(node, path.read_bytes(), bundles.TOY_POLICY)


@pytest.mark.parametrize("name", MADE)
def test_report(node: Node, name: str) -> None:
    bundle: Bundle = MADE[name]
    data, commitment = bundle_files.dump(bundle), bundle.statement.commitment
    beside = {
        "commitments": [base64.b64encode(commitments.dump(commitment)).decode()],
        "networks": [base64.b64encode(networks.TOY).decode()],
    }
    found = asked(node, data, bundles.TOY_POLICY, **beside)
    report = check(bundle, bundles.TOY_POLICY).to_json()
    for key in ("schema", "verifier"):
        report.pop(key)
    arithmetic = found["report"].pop("verifier")["arithmetic"]
    assert found["report"] == report
    assert found["verdict"] == "Verified"
    assert arithmetic == "WebAssembly"


def test_digests_do_not_depend_on_how_a_file_is_written(node: Node) -> None:
    names = ("proof", "image", "10", "9", "\U0001f600", "\uffee", "b", "B")
    claims = replace(bundles.CLAIMS, files=dict.fromkeys(names, "0" * 64))
    bundle = replace(bundles.whole(), claims=claims)
    document = json.loads(bundle_files.dump(bundle))
    other = json.dumps(dict(reversed(document.items())), indent=2, ensure_ascii=False).encode()
    for data in (bundle_files.dump(bundle), other):
        found = asked(node, data, bundles.TOY_POLICY)["report"]["bundle"]
        assert found == {"sha256": bundle.digest, "fileSha256": bundle.file_digest, "version": 2}


def test_the_commitment_is_missing(node: Node) -> None:
    assert agree(node, bundle_files.dump(MADE["by reference"]), bundles.TOY_POLICY) == "usage"


def test_networks_of_no_release(node: Node) -> None:
    """Without its file a bundle is refused, as by the command line; and so is one that a policy does not name."""
    bundle = MADE["a network of no release"]
    data, (draw, _) = bundle_files.dump(bundle), bundle.statement.draws
    assert agree(node, data, bundles.TOY_POLICY) == "policy-not-met"
    for name, code in ((draw.network_id.hex(), "verified"), ("0" * 64, "policy-not-met")):
        policy = replace(bundles.TOY_POLICY, networks=(name,))
        given = [base64.b64encode(network).decode() for network in (networks.WHOLE, networks.TOY)]
        assert asked(node, data, policy, networks=given)["code"] == check(bundle, policy).code == code
        assert asked(node, data, policy, networks=given[:1])["code"] == "policy-not-met"


def test_verdict_without_webassembly(node: Node) -> None:
    data = bundle_files.dump(bundles.whole())
    assert asked(node, data, bundles.TOY_POLICY, wasm=False)["verdict"] == "Verified"


def test_a_cancelled_check(node: Node) -> None:
    data = next(path for path in KEPT if path.name == "whole.huref.json").read_bytes()
    found = node.ask("cancelled", bundle=base64.b64encode(data).decode(), stage="generators")
    assert found == {"name": "AbortError", "stages": ["file", "commitment rows", "generators"]}


def test_generators_that_were_kept_are_checked(node: Node) -> None:
    data = base64.b64encode(bundle_files.dump(bundles.toy())).decode()
    found = node.ask("caches", bundle=data, policy=bundles.TOY_POLICY.to_json())
    assert found == [["Verified", 0], *[["Verified", 1]] * 5]


RULES = ("security_bits", "hidden", "tokens", "side_percent")


@pytest.mark.parametrize("rule", RULES)
def test_policy(node: Node, rule: str) -> None:
    data = bundle_files.dump(bundles.toy())
    met = []
    for value in (1, 6, 7, 9, 10, 16, 17, 30, 40, 50):
        code = agree(node, data, replace(bundles.TOY_POLICY, **{rule: value}))  # type: ignore[arg-type]
        met.append(code == "verified")
    assert met == sorted(met, reverse=True)
    assert set(met) == {True, False}


def test_policy_of_draws_layers_and_bytes(node: Node) -> None:
    data = bundle_files.dump(bundles.toy())
    assert agree(node, data, replace(bundles.TOY_POLICY, own_vectors=True)) == "policy-not-met"
    assert agree(node, data, replace(bundles.TOY_POLICY, max_bundle_bytes=len(data) - 1)) == "bundle-too-large"


def test_every_field_changed_or_left_out(node: Node) -> None:
    codes = set()
    for name, bundle in MADE.items():
        if name == "by reference":
            continue
        document = json.loads(bundle_files.dump(bundle))
        for path in tampering.fields(document):
            if "list" in path or "vectors" in path or path == ("image",):
                continue
            for edit in (tampering.changed, tampering.removed):
                codes.add(agree(node, json.dumps(edit(document, path)).encode(), bundles.TOY_POLICY))
    # claims alone are bound by nothing
    assert codes >= {"malformed-bundle", "unsupported-version", "proof-rejected", "verified"}


def test_what_is_no_bundle(node: Node) -> None:
    commitment = bundles.toy().statement.commitment
    for data in (b"", b"{}", b"[]", b"\x89PNG", commitments.dump(commitment), b'{"mediaType":1}'):
        assert agree(node, data) == "malformed-bundle"
    for profile in (b"robust-9", b"paper", b"toy-3"):
        other = bundle_files.dump(bundles.toy()).replace(b'"profile":"toy-2"', b'"profile":"%s"' % profile)
        assert agree(node, other, bundles.TOY_POLICY) == "unsupported-version"
    later = bundle_files.dump(bundles.toy()).replace(b"bundle.v2+json", b"bundle.v3+json")
    assert agree(node, later) == "unsupported-version"


#: Texts that claims may or may not hold.
TEXTS = (
    *(
        "a",
        " ",
        "",
        "a" * 200,
        "a" * 201,
        "\U0001f600" * 200,
        "\U0001f600" * 201,
        "é",
        "a\tb",
        "a\nb",
        "\x7f",
        "\x85",
        "\xa0",
    ),
    *(
        "\xad",
        "\u200b",
        "\u2028",
        "\u202e",
        "\u3000",
        "\ufeff",
        "\ue000",
        "\ud800",
        "\U000e0001",
        "\U0010ffff",
        "ａ",
        "…",
    ),
)


TIMES = (
    *("2026-02-29T00:00:00Z", "2024-02-29T23:59:59Z", "2026-01-31T24:00:00Z", "2026-01-31T23:59:60Z"),
    *("0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-1-31T00:00:00Z"),
    *("2026-01-31t00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-31T00:00:00Z\n", "٢026-01-31T00:00:00Z"),
)


def test_claims(node: Node) -> None:
    document = json.loads(bundle_files.dump(bundles.toy()))
    codes = set()
    for text in (*TEXTS, ".", "..", "a/b", "a\\b", "a:b", "__proto__", "1"):
        for claims in ({"modelName": text}, {"prover": text}, {"files": {text: "0" * 64, "1": "1" * 64}}):
            changed = document | {"claims": document["claims"] | claims}
            codes.add(agree(node, json.dumps(changed).encode(), bundles.TOY_POLICY))
    for time in TIMES:
        changed = document | {"claims": document["claims"] | {"provedAt": time}}
        codes.add(agree(node, json.dumps(changed).encode(), bundles.TOY_POLICY))
    assert codes == {"verified", "malformed-bundle"}


def test_context_outside_of_the_grammar(node: Node) -> None:
    document = json.loads(bundle_files.dump(bundles.whole()))
    for owner in (
        "name:A",
        "Alice",
        "name:Alice ",
        "name:é",
        "name:\ud83d\ude00",
        "n" * 600,
        "n" * 601,
        "name:A\u0301lice",
    ):
        document["statement"]["context"] = {"owner": owner}
        code = agree(node, json.dumps(document).encode(), bundles.TOY_POLICY)
        assert code == ("proof-rejected" if owner == "name:A" else "malformed-bundle")
        reported = asked(node, json.dumps(document).encode(), bundles.TOY_POLICY)["report"]
        assert (reported is None) == (code == "malformed-bundle")
