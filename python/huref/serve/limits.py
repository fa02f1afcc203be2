"""Every limit of the service in one place."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from ..artefacts.policy import DEFAULT


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Limits:
    """Limits of one service.

    `body_bytes` of one request, `body_seconds` until it has arrived, `held_bytes` of all requests that arrive or wait;
    `workers` processes, `waiting` requests beyond those being verified; `seconds` and `memory_bytes` (address space) of
    one verification; `start_seconds` of a new worker; `connections` open at once.
    """

    body_bytes: int = DEFAULT.max_bundle_bytes
    body_seconds: float = 30.0
    held_bytes: int = 8 * DEFAULT.max_bundle_bytes
    workers: int = field(default_factory=_cores)
    waiting: int = field(default_factory=lambda: 4 * _cores())
    seconds: float = 10.0
    memory_bytes: int = 1 << 30
    start_seconds: float = 30.0
    connections: int = 512
