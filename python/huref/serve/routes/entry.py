"""The page of one entry, with an address that stays."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response

from ...artefacts.blocks import bound, existed, in_log, reason
from ...artefacts.report import Logged, Report
from ...artefacts.words import listed, size
from ...errors import BusyError, IncomparableError, NotFoundError, TimeLimitError, VerifierLostError
from ..html import base, page, showing
from ..lines import grouped
from ..lines import shown as shown_report
from ..search import neighbours
from ..seen import seen
from ..service import Service
from ..store import Store
from ..store.entries import Entry
from ..store.reports import parsed
from .answers import found, shown

#: Most bundles of a list, and neighbours.
_MOST, _NEAREST = 24, 6


def add(app: FastAPI, service: Service) -> None:
    """GET /entries/{sha256}."""

    async def entry(request: Request) -> Response:
        row = await asyncio.to_thread(found, service.store, request.path_params["sha256"])
        values = await asyncio.to_thread(_values, service.store, row)
        values["base"] = base(request)
        if row.kind == "bundle":
            values |= await _of_bundle(service, row, values["base"], values["logged"])
        return page(request, f"{row.kind}.html", **values)

    showing(app, "/entries/{sha256}", entry)


def _values(store: Store, row: Entry) -> dict[str, Any]:
    """What every entry has, and what its kind has from the store alone."""
    logged = seen(store, row)
    values = {"entry": shown(store, row), "size": size(row.size), "logged": logged, "in_log": in_log(logged)}
    match row.kind:
        case "bundle":
            rows = store.entries.page(0, 1000, kind="attestation", bundle=row.sha256)
            signed = [{"bound": bound(one.about["bound"]), **vars(one)} for one in rows]
            return values | {"attestations": signed, "commitment": store.entries.get(row.commitment)}
        case "commitment":
            under = store.entries.page(0, _MOST, kind="bundle", commitment=row.commitment)
        case "attestation":
            under = [found(store, row.bundle or "", "bundle")]
    return values | {"lines": _lines(row), "bundles": [shown(store, one) for one in under]}


def _lines(row: Entry) -> list[tuple[str, list[str]]]:
    about = row.about
    if row.kind == "attestation":
        return [
            ("signed by", [about["signer"], bound(about["bound"])]),
            ("predicate", [about["predicateType"]]),
            ("SHA-256", [row.sha256]),
        ]
    return [
        ("commitment", [row.commitment]),
        ("profile", [f"{about['profile']}, over {about['tokens']:,} tokens and layers {listed(about['layers'])}"]),
        ("hidden size", [f"{about['hidden']:,}"]),
    ]


async def _of_bundle(service: Service, row: Entry, address: str, logged: Logged) -> dict[str, Any]:
    """The blocks of the report, and texts for a model card."""
    data = await asyncio.to_thread(service.store.bytes_of, row)
    report = await service.report(data)
    nearest = await _nearest(service, row)
    card = await service.do("card", data, f"{address}v1/bundles/".encode())
    name = f"huref commitment {row.commitment[:16]}"
    picture, place = f"{address}v1/bundles/{row.sha256}/badge.svg", f"{address}entries/{row.sha256}"
    whole = _dated(parsed(report), logged)
    return {
        "blocks": shown_report(whole),
        "failure": None if whole.failure is None else whole.failure.detail,
        "card": card.data.decode(),
        "badge": f"[![{name}]({picture})]({place})",
        "nearest": nearest,
    }


def _dated(report: Report, logged: Logged) -> Report:
    """The report, which knows of no date, on a page that shows the log's: what is known of the order is said with what
    is not. The page's readers have chosen none of the witnesses, so that it stays among what was not checked.
    """
    if logged.by is None:
        return report
    seen_by = f"the log below says: the {logged.what} {existed(logged)} whom this service asks"
    left = [replace(one, why=f"{one.why}; {seen_by}") if one.what == "order" else one for one in report.not_checked]
    return replace(report, not_checked=tuple(left))


async def _nearest(service: Service, row: Entry) -> dict[str, Any]:
    """What is kept that is like a bundle; or why that cannot be said now."""
    try:
        like = await neighbours(service, row.sha256, _NEAREST)
    except (BusyError, IncomparableError, NotFoundError, TimeLimitError, VerifierLostError) as why:
        return {"reason": str(why), "cards": []}
    rows = [await asyncio.to_thread(found, service.store, one.sha256) for one in like.neighbours]
    cards = [await asyncio.to_thread(shown, service.store, one) for one in rows]
    return {
        "reason": like.reason,
        "cards": list(zip(cards, like.neighbours, strict=True)),
        "more": like.more,
        "not_checked": grouped((left.what, reason(left.why, left.how)) for left in like.not_checked),
    }
