"""Reports on verified bundles, so that the same file is not verified twice by one release under one policy.

Reports repeat the claims of the file, so they are kept by the digest of the whole file, and only for files that are
written as `huref` writes them. Refusals are not kept. A report is looked at before it is believed.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from importlib import metadata
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import IntegrityError

from ...artefacts.policy import DEFAULT
from ...artefacts.report import Report
from .database import Database
from .tables import reports

_SHAPE = TypeAdapter(Report)
#: How many new reports there are between two times that old ones are deleted.
_EVERY = 100
#: How many reports are at hand without the database.
_RECENT = 64


class Reports:
    """The latest reports of a database, about `most`."""

    def __init__(self, database: Database, most: int) -> None:
        self._database, self._most = database, most
        self._recent: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._turning = threading.Lock()
        self._verifier = f"{metadata.version('huref')} {DEFAULT.digest}"

    def recent(self, file: str) -> dict[str, Any] | None:
        """The report on the bundle whose file has that digest, if it was asked for lately."""
        return self._recent.get(file)

    def get(self, file: str) -> dict[str, Any] | None:
        """The report on the bundle whose file has that digest. StoreError."""
        query = sa.select(reports.c.report).where(reports.c.file == file, reports.c.verifier == self._verifier)
        with self._database.reading() as connection:
            report: dict[str, Any] | None = connection.execute(query).scalar()
        if report is None or not _belongs(report, file):
            return None
        with self._turning:
            self._recent[file] = report
            if len(self._recent) > _RECENT:
                self._recent.popitem(last=False)
        return report

    def put(self, file: str, report: dict[str, Any]) -> None:
        """Keep the report on a file of that digest, if it is on a verified bundle. StoreError."""
        if not _belongs(report, file):
            return
        row = {"file": file, "verifier": self._verifier, "report": report}
        with contextlib.suppress(IntegrityError), self._database.writing() as connection:
            connection.execute(reports.delete().where(reports.c.file == file, reports.c.verifier == self._verifier))
            number = connection.execute(reports.insert().returning(reports.c.number), row).scalar_one()
            if number % _EVERY == 0:
                connection.execute(reports.delete().where(reports.c.number <= number - self._most))


def parsed(report: dict[str, Any]) -> Report:
    """A report that a worker made, as the object it was."""
    return _SHAPE.validate_python(report)


def _belongs(report: Any, file: str) -> bool:
    """Whether that is a whole report on a verified bundle whose file has that digest."""
    try:
        found = _SHAPE.validate_python(report)
    except ValidationError:
        return False
    return found.ok and found.code == "verified" and found.failure is None and found.bundle.file_sha256 == file
