"""`huref registry` as its users run it: a log with two witnesses, a proof, a date, a monitor, a split view."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from huref.artefacts import commitment
from huref.artefacts.bundle import dump
from huref.registry import policy, proof, tree
from huref.registry.blobs import Folder
from huref.registry.log import Log
from huref.registry.reader import Reader
from tests.support import bundles, http, logs, s3
from tests.support.cli import Here, assert_sentence, running
from tests.support.private import stored

BUNDLE = bundles.whole()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a commitment, a bundle, the secret key of a log, and a policy that demands no witness."""
    (tmp_path / "commitment.json").write_bytes(commitment.dump(BUNDLE.statement.commitment))
    (tmp_path / "bundle.json").write_bytes(dump(BUNDLE))
    (tmp_path / "toys.toml").write_text(bundles.TOY_RULES)
    stored(tmp_path / "log.key", logs.LOG.dump())
    (tmp_path / "log.policy").write_text(logs.policy_text())
    return tmp_path


def listening(program: subprocess.Popen[bytes]) -> str:
    """The address that a witness says."""
    assert program.stderr is not None
    said = re.search(rb"http://\S+", program.stderr.readline())
    assert said is not None
    return said[0].decode()


@pytest.fixture
def witnesses(files: Path, huref: Here) -> Iterator[str]:
    """The lines of a policy about two witnesses that run."""
    with ExitStack() as stack:
        lines = []
        for name in ("w1", "w2"):
            made = huref(
                "registry", "key", f"{name}.example", "--type", "witness", "-o", files / f"{name}.key", "--json"
            )
            assert made.code == 0, made
            given = ("--key", files / f"{name}.key", "--log-policy", files / "log.policy", "--data", files / name)
            program = stack.enter_context(running("registry", "witness", *given, "--port", "0"))
            lines.append(f"witness {name} {made.json['vkey']} {listening(program)}\n")
        yield "".join(lines)


def test_a_date_by_two_witnesses(files: Path, witnesses: str, huref: Here) -> None:
    both = files / "both.policy"
    both.write_text(f"log {logs.LOG.key.text}\n{witnesses}group both all w1 w2\nquorum both\n")
    place = ("--log", files / "log", "--key", files / "log.key", "--log-policy", both)
    ran = huref("registry", "append", files / "commitment.json", *place, "-o", files / "it.tlog-proof", "--json")
    assert ran.code == 0, ran
    assert (ran.json["size"], ran.json["witnesses"]) == (1, {"w1": "cosigned", "w2": "cosigned"})
    judged = ("verify", files / "bundle.json", "--policy", files / "toys.toml", "--log-policy", both, "--json")
    ran = huref(*judged, "--log-proof", files / "it.tlog-proof")
    assert ran.code == 0, ran
    logged = ran.json["verified"]["logged"]
    assert (logged["what"], logged["log"], logged["known"]) == ("commitment", logs.ORIGIN, 2)
    assert logged["witnesses"] == ["w1.example", "w2.example"]
    ran = huref("registry", "append", files / "bundle.json", *place)
    assert "Log log.example/huref has 2 entries" in ran.out
    digest = BUNDLE.statement.commitment.id
    ran = huref("registry", "proof", digest.upper(), "--log", files / "log", "-o", files / "again", "--json")
    assert ran.json["kind"] == "commitment"
    assert (files / "again").read_bytes() == (files / "it.tlog-proof").read_bytes(), "the first date stays"
    assert huref("registry", "feed", *place, "--json").json["ok"]
    assert huref("registry", "fsck", "--log", files / "log", "--log-policy", both).code == 0


def test_witnesses_that_are_away(files: Path, huref: Here) -> None:
    (files / "away").write_text(logs.policy_text([logs.witness(1)], addresses=["http://127.0.0.1:1"]))
    place = ("--log", files / "log", "--key", files / "log.key", "--log-policy", files / "away")
    ran = huref("registry", "append", files / "commitment.json", *place)
    assert ran.code == 0, ran
    assert "cannot be reached" in " ".join(ran.out.split())
    ran = huref("registry", "feed", *place, "--json")
    assert (ran.code, ran.json["ok"], ran.json["ok"]) == (7, False, False)


