"""Attestations that are kept: each checked against a kept bundle, and the key or identity that signed it."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI, Request
from fastapi.responses import Response

from ...attest.envelope import MEDIA_TYPE
from .. import contract
from ..service import Service
from . import accepting, readable
from .answers import forever, found

_REQUEST = {
    "type": "object",
    "additionalProperties": False,
    "required": ["attestation"],
    "oneOf": [{"required": ["key"]}, {"required": ["identity"]}],
    "properties": {
        "attestation": {"type": "string", "description": "The attestation, as `huref attest sign` writes it."},
        "key": {"type": "string", "description": "The public key that signed it, in PEM."},
        "identity": {"type": "string", "description": "The identity that signed it: https://ISSUER SUBJECT."},
    },
}


def add(app: FastAPI, service: Service) -> None:
    """POST /v1/attestations; GET /v1/attestations/{sha256}."""

    async def attestation(request: Request, sha256: str) -> Response:
        """The file of an attestation, by its digest."""
        entry = await asyncio.to_thread(found, service.store, sha256, "attestation")
        data = await asyncio.to_thread(service.store.bytes_of, entry)
        return forever(request, sha256, data, MEDIA_TYPE)

    what = "Keep an attestation of a bundle that is kept. Signature, subjects and predicate are checked against it."
    accepting(app, service, "attestation", "attest", what, contract.body(_REQUEST))
    answers = {200: {"description": "The file.", "content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}}
    readable(app, "/v1/attestations/{sha256}", attestation, responses={**answers, **contract.refusals(404)})
