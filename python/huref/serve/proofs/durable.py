"""Jobs that outlive every crash. The one module that knows dbos, which writes down each step that is done.

Only JSON goes in and out of steps: ids, sentences and numbers. The tables are beside those of the service, in SQLite or
PostgreSQL.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, error

from ...errors import RateLimitedError, StoreError
from ..store.database import Database

State = Literal["waiting", "running", "done", "failed", "cancelled"]
#: A step of a job: from its id and request to what it adds to the result; `code` in that ends the job.
Step = Callable[[str, dict[str, Any]], dict[str, Any]]

_NAME, _JOB = "huref", "prove"
#: Changes when the steps of a job do. A job is finished only by a release that has the steps with which it began.
_VERSION = "1"
#: A job whose process ends so often ends it again.
_ATTEMPTS = 10
_STATES: dict[str, State] = {
    "ENQUEUED": "waiting",
    "DELAYED": "waiting",
    "PENDING": "running",
    "SUCCESS": "done",
    "CANCELLED": "cancelled",
}
_RETRY_SECONDS = 60
_JSON = DBOSPortableJSONSerializer()


@dataclass(frozen=True)
class Job:
    """A job. `progress`: stage, done, total, if it began; `result`: what its steps added, once it has ended."""

    id: str
    owner: str
    request: dict[str, Any]
    state: State
    progress: dict[str, Any]
    result: dict[str, Any]

    @property
    def ended(self) -> bool:
        """Whether its state stays."""
        return self.state not in ("waiting", "running")


class Stopped(Exception):  # noqa: N818
    """The job was cancelled."""


class Jobs:
    """The jobs of one queue, of which each owner has at most `most` that have not ended. Methods raise StoreError."""

    def __init__(self, database: Database, queue: str, most: int) -> None:
        self._database, self._queue, self._most = database, queue, most
        address = _address(database)
        with database.reading():
            DBOS.migrate(address)
            self._client = DBOSClient(
                system_database_url=address,
                serializer=_JSON,
                application_name=_NAME,
                retry_connection_errors=False,
            )

    def begin(self, name: str, owner: str, request: Mapping[str, Any]) -> Job:
        """A new job; or the one of that name, if there is one. RateLimitedError: the owner has too many."""
        for slot in range(self._most):  # each is the name of at most one job that has not ended
            try:
                with self._database.reading():
                    self._client.enqueue(
                        {
                            "workflow_name": _JOB,
                            "queue_name": self._queue,
                            "workflow_id": name,
                            "deduplication_id": f"{owner} {slot}",
                            "authenticated_user": owner,
                            "app_version": _VERSION,
                        },
                        request,
                    )
            except error.DBOSQueueDeduplicatedError:
                continue
            break
        job = self.get(name)
        if job is None:
            raise RateLimitedError(
                _RETRY_SECONDS, f"{self._most} proof jobs of yours have not ended; wait, or cancel one"
            )
        return job

    def get(self, name: str) -> Job | None:
        """The job of that name."""
        with self._database.reading():
            found = self._client.list_workflows(workflow_ids=[name], name=_JOB)
        if not found:
            return None
        row = found[0]
        if row.input is None:
            raise StoreError(f"proof job {name}: what was asked for is not there")
        state = _STATES.get(row.status, "failed")
        result = dict(row.output or {})
        if state == "failed":
            result = {"code": "verifier-lost", "detail": "the prover ended each time before it was done"}
        elif "code" in result:
            state = "failed"
        return Job(name, row.authenticated_user or "", row.input["args"][0], state, dict(row.attributes or {}), result)

    def cancel(self, name: str) -> None:
        """Let a job begin no other step."""
        with self._database.reading():
            self._client.cancel_workflow(name)

    def report(self, name: str, stage: str, done: int, total: int) -> None:
        """Write down how far a job is. Stopped: it was cancelled."""
        with self._database.reading():
            self._client.update_workflow_attributes(name, {"stage": stage, "done": done, "total": total})
            found = self._client.list_workflows(workflow_ids=[name], load_input=False, load_output=False)
        if not found or found[0].status == "CANCELLED":
            raise Stopped

    def close(self) -> None:
        """Close all connections."""
        self._client.destroy()


def work(database: Database, queue: str, steps: Sequence[tuple[str, Step]]) -> None:
    """Do the jobs of a queue, one at a time, for as long as the process lives; those first that were begun.

    A step that was done is not done again. One that raises StoreError is tried again for a while.
    """
    config: DBOSConfig = {
        "name": _NAME,
        "system_database_url": _address(database),
        "serializer": _JSON,
        "application_version": _VERSION,
        "executor_id": queue,
        "log_level": "WARNING",
    }
    DBOS(config=config)

    @DBOS.workflow(name=_JOB, max_recovery_attempts=_ATTEMPTS)
    def job(request: dict[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for name, step in steps:
            added = DBOS.run_step(
                {
                    "name": name,
                    "retries_allowed": True,
                    "max_attempts": 8,
                    "interval_seconds": 2.0,
                    "should_retry": lambda why: isinstance(why, StoreError),
                },
                step,
                str(DBOS.workflow_id),
                request,
            )
            if "code" in added:
                return added
            result |= added
        return result

    DBOS.listen_queues([queue])
    DBOS.launch()
    DBOS.register_queue(queue, worker_concurrency=1, on_conflict="always_update")
    threading.Event().wait()


def _address(database: Database) -> str:
    """The address of the database as dbos's driver has it."""
    url = database.engine.url
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql")
        socket = url.query.get("unix_sock")
        if isinstance(socket, str):
            at = Path(socket)
            url = url.difference_update_query(["unix_sock"])
            url = url.update_query_dict({"host": str(at.parent), "port": at.suffix.lstrip(".")})
    return url.render_as_string(hide_password=False)