def test_a_feed_begins_no_log(files: Path, huref: Here) -> None:
    place = ("--log", files / "none", "--key", files / "log.key", "--log-policy", files / "log.policy")
    assert_sentence(huref("registry", "feed", *place), 4, "no log is there")
    assert not (files / "none").exists()


def test_keys_are_private_and_never_overwritten(tmp_path: Path, huref: Here) -> None:
    path = tmp_path / "key"
    assert huref("registry", "key", "example.org/log", "-o", path).code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    line = path.with_name("key.pub").read_text()
    assert huref("registry", "vkey", path).out == line
    found = huref("registry", "vkey", path, "--json").json
    assert (found["name"], found["type"], f"{found['vkey']}\n") == ("example.org/log", "ed25519", line)
    assert_sentence(huref("registry", "key", "example.org/log", "-o", path), 6, "not overwritten")
    assert path.read_bytes() == before
    for name in ("two words", "a+b", "", "x" * 256):
        assert_sentence(huref("registry", "key", name, "-o", tmp_path / "other"), 2, "a name has")
    assert_sentence(huref("registry", "key", "a", "-o", "-"), 2, "needs a file")


def test_a_monitor_raises_the_alarm(files: Path, huref: Here) -> None:
    place = ("--key", files / "log.key")
    assert huref("registry", "append", files / "commitment.json", "--log", files / "log", *place).code == 0
    Log(Folder(files / "other"), [logs.LOG]).append(logs.entries(2))
    watched = ("registry", "monitor", "--log-policy", files / "watch", "--data", files / "kept")
    for name, code in (("log", 0), ("log", 0), ("other", 8)):
        with http.answering(http.files(Reader(Folder(files / name)).static)) as address:
            (files / "watch").write_text(logs.policy_text(log_address=address))
            ran = huref(*watched)
            assert ran.code == code, ran
            assert huref(*watched, "--json").json["ok"] is (code == 0)
    assert "signed two heads" in ran.err
    found = list(Folder(files / "kept").names("evidence"))
    assert len(found) == 2
    assert found[0].rpartition("/")[0] in ran.err
    assert_sentence(huref(*watched), 7, "cannot be reached")


def test_a_monitor_goes_on_until_the_alarm(files: Path) -> None:
    one, other = (Log(Folder(files / name), [logs.LOG]) for name in ("one", "other"))
    one.append(logs.entries(1))
    other.append(logs.entries(2, start=7))
    shown = [one]
    with http.answering(http.files(lambda name: shown[-1].static(name))) as address:
        (files / "watch").write_text(logs.policy_text(log_address=address))
        watched = ("--log-policy", files / "watch", "--data", files / "kept", "--every", "1")
        with running("registry", "monitor", *watched) as program:
            while not any(path.name == "checkpoint" for path in files.glob("kept/*/*")):
                assert program.poll() is None
                time.sleep(0.05)
            shown.append(other)
            assert program.wait(60) == 8


def test_a_feed_beside_a_service_dates_what_it_adds(files: Path, huref: Here) -> None:
    stored(files / "w.key", logs.witness(1).dump())
    given = ("--key", files / "w.key", "--log-policy", files / "log.policy", "--data", files / "w", "--port", "0")
    log = Log(Folder(files / "log"), [logs.LOG])
    with running("registry", "witness", *given) as witness:
        text = logs.policy_text([logs.witness(1)], addresses=[listening(witness)])
        (files / "one").write_text(text)
        fed = ("--log", files / "log", "--key", files / "log.key", "--log-policy", files / "one", "--every", "1")
        with running("registry", "feed", *fed) as program:
            for size in (1, 2):
                log.append(logs.entries(size))
                while not list((files / "log" / "cosigned").rglob(f"{size:03}")):
                    assert program.poll() is None
                    time.sleep(0.05)
    for position in (0, 1):
        found = proof.parse(log.proof(position))
        leaf = tree.leaf(log.entry(position).data)
        assert proof.check(found, [leaf], policy.parse(text.encode()))[1].size == position + 1


