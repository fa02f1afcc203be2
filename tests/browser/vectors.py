"""Vectors as `answers.mjs` reads them."""

from __future__ import annotations

from typing import Any

from tests.conformance.vectors import Vector, matrix


def drift(said: dict[str, Any]) -> dict[str, object]:
    """What a statement of drift says; numbers of an absolute bound stay texts."""
    limit, public = said["limit"], said["public"]
    model = None if public is None else [matrix(bytes.fromhex(data), 1).reshape(-1).tolist() for data in public]
    bound = int(limit["values"][0]) if limit["kind"] == "relative" else limit["values"]
    return {"factors": said["exponents"], "partition": said["partition"], "bound": bound, "model": model}


def asked(vector: Vector) -> dict[str, object]:
    """A vector as `answers.mjs` reads it."""
    statement = {
        "profile": vector.profile,
        "shape": vector.sizes,
        "tokens": [token.hex() for token in vector.tokens],
        "rows": vector.commitment.hex(),
        "draws": vector.draws,
        "theirs": vector.theirs,
        "answer": vector.answer,
        "drift": vector.drift and drift(vector.drift),
        "context": vector.context,
    }
    return {"statement": statement, "proof": vector.proof.hex()}
