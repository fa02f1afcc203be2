"""A monitor follows a log, and raises the alarm over every split view with both heads as evidence."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from huref.errors import LogError, NotFoundError, ServiceError, SplitViewError, UsageError
from huref.registry import note, policy
from huref.registry.blobs import Folder
from huref.registry.checkpoint import digest
from huref.registry.keys import Secret
from huref.registry.log import Log
from huref.registry.monitor import Monitor
from huref.registry.note import Note
from tests.support import http, logs

LAST = f"{digest(logs.ORIGIN)}/checkpoint"


def grown(folder: Path, *parts: int, start: int = 0) -> Log:
    """A log in that folder after these numbers of entries were added."""
    log = Log(Folder(folder), [logs.LOG])
    for part in parts:
        first = log.published().size
        log.append(logs.entries(part, start=start + first))
    return log


def watch(kept: Folder, address: str, *witnesses: str) -> tuple[int, list[str]]:
    secrets = [logs.witness(number) for number in range(1, len(witnesses) + 1)]
    text = logs.policy_text(secrets, addresses=witnesses, log_address=address)
    monitor = Monitor(policy.parse(text.encode()), kept)
    head, missed = monitor.follow(monitor.logs[0])
    return head.size, missed


def evidence(kept: Folder) -> list[Note]:
    found = [note.parse(kept.get(name) or b"") for name in kept.names("evidence")]
    assert all(one.times([logs.LOG.key]) == {logs.LOG.key: 0} for one in found), "anybody can check it"
    return found


def test_a_log_that_only_grows_is_followed(tmp_path: Path) -> None:
    kept, log = Folder(tmp_path / "kept"), grown(tmp_path / "log")
    with http.answering(http.files(log.static)) as address:
        assert watch(kept, address) == (0, [])
        for size in (1, 2, 255, 256, 257, 700):
            log.append(logs.entries(size))
            assert watch(kept, address) == (size, [])
            assert kept.get(LAST) == log.static("checkpoint")
        assert watch(kept, f"{address}/") == (700, [])
    assert evidence(kept) == []


@pytest.mark.parametrize(("seen", "now"), [(3, 3), (3, 5), (5, 3), (300, 600), (600, 300)])
def test_two_histories_are_an_alarm_with_both_heads(tmp_path: Path, seen: int, now: int) -> None:
    kept, one, other = Folder(tmp_path / "kept"), grown(tmp_path / "a", seen), grown(tmp_path / "b", now, start=7)
    with http.answering(http.files(one.static)) as address:
        watch(kept, address)
    before = kept.get(LAST)
    with http.answering(http.files(other.static)) as address, pytest.raises(SplitViewError, match="evidence/"):
        watch(kept, address)
    assert {found.text for found in evidence(kept)} == {one.note("checkpoint").text, other.note("checkpoint").text}
    assert kept.get(LAST) == before


def test_a_log_that_goes_back_to_an_older_head_is_no_split_view(tmp_path: Path) -> None:
    kept, log = Folder(tmp_path / "kept"), grown(tmp_path / "log", 3)
    old = log.static("checkpoint")
    log.append(logs.entries(9))
    with http.answering(http.files(log.static)) as address:
        watch(kept, address)
    shown: Callable[[str], bytes | None] = lambda name: old if name == "checkpoint" else log.static(name)  # noqa: E731
    with http.answering(http.files(shown)) as address:
        assert watch(kept, address) == (9, [])


def test_what_witnesses_saw_must_go_together_too(tmp_path: Path) -> None:
    kept, log, other = Folder(tmp_path / "kept"), grown(tmp_path / "log", 5), grown(tmp_path / "b", 4, start=7)
    old = log.static("checkpoint")
    log.append(logs.entries(9))
    fine = http.files(lambda name: old if name == LAST else None)
    never = http.files(lambda _: None)
    broken = http.files(lambda _: b"no checkpoint")
    split = http.files(lambda name: other.static("checkpoint") if name == LAST else None)
    with (
        http.answering(http.files(log.static)) as address,
        http.answering(fine) as one,
        http.answering(never) as two,
        http.answering(broken) as three,
        http.answering(split) as four,
    ):
        size, missed = watch(kept, address, one, two, three, "http://127.0.0.1:1")
        assert size == 9
        assert ["a note is" in missed[0], "cannot be reached" in missed[1], len(missed)] == [True, True, 2]
        with pytest.raises(SplitViewError, match=r"witness2\.example"):
            watch(kept, address, one, four)
    assert len(evidence(kept)) == 2


def test_a_log_that_hides_what_it_signed_is_caught(tmp_path: Path) -> None:
    kept, log = Folder(tmp_path / "kept"), grown(tmp_path / "log", 300)
    shutil.rmtree(tmp_path / "log" / "tile")
    with http.answering(http.files(log.static)) as address, pytest.raises(LogError, match="lacks this tile"):
        watch(kept, address)
    grown(tmp_path / "b", 300, start=7)
    shutil.copytree(tmp_path / "b" / "tile", tmp_path / "log" / "tile")
    with http.answering(http.files(log.static)) as address, pytest.raises(LogError, match="do not lead to the head"):
        watch(kept, address)
    assert kept.get(LAST) is None


def test_a_log_that_was_set_back_is_caught(tmp_path: Path) -> None:
    kept, log, old = Folder(tmp_path / "kept"), grown(tmp_path / "log", 300), grown(tmp_path / "old", 200)
    with http.answering(http.files(log.static)) as address:
        watch(kept, address)
    with http.answering(http.files(old.static)) as address, pytest.raises(SplitViewError, match="shows no tree"):
        watch(kept, address)
    assert len(evidence(kept)) == 2


def test_what_is_not_the_log_s(tmp_path: Path) -> None:
    kept = Folder(tmp_path / "kept")
    for secret, words in (
        (Secret(logs.ORIGIN, "ed25519", b"T" * 32), "not a checkpoint that log"),
        (Secret("log.example/other", "ed25519", b"L" * 32), "not a checkpoint that log"),
    ):
        log = Log(Folder(tmp_path / secret.seed.hex() / secret.name), [secret])
        with http.answering(http.files(log.static)) as address, pytest.raises(LogError, match=words):
            watch(kept, address)
    with http.answering(lambda *_: (200, b"x" * 300_000)) as address, pytest.raises(ServiceError, match="larger"):
        watch(kept, address)
    with http.answering(lambda *_: (500, b"")) as address, pytest.raises(ServiceError, match="500"):
        watch(kept, address)
    with http.answering(lambda *_: (404, b"")) as address, pytest.raises(NotFoundError):
        watch(kept, address)
    with pytest.raises(UsageError, match="nothing to follow"):
        Monitor(logs.policy(), kept)
