"""The database: SQLite in the data folder, or PostgreSQL at an address. It is brought to this release's tables at once.

Several services may use one database. Every error of it is a StoreError, and the next request tries again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from ...errors import StoreError, UsageError
from ..settings import Settings

_WAIT_SECONDS = 10
#: Which lock of PostgreSQL keeps two services from migrating at once.
_LOCK = 0x68757265


class Database:
    """A database that has this release's tables."""

    def __init__(self, address: str) -> None:
        """`address`: `sqlite:///PATH` or `postgresql://...`. UsageError: another one. StoreError: it cannot be used."""
        self.engine = _engine(address)
        migrate(self.engine)
        self._file = _file(self.engine)
        self._was = self._is()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection to read from. StoreError."""
        self._must_be_there()
        with _failing(), self.engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A connection whose changes are on the disk when the block ends without an error. StoreError."""
        self._must_be_there()
        with _failing(), self.engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _must_be_there(self) -> None:
        """StoreError if the file was removed: what is written to one without a name is lost."""
        if self._is() != self._was:
            raise StoreError(f"{self._file}: was removed or replaced while it was in use; restart the service")

    def _is(self) -> tuple[int, int] | None:
        """Which file it is."""
        try:
            found = None if self._file is None else self._file.stat()
        except OSError:
            return 0, 0
        return None if found is None else (found.st_dev, found.st_ino)


def beside(data: Path) -> str:
    """The address of the database of a data folder."""
    return f"sqlite:///{data / 'huref.sqlite3'}"


def address_of(settings: Settings) -> str:
    """The address of the database of these settings, which keep something."""
    return beside(settings.data or Path()) if settings.database is None else settings.database.get_secret_value()


def revision(address: str) -> tuple[str | None, str]:
    """The revision of a database as it is, None if it has no tables, and that of this release. Nothing is made.

    UsageError, StoreError: as for `Database`.
    """
    engine = _engine(address)
    file = _file(engine)
    now = None
    try:
        if file is None or file.exists():  # connecting would make it
            with _failing(), engine.connect() as connection:
                now = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    return now, str(ScriptDirectory.from_config(_config()).get_current_head())


def migrate(engine: sa.Engine, to: str = "head") -> None:
    """Bring a database to a revision, up or down; "base" has no tables. StoreError."""
    config = _config()
    scripts = ScriptDirectory.from_config(config)
    target = scripts.as_revision_number(to)
    target = target[0] if isinstance(target, tuple) else target
    with _failing(), engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        now = MigrationContext.configure(connection).get_current_revision()
        if now == target:
            return
        if now is not None and now not in {script.revision for script in scripts.walk_revisions()}:
            raise StoreError(f"the database was written by a newer release (revision {now}); install that one")
        config.attributes["connection"] = connection
        ahead = target is not None and (now is None or now < target)
        (command.upgrade if ahead else command.downgrade)(config, to)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", f"{__package__}:migrations")
    return config


def _engine(address: str) -> sa.Engine:
    try:
        url = sa.make_url(address)
    except (SQLAlchemyError, ValueError):  # its password is not repeated
        raise UsageError("the address of the database must be postgresql://USER:PASSWORD@HOST/NAME") from None
    if url.drivername == "postgresql" and url.username:
        url = url.set(drivername="postgresql+pg8000")
        return sa.create_engine(url, pool_pre_ping=True, pool_timeout=_WAIT_SECONDS, connect_args={"timeout": 10})
    if url.drivername != "sqlite":
        raise UsageError("the address of the database must be postgresql://USER:PASSWORD@HOST/NAME")
    engine = sa.create_engine(url, connect_args={"timeout": _WAIT_SECONDS}, pool_timeout=_WAIT_SECONDS)
    sa.event.listen(engine, "connect", _careful)
    return engine


def _file(engine: sa.Engine) -> Path | None:
    """The file of SQLite."""
    name = engine.url.database
    return None if engine.dialect.name != "sqlite" or name is None else Path(name)


def _careful(connection: Any, _: object) -> None:
    """Readers beside one writer, and what is committed is on the disk."""
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


@contextlib.contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except IntegrityError:  # the caller's to understand
        raise
    except DBAPIError as why:
        raise StoreError(f"the database did not do what was asked ({ascii(str(why.orig))[:200]})") from None
    except (SQLAlchemyError, OSError) as why:
        raise StoreError(f"the database cannot be reached ({type(why).__name__})") from None
