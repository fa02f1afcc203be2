"""How much memory this process can still have."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path

#: Where the kernel tells. /proc/self, but for tests.
_PROCESS, _MACHINE, _GROUPS = Path("/proc/self"), Path("/proc/meminfo"), Path("/sys/fs/cgroup")


#: Address space that the program and its libraries take before any work, and what each core adds to that: the stack and
#: heap of a thread.
START, PER_CORE = 240 << 20, 40 << 20


def must_start() -> None:
    """MemoryError if the address space is limited to less than the program takes before any work.

    Libraries that cannot start their threads would end the program with words and codes of their own.
    """
    try:
        import resource
    except ImportError:
        return
    soft = resource.getrlimit(resource.RLIMIT_AS)[0]
    if soft != resource.RLIM_INFINITY and soft < START + PER_CORE * (os.cpu_count() or 1):
        raise MemoryError


def available() -> float:
    """Bytes that this process can still have: what its limits, those of its control groups and the machine leave.

    Infinite where the system does not tell.
    """
    return max(0.0, min((math.inf, *_limits(), *_machine(), *_groups())))


def _limits() -> Iterator[float]:
    """What the limits of the process leave (`ulimit -v`, `ulimit -d`)."""
    try:
        import resource

        pages = [int(number) for number in (_PROCESS / "statm").read_text().split()]
    except (ImportError, OSError, ValueError):
        return
    for limit, used in ((resource.RLIMIT_AS, pages[0]), (resource.RLIMIT_DATA, pages[5])):
        soft = resource.getrlimit(limit)[0]
        if soft != resource.RLIM_INFINITY:
            yield soft - used * resource.getpagesize()


def _machine() -> Iterator[float]:
    """What the machine has: free memory, file contents that it would give up, swap."""
    values = _table(_MACHINE)
    if "MemAvailable:" in values:
        yield 1024 * (values["MemAvailable:"] + values.get("SwapFree:", 0))


def _groups() -> Iterator[float]:
    """What the limits of control groups leave, of version 1 and 2. File contents count as free."""
    try:
        lines = (_PROCESS / "cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, kinds, path = line.split(":", 2)
        if kinds == "":
            root, names, cached = _GROUPS, ("memory.max", "memory.current"), "file"
        elif "memory" in kinds.split(","):
            root = _GROUPS / "memory"
            names, cached = ("memory.limit_in_bytes", "memory.usage_in_bytes"), "total_cache"
        else:
            continue
        group = root / path.lstrip("/")
        for folder in (group, *group.parents):
            if folder.is_relative_to(root):
                try:
                    limit, used = (int((folder / name).read_text()) for name in names)
                except (OSError, ValueError):  # no limit, or not seen from here
                    continue
                yield limit - used + _table(folder / "memory.stat").get(cached, 0)


def _table(path: Path) -> dict[str, int]:
    """The numbers of a file of the kernel by their names; none if it cannot be read."""
    try:
        rows = [line.split() for line in path.read_text().splitlines()]
    except OSError:
        return {}
    return {row[0]: int(row[1]) for row in rows if len(row) > 1 and row[1].isdecimal()}
