"""A log keeps what it accepted: with crashes at every step, several writers, old copies and damaged files."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from huref.errors import InputError, LogError, NotFoundError, StoreError, UsageError
from huref.registry import checkpoint, fsck, note, proof, tree
from huref.registry.blobs import Blobs, Folder
from huref.registry.checkpoint import Checkpoint
from huref.registry.entry import Entry
from huref.registry.keys import Secret
from huref.registry.log import Log
from huref.registry.note import Line, Note
from huref.registry.tiles import Tiles
from huref.registry.tree import Nodes
from tests.support import logs, s3

SECOND = Secret(logs.ORIGIN, "ml-dsa-44", b"2" * 32)


class Local:
    """Witnesses of this process: what each would answer at once. `away`: they do not answer."""

    def __init__(self, count: int = 1, time: int = 1_000) -> None:
        self.secrets = [logs.witness(number) for number in range(1, count + 1)]
        self.policy = logs.policy(self.secrets)
        self.time, self.away, self.asked = time, False, 0

    def cosignatures(self, signed: Note, head: Checkpoint, nodes: tree.Nodes) -> tuple[Line, ...]:
        self.asked += 1
        self.time += 1
        found = signed
        for secret in [] if self.away else self.secrets:
            found = found.signed(secret, self.time)
        return found.lines

    def suffice(self, signed: Note) -> bool:
        times = signed.times([secret.key for secret in self.secrets])
        return all(secret.key in times for secret in self.secrets)

    def largest(self, signed: Note, head: Checkpoint, nodes: Nodes) -> tuple[str, int]:
        return "", 0


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with s3.store() as address:
        yield address


@pytest.fixture(params=["folder", "objects"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path, address: str) -> Blobs:
    return Folder(tmp_path / "log") if request.param == "folder" else s3.objects(address)


def must_be_whole(blobs: Blobs, wanted: list[Entry]) -> None:
    """The published log has exactly these entries, and a proof for each."""
    log = Log(blobs, [logs.LOG])
    head = log.published()
    tiles = Tiles(blobs.get, head.size)
    found = [data for number in range(-(-head.size // 256)) for data in tiles.entries(number)]
    assert found == [one.data for one in wanted]
    assert head.root == logs.whole([one.data for one in wanted])
    for position, one in list(enumerate(wanted))[-20:]:
        assert log.find(one.sha256) == position
        shown = proof.parse(log.proof(one.sha256))
        assert proof.check(shown, [tree.leaf(one.data)], logs.policy())[1].index == position


def test_entries_have_positions_and_proofs(blobs: Blobs) -> None:
    log = Log(blobs, [logs.LOG])
    many = logs.entries(300)
    assert log.append([]) == []
    assert log.append(many[:3]) == [0, 1, 2]
    assert log.append([many[3], many[1], many[3], many[0]]) == [3, 1, 3, 0]
    assert log.append(many) == list(range(300))
    assert Log(blobs, [logs.LOG]).append(many[-2:]) == [298, 299]
    must_be_whole(blobs, many)


def test_what_anybody_may_read_is_in_the_standard_s_files(blobs: Blobs) -> None:
    log = Log(blobs, [logs.LOG, SECOND])
    many = logs.entries(520)
    for start in range(0, 520, 130):
        log.append(many[start : start + 130])
    signed = note.parse(log.static("checkpoint") or b"")
    assert set(signed.times([logs.LOG.key, SECOND.key])) == {logs.LOG.key, SECOND.key}
    head = checkpoint.parse(signed.text)
    tiles = Tiles(log.static, head.size)
    assert logs.root(tiles) == head.root == logs.whole([one.data for one in many])
    assert log.static("tile/0/000") is not None
    assert log.static("tile/0/000.p/130") is None, "what a whole tile has replaced"
    for path in ("head", "table", "tile/../head", "tile/", "", "checkpoint/", "../checkpoint"):
        assert log.static(path) is None


def test_proofs_are_under_the_first_cosigned_checkpoint(blobs: Blobs) -> None:
    witnesses = Local()
    log, many = Log(blobs, [logs.LOG], witnesses=witnesses), logs.entries(6)
    times = []
    for one in many[:4]:
        log.append([one])
        times.append(witnesses.time)
    witnesses.away = True
    log.append([many[4]])
    key = witnesses.policy
    shown = [proof.check(proof.parse(log.proof(i)), [tree.leaf(many[i].data)], key)[1] for i in range(4)]
    assert [found.time for found in shown] == times
    assert [found.size for found in shown] == [1, 2, 3, 4]
    with pytest.raises(LogError, match="0 of 1 witnesses"):
        proof.check(proof.parse(log.proof(4)), [tree.leaf(many[4].data)], key)
    witnesses.away = False
    log.feed()
    assert proof.check(proof.parse(log.proof(4)), [tree.leaf(many[4].data)], key)[1].time == witnesses.time
    asked = witnesses.asked
    Log(blobs, [logs.LOG], witnesses=witnesses)
    assert witnesses.asked == asked, "who has cosigned is not asked again"
    assert proof.parse(log.proof(0)).data == log.proof(many[0].sha256)


def test_a_clock_that_is_set_back_breaks_nothing(tmp_path: Path) -> None:
    witnesses = Local(time=5_000)
    log, (first, second) = Log(Folder(tmp_path), [logs.LOG, SECOND], witnesses=witnesses), logs.entries(2)
    log.append([first])
    witnesses.time = 10
    log.append([second])
    for position, time in enumerate((5_002, 11)):
        found = proof.parse(log.proof(position))
        leaf = tree.leaf((first, second)[position].data)
        assert proof.check(found, [leaf], witnesses.policy)[1].time == time


def test_many_threads_and_two_logs_at_once(blobs: Blobs) -> None:
    both, many, found = [Log(blobs, [logs.LOG]) for _ in range(2)], logs.entries(24), dict[int, list[int]]()

    def add(number: int) -> None:
        part = many[number * 4 : number * 4 + 5]  # the last one of each is the first of the next
        found[number] = both[number % 2].append(part)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log = Log(blobs, [logs.LOG])
    assert sorted(log.entry(position).sha256 for position in range(24)) == sorted(one.sha256 for one in many)
    for number, positions in found.items():
        assert [log.entry(position) for position in positions] == many[number * 4 : number * 4 + 5]
    must_be_whole(blobs, [log.entry(position) for position in range(log.published().size)])


WRITER = """
import sys
from pathlib import Path
from huref.registry.blobs import Folder
from huref.registry.log import Log
from tests.support import logs
log = Log(Folder(Path(sys.argv[1])), [logs.LOG])
for number in range(int(sys.argv[2]), 30, 3):
    log.append(logs.entries(2, start=number))
