"""A witness cosigns what only grew, answers every other request with its status, and never forgets."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from huref.errors import StoreError, UsageError
from huref.registry import note, request, tree
from huref.registry.checkpoint import Checkpoint, digest
from huref.registry.keys import Secret
from huref.registry.note import Line, Note
from huref.registry.witness import Answer, Witness
from tests.support import logs

DATA = [entry.data for entry in logs.entries(300)]
TREE = logs.tiled(DATA)[1]
FORK = logs.tiled([b"x", *DATA[1:]])[1]
KEYS = [logs.witness(1), logs.witness(2, "ml-dsa-44")]
SECOND = Secret(logs.ORIGIN, "ml-dsa-44", b"2" * 32)
POLICY = logs.policy(logs=[logs.LOG, SECOND])


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(tmp_path / "witness.sqlite", KEYS, POLICY)


def signed(size: int, nodes: tree.Nodes = TREE.node, log: Secret = logs.LOG) -> Note:
    return Note(Checkpoint(log.name, size, tree.root(size, nodes)).text).signed(log, 5)


def body(old: int, size: int, nodes: tree.Nodes = TREE.node) -> bytes:
    return request.dump(old, tree.consistency(old, size, nodes), signed(size, nodes))


def times(answer: Answer, text: str) -> dict[str, int]:
    assert answer.status == 200, answer
    found = Note(text, note.lines(answer.body.decode())).times([secret.key for secret in KEYS])
    return {key.name: time for key, time in found.items()}


def test_what_only_grew_is_cosigned_by_every_key(witness: Witness) -> None:
    old = 0
    for size in (0, 1, 2, 7, 7, 256, 300):
        assert set(times(witness.add(body(old, size)), signed(size).text)) == {key.name for key in KEYS}
        old = size
    kept = note.parse(witness.last(digest(logs.ORIGIN)) or b"")
    assert set(kept.times([logs.LOG.key, *(key.key for key in KEYS)])) == {logs.LOG.key, *(key.key for key in KEYS)}
    assert witness.last(digest("another")) is None


def test_every_refusal_has_its_status_and_changes_nothing(witness: Witness, tmp_path: Path) -> None:
    witness.add(body(0, 200))
    kept = (tmp_path / "witness.sqlite").read_bytes()
    stranger = Secret("log.example/stranger", "ed25519", b"S" * 32)
    thief = Secret(logs.ORIGIN, "ed25519", b"T" * 32)
    bad = Line(logs.ORIGIN, logs.LOG.key.id, bytes(64))
    proof = tree.consistency(200, 300, TREE.node)
    empty = Note(Checkpoint(logs.ORIGIN, 0, bytes(32)).text).signed(logs.LOG, 1)
    cases = [
        (400, b"no request"),
        (400, body(200, 300)[:-1]),
        (400, request.dump(300, [], signed(200))),
        (404, request.dump(200, proof, signed(300, log=stranger))),
        (403, request.dump(200, proof, Note(signed(300).text, note.parse(signed(300, log=stranger).data).lines))),
        (403, request.dump(200, proof, Note(signed(300).text).signed(thief, 1))),
        (403, request.dump(200, proof, Note(signed(300).text, (*signed(300).lines, bad)))),
        (409, body(0, 300)),
        (409, body(100, 300)),
        (409, body(201, 300)),
        (409, request.dump(0, [], empty)),
        (422, request.dump(200, proof[1:], signed(300))),
        (422, request.dump(200, [], signed(300))),
        (422, body(200, 300, FORK.node)),
        (422, body(200, 200, FORK.node)),
        (422, request.dump(200, [bytes(32)], signed(200))),
    ]
    for status, data in cases:
        answer = witness.add(data)
        assert answer.status == status, answer
        assert (answer.body, answer.media_type) == (b"200\n", "text/x.tlog.size") or status != 409
    assert (tmp_path / "witness.sqlite").read_bytes() == kept
    assert witness.add(body(200, 300)).status == 200


def test_the_first_tree_must_come_without_a_proof_and_an_empty_one_has_one_root(witness: Witness) -> None:
    assert witness.add(request.dump(0, [bytes(32)], signed(7))).status == 422
    empty = Note(Checkpoint(logs.ORIGIN, 0, bytes(32)).text).signed(logs.LOG, 1)
    assert witness.add(request.dump(0, [], empty)).status == 422
    assert witness.add(body(0, 7)).status == 200


def test_any_key_of_the_log_counts_and_signatures_of_others_are_left_out(witness: Witness) -> None:
    text = signed(7).text
    both = Note(text).signed(SECOND, 3).signed(Secret("x", "ed25519", bytes(32)), 1).signed(logs.witness(9), 1)
    assert witness.add(request.dump(0, [], both)).status == 200
    names = [line.name for line in note.parse(witness.last(digest(logs.ORIGIN)) or b"").lines]
    assert names == [logs.ORIGIN, *(key.name for key in KEYS)]


def test_it_remembers_and_a_clock_that_is_set_back_is_no_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for size, now in ((7, 5_000.5), (200, 4_000.0), (300, -1.0)):
        monkeypatch.setattr("time.time", lambda now=now: now)
        witness = Witness(tmp_path / "witness.sqlite", KEYS[:1], POLICY)
        old = {7: 0, 200: 7, 300: 200}[size]
        assert times(witness.add(body(old, size)), signed(size).text) == {KEYS[0].name: max(1, int(now))}
        witness.close()


def test_of_many_at_once_none_rolls_back(tmp_path: Path) -> None:
    both = [Witness(tmp_path / "witness.sqlite", KEYS[:1], POLICY) for _ in range(2)]
    both[0].add(body(0, 7))
    answers = list[Answer]()
    threads = [
        threading.Thread(target=lambda at=at: answers.append(both[at % 2].add(body(7, 100 + at)))) for at in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (good,) = [answer for answer in answers if answer.status == 200]
    assert {answer.status for answer in answers} == {200, 409}
    assert {answer.body for answer in answers if answer is not good} <= {b"%d\n" % size for size in range(100, 108)}


def test_what_cannot_be_kept_is_not_signed(tmp_path: Path) -> None:
    witness = Witness(tmp_path / "witness.sqlite", KEYS, POLICY)
    with sqlite3.connect(tmp_path / "witness.sqlite") as other:
        other.execute("DROP TABLE logs")
    with pytest.raises(StoreError, match="no such table"):
        witness.add(body(0, 7))
    with pytest.raises(StoreError):
        witness.last(digest(logs.ORIGIN))
    (tmp_path / "none.sqlite").write_bytes(b"no table at all, but some text" * 99)
    with pytest.raises(StoreError):
        Witness(tmp_path / "none.sqlite", KEYS, POLICY)
    for secrets in ([], [logs.LOG]):
        with pytest.raises(UsageError, match="witness or ml-dsa-44"):
            Witness(tmp_path / "other.sqlite", secrets, POLICY)
