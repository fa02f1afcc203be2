"""Reports and tokens: what is believed, what is forgotten, what counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from huref.errors import NotFoundError, UsageError
from huref.serve.store import reports as module
from huref.serve.store.database import Database, beside
from huref.serve.store.reports import Reports
from huref.serve.store.tables import reports as rows
from huref.serve.store.tokens import SCOPES, Token, Tokens
from huref.verifier.check import check
from tests.support.bundles import TOY_POLICY, toy


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(beside(tmp_path))
    yield made
    made.close()


def report() -> dict[str, Any]:
    return check(toy(), TOY_POLICY).to_json()


FILE = toy().file_digest


def test_a_report_is_given_again(database: Database) -> None:
    kept = Reports(database, 10)
    assert kept.get(FILE) is None
    kept.put(FILE, report())
    kept.put(FILE, report())
    assert kept.get(FILE) == report() | {"verifier": kept.get(FILE)["verifier"]}  # type: ignore[index]
    assert kept.get("0" * 64) is None


@pytest.mark.parametrize(
    "change",
    [
        {"ok": False},
        {"code": "proof-rejected"},
        {"code": 1},
        {"failure": {"check": "a", "detail": "b"}},
        {"bundle": report()["bundle"] | {"fileSha256": "0" * 64}},
        {"bundle": {}},
        {"verified": None},
        {"unknown": 1},
    ],
    ids=lambda change: " ".join(change),
)
def test_a_report_that_does_not_belong_to_the_file_is_not_believed(database: Database, change: dict[str, Any]) -> None:
    kept = Reports(database, 10)
    kept.put(FILE, report() | change)
    with database.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(rows)).scalar() == 0
    kept.put(FILE, report())
    with database.writing() as connection:
        connection.execute(rows.update().values(report=report() | change))
    assert kept.get(FILE) is None


def test_old_reports_are_forgotten(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_EVERY", 1)
    kept, whole = Reports(database, 2), report()
    names = [f"{number:064x}" for number in range(4)]
    for name in names:
        kept.put(name, whole | {"bundle": whole["bundle"] | {"fileSha256": name}})
    assert [kept.get(name) is not None for name in names] == [False, False, True, True]


def test_tokens(database: Database) -> None:
    tokens = Tokens(database)
    token, text = tokens.create("laptop", SCOPES, None)
    assert tokens.find(text) == token
    for wrong in ("", "huref", text[:-1], text + "0", text.upper(), text.replace("_", "-"), f" {text}"):
        assert tokens.find(wrong) is None
    other, other_text = tokens.create("desk", ("bundle",), 3)
    assert tokens.find(f"huref_{token.id}_{other_text.rpartition('_')[2]}") is None
    assert {one.name for one in tokens.every()} == {"laptop", "desk"}
    assert tokens.revoke(other.id).revoked is not None
    assert tokens.find(other_text) is None
    assert tokens.find(text) == token
    with pytest.raises(NotFoundError):
        tokens.revoke("none")
    for name in ("", "x" * 201, "a\nb"):
        with pytest.raises(UsageError):
            tokens.create(name, SCOPES, None)


def test_the_secret_is_not_kept(database: Database, tmp_path: Path) -> None:
    _, text = Tokens(database).create("laptop", SCOPES, None)
    database.close()
    secret = text.rpartition("_")[2].encode()
    assert all(secret not in path.read_bytes() for path in tmp_path.iterdir())


def test_tokens_end() -> None:
    token = Token("id", "name", (), "2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z", None)
    assert token.holds("2026-01-02T23:59:59Z")
    assert not token.holds("2026-01-03T00:00:00Z")
