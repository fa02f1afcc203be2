"""Asking witnesses: honest, lying, slow, silent and forgetful ones."""

from __future__ import annotations

import concurrent.futures
import contextlib
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from huref.errors import LogError, UsageError
from huref.registry import proof, tree, witnessing
from huref.registry.blobs import Folder
from huref.registry.feed import Feed
from huref.registry.keys import Secret
from huref.registry.log import Log
from huref.registry.note import Line
from huref.registry.policy import Policy
from huref.registry.witness import Witness
from tests.support import http, logs

SECRETS = [logs.witness(number) for number in (1, 2, 3)]


@contextlib.contextmanager
def honest(folder: Path, *secrets: Secret) -> Iterator[list[str]]:
    """Addresses of witnesses that do as they should."""
    with contextlib.ExitStack() as stack:
        found = []
        for secret in secrets:
            witness = Witness(folder / f"{secret.name}.sqlite", [secret], logs.policy())
            found.append(stack.enter_context(http.application(witnessing.app(witness))))
            stack.callback(witness.close)
        yield found


def shown(log: Log, position: int, policy: Policy) -> proof.Found:
    leaf = tree.leaf(log.entry(position).data)
    return proof.check(proof.parse(log.proof(position)), [leaf], policy)[1]


def test_three_witnesses_one_lying_one_slow(tmp_path: Path) -> None:
    """Two of three suffice: the liar signs another tree, the slow one answers too late, later all is fed."""
    released = threading.Event()

    def lie(_: str, body: bytes) -> tuple[int, bytes]:
        other = body.partition(b"\n\n")[2].decode().partition("\n\n")[0].replace("\n3\n", "\n4\n") + "\n"
        line = Line(SECRETS[1].name, SECRETS[1].key.id, SECRETS[1].sign(other, 1))
        return 200, line.text.encode()

    def slow(_: str, __: bytes) -> tuple[int, bytes]:
        released.wait(20)
        return 500, b"late"

    with honest(tmp_path, SECRETS[0]) as (good,), http.answering(lie) as liar, http.answering(slow) as late:
        policy = logs.policy(SECRETS, "2", addresses=[good, liar, late])
        feed = Feed(policy, seconds=0.6)
        log = Log(Folder(tmp_path / "log"), [logs.LOG], witnesses=feed)
        start = time.monotonic()
        assert log.append(logs.entries(3)) == [0, 1, 2]
        assert time.monotonic() - start < 10
        assert feed.answers["w0"] == "cosigned"
        assert "does not hold" in feed.answers["w1"]
        assert "no answer" in feed.answers.get("w2", "no answer")
        with pytest.raises(LogError, match="1 of 3 witnesses"):
            shown(log, 0, policy)
        released.set()
    with honest(tmp_path, *SECRETS[1:]) as (second, third):
        again = Feed(logs.policy(SECRETS, "2", addresses=["", second, third]))
        log = Log(Folder(tmp_path / "log"), [logs.LOG], witnesses=again)
        found = shown(log, 0, again.policy)
        assert len(found.witnesses) >= 2
        assert again.suffice(log.feed())
        assert set(again.answers.values()) == {"cosigned"}


def test_a_log_grows_with_its_witnesses_and_catches_up(tmp_path: Path) -> None:
    with honest(tmp_path, *SECRETS) as addresses:
        policy = logs.policy(SECRETS, addresses=addresses)
        log = Log(Folder(tmp_path / "log"), [logs.LOG], witnesses=Feed(policy))
        for number in range(3):
            log.append(logs.entries(1, start=number))
        Log(Folder(tmp_path / "log"), [logs.LOG]).append(logs.entries(300, start=3))  # which asked nobody
        behind = Log(Folder(tmp_path / "log"), [logs.LOG], witnesses=Feed(policy))
        assert [shown(behind, at, policy).size for at in (0, 1, 2, 3, 302)] == [1, 2, 3, 303, 303]


