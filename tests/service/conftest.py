"""A real server on a free port of the loopback interface."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from huref.serve.server import Server
from huref.serve.settings import Settings
from tests.support.cli import Here


@contextlib.contextmanager
def serving(settings: Settings) -> Iterator[int]:
    """The service in a thread; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(settings)
        thread = threading.Thread(target=asyncio.run, args=(server.answer(listener),))
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the service did not start"
            time.sleep(0.02)
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def service() -> Iterator[httpx.Client]:
    """A client of a service with the limits that it has by default."""
    with serving(Settings()) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        yield client


@pytest.fixture
def huref(capsys: pytest.CaptureFixture[str]) -> Here:
    """The command line in this process."""
    return Here(capsys)


@pytest.fixture
def anyio_backend() -> str:
    """Coroutine tests run under asyncio, as the service does."""
    return "asyncio"
