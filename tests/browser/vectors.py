"""Vectors as `answers.mjs` reads them."""

from __future__ import annotations

from huref.verifier import reference
from tests.conformance.vectors import Vector


def asked(vector: Vector) -> dict[str, object]:
    """A vector as `answers.mjs` reads it."""
    statement = {
        "profile": vector.profile,
        "shape": vector.sizes,
        "tokens": [token.hex() for token in vector.tokens],
        "rows": vector.commitment.hex(),
        "draws": vector.draws,
        "context": vector.context,
    }
    return {"statement": statement, "proof": vector.proof.hex()}


def asked_near(statement: reference.Nearness, proof: bytes) -> dict[str, object]:
    """A statement of nearness as `answers.mjs` reads it."""
    shape, context = statement.shape, statement.context
    fields = {
        "profile": statement.profile,
        "shape": {
            "hidden": shape.hidden,
            "heads": shape.heads,
            "kvHeads": shape.kv_heads,
            "headDim": shape.head_dim,
            "ffn": shape.ffn,
            "layers": shape.layers,
        },
        "tokens": [token.hex() for token in shape.tokens],
        "rows": statement.commitment.hex(),
        "draws": [
            {"kind": draw.kind, "beacon": draw.beacon.hex(), "other": draw.other.hex()} for draw in statement.draws
        ],
        "theirs": statement.theirs,
        "answer": vars(statement.answer),
        "context": {"owner": context.owner, "audience": context.audience, "nonce": context.nonce.hex()},
    }
    return {"statement": fields, "proof": proof.hex()}