def test_witnesses_that_are_not_needed_are_not_waited_for(tmp_path: Path) -> None:
    released = threading.Event()
    with honest(tmp_path, SECRETS[0]) as (good,), http.answering(lambda *_: (released.wait(20), (500, b""))[1]) as late:
        policy = logs.policy(SECRETS[:2], "any", addresses=[good, late])
        start = time.monotonic()
        Log(Folder(tmp_path / "log"), [logs.LOG], witnesses=Feed(policy, seconds=15)).append(logs.entries(1))
        took = time.monotonic() - start
        released.set()
        assert took < 10


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((500, b"no\x1b[2J"), r"status 500 ('no\x1b[2J')"),
        ((200, b""), "not the line of a signature"),
        ((200, b"\xff\n"), "not the line of a signature"),
        ((200, "— somebody AAAAAAA=\n".encode()), "signed by another key"),
        ((200, b"x" * 70_000), "larger than"),
        ((409, b"none\n"), "is no number"),
        ((403, b""), "status 403"),
    ],
)
def test_answers_that_are_none(tmp_path: Path, answer: tuple[int, bytes], words: str) -> None:
    with http.answering(lambda *_: answer) as address:
        feed = Feed(logs.policy(SECRETS[:1], addresses=[address]))
        log = Log(Folder(tmp_path / "log"), [logs.LOG], witnesses=feed)
        assert log.append(logs.entries(1)) == [0]
        assert words in feed.answers["w0"]
        assert not feed.suffice(log.note("checkpoint"))


def test_nothing_is_added_to_an_old_copy(tmp_path: Path) -> None:
    """Whatever the reason is for which a witness knows more, a second history would be signed."""
    with honest(tmp_path, *SECRETS) as addresses:
        policy = logs.policy(SECRETS, "2", addresses=addresses)
        log = Log(Folder(tmp_path / "log"), [logs.LOG], witnesses=Feed(policy))
        log.append(logs.entries(2))
        shutil.copytree(tmp_path / "log", tmp_path / "copy")
        log.append(logs.entries(3, start=2))
        old = Log(Folder(tmp_path / "copy"), [logs.LOG], witnesses=Feed(policy))
        before = {path: path.read_bytes() for path in (tmp_path / "copy").rglob("*") if path.is_file()}
        for _ in range(2):
            with pytest.raises(LogError, match=r"witness w\d knows this log with 5 entries, and here it has 2"):
                old.append(logs.entries(1, start=9))
        assert old.append(logs.entries(2)) == [0, 1], "what is there is found"
        after = {path: path.read_bytes() for path in (tmp_path / "copy").rglob("*") if path.is_file()}
        assert {path: data for path, data in after.items() if before.get(path) != data} == {}
        begun = Log(Folder(tmp_path / "empty"), [logs.LOG], witnesses=Feed(policy))
        with pytest.raises(LogError, match="here it has 0"):
            begun.append(logs.entries(1))
        assert log.append(logs.entries(1, start=9)) == [5]


def test_writers_of_one_log_are_not_behind_each_other(tmp_path: Path) -> None:
    with honest(tmp_path, *SECRETS) as addresses:
        policy = logs.policy(SECRETS, addresses=addresses)
        first, second = (Log(Folder(tmp_path / "log"), [logs.LOG], witnesses=Feed(policy)) for _ in range(2))
        for number in range(4):
            writer = (first, second)[number % 2]
            assert writer.append(logs.entries(1, start=number)) == [number]
        with concurrent.futures.ThreadPoolExecutor(4) as threads:
            fresh = [Log(Folder(tmp_path / "log"), [logs.LOG], witnesses=Feed(policy)) for _ in range(4)]
            at = list(threads.map(lambda one: one[1].append(logs.entries(1, start=10 + one[0])), enumerate(fresh)))
        assert sorted(position for (position,) in at) == [4, 5, 6, 7]


def test_a_witness_that_claims_more_stops_the_log(tmp_path: Path) -> None:
    with http.answering(lambda *_: (409, b"7\n")) as address:
        log = Log(Folder(tmp_path / "log"), [logs.LOG], witnesses=Feed(logs.policy(SECRETS[:1], addresses=[address])))
        with pytest.raises(LogError, match="witness w0 knows this log with 7 entries"):
            log.append(logs.entries(1))


def test_addresses_are_those_of_http(tmp_path: Path) -> None:
    for address in ("ftp://example.org", "file:///etc/passwd", "http://", "nothing"):
        with pytest.raises(UsageError, match="witness w0"):
            Feed(logs.policy(SECRETS[:1], addresses=[address]))
