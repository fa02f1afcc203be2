"""Processes of this machine."""

from __future__ import annotations

from pathlib import Path


def descendants(above: int) -> dict[int, str]:
    """Processes below one, with their command lines."""
    parents, lines = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            lines[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, IndexError):
            continue  # it has just ended
    found: dict[int, str] = {}
    level = {above}
    while level:
        level = {pid for pid, parent in parents.items() if parent in level}
        found |= {pid: lines.get(pid, "") for pid in level}
    return found