"""


def test_several_processes_write_one_log(tmp_path: Path) -> None:
    """Each adds every third pair of entries, of which the second is the first of the next process."""
    programs = [subprocess.Popen([sys.executable, "-c", WRITER, tmp_path, str(start)]) for start in range(3)]
    assert [program.wait(60) for program in programs] == [0, 0, 0]
    log = Log(Folder(tmp_path), [logs.LOG])
    found = [log.entry(position) for position in range(log.published().size)]
    assert sorted(one.sha256 for one in found) == sorted(one.sha256 for one in logs.entries(31))
    must_be_whole(Folder(tmp_path), found)
    assert list(fsck.faults(Folder(tmp_path), [logs.LOG.key])) == []


def test_another_writer_begins_the_log_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look for a head and the look for other files."""
    names = Folder.names

    def late(self: Folder, *rest: str) -> Iterator[str]:
        monkeypatch.setattr(Folder, "names", names)
        Log(Folder(tmp_path), [logs.LOG]).append(logs.entries(2))
        return names(self, *rest)

    monkeypatch.setattr(Folder, "names", late)
    log = Log(Folder(tmp_path), [logs.LOG])
    assert log.append(logs.entries(3)) == [0, 1, 2]
    must_be_whole(Folder(tmp_path), logs.entries(3))


