"""How much memory a process can still have, by what a kernel tells about limits and control groups."""

from __future__ import annotations

import math
import resource
from pathlib import Path

import pytest

from huref import memory


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kernel without limits, where a process of 1000 pages, 600 of them data, is in group /a/b of 16 GB."""
    for name, path in (("_PROCESS", "proc"), ("_MACHINE", "meminfo"), ("_GROUPS", "groups")):
        monkeypatch.setattr(memory, name, tmp_path / path)
    monkeypatch.setattr(resource, "getrlimit", lambda _limit: (resource.RLIM_INFINITY,) * 2)
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc" / "statm").write_text("1000 500 100 10 0 600 0\n")
    (tmp_path / "meminfo").write_text("MemTotal: 17000000 kB\nMemAvailable: 15000000 kB\nSwapFree: 1000000 kB\n")
    return tmp_path


def group(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def test_a_machine_without_limits(kernel: Path) -> None:
    assert memory.available() == 1024 * 16_000_000


def test_limits_of_the_process(kernel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {resource.RLIMIT_AS: 10**8, resource.RLIMIT_DATA: 10**8}
    monkeypatch.setattr(resource, "getrlimit", lambda limit: (limits[limit], 10**9))
    assert memory.available() == 10**8 - 1000 * resource.getpagesize()
    limits[resource.RLIMIT_DATA] = 5 * 10**7
    assert memory.available() == 5 * 10**7 - 600 * resource.getpagesize()
    limits[resource.RLIMIT_AS] = 1
    assert memory.available() == 0


def test_control_groups_of_version_2(kernel: Path) -> None:
    (kernel / "proc" / "cgroup").write_text("0::/a/b\n")
    group(kernel / "groups" / "a" / "b", memory__max="max\n", memory__current="700\n")
    assert memory.available() == 1024 * 16_000_000
    group(kernel / "groups" / "a", memory__max="5000\n", memory__current="3000\n", memory__stat="anon 2000\nfile 900\n")
    assert memory.available() == 2900
    group(kernel / "groups" / "a" / "b", memory__max="1000\n")
    assert memory.available() == 300


def test_control_groups_of_version_1(kernel: Path) -> None:
    (kernel / "proc" / "cgroup").write_text("5:cpu,cpuacct:/x\n4:memory:/a\n0::/\n")
    limits = {"memory__limit_in_bytes": "9000\n", "memory__usage_in_bytes": "4000\n"}
    group(kernel / "groups" / "memory" / "a", **limits, memory__stat="cache 10\ntotal_cache 100\n")
    assert memory.available() == 5100


def test_a_container_that_sees_its_own_group_as_the_root(kernel: Path) -> None:
    (kernel / "proc" / "cgroup").write_text("0::/../b\n")
    group(kernel / "groups", memory__max="5000\n", memory__current="1000\n")
    assert memory.available() == 4000


def test_a_system_that_tells_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_PROCESS", "_MACHINE", "_GROUPS"):
        monkeypatch.setattr(memory, name, tmp_path / "none")
    assert memory.available() == math.inf


def test_this_system_tells() -> None:
    assert 0 < memory.available() < math.inf
