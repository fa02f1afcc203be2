"""Whom a proof is for (specification, "context").

Bytes are compared, never normalised; the grammar leaves one spelling of each owner.
"""

import re
from dataclasses import dataclass

from .error import ensure

OWNER = re.compile(r"ed25519:[0-9a-f]{64}|https://[!-~]{1,240} [!-~]{1,240}|name:[!-~](?:[ -~]{0,198}[!-~])?")
LINE = re.compile(r"[!-~](?:[ -~]{0,198}[!-~])?")


@dataclass(frozen=True)
class Context:
    """Owner, audience and nonce; an empty one is absent."""

    owner: str = ""
    audience: str = ""
    nonce: bytes = b""

    def check(self) -> None:
        """Checks the grammar of all three."""
        owner = not self.owner or OWNER.fullmatch(self.owner) is not None
        audience = not self.audience or LINE.fullmatch(self.audience) is not None
        ensure(owner and audience and len(self.nonce) in (0, *range(16, 65)), "context")
