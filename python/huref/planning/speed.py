"""The speed of this machine, measured once and kept in the user's cache."""

from __future__ import annotations

import json
import math
import platform
from dataclasses import asdict, fields
from importlib import metadata
from pathlib import Path

from .. import disk
from ..errors import HurefError
from .calibrate import Speed, cores, measure


def speed(profile: str) -> Speed:
    """The speed at work under that profile: what this release once measured on this machine, else measured now."""
    path = disk.cache() / "speed.json"
    known = _read(path)
    key = f"{metadata.version('huref')} {profile} on {_machine()}"
    found = _speed(known.get(key))
    if found is None:
        found = measure(profile)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            disk.write(path, json.dumps({**known, key: asdict(found)}, indent=1).encode())
        except (OSError, HurefError):  # then it is measured again next time
            pass
    return found


def _machine() -> str:
    """Name, kind of processor and cores."""
    try:
        text = Path("/proc/cpuinfo").read_text()
        kind = next(line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name"))
    except (OSError, StopIteration):
        kind = platform.processor()
    return f"{platform.node()}, {platform.machine()}, {kind}, {cores()} cores"


def _read(path: Path) -> dict[str, object]:
    try:
        known = json.loads(disk.read(path, 1 << 20))
    except (HurefError, ValueError, RecursionError):  # it is only a cache
        return {}
    return known if isinstance(known, dict) else {}


def _speed(values: object) -> Speed | None:
    """A speed as it was written; None for anything else."""
    names = {field.name for field in fields(Speed)}
    if not isinstance(values, dict) or values.keys() != names:
        return None
    if not all(isinstance(value, float) and 0 < value < math.inf for value in values.values()):
        return None
    return Speed(**values)
