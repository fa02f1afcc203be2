"""Reports of verified bundles, kept in a folder so that the same file is not verified twice.

The path is `FOLDER/reports/VERSION-POLICY/SHA256.json`: a new release or a different policy starts afresh. The name is
the digest of the whole file, claims included, because the report repeats the claims. Refusals are not kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
from importlib import metadata
from pathlib import Path
from typing import Any

from .. import disk
from ..artefacts import strict
from ..artefacts.policy import DEFAULT
from ..errors import HurefError, OutputError

_log = logging.getLogger(__name__)


class Reports:
    """At most `limit` reports; the oldest go first."""

    def __init__(self, data: Path, limit: int = 10_000) -> None:
        """Raises OutputError if the folder cannot be made or written to."""
        self._limit = limit
        self._folder = data / "reports" / f"{metadata.version('huref')}-{DEFAULT.digest[:16]}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as why:
            raise OutputError(f"{self._folder}: cannot be made ({why.strerror}); choose another folder") from None
        probe = self._folder / ".probe"
        disk.write(probe, b"")
        probe.unlink()

    def get(self, data: bytes | bytearray) -> dict[str, Any] | None:
        """The report of a bundle that was verified before."""
        with contextlib.suppress(HurefError, ValueError):
            report = json.loads(disk.read(self._path(data)))
            if isinstance(report, dict) and report.get("code") == "verified":
                return report
        return None

    def put(self, data: bytes | bytearray, report: dict[str, Any]) -> None:
        """Keep a report. A full disk is no reason to withhold the answer."""
        try:
            disk.write(self._path(data), strict.dump(report))
            files = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
            for path in files[: -self._limit]:
                path.unlink(missing_ok=True)
        except (HurefError, OSError) as why:
            _log.warning("a report was not kept: %s", why)

    def _path(self, data: bytes | bytearray) -> Path:
        return self._folder / f"{hashlib.sha256(data).hexdigest()}.json"