PROGRAM = """
import os, shutil, signal, sys
from pathlib import Path
from huref.registry.blobs import Folder
from huref.registry.log import Log
from tests.support import logs
start, count = Path(sys.argv[1]), 0

def append(folder, at):
    def step(event, arguments):
        global count
        writes = event in ("os.rename", "os.link", "os.remove", "os.mkdir")
        writes = writes or (event == "open" and arguments[2] & os.O_ACCMODE != os.O_RDONLY)
        if writes and str(folder) in str(arguments[0]):
            count += 1
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(step)
    log = Log(Folder(folder / "log"), [logs.LOG], table=folder / "table")
    log.append(logs.entries(3, start=254))
    os._exit(0)

for at in range(1, 100):
    folder = Path(shutil.copytree(start, f"{start}-{at}"))
    child = os.fork() or append(folder, at)
    ended = os.waitpid(child, 0)[1]
    if ended != signal.SIGKILL:
        print(at - 1 if ended == 0 else ended)
        break
"""


def test_a_writer_that_is_killed_at_any_step_leaves_all_or_nothing(tmp_path: Path) -> None:
    """The step goes over the end of a tile, and so writes tiles of two rows and removes partial ones."""
    many, start = logs.entries(260), tmp_path / "log"
    log = Log(Folder(start / "log"), [logs.LOG], table=start / "table")
    log.append(many[:254])
    log.close()
    steps = int(subprocess.run([sys.executable, "-c", PROGRAM, start], stdout=subprocess.PIPE, check=True).stdout)
    assert steps > 30
    seen = set()
    for at in range(1, steps + 1):
        folder = Folder(tmp_path / f"log-{at}" / "log")
        signed = checkpoint.parse(note.parse(folder.get("checkpoint") or b"").text)
        tiles = Tiles(folder.get, signed.size)
        assert logs.root(tiles) == signed.root, "what is published is whole, before anybody mends anything"
        found = [one for number in range(-(-signed.size // 256)) for one in tiles.entries(number)]
        assert found == [one.data for one in many[: signed.size]]
        log = Log(folder, [logs.LOG], table=folder.root.parent / "table")
        seen.add((signed.size, log.published().size))
        assert log.append(many[253:260]) == list(range(253, 260))
        log.close()
        must_be_whole(folder, many)
    assert seen == {(254, 254), (254, 257), (257, 257)}, "undecided, decided, published"


class Failing(Folder):
    """A folder whose disk is full from some writing on."""

    left = 1 << 30

    def put(self, name: str, data: bytes, *, lasting: bool = True) -> None:
        self.left -= 1
        if self.left < 0:
            raise StoreError("the disk is full")
        super().put(name, data, lasting=lasting)


def test_a_full_disk_loses_nothing_and_is_gone_on_from(tmp_path: Path) -> None:
    many = logs.entries(12)
    folder = Failing(tmp_path)
    log, failed = Log(folder, [logs.LOG]), 0
    for left in range(6):
        folder.left = left
        try:
            log.append(many[left : left + 2])
        except StoreError:
            failed += 1
        folder.left = 1 << 30
        assert log.append(many[left : left + 2]) == [left, left + 1]
    assert 2 <= failed < 6
    must_be_whole(Folder(tmp_path), many[:7])


def test_an_old_copy_of_the_head_signs_nothing(tmp_path: Path) -> None:
    log, many = Log(Folder(tmp_path), [logs.LOG]), logs.entries(4)
    log.append(many[:2])
    old = (tmp_path / "head").read_bytes()
    log.append(many[2:3])
    published = (tmp_path / "checkpoint").read_bytes()
    (tmp_path / "head").write_bytes(old)
    with pytest.raises(LogError, match="was an old copy restored"):
        log.append(many[3:])
    with pytest.raises(LogError, match="was an old copy restored"):
        Log(Folder(tmp_path), [logs.LOG])
    assert (tmp_path / "checkpoint").read_bytes() == published


def test_a_damaged_log_signs_nothing(tmp_path: Path) -> None:
    many = logs.entries(600)
    log = Log(Folder(tmp_path / "log"), [logs.LOG])
    log.append(many[:590])
    log.append(many[590:])
    published = (tmp_path / "log" / "checkpoint").read_bytes()
    damages = {
        "tile/1/000.p/2": lambda data: bytes(32) + data[32:],
        "head": lambda data: data[:-9],
    }
    for name, damage in damages.items():
        folder = shutil.copytree(tmp_path / "log", tmp_path / name.replace("/", "-"))
        (folder / name).write_bytes(damage((folder / name).read_bytes()))
        with pytest.raises(LogError):
            Log(Folder(folder), [logs.LOG]).append(logs.entries(1, start=600))
        assert (folder / "checkpoint").read_bytes() == published
    (tmp_path / "log" / "head").unlink()
    with pytest.raises(LogError, match="not empty"):
        Log(Folder(tmp_path / "log"), [logs.LOG])


@pytest.mark.parametrize("left", [0, 40, -9])
def test_a_checkpoint_that_lost_its_end_with_the_power_is_made_again(tmp_path: Path, left: int) -> None:
    log = Log(Folder(tmp_path), [logs.LOG])
    log.append(logs.entries(3))
    published = (tmp_path / "checkpoint").read_bytes()
    (tmp_path / "checkpoint").write_bytes(published[:left])
    Log(Folder(tmp_path), [logs.LOG])
    assert (tmp_path / "checkpoint").read_bytes() == published
    (tmp_path / "checkpoint").unlink()
    assert log.append(logs.entries(4)) == [0, 1, 2, 3]
    must_be_whole(Folder(tmp_path), logs.entries(4))


def test_a_lost_or_foreign_table_is_made_again(tmp_path: Path) -> None:
    many = logs.entries(300)
    for name, part in (("a", many[:290]), ("b", many[5:300])):
        log = Log(Folder(tmp_path / name), [logs.LOG], table=tmp_path / f"{name}.table")
        log.append(part)
        log.close()
    for damage in (b"no table at all, but some text" * 99, b"", (tmp_path / "b.table").read_bytes()):
        for rest in tmp_path.glob("a.table*"):
            rest.unlink()
        (tmp_path / "a.table").write_bytes(damage)
        log = Log(Folder(tmp_path / "a"), [logs.LOG], table=tmp_path / "a.table")
        assert log.find(many[7].sha256) == 7
        assert log.append([many[0], many[289]]) == [0, 289]
        log.close()


def test_what_is_asked_for_and_is_not_there(tmp_path: Path) -> None:
    log, many = Log(Folder(tmp_path), [logs.LOG]), logs.entries(2)
    log.append(many[:1])
    for which in (1, -1, many[1].sha256, "x"):
        with pytest.raises(NotFoundError):
            log.proof(which)
    with pytest.raises(NotFoundError):
        log.entry(1)
    assert log.find(many[1].sha256) is None
    with pytest.raises(InputError):
        log.append([Entry("bundle", "no digest")])
    assert log.published().size == 1


def test_keys_of_a_log(tmp_path: Path) -> None:
    Log(Folder(tmp_path), [logs.LOG])
    other = Secret("log.example/other", "ed25519", bytes(32))
    with pytest.raises(LogError, match=r"this is the log log\.example/huref"):
        Log(Folder(tmp_path), [other])
    for secrets in ([], [SECOND], [logs.LOG, other]):
        with pytest.raises(UsageError, match="of type ed25519"):
            Log(Folder(tmp_path), secrets)


def test_a_table_that_a_slower_writer_took_back_is_followed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (Log(Folder(tmp_path / "log"), [logs.LOG]) for _ in range(2))
    assert second.append(logs.entries(2)) == [0, 1]
    older = second._settle()[1]
    add = first._add

    def added(wanted: list[bytes]) -> None:
        add(wanted)
        second._lookup.follow(older)  # it read the head before, and comes to the table now

    monkeypatch.setattr(first, "_add", added)
    assert first.append(logs.entries(1, start=2)) == [2]
