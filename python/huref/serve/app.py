"""The service as an ASGI application: what it is made of, and its routes, one file for each subject."""

from __future__ import annotations

from importlib import metadata

from fastapi import FastAPI

from . import contract, problems
from .guard import Guard
from .headers import Headers
from .journal import Journal
from .routes import (
    attestations,
    browser,
    bundles,
    commitments,
    comparison,
    entries,
    entry,
    gallery,
    health,
    log,
    page,
    proofs,
    rules,
    search,
    verify,
)
from .service import Service
from .settings import Settings

_ABOUT = (
    "Verifies bundles of model fingerprints. Status 200 means verified; every other outcome is a problem (RFC 9457)."
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The service with these settings, which answers inside `app.state.service.running()`.

    OutputError: its folder cannot be written to.
    """
    service = Service.of(settings or Settings())

    app = FastAPI(
        title="huref",
        version=metadata.version("huref"),
        description=_ABOUT,
        docs_url=None,  # those pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    app.add_middleware(Guard, rates=service.rates)
    app.add_middleware(Journal, metrics=service.metrics)
    app.add_middleware(Headers)
    problems.install(app)
    for subject in (verify, bundles, commitments, attestations, entries, search, log, proofs, rules, health):
        subject.add(app, service)
    for shown in (page, gallery, entry, comparison, browser):
        shown.add(app, service)
    contract.install(app)
    return app
