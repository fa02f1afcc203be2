"""Signing by an identity: Sigstore vouches for it with a certificate of ten minutes, and logs its use.

Unlike checking, this needs the network: the authority for certificates, the transparency log and the time-stamp
authorities that a trust configuration names. The key is made for one signature and thrown away.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sigstore.dsse import Statement
from sigstore.models import ClientTrustConfig
from sigstore.oidc import IdentityToken, Issuer, detect_credential
from sigstore.sign import SigningContext

from .. import disk
from ..errors import HurefError, InputError, ServiceError, UsageError
from . import envelope
from .envelope import Envelope
from .identity import Identity, words

#: A token has 1 to 3 KB, a trust configuration some hundred.
MAX_TOKEN, MAX_CONFIGURATION = 1 << 16, 1 << 22


def configuration(path: Path | None) -> ClientTrustConfig:
    """Which services to use, and whom to trust: as a file says, or those of Sigstore's public service.

    Raises:
        NotFoundError, InputError: there is no such file, or it is no trust configuration.
        ServiceError: the public service does not say what it is made of.

    """
    if path is None:
        with _asking("Sigstore"):
            return ClientTrustConfig.production()
    data = disk.read(path, MAX_CONFIGURATION)
    try:
        return ClientTrustConfig.from_json(data.decode("utf-8"))
    except MemoryError:
        raise
    except Exception as why:  # the parsers beneath name no common error
        raise InputError(f"{path}: no trust configuration of Sigstore ({words(why)})") from None


def identified(path: Path | None, browser: bool, trust: ClientTrustConfig) -> IdentityToken:
    """Who signs: by the token in a file, by what the machine of a pipeline offers, or by a browser if that is asked.

    Raises:
        UsageError: none of them says who.
        NotFoundError, InputError: there is no such file, others may read it, or it holds no token that is valid now.
        ServiceError: an issuer of identities cannot be reached, or refuses.

    """
    if path is not None:
        data, status = disk.read_with_status(path, MAX_TOKEN)
        disk.must_be_private(path, status)
        return _read(data.decode("ascii", "replace").strip(), str(path))
    with _asking("the issuer of identities"):
        if browser:
            return Issuer(trust.signing_config.get_oidc_url()).identity_token()
        ambient = detect_credential()
    if ambient is None:
        raise UsageError("nothing here says who signs: give --identity-token FILE, or --browser to sign in")
    return _read(ambient, "what this machine offers")


def _read(text: str, where: str) -> IdentityToken:
    try:
        return IdentityToken(text)
    except Exception as why:  # of the library, or of one beneath it; its words never hold the token
        reason = f"{words(why)}; it must be for the audience 'sigstore', and it is valid for minutes only"
        raise InputError(f"{where}: no identity token that can be used ({reason})") from None


def name(token: IdentityToken) -> str:
    """How reports name this signer: issuer and subject, as the certificate will have them."""
    return f"{token.federated_issuer} {token.identity}"


def signed(payload: bytes, token: IdentityToken, trust: ClientTrustConfig) -> Envelope:
    """The payload signed by whom the token is for; it holds under the trusted root of that configuration.

    Raises:
        ServiceError: a service cannot be reached, refuses, or sends what does not hold.

    """
    with _asking("Sigstore"):
        with SigningContext.from_trust_config(trust).signer(token) as signer:
            made = signer.sign_dsse(Statement(payload))
        found = envelope.parse(made.to_json().encode(), "what Sigstore made")
        Identity(token.identity, token.federated_issuer, trust.trusted_root).check(found)
    return found


@contextmanager
def _asking(whom: str) -> Iterator[None]:
    try:
        yield
    except (UsageError, MemoryError):
        raise
    except HurefError as why:
        raise ServiceError(f"{whom}: sent what does not hold: {why}") from None
    except Exception as why:  # of several libraries, which name no common error
        raise ServiceError(f"{whom}: {words(why)}") from None
