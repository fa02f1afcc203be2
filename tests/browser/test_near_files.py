"""Files of nearness in the page's verifier: the verdict, the check and the report of `huref verify`."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from huref.artefacts import nearness
from huref.artefacts.policy import DEFAULT, Policy
from huref.verifier.near import check
from tests.browser.node import Node
from tests.conformance.vectors import load
from tests.fuzz.browser import NEAR, near_file, verdict
from tests.support import tampering
from tests.support.bundles import TOY_POLICY

MADE = {vector.name: near_file(vector) for vector in load("valid") if vector.name in NEAR}


def asked(node: Node, data: bytes, policy: Policy = TOY_POLICY, **more: Any) -> Any:
    return node.ask("verify", bundle=base64.b64encode(data).decode(), policy=policy.to_json(), **more)


def agree(node: Node, data: bytes, policy: Policy = TOY_POLICY) -> str:
    """The code of both."""
    found = asked(node, data, policy)
    assert (found["verdict"], found["code"], found["check"]) == verdict(data, policy)
    code: str = found["code"]
    return code


@pytest.mark.parametrize("name", NEAR)
def test_report(node: Node, name: str) -> None:
    found = asked(node, nearness.dump(MADE[name]))
    report = check(MADE[name], TOY_POLICY).to_json()
    for key in ("schema", "verifier"):
        report.pop(key)
    found["report"].pop("verifier")
    assert found["report"] == report
    assert found["verdict"] == "Verified"
    assert found["portrait"] is None


@pytest.mark.parametrize("name", NEAR)
def test_every_field_changed_or_left_out(node: Node, name: str) -> None:
    document, codes = json.loads(nearness.dump(MADE[name])), set()
    for path in tampering.fields(document):
        if "list" not in path and path[:3] != ("statement", "theirs", 1):
            for edit in (tampering.changed, tampering.removed):
                codes.add(agree(node, json.dumps(edit(document, path)).encode()))
    assert codes == {"malformed-bundle", "unsupported-version", "proof-rejected", "verified"}


def test_answers_of_no_form(node: Node) -> None:
    document = json.loads(nearness.dump(MADE["near-rounded"]))
    answer, codes = document["statement"]["answer"], []
    for change in (
        {"kind": "above"},
        {"kind": "below", "cosine": 64},
        {"kind": "at-least", "cosine": 64},
        {"cosines": answer["cosines"][1:]},
        {"cosines": [257, *answer["cosines"][1:]]},
        {"pair": [0, 0]},
    ):
        changed = document | {"statement": document["statement"] | {"answer": answer | change}}
        codes.append(agree(node, json.dumps(changed).encode()))
    for wrong in ({"kind": "at-least", "cosine": 64, "pair": pair} for pair in ([2, 0], [0, 1], [0], [0, -1], None)):
        changed = document | {"statement": document["statement"] | {"answer": wrong}}
        codes.append(agree(node, json.dumps(changed).encode()))
    assert set(codes) == {"malformed-bundle"}


def test_a_later_version(node: Node) -> None:
    later = nearness.dump(MADE["near-rounded"]).replace(b"nearness.v1+json", b"nearness.v2+json")
    assert agree(node, later) == "unsupported-version"


@pytest.mark.parametrize("bounds", [(), (64,), (255, 256)])
def test_thresholds_of_a_policy(node: Node, bounds: tuple[int, ...]) -> None:
    policy = replace(TOY_POLICY, thresholds=bounds)
    assert agree(node, nearness.dump(MADE["near-rounded"]), policy) == "verified"
    code = agree(node, nearness.dump(MADE["near-below"]), policy)  # below 255/256
    assert code == ("policy-not-met" if bounds == (64,) else "verified")


def test_the_default_policy_takes_no_toys(node: Node) -> None:
    assert agree(node, nearness.dump(MADE["near-rounded"]), DEFAULT) == "policy-not-met"


def test_what_stands_beside_a_bundle_is_not_looked_at(node: Node) -> None:
    data = base64.b64encode(nearness.dump(MADE["near-rounded"])).decode()
    found = node.ask("evidence", bundle=data, policy=TOY_POLICY.to_json(), logProof=data, logPolicy=data)
    assert found["verdict"] == "Verified"
    assert found["report"]["notChecked"][-1]["what"] == "log"
