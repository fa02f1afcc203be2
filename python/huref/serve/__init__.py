"""The service: a bundle comes in over HTTP, a report goes out (extra `serve`).

`server` listens, `wire` guards connections, `app` holds the routes, `intake` receives bodies within bounds, `pool` and
`worker` do `jobs` in processes with limits of time and memory, `store` keeps what was accepted, `problems` and
`headers` shape the answers, `contract` describes them.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from pathlib import Path

from ..errors import UsageError


def run(
    host: str = "127.0.0.1",
    port: int = 8000,
    data: Path | None = None,
    writing: str | None = None,
    file: Path | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM. Port 0 takes a free one, which the log names.

    `data` is the folder of all that is kept, made if it does not exist; anyone who can write to it can forge answers.
    `writing` "anyone" lets everyone write without a token. `file`: a file of settings, which give way to arguments.

    Raises:
        UsageError: the service cannot listen on this host and port; a setting is none; or everyone could write from
            other machines.
        OutputError, StoreError: what is kept cannot be read or written.
        VerifierLostError: no worker can be started.

    """
    from . import journal
    from .server import Server
    from .service import is_loopback
    from .settings import load

    settings = load(file, data=data, writing=writing)
    if settings.writing == "anyone" and not is_loopback(host):
        raise UsageError(f"everyone may write only where the service is reached from this machine alone, not on {host}")
    journal.configure()
    server = Server(settings)
    with _listen(host, port) as listener:
        address, number = listener.getsockname()[:2]
        shown = f"[{address}]" if ":" in address else address
        logging.getLogger("uvicorn.error").info("huref serves http://%s:%d", shown, number)
        asyncio.run(server.answer(listener))


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port < 1 << 16:
        raise UsageError(f"a port is a number from 0 to 65535, not {port}")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen()  # clients may connect once they read the address in the log, and wait until all is ready
        except BaseException:
            listener.close()
            raise
    except OSError as why:
        raise UsageError(f"cannot listen on {host}, port {port}: {why.strerror or why}") from None
    return listener
