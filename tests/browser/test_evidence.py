"""Attestations and proofs of logs in the page: what they add to a report, or at which check they are refused, is what
`huref verify` says.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from huref import Bundle, pipeline
from huref.artefacts import bundle as bundle_files
from huref.artefacts import commitment as commitments
from huref.artefacts.context import Context
from huref.artefacts.draw import COMMON, OWN, Draw
from huref.attest import envelope, keys, statement
from huref.attest.envelope import Envelope, pre_authentication
from huref.errors import TABLE, Exit
from huref.registry import entry, proof
from tests.browser.node import Node
from tests.support import bundles, logs

TOYS = bundles.TOY_POLICY
BUNDLE = bundles.whole()
ED25519, P256 = keys.fresh("ed25519"), keys.fresh("p256")
OWNED = bundles.proved((OWN,), Context(ED25519.public.name))
DRAWN = bundles.proved((COMMON, Draw("own", bytes(range(40)))))
WITNESSES = [logs.witness(1), logs.witness(2)]
TIME = 1_767_225_600


class Judge:
    """Both verifiers on the same files, which must agree."""

    def __init__(self, node: Node, folder: Path) -> None:
        self._node, self._folder = node, folder

    def __call__(self, bundle: Bundle, **beside: bytes) -> tuple[str, set[str]]:
        """Code, and what was not checked. `beside`: attestation, key, log_proof, log_policy."""
        paths = {name: self._folder / name for name in beside}
        for name, data in beside.items():
            paths[name].write_bytes(data)
        code, check, shown = self._python(bundle, paths)
        names = {"log_proof": "logProof", "log_policy": "logPolicy"}
        files = {names.get(name, name): base64.b64encode(data).decode() for name, data in beside.items()}
        whole, given = bundle_files.dump(bundle), commitments.dump(bundle.statement.commitment)
        found = self._node.ask(
            "evidence",
            bundle=base64.b64encode(whole).decode(),
            commitments=[base64.b64encode(given).decode()],
            policy=TOYS.to_json(),
            **files,
        )
        verdict = {Exit.OK: "Verified", Exit.REJECTED: "Refused"}
        exit_code = TABLE[code].exit if code in TABLE else Exit.OK
        assert (found["code"], found["check"], found["verdict"]) == (
            code,
            check,
            verdict.get(exit_code, "Not verified"),
        )
        report = found["report"]
        assert {key: report["verified"].get(key) for key in ("attestation", "logged")} == shown
        assert found["report"]["code"] == code
        return code, {left["what"] for left in report["notChecked"]}

    def _python(self, bundle: Bundle, paths: dict[str, Path]) -> tuple[str, str, dict[str, Any]]:
        given: Any = paths
        report = pipeline.verify(bundle, policy=TOYS, **given)
        verified = report.to_json()["verified"]
        failed = "" if report.failure is None else report.failure.check
        return report.code, failed, {key: verified.get(key) for key in ("attestation", "logged")}


@pytest.fixture
def judge(node: Node, tmp_path: Path) -> Judge:
    return Judge(node, tmp_path)


def attested(
    bundle: Bundle, key: keys.PrivateKey = ED25519, edit: Callable[[dict[str, Any]], object] = lambda _: None
) -> dict[str, bytes]:
    """An attestation of a bundle, whose statement was edited before it was signed; and the key."""
    document = json.loads(statement.dump(statement.about(bundle)))
    edit(document)
    payload = json.dumps(document).encode()
    signed = Envelope(payload, key.sign(pre_authentication(payload)), key.public.hint)
    return {"attestation": envelope.dump(signed), "key": key.public.pem}


@pytest.mark.parametrize(
    "bundle", [BUNDLE, DRAWN, replace(BUNDLE, by_reference=True)], ids=["inline", "drawn", "by id"]
)
@pytest.mark.parametrize("key", [ED25519, P256], ids=["ed25519", "p256"])
def test_an_attestation_holds(judge: Judge, bundle: Bundle, key: keys.PrivateKey) -> None:
    for _ in range(3):  # ECDSA: r and s of other lengths
        code, left = judge(bundle, **attested(bundle, key))
        assert code == "verified"
        assert "publisher" not in left


def test_a_signer_whom_the_proof_names(judge: Judge) -> None:
    assert "owner" not in judge(OWNED, **attested(OWNED))[1]
    assert judge(OWNED, **attested(OWNED, P256))[0] == "attestation-rejected"


@pytest.mark.parametrize(
    "edit",
    [
        lambda d: d.update(predicateType="https://slsa.dev/provenance/v1"),
        lambda d: d["subject"][0]["digest"].update(sha256="0" * 64),
        lambda d: d["subject"].pop(1),
        lambda d: d["predicate"].update(layers=[1]),
        lambda d: d["predicate"].update(more=1),
        lambda d: d["predicate"]["tokens"].update(count=17),
        lambda d: d["predicate"].pop("nonClaims"),
    ],
)
def test_what_was_signed_of_something_else(judge: Judge, edit: Callable[[dict[str, Any]], object]) -> None:
    assert judge(DRAWN, **attested(DRAWN, edit=edit))[0] in ("attestation-rejected", "no-attestation")


def test_an_attestation_that_was_changed(judge: Judge) -> None:
    made = attested(DRAWN)
    assert judge(DRAWN, **made | {"key": keys.fresh("ed25519").public.pem})[0] == "attestation-rejected"
    for key in (ED25519, P256):
        whole = envelope.parse(attested(DRAWN, key)["attestation"], "file")
        for at in (0, 1, 2, 3, 5, 20, 33, 34, 36, 63):
            wrong = bytearray(whole.signature)
            wrong[at] ^= 1
            changed = envelope.dump(replace(whole, signature=bytes(wrong)))
            assert judge(DRAWN, attestation=changed, key=key.public.pem)[0] == "attestation-rejected"


def logged(one: entry.Entry, times: tuple[int, ...] = (TIME, TIME - 60), size: int = 7, at: int = 4) -> bytes:
    return logs.proof_of(one, WITNESSES, *times, size=size, at=at)


RULES = logs.policy_text(WITNESSES).encode()


def test_what_a_log_shows(judge: Judge) -> None:
    one, other = entry.of_bundle(BUNDLE)
    for found in (one, replace(one, vector=""), other):
        for size, at in ((7, 4), (1, 0), (7, 6), (8, 3), (33, 32)):
            code, left = judge(BUNDLE, log_proof=logged(found, size=size, at=at), log_policy=RULES)
            assert code == "verified"
            assert "order" not in left
    assert "order" in judge(DRAWN, log_proof=logged(entry.of_bundle(DRAWN)[1]), log_policy=RULES)[1]  # its beacon is
    some = logs.policy_text(WITNESSES, "1").encode()
    assert judge(BUNDLE, log_proof=logged(other, (TIME,)), log_policy=some)[0] == "verified"
    assert judge(BUNDLE, log_proof=logged(other, ()), log_policy=logs.policy_text().encode())[0] == "verified"


def test_what_a_log_does_not_show(judge: Judge) -> None:
    _, mine = entry.of_bundle(BUNDLE)
    good = logged(mine)
    for wrong in (
        logged(logs.entries(1)[0]),
        logged(mine, (TIME,)),
        logged(replace(mine, kind="attestation")),
        logged(entry.of_bundle(DRAWN)[0]),
        good.replace(b"index 4", b"index 5"),
        good.replace(b"index 4", b"index 04"),
        good.replace(b"tlog-proof@v1", b"tlog-proof@v2"),
        good[:-1],
        good + b"\n",
        b"",
    ):
        assert judge(BUNDLE, log_proof=wrong, log_policy=RULES)[0] == "log-rejected"
    for rules in (logs.policy_text(WITNESSES, logs=[]), logs.policy_text([logs.witness(8)])):
        assert judge(BUNDLE, log_proof=good, log_policy=rules.encode())[0] == "log-rejected"


def test_every_changed_byte_of_a_proof(judge: Judge) -> None:
    good = logged(entry.of_bundle(BUNDLE)[1])
    proof.parse(good)
    for at in range(0, len(good), 13):
        data = bytearray(good)
        data[at] ^= 1 << (at % 7)
        judge(BUNDLE, log_proof=bytes(data), log_policy=RULES)


def test_what_the_page_cannot_tell(node: Node, judge: Judge) -> None:
    """One of two files, a kind of signature that no browser knows, files that are none of these: not checked."""
    made, rules = attested(DRAWN), logs.policy_text([logs.witness(3, "ml-dsa-44")]).encode()
    signed = proof.parse(logged(entry.of_bundle(DRAWN)[1], ()))
    strong = replace(signed, note=signed.note.signed(logs.witness(3, "ml-dsa-44"), TIME)).data
    for name, beside in (
        ("publisher", {"key": made["key"]}),
        ("publisher", {"attestation": made["attestation"]}),
        ("publisher", made | {"key": keys.fresh("ml-dsa-44").public.pem}),
        ("publisher", made | {"attestation": b"{}"}),
        ("log", {"logProof": strong}),
        ("log", {"logProof": strong, "logPolicy": rules}),
        ("log", {"logProof": strong, "logPolicy": b"quorum\n"}),
    ):
        files = {key: base64.b64encode(data).decode() for key, data in beside.items()}
        whole = base64.b64encode(bundle_files.dump(DRAWN)).decode()
        found = node.ask("evidence", bundle=whole, policy=TOYS.to_json(), **files)
        assert found["verdict"] == "Verified"
        assert name in {left["what"] for left in found["report"]["notChecked"]}
        assert not {"attestation", "logged"} & found["report"]["verified"].keys()


def test_nothing_is_looked_at_beside_a_bundle_that_is_refused(node: Node) -> None:
    wrong = replace(DRAWN, proof=DRAWN.proof[:-1] + bytes([DRAWN.proof[-1] ^ 1]))
    files = {**attested(DRAWN), "logProof": logged(entry.of_bundle(DRAWN)[1]), "logPolicy": RULES}
    given = {name: base64.b64encode(data).decode() for name, data in files.items()}
    found = node.ask(
        "evidence", bundle=base64.b64encode(bundle_files.dump(wrong)).decode(), policy=TOYS.to_json(), **given
    )
    assert (found["verdict"], found["code"]) == ("Refused", "proof-rejected")
    assert {"publisher", "log"} <= {left["what"] for left in found["report"]["notChecked"]}
