"""Keys that never leave their place: an HSM, a token, a service that keeps keys. `securesystemslib` reaches them.

Such a key is named by a URI, such as `awskms:alias/release` or `hsm:`; its public half is given beside it. What comes
back is checked under that half, so a signature by some other key is noticed here and not by the first verifier.
"""

from __future__ import annotations

import getpass
import sys
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.signer import SIGNER_FOR_URI_SCHEME, Signer, SSlibKey

from ..errors import ServiceError, UsageError, shown
from .keys import PublicKey


@dataclass(frozen=True)
class KeptKey:
    """A key that signs somewhere else."""

    public: PublicKey
    _uri: str = field(repr=False)

    def sign(self, data: bytes) -> bytes:
        """A signature by the key there.

        Raises:
            UsageError: the URI is of no kind that `securesystemslib` knows, or that kind cannot sign with such a key.
            ServiceError: there is no such key, it cannot be reached, or it does not fit the public half.

        """
        scheme = self._uri.partition(":")[0]
        if scheme not in SIGNER_FOR_URI_SCHEME:
            raise UsageError(f"{shown(scheme)}: not a place for keys; {', '.join(sorted(SIGNER_FOR_URI_SCHEME))} are")
        if self.public.kind == "ml-dsa-44":
            raise UsageError("keys of ML-DSA-44 cannot be kept elsewhere yet; give the key itself")
        try:
            half = SSlibKey.from_crypto(load_pem_public_key(self.public.pem))
            made = bytes.fromhex(Signer.from_priv_key_uri(self._uri, half, _asked).sign(data).signature)
        except (UsageError, MemoryError):
            raise
        except Exception as why:  # each kind of place has its own errors, and some quote secrets
            raise ServiceError(f"the key at {shown(scheme)} does not sign ({type(why).__name__})") from None
        if not self.public.signed(data, made):
            raise ServiceError(f"the key at {shown(scheme)} is not the private half of {self.public.name}")
        return made


def _asked(name: str) -> str:
    """What a place asks for, such as a PIN: from the terminal, and never from an argument."""
    if not sys.stdin.isatty():
        raise UsageError(f"the key asks for its {shown(name)}, and there is no terminal to type it on")
    return getpass.getpass(f"{name}: ")
