"""Vectors as `answers.mjs` reads them."""

from __future__ import annotations

from tests.conformance.vectors import Vector


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
        "context": vector.context,
    }
    return {"statement": statement, "proof": vector.proof.hex()}
