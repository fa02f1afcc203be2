"""The steps of a proof job: commit, prove, keep. Each can be done again, and finds what it did before.

The opening is written before the commitment, and only then is anything proved: a crash never makes a second commitment
of what was committed to. A job that does not end in a bundle leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ... import disk, pipeline
from ...artefacts import bundle as bundles
from ...artefacts import commitment as commitments
from ...artefacts import opening as openings
from ...errors import HurefError, OutputError, StoreError
from .. import jobs
from ..store import Store
from . import folder
from .durable import Jobs, Step, Stopped

_log = logging.getLogger(__name__)
#: Seconds between two looks at whether the job was cancelled.
_EVERY = 0.5


class Work:
    """What does the steps, with models below `models` and the files of jobs in `place`."""

    def __init__(self, store: Store, known: Jobs, models: Path, place: Path) -> None:
        self._store, self._jobs, self._models, self._place = store, known, models, place

    @property
    def steps(self) -> list[tuple[str, Step]]:
        """The steps, in order."""
        return [(step.__name__, self._outcome(step)) for step in (self.commit, self.prove, self.keep, self.tidy)]

    def commit(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        """Opening and commitment, in files."""
        opening, commitment = self._of(name, "opening.json"), self._of(name, "commitment.json")
        if not commitment.exists():
            made, secret = pipeline.commit(
                self._model(request),
                layers=_layers(request),
                work=self._of(name, "work"),
                written=opening if opening.exists() else None,
                progress=self._progress(name),
            )
            if not opening.exists():
                openings.write(opening, secret)
            disk.write(commitment, commitments.dump(made))
        return {"commitment": commitments.read(commitment).id}

    def prove(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        """The bundle, in a file."""
        bundle = self._of(name, "bundle.json")
        if not bundle.exists():
            made = pipeline.prove(
                self._model(request),
                opening=self._of(name, "opening.json"),
                commitment=self._of(name, "commitment.json"),
                progress=self._progress(name),
            )
            disk.write(bundle, bundles.dump(made))
        return {}

    def keep(self, name: str, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """The bundle, verified under the policy and kept like any other one."""
        self._jobs.report(name, "keep", 0, 1)
        done = jobs.accept(disk.read(self._of(name, "bundle.json"), bundles.MAX_BYTES))
        if done.code != jobs.VERIFIED:
            return {"code": done.code, "detail": done.detail}
        entry, _ = self._store.keep("bundle", done.found, done.data)
        with contextlib.suppress(Stopped):  # it comes too late
            self._jobs.report(name, "keep", 1, 1)
        return {"bundle": entry.sha256}

    def tidy(self, name: str, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """Opening and commitment alone are left."""
        self._of(name, "bundle.json").unlink(missing_ok=True)
        shutil.rmtree(self._of(name, "work"), ignore_errors=True)
        return {}

    def _outcome(self, step: Step) -> Step:
        """A step whose refusal is its result, in words that name no place of this machine."""

        def done(name: str, request: dict[str, Any]) -> dict[str, Any]:
            try:
                return step(name, request)
            except Stopped:
                self._forget(name)
                return {"code": "cancelled", "detail": "cancelled"}
            except (OutputError, StoreError) as why:
                _log.error("proof job %s: %s", name, why)
                raise StoreError("what is kept cannot be read or written now") from None
            except HurefError as why:
                self._forget(name)
                return {"code": why.code, "detail": str(why).replace(f"{self._models}/", "")}
            except Exception:
                _log.exception("proof job %s", name)
                self._forget(name)
                return {"code": "internal", "detail": "the prover has a bug; the log of its operator names this job"}

        return done

    def _progress(self, name: str) -> Callable[[str, int, int], None]:
        last, seen = 0.0, ""

        def told(stage: str, done: int, total: int) -> None:
            nonlocal last, seen
            now = time.monotonic()
            if stage != seen or done >= total or now - last >= _EVERY:
                self._jobs.report(name, stage, done, total)
                last, seen = now, stage

        return told

    def _model(self, request: dict[str, Any]) -> Path:
        return folder.below(self._models, request["folder"])

    def _of(self, name: str, file: str) -> Path:
        """A file of a job, whose folder is there."""
        own = self._place / name
        with disk.writing(own):
            own.mkdir(mode=0o700, exist_ok=True)
        return own / file

    def _forget(self, name: str) -> None:
        shutil.rmtree(self._place / name, ignore_errors=True)


def _layers(request: dict[str, Any]) -> pipeline.Layers:
    given = request.get("layers")
    return given if given in (None, "all") else tuple(given)
