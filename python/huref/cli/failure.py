"""Failures: exit code, and one sentence on stderr or one JSON document on stdout."""

from __future__ import annotations

import errno
import json as json_module
import os
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

import click

from .. import _native
from ..artefacts.document import RESULTS, Document
from ..errors import (
    Exit,
    HurefError,
    InputError,
    MemoryLimitError,
    NotFoundError,
    OutputError,
    ProofRejectedError,
)
from ..extras import EXTRAS, missing
from .interrupt import Interrupted

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EPIPE}
#: What the system says in words where it has no memory: a thread, a library, a mapping.
_SCARCE = (
    "can't start new thread",
    "failed to map segment",
    "cannot allocate memory",
    "cannot enable executable stack",
)
#: Begins the line of a terminal again, and shows its cursor.
_RESET = "\r\x1b[K\x1b[?25h"
#: Characters of a message.
LONGEST = 1000


@dataclass(frozen=True, kw_only=True)
class Failure(Document):
    """What `--json` prints where the work could not be done.

    `code` is a name of `errors.TABLE` or "interrupted"; `check` names the check that rejected a proof.
    """

    schema: str = f"{RESULTS}/failure/v1"
    ok: bool = False
    code: str
    detail: str
    check: str | None = None


def report(error: BaseException, *, json: bool) -> int:
    """Print what went wrong, in one piece, and return the exit code. Tracebacks only under HUREF_DEBUG=1."""
    failure, code = explain(error)
    if os.environ.get("HUREF_DEBUG") == "1":
        traceback.print_exception(error)
    try:
        if json:
            click.echo(json_module.dumps(failure.to_json()))
        else:
            # a terminal has shown ^C at the beginning of the line
            before = "\r" if failure.code == "interrupted" and sys.stderr.isatty() else ""
            click.echo(f"{before}huref: {failure.detail}", err=True)
        sys.stdout.flush()
    except OSError:
        _silence(sys.stdout)
        if json:
            click.echo(f"huref: {failure.detail}", err=True)
    return code


def prepare(*, json: bool) -> None:
    """Where the core cannot have memory, the program ends at once: it gets the words for that before."""
    failure, code = explain(MemoryError())
    words = json_module.dumps(failure.to_json()) if json else f"{_RESET * sys.stderr.isatty()}huref: {failure.detail}"
    _native.last_words(1 if json else 2, f"{words}\n".encode(), code)


def explain(error: BaseException) -> tuple[Failure, int]:
    """Code and sentence for any exception, and the exit code."""
    if isinstance(error, KeyboardInterrupt):
        code = error.exit_code if isinstance(error, Interrupted) else 128 + 2
        return Failure(code="interrupted", detail="stopped"), code
    if isinstance(error, click.ClickException):
        return Failure(code="usage", detail=_usage(error)), Exit.USAGE
    known = error if isinstance(error, HurefError) else _known(error)
    if known is None:
        return Failure(code="internal", detail=_bug(error)), Exit.INTERNAL
    check = known.check if isinstance(known, ProofRejectedError) else None
    return Failure(code=known.code, detail=sentence(str(known)), check=check), known.row.exit


def sentence(text: str) -> str:
    """A message as one line of bounded length that cannot steer a terminal: it may quote the files of a stranger."""
    words = " ".join(text.split())
    shown = words if len(words) <= LONGEST else f"{words[:LONGEST]}..."
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in shown)


def _known(error: BaseException) -> HurefError | None:
    """The error of our own tree that a foreign exception stands for."""
    if _is_scarce(error):
        return MemoryLimitError(
            "there is too little memory; 'huref plan MODEL' estimates what a proof needs: choose fewer layers or "
            "tokens, or a machine or limit with more"
        )
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        if package in EXTRAS:
            return missing(package)
    if isinstance(error, OSError) and error.errno is not None:
        where = f" {error.filename}" if error.filename else ""
        if error.errno in _FULL:
            return OutputError(f"cannot write{where}: {error.strerror}")
        if isinstance(error, FileNotFoundError):
            return NotFoundError(f"there is no file{where}")
        if error.filename:
            return InputError(f"cannot read{where}: {error.strerror}")
    return None


def _is_scarce(error: BaseException | None) -> bool:
    """Whether memory is what is missing, in an exception or in what caused it."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    if isinstance(error, RuntimeError | ImportError) and any(words in str(error).lower() for words in _SCARCE):
        return True
    return error is not None and isinstance(error, ImportError) and _is_scarce(error.__cause__ or error.__context__)


def _usage(error: click.ClickException) -> str:
    command = getattr(getattr(error, "ctx", None), "command_path", "huref")
    return f"{' '.join(error.format_message().split())} (see '{command} --help')"


def _bug(error: BaseException) -> str:
    """One line that names kind and place, without the message, which could quote a secret."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return (
        f"internal error ({type(error).__name__}{where}). This is a bug: please report it, "
        "with what HUREF_DEBUG=1 shows and the output of 'huref version'"
    )


def _silence(stream: object) -> None:
    """Point a stream that cannot be written to nowhere, so that the interpreter's last flush stays quiet."""
    fileno = getattr(stream, "fileno", None)
    if fileno is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, fileno())
        os.close(nowhere)
