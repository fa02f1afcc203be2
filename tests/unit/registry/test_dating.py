"""A bundle's report with what a log shows: bound to the bundle, dated by witnesses, refused otherwise."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from huref import Bundle, pipeline
from huref.artefacts.bundle import dump
from huref.artefacts.policy import Policy
from huref.artefacts.report import Logged, Report
from huref.errors import InputError, LogError, UsageError
from huref.registry import entry, proof
from huref.registry.entry import Entry
from tests.support import bundles, logs
from tests.support.cli import Here

WITNESSES = [logs.witness(1), logs.witness(2)]
TIME = 1_767_225_600
BUNDLE = bundles.whole()
TOYS = bundles.TOY_POLICY
OF_BUNDLE, OF_COMMITMENT = entry.of_bundle(BUNDLE)


def made(one: Entry, times: tuple[int, ...] = (TIME, TIME - 60)) -> bytes:
    """A proof that a log of seven has an entry, cosigned by that many witnesses."""
    return logs.proof_of(one, WITNESSES, *times)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "log.policy"
    path.write_text(logs.policy_text(WITNESSES))
    return path


def judged(tmp_path: Path, data: bytes, rules: Path, policy: Policy = TOYS, bundle: Bundle = BUNDLE) -> Report:
    (tmp_path / "it.tlog-proof").write_bytes(data)
    return pipeline.verify(bundle, policy=policy, log_proof=tmp_path / "it.tlog-proof", log_policy=rules)


@pytest.mark.parametrize(
    ("one", "what"),
    [(OF_BUNDLE, "bundle"), (Entry("bundle", OF_BUNDLE.sha256), "bundle"), (OF_COMMITMENT, "commitment")],
)
def test_what_a_log_shows(tmp_path: Path, rules: Path, one: Entry, what: str) -> None:
    report = judged(tmp_path, made(one), rules)
    assert report.ok
    names = ("witness1.example", "witness2.example")
    assert report.verified.logged == Logged(what, logs.ORIGIN, 4, 7, names, 2, "2026-01-01T00:00:00Z")
    assert "order" not in {left.what for left in report.not_checked}
    assert report.to_json()["verified"]["logged"]["by"] == "2026-01-01T00:00:00Z"


def test_without_a_witness_nothing_is_said_of_a_time(tmp_path: Path, rules: Path) -> None:
    rules.write_text(logs.policy_text())
    report = judged(tmp_path, made(OF_COMMITMENT), rules)
    assert report.ok
    assert report.verified.logged == Logged("commitment", logs.ORIGIN, 4, 7, (), 0)
    assert "order" in {left.what for left in report.not_checked}


@pytest.mark.parametrize(
    "one",
    [
        logs.entries(1)[0],
        Entry("attestation", OF_BUNDLE.sha256),
        Entry("commitment", OF_BUNDLE.sha256),
        Entry("bundle", OF_COMMITMENT.sha256),
        Entry("bundle", OF_BUNDLE.sha256, "0" * 64),
        entry.of_bundle(bundles.toy(2))[0],
    ],
)
def test_a_proof_about_anything_else_shows_nothing(tmp_path: Path, rules: Path, one: Entry) -> None:
    report = judged(tmp_path, made(one), rules)
    assert (report.ok, report.code, report.verified.logged) == (False, "log-rejected", None)
    assert report.failure is not None
    assert report.failure.check == "log"
    with pytest.raises(LogError, match="another entry"):
        report.raise_for_status()


def test_a_bundle_that_is_refused_stays_refused(tmp_path: Path, rules: Path) -> None:
    wrong = replace(BUNDLE, proof=bytes(reversed(BUNDLE.proof)))
    report = judged(tmp_path, made(OF_COMMITMENT), rules, bundle=wrong)
    assert report.code == "proof-rejected"


def test_a_date_by_a_log_meets_a_policy_that_demands_one(tmp_path: Path, rules: Path) -> None:
    before = replace(TOYS, dated_before="2026-01-01T00:00:00Z")
    assert judged(tmp_path, made(OF_COMMITMENT), rules, before).ok
    late = judged(tmp_path, made(OF_COMMITMENT, (TIME + 1, TIME)), rules, before)
    assert late.code == "policy-not-met"
    rules.write_text(logs.policy_text())
    assert judged(tmp_path, made(OF_COMMITMENT), rules, before).code == "policy-not-met"
    rules.write_text(logs.policy_text(WITNESSES))
    named = replace(TOYS, dated_before="2026-01-01T00:00:00Z", authorities=("somebody",))
    assert judged(tmp_path, made(OF_COMMITMENT), rules, named).code == "policy-not-met"


def test_files_that_cannot_be_read(tmp_path: Path, rules: Path) -> None:
    with pytest.raises(UsageError, match="give both"):
        pipeline.verify(BUNDLE, policy=TOYS, log_policy=rules)
    with pytest.raises(InputError, match="larger"):
        judged(tmp_path, bytes(proof.MAX_BYTES + 1), rules)
    rules.write_text("quorum all\n")
    with pytest.raises(InputError, match=re.escape(str(rules))):
        judged(tmp_path, made(OF_COMMITMENT), rules)


def test_the_line_of_the_report(tmp_path: Path, rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "it.huref.json").write_bytes(dump(BUNDLE))
    (tmp_path / "it.tlog-proof").write_bytes(made(OF_COMMITMENT))
    (tmp_path / "toys.toml").write_text(bundles.TOY_RULES)
    given = (tmp_path / "it.huref.json", "--policy", tmp_path / "toys.toml", "--log-proof", tmp_path / "it.tlog-proof")
    huref, arguments = Here(capsys), ("verify", *given, "--log-policy", rules)
    ran = huref(*arguments)
    assert ran.code == 0
    words = " ".join(ran.out.split())
    assert f"in log {logs.ORIGIN}, existed by 2026-01-01T00:00:00Z, 2 of 2 witnesses" in words
    assert "the commitment is entry 4 of 7" in words
    (tmp_path / "it.tlog-proof").write_bytes(made(OF_COMMITMENT)[:-1])
    ran = huref(*arguments)
    assert ran.code == 1
    assert "log-rejected" in ran.err
