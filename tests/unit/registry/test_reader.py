"""Reading a log without its key, from a copy that cannot be written, while others write."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from huref.errors import LogError
from huref.registry import fsck, proof, tree
from huref.registry.blobs import Folder
from huref.registry.log import Log
from huref.registry.reader import Reader
from tests.support import logs


def test_a_copy_of_the_public_files_is_enough_for_proofs(tmp_path: Path) -> None:
    log = Log(Folder(tmp_path / "log"), [logs.LOG])
    log.append(logs.entries(300))
    for name in ("checkpoint", "tile"):
        (shutil.copytree if name == "tile" else shutil.copy)(tmp_path / "log" / name, tmp_path / name)
    reader = Reader(Folder(tmp_path))
    for position in (0, 255, 299):
        one = reader.entry(position)
        assert reader.find(one.sha256) == position
        found = proof.parse(reader.proof(one.sha256))
        assert proof.check(found, [tree.leaf(one.data)], logs.policy())[1].index == position


def test_reading_writes_nothing_where_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log(Folder(tmp_path / "log"), [logs.LOG])
    log.append(logs.entries(3))
    log.close()
    for path in [*(tmp_path / "log").glob(".*")]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    before = sorted((tmp_path / "log").rglob("*"))
    monkeypatch.setattr("os.access", lambda *_: False)
    assert Reader(Folder(tmp_path / "log")).find(logs.entries(3)[2].sha256) == 2
    assert list(fsck.faults(Folder(tmp_path / "log"))) == []
    assert sorted((tmp_path / "log").rglob("*")) == before


def test_a_place_without_a_log(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="lacks its file checkpoint"):
        Reader(Folder(tmp_path / "none")).published()
    assert list(fsck.faults(Folder(tmp_path / "none"))) == ["the log lacks its file checkpoint"]
    assert not (tmp_path / "none").exists()
    Reader(Folder(tmp_path)).close()
    assert not list(tmp_path.iterdir()), "no table of nothing"


def test_what_others_add_is_found(tmp_path: Path) -> None:
    log, reader = Log(Folder(tmp_path), [logs.LOG]), Reader(Folder(tmp_path), tmp_path / "own.sqlite")
    for size in (1, 300):
        log.append(logs.entries(size))
        assert reader.find(logs.entries(size)[-1].sha256) == size - 1
    assert reader.find("0" * 64) is None
