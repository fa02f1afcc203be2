"""Every file of a log that is damaged or lost is found, and a log that is whole has no fault."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from huref.registry import fsck
from huref.registry.blobs import Folder
from huref.registry.checkpoint import Checkpoint
from huref.registry.entry import Entry
from huref.registry.head import Head
from huref.registry.keys import Secret
from huref.registry.log import Log
from huref.registry.note import Note
from tests.support import logs

KEYS = [logs.LOG.key]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 600 entries, added in steps, cosigned twice."""
    folder = tmp_path_factory.mktemp("whole")
    log = Log(Folder(folder), [logs.LOG])
    for size in (200, 300, 590, 600):
        log.append(logs.entries(size))
        if size in (300, 600):
            signed = log.note("checkpoint").signed(logs.witness(1), 5)
            Folder(folder).put(f"cosigned/000/000/000/000/000/{size}", signed.data)
    return folder


def faults(folder: Path) -> list[str]:
    return list(fsck.faults(Folder(folder), KEYS))


def test_a_whole_log_has_no_fault(whole: Path, tmp_path: Path) -> None:
    assert faults(whole) == []
    Log(Folder(tmp_path), [logs.LOG])
    assert faults(tmp_path) == []


def test_every_file_that_is_changed_or_lost_is_found(whole: Path, tmp_path: Path) -> None:
    names = list(Folder(whole).names())
    assert len(names) >= 12
    for number, name in enumerate(names):
        for change in ("flipped", "short", "lost"):
            folder = shutil.copytree(whole, tmp_path / f"{number}{change}")
            data = (folder / name).read_bytes()
            if change == "lost":
                (folder / name).unlink()
            else:
                (folder / name).write_bytes(data[:-1] if change == "short" else data[:-1] + bytes([data[-1] ^ 1]))
            lost_and_not_needed = change == "lost" and (
                name.startswith("cosigned/") or (".p/" in name and "600" not in name)
            )
            needed = name in ("tile/0/002.p/88", "tile/entries/002.p/88", "tile/1/000.p/2")
            assert bool(faults(folder)) != (lost_and_not_needed and not needed), (name, change)
            shutil.rmtree(folder)


def test_what_a_writer_left_undone_is_no_fault(whole: Path, tmp_path: Path) -> None:
    ahead = shutil.copytree(whole, tmp_path / "ahead")
    Log(Folder(ahead), [logs.LOG]).append(logs.entries(601))
    folder = shutil.copytree(whole, tmp_path / "log")
    shutil.copy(ahead / "head", folder / "head")
    assert faults(folder) == []
    shutil.copy(ahead / "tile" / "0" / "002.p" / "89", folder / "tile" / "0" / "002.p" / "89")
    assert faults(folder) == []
    Log(Folder(folder), [logs.LOG])
    assert Folder(folder).get("checkpoint") == Folder(ahead).get("checkpoint")


def test_entries_that_are_none_or_come_twice_are_found(tmp_path: Path) -> None:
    data = [logs.entries(1)[0].data, b"free text", Entry("bundle", "0" * 64).data, logs.entries(1)[0].data]
    kept, _ = logs.tiled(data)
    folder = Folder(tmp_path)
    for name, content in kept.items():
        folder.put(name, content)
    top = Checkpoint(logs.ORIGIN, 4, logs.whole(data))
    folder.put("head", Head(0, top, tuple(data)).data)
    folder.put("checkpoint", Note(top.text).signed(logs.LOG, 1).data)
    assert faults(tmp_path) == ["entry 1: these bytes are no entry of a huref log", "entry 3 is the same as entry 0"]


def test_heads_that_do_not_go_together_are_found(whole: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    Log(Folder(other), [logs.LOG]).append(logs.entries(600, start=7))
    older = tmp_path / "older"
    Log(Folder(older), [logs.LOG]).append(logs.entries(600)[:9])
    thief = tmp_path / "thief"
    Log(Folder(thief), [Secret(logs.ORIGIN, "ed25519", b"T" * 32)]).append(logs.entries(600))
    for source, name, words in (
        (other, "checkpoint", "the checkpoint, of size 600, does not have the root"),
        (other, "head", "does not have the root"),
        (older, "head", "is older than the checkpoint"),
        (thief, "checkpoint", "signature|no key of the log"),
    ):
        folder = shutil.copytree(whole, tmp_path / f"{source.name}-{name}")
        shutil.copy(source / name, folder / name)
        assert any(re.search(words, fault) for fault in faults(folder)), (source, name, faults(folder))
