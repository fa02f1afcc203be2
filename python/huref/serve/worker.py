"""A worker: reads bundles on its standard input, answers on its standard output, and may be killed at any time.

A message is its length (4 bytes, big-endian) and its bytes. The first one goes out and is empty: the worker is ready.
Then for each bundle one JSON object: `code`, `detail`, and `report` where there is one. Only this process looks into
hostile bytes: the service neither parses bundles nor unpickles anything.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
from typing import Any, BinaryIO

from ..artefacts.bundle import parse
from ..artefacts.commitment import Commitment
from ..artefacts.policy import DEFAULT
from ..artefacts.shape import Shape
from ..artefacts.statement import Statement
from ..errors import HurefError, InternalError, MemoryLimitError
from ..verifier.both import rejection
from ..verifier.check import check

LENGTH_BYTES = 4
_log = logging.getLogger(__name__)


def frame(message: bytes | bytearray) -> bytes:
    """The length in front of a message."""
    return len(message).to_bytes(LENGTH_BYTES, "big")


def main() -> None:
    """Answer until the standard input ends. The one argument is the limit of address space in bytes."""
    memory = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing else that is written to standard output may look like an answer
    _warm()
    _write(answers, b"")
    while (length := requests.read(LENGTH_BYTES)) and (
        data := requests.read(int.from_bytes(length, "big"))
    ) is not None:
        _write(answers, json.dumps(_answer(data)).encode("ascii"))


def _warm() -> None:
    """Derive the generators, which takes most of a second, before the clock of a bundle runs."""
    shape = Shape(1, 1, 1, 1, 1, layers=(0,), tokens=(b"",))
    for profile in DEFAULT.profiles:
        rejection(Statement(Commitment(profile, shape, b""), (), ()), b"", "rust")


def _answer(data: bytes) -> dict[str, Any]:
    try:
        report = check(parse(data, max_bytes=DEFAULT.max_bundle_bytes), DEFAULT)
    except HurefError as why:
        return {"code": why.code, "detail": str(why)}
    except MemoryError:
        return {"code": MemoryLimitError.code, "detail": "verifying this bundle takes more memory than allowed"}
    except Exception:
        _log.exception("a bundle of %d bytes", len(data))
        return {"code": InternalError.code, "detail": "the verifier has a bug"}
    detail = "verified" if report.failure is None else report.failure.detail
    return {"code": report.code, "detail": detail, "report": report.to_json()}


def _write(answers: BinaryIO, message: bytes) -> None:
    answers.write(frame(message) + message)
    answers.flush()


if __name__ == "__main__":
    main()
