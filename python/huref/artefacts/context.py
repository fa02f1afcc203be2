"""Context: whom a proof was made for. The proof is a signature over it by somebody who knows the committed weights.

The grammar is ASCII on purpose: these strings are shown as verified, and neither verifier needs tables of Unicode
(specification, "context"). The core refuses what is outside of it; a file that holds it is read all the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..errors import UsageError
from . import strict

#: An identity is an issuer and a subject; other texts have up to 200 characters, none of them a space at either end.
_OWNER = re.compile(r"ed25519:[0-9a-f]{64}|https://[!-~]{1,240} [!-~]{1,240}|name:[!-~]([ -~]{0,198}[!-~])?", re.ASCII)
_AUDIENCE = re.compile(r"[!-~]([ -~]{0,198}[!-~])?", re.ASCII)
NONCE = (16, 64)
_MAX_TEXT = 600


@dataclass(frozen=True)
class Context:
    """`owner` as the prover says; `audience` and `nonce` as a verifier asked for. Empty where there is none."""

    owner: str = ""
    audience: str = ""
    nonce: bytes = b""

    def __bool__(self) -> bool:
        return bool(self.owner or self.audience or self.nonce)


NOBODY = Context()


def checked(context: Context) -> Context:
    """The context, if a proof can be made for it.

    Raises:
        UsageError: a field is not of the grammar; the message says what is.

    """
    if context.owner and not _OWNER.fullmatch(context.owner):
        raise UsageError(
            "the owner must be 'ed25519:' and 64 lower-case hexadecimal digits, 'https://ISSUER SUBJECT', or 'name:' "
            "and up to 200 ASCII characters"
        )
    if context.audience and not _AUDIENCE.fullmatch(context.audience):
        raise UsageError("the audience must be 1 to 200 ASCII characters without a space at either end")
    if context.nonce and not NONCE[0] <= len(context.nonce) <= NONCE[1]:
        raise UsageError(f"a nonce has {NONCE[0]} to {NONCE[1]} bytes, this one has {len(context.nonce)}")
    return context


def to_fields(context: Context) -> dict[str, Any]:
    """The object of a context in files; what is absent is left out."""
    values = {"owner": context.owner, "audience": context.audience, "nonce": context.nonce.hex()}
    return {name: value for name, value in values.items() if value}


def from_fields(fields: strict.Fields) -> Context:
    """The context of such an object. That it is of the grammar, the proof's own check says."""
    given = {key: fields.text(key) for key in ("owner", "audience") if fields.has(key)}
    if any(not 0 < len(text) <= _MAX_TEXT for text in given.values()):
        fields.refuse(f"fields 'owner' and 'audience' must have 1 to {_MAX_TEXT} characters, or be left out")
    nonce = fields.hexadecimal("nonce") if fields.has("nonce") else b""
    if not (given or nonce):
        fields.refuse("a context names an owner, an audience or a nonce, or is left out")
    fields.done()
    return Context(nonce=nonce, **given)
