"""Metrics for Prometheus, on a port of their own. No label holds text from outside."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from starlette.types import Scope

from .. import errors
from ..errors import UsageError
from .intake import Intake
from .pool import Pool
from .settings import Settings

_CODES = {"verified", *errors.TABLE}


class Metrics:
    """The metrics of one service."""

    def __init__(self, intake: Intake, pool: Pool) -> None:
        self._all = CollectorRegistry()
        self._requests = Counter("huref_requests", "Answers", ["path", "status"], registry=self._all)
        self._seconds = Histogram("huref_request_seconds", "Time to an answer", ["path"], registry=self._all)
        self._verdicts = Counter("huref_verdicts", "Verdicts and problems by code", ["code"], registry=self._all)
        for name, about, value in (
            ("huref_jobs", "Jobs that are done or wait", lambda: pool.present),
            ("huref_workers", "Processes of workers", lambda: len(pool.idle) + len(pool.busy)),
            ("huref_workers_replaced", "Workers that were late, lost or too large", lambda: pool.replaced),
            ("huref_held_bytes", "Bytes of bodies in memory", lambda: intake.held),
        ):
            Gauge(name, about, registry=self._all).set_function(value)

    def answered(self, scope: Scope, status: int, seconds: float) -> None:
        """Count an answer."""
        path = getattr(scope.get("route"), "path", "none")
        self._requests.labels(path, str(status)).inc()
        self._seconds.labels(path).observe(seconds)
        code = scope["state"].get("verdict")
        if code in _CODES:
            self._verdicts.labels(code).inc()

    @contextlib.contextmanager
    def served(self, settings: Settings) -> Iterator[None]:
        """The metrics at their port, if there is one. UsageError: it cannot be listened on."""
        if settings.metrics_port is None:
            yield
            return
        try:
            server, thread = start_http_server(settings.metrics_port, settings.metrics_host, self._all)
        except OSError as why:
            where = f"{settings.metrics_host}, port {settings.metrics_port}"
            raise UsageError(f"metrics: cannot listen on {where}: {why.strerror or why}") from None
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
