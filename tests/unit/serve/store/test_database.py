"""Migrations, up and down, on both databases; errors of a database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from huref.errors import StoreError, UsageError
from huref.serve.store.database import Database, beside, migrate
from huref.serve.store.tables import metadata
from tests.support import postgres


@pytest.fixture(scope="module")
def server() -> Iterator[object]:
    with postgres.server() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return beside(tmp_path)
    return postgres.database(request.getfixturevalue("server"))


def tables(database: Database) -> set[str]:
    return set(sa.inspect(database.engine).get_table_names()) - {"alembic_version"}


def test_migrations_lead_to_the_tables_and_back(address: str) -> None:
    database = Database(address)
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    for _ in range(2):
        migrate(database.engine, "base")
        assert tables(database) == set()
        migrate(database.engine)
        assert tables(database) == set(metadata.tables)
    database.close()
    again = Database(address)
    assert tables(again) == set(metadata.tables)
    again.close()


def test_a_database_of_a_newer_release_is_left_alone(address: str) -> None:
    database = Database(address)
    with database.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer release"):
        Database(address)
    assert tables(database) == set(metadata.tables)
    database.close()


def test_a_change_is_whole_or_not_there(address: str) -> None:
    database = Database(address)
    row = {"file": "a" * 64, "verifier": "v", "report": {}}
    reports = metadata.tables["reports"]
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        connection.execute(reports.insert(), row)
        raise ZeroDivisionError
    with database.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(reports)).scalar() == 0
    database.close()


@pytest.mark.parametrize("text", ["mysql://host/name", "no address", "postgresql://[", "redis://x"])
def test_addresses_of_no_database(text: str) -> None:
    with pytest.raises(UsageError):
        Database(text)


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        Database("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(StoreError):
        Database(beside(tmp_path / "missing"))
    (tmp_path / "huref.sqlite3").write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError):
        Database(beside(tmp_path))
