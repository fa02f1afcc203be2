"""Where proof jobs have their files: folder `proofs` of the service's folder, which only its owner may enter.

Each job has a folder there, named by its id: the opening, which is secret and stays; the commitment; and what is half
done. The folder has a name of its own, so that services which share a database, and not this folder, keep apart.
"""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path

from ... import disk
from ...errors import OutputError
from ..settings import Settings


def folder(settings: Settings) -> Path:
    """The folder, made if it is not there. OutputError."""
    found = (settings.data or Path()) / "proofs"
    try:
        found.mkdir(mode=0o700, exist_ok=True)
    except OSError as why:
        raise OutputError(f"{found}: cannot be made ({why.strerror})") from None
    return found


def queue(settings: Settings) -> str:
    """The name of the queue whose jobs are done here. OutputError."""
    path = folder(settings) / "queue"
    if not path.exists():
        with contextlib.suppress(OutputError):  # a second service may have been faster
            disk.write_private(path, f"proofs-{secrets.token_hex(8)}".encode("ascii"))
    return disk.read(path, 64).decode("ascii")
