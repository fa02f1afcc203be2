"""Careful reading and writing of files."""

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from huref import disk
from huref.errors import InputError, NotFoundError, OutputError
from tests.support.cli import contents


def test_read(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with pytest.raises(NotFoundError, match="no such file"):
        disk.read(path)
    with pytest.raises(InputError, match="cannot be read"):
        disk.read(tmp_path)
    path.write_bytes(b"12345")
    assert disk.read(path, 5) == b"12345"
    with pytest.raises(InputError, match="larger than 4 bytes"):
        disk.read(path, 4)


def test_write_replaces_completely(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old and longer")
    disk.write(path, b"new")
    assert path.read_bytes() == b"new"
    assert [file.name for file in tmp_path.iterdir()] == ["x"]


def test_writing_fails_with_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    for path in (tmp_path / "missing" / "x", Path("/dev/full"), tmp_path):
        with pytest.raises(OutputError, match="cannot be written"):
            disk.write(path, b"data")
    assert [file.name for file in tmp_path.iterdir()] == []
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


def test_private_files_are_private_from_the_start_and_never_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret"
    modes = []
    fsync = os.fsync

    def spy(handle: int) -> None:
        modes.append(stat.S_IMODE(os.fstat(handle).st_mode))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", spy)
    before = os.umask(0)
    try:
        disk.write_private(path, b"secret")
    finally:
        os.umask(before)
    assert modes == [0o600]
    with pytest.raises(OutputError, match="exists already"):
        disk.write_private(path, b"other")
    assert path.read_bytes() == b"secret"


def test_a_full_disk_leaves_no_private_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for write in (disk.write, disk.write_private):
        with pytest.raises(OutputError, match="No space left"):
            write(tmp_path / "x", b"data")
    assert [file.name for file in tmp_path.iterdir()] == []


def test_two_writers_leave_one_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    contents = [bytes([i]) * 100_000 for i in range(4)]
    threads = [threading.Thread(target=disk.write, args=(path, data)) for data in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() in contents
    assert [file.name for file in tmp_path.iterdir()] == ["x"]


def test_a_file_that_is_awaited_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with disk.awaited(path) as file:
        file.reserve(1 << 20)
        assert not path.exists()
        file.write(b"data")
    assert path.read_bytes() == b"data"
    assert contents(tmp_path) == {"x"}


def test_errors_of_the_work_are_not_those_of_its_output(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), disk.awaited(tmp_path / "x") as file:
        file.reserve(100)
        (tmp_path / "weights").read_bytes()
    assert contents(tmp_path) == set()


def test_room_is_missed_before_the_work(tmp_path: Path) -> None:
    free = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize
    with pytest.raises(OutputError, match=r"x: there is no room for the .* MB"), disk.awaited(tmp_path / "x") as file:
        file.reserve(2 * free + (1 << 30))
    assert contents(tmp_path) == set()


@pytest.mark.parametrize("path", ["/dev/null", "/dev/full"])
def test_devices_have_no_room_to_keep(path: str) -> None:
    with disk.awaited(Path(path)) as file:
        file.reserve(1 << 20)


def test_a_killed_process_leaves_nothing(tmp_path: Path) -> None:
    """Files without a name go with the process; a disk that knows none may keep one."""
    script = (
        "import os, sys, pathlib; from huref import disk\n"
        "with disk.awaited(pathlib.Path(sys.argv[1])) as file: file.reserve(10**6); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "x")], check=False)
    assert done.returncode == -9
    assert contents(tmp_path) == set()


def test_without_files_that_have_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "O_TMPFILE")
    monkeypatch.delattr(os, "posix_fallocate")
    with pytest.raises(ZeroDivisionError), disk.awaited(tmp_path / "x") as file:
        assert len(contents(tmp_path)) == 1
        raise ZeroDivisionError
    assert contents(tmp_path) == set()
    with disk.awaited(tmp_path / "x") as file:
        file.reserve(100)
        file.write(b"data")
    disk.write_private(tmp_path / "y", b"secret")
    assert contents(tmp_path) == {"x", "y"}
    assert (tmp_path / "x").read_bytes() == b"data"