def test_a_witness_that_is_killed_remembers(files: Path, huref: Here) -> None:
    stored(files / "w.key", logs.witness(1).dump())
    given = ("--key", files / "w.key", "--log-policy", files / "log.policy", "--data", files / "w", "--port", "0")
    place = ("--log", files / "log", "--key", files / "log.key", "--log-policy", files / "one")
    for name, answer in (("commitment", "cosigned"), ("bundle", "cosigned")):
        with running("registry", "witness", *given) as program:  # killed at the end of the block
            (files / "one").write_text(logs.policy_text([logs.witness(1)], addresses=[listening(program)]))
            ran = huref("registry", "append", files / f"{name}.json", *place, "--json")
            assert ran.json["witnesses"] == {"w0": answer}
    shutil.rmtree(files / "log")
    with running("registry", "witness", *given) as program:
        (files / "one").write_text(logs.policy_text([logs.witness(1)], addresses=[listening(program)]))
        ran = huref("registry", "append", files / "bundle.json", *place, "--json")
        assert ran.code == 1 and "w0 knows this log with 2 entries, and here it has 0" in ran.out, "it began again"


def test_a_damaged_log_and_what_cannot_be_read(files: Path, huref: Here) -> None:
    place = ("--log", files / "log", "--key", files / "log.key")
    assert huref("registry", "append", files / "commitment.json", files / "bundle.json", *place).code == 0
    damaged = files / "damaged"
    shutil.copytree(files / "log", damaged)
    (damaged / "tile" / "0" / "000.p" / "2").write_bytes(bytes(64))
    ran = huref("registry", "fsck", "--log", damaged, "--json")
    assert (ran.code, ran.json["ok"], len(ran.json["faults"])) == (1, False, 1)
    assert "1 fault in the log" in huref("registry", "fsck", "--log", damaged).out
    (damaged / "head").write_bytes(b"")
    assert_sentence(huref("registry", "append", files / "bundle.json", "--log", damaged, *place[2:]), 1, "damaged")
    assert_sentence(huref("registry", "append", files / "log.key", *place), 3, "log.key")
    assert_sentence(huref("registry", "append", files / "log.policy", *place), 3, "log.policy")
    (files / "tokens").write_text('{"mediaType":"application/vnd.huref.tokens.v1+json"}')
    assert_sentence(huref("registry", "append", files / "tokens", *place), 2, "this is a token list")
    assert_sentence(huref("registry", "append", files / "none", *place), 4, "none")
    both = (files / "commitment.json", files / "bundle.json")
    assert_sentence(huref("registry", "append", *both, *place, "-o", files / "p"), 2, "of one file")
    assert_sentence(huref("registry", "proof", "0" * 64, "--log", files / "log", "-o", files / "p"), 4, "no entry")
    assert_sentence(huref("registry", "append", both[0], "--log", "http://x", *place[2:]), 2, "s3://BUCKET")
    (files / "log.key").chmod(0o644)
    assert_sentence(huref("registry", "append", both[0], *place), 3, "chmod 600")
    assert not (files / "p").exists()


def test_a_log_in_an_object_store(files: Path, huref: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    with s3.store() as address:
        for name, value in s3.environment(address).items():
            monkeypatch.setenv(name, value)
        place = f"s3://{s3.bucket(address)}/log"
        given = ("--log", place, "--key", files / "log.key")
        assert huref("registry", "append", files / "commitment.json", *given, "-o", files / "p").code == 0
        assert huref("registry", "fsck", "--log", place).code == 0
    given = ("--policy", files / "toys.toml", "--log-proof", files / "p", "--log-policy", files / "log.policy")
    ran = huref("verify", files / "bundle.json", *given)
    assert ran.code == 0, ran
    assert "since when is not known" in ran.out
