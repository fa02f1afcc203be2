"""A worker: reads jobs on its standard input, answers on its standard output, and may be killed at any time.

Messages are those of `frames`. The first answer is empty: the worker is ready. A request is the name of a job and its
parts; an answer is one JSON object (`code`, `detail` and what else a `Done` has; or `wanted`) and the job's bytes. Only
this process looks into hostile bytes: the service neither parses bundles nor unpickles anything.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from ..artefacts.commitment import Commitment
from ..artefacts.policy import DEFAULT
from ..artefacts.shape import Shape
from ..artefacts.statement import Statement
from ..errors import HurefError, InternalError, MemoryLimitError
from ..verifier.both import rejection
from .attesting import Signers, attest
from .frames import LENGTH_BYTES, frame, length
from .jobs import JOBS, Done, Wanted
from .queries import QUERIES
from .views import VIEWS

_BEHIND = 5
_log = logging.getLogger(__name__)


def main() -> None:
    """Answer until the standard input ends.

    Arguments: address space in bytes; seconds of processor time for a job; files of a policy whose identities may sign
    attestations, and of a trusted root, empty where there is none.
    """
    memory, seconds = int(sys.argv[1]), float(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(_BEHIND)  # the service itself answers first
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing else that is written to standard output may look like an answer
    try:
        _warm()
        signers = Signers.read(*(Path(name) if name else None for name in sys.argv[3:5]))
    except (Exception, MemoryError) as why:
        sys.exit(f"huref: a verifier cannot start: {why}")
    jobs = JOBS | QUERIES | VIEWS | {"attest": partial(attest, signers)}
    _write(answers, b"")
    while count := requests.read(1):
        parts = [requests.read(length(requests.read(LENGTH_BYTES))) for _ in range(count[0])]
        signal.setitimer(signal.ITIMER_PROF, seconds)  # which ends the process, whatever it does
        name = parts[0].decode("ascii")
        fields, data = _answer(name, jobs[name], parts[1:])
        signal.setitimer(signal.ITIMER_PROF, 0)
        _write(answers, json.dumps(fields).encode("ascii"), data)


def _warm() -> None:
    """Derive the generators, which takes most of a second, before the clock of a bundle runs."""
    shape = Shape(1, 1, 1, 1, 1, layers=(0,), tokens=(b"",))
    for profile in DEFAULT.profiles:
        rejection(Statement(Commitment(profile, shape, b""), (), ()), b"", "rust")


def _answer(name: str, job: Callable[..., Done], parts: list[bytes]) -> tuple[dict[str, Any], bytes]:
    try:
        done = job(*parts)
    except Wanted as why:
        return {"wanted": [why.kind, why.sha256]}, b""
    except HurefError as why:
        return {"code": why.code, "detail": str(why)}, b""
    except MemoryError:
        return {"code": MemoryLimitError.code, "detail": "this takes more memory than allowed"}, b""
    except Exception:
        _log.exception("%s: %s bytes", name, [len(part) for part in parts])
        return {"code": InternalError.code, "detail": "the verifier has a bug"}, b""
    fields = asdict(done)
    return fields, fields.pop("data")


def _write(answers: BinaryIO, *parts: bytes) -> None:
    answers.write(frame(*parts))
    answers.flush()


if __name__ == "__main__":
    main()
