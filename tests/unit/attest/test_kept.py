"""Keys that are kept elsewhere: what they sign is checked here, and no error of theirs shows a secret."""

from pathlib import Path

import pytest
from securesystemslib.signer import SIGNER_FOR_URI_SCHEME, CryptoSigner, Signature, Signer

from huref.attest import checking, keys
from huref.attest.kept import KeptKey
from huref.attest.signing import sign
from huref.errors import ServiceError, UsageError
from tests.support import bundles
from tests.support.private import stored


class Vault(Signer):
    """A place for keys with one key in it, which asks for a PIN."""

    key: keys.PrivateKey
    asks = False

    def __init__(self, public_key: object) -> None:
        self._public = public_key

    @classmethod
    def from_priv_key_uri(cls, priv_key_uri: str, public_key: object, secrets_handler: object = None) -> "Vault":
        if priv_key_uri != "vault:release":
            raise KeyError(f"no such key; the PIN is 1234, the URI {priv_key_uri}")
        if cls.asks:
            secrets_handler("PIN")  # type: ignore[operator]
        return cls(public_key)

    @property
    def public_key(self) -> object:
        return self._public

    def sign(self, payload: bytes) -> Signature:
        return Signature("", self.key.sign(payload).hex())


@pytest.fixture(autouse=True)
def vault(monkeypatch: pytest.MonkeyPatch) -> keys.PrivateKey:
    monkeypatch.setitem(SIGNER_FOR_URI_SCHEME, "vault", Vault)
    monkeypatch.setattr(Vault, "key", keys.fresh("p256"), raising=False)
    return Vault.key


def test_what_is_signed_elsewhere_holds_here(vault: keys.PrivateKey) -> None:
    bundle, kept = bundles.robust(), KeptKey(vault.public, "vault:release")
    made = sign(bundle, kept)
    assert checking.check(bundle, made, vault.public)[0].signer == vault.public.name
    assert "release" not in repr(kept)


@pytest.mark.parametrize("kind", ["p256", "ed25519"])
def test_files_in_the_layout_of_securesystemslib(kind: keys.Kind, tmp_path: Path) -> None:
    key = keys.fresh(kind)
    path = stored(tmp_path / "key", key.pem())
    kept = KeptKey(key.public, f"{CryptoSigner.SCHEME}:{path}?encrypted=false")
    assert key.public.signed(b"text", kept.sign(b"text"))


def test_keys_that_do_not_fit(vault: keys.PrivateKey) -> None:
    with pytest.raises(ServiceError, match="not the private half"):
        KeptKey(keys.fresh("p256").public, "vault:release").sign(b"text")


def test_places_that_refuse(vault: keys.PrivateKey, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ServiceError, match=r"does not sign \(KeyError\)") as caught:
        KeptKey(vault.public, "vault:other").sign(b"text")
    assert "1234" not in f"{caught.value!r}"
    assert caught.value.__suppress_context__
    for uri in ("release", "none:release", ""):
        with pytest.raises(UsageError, match="not a place for keys"):
            KeptKey(vault.public, uri).sign(b"text")
    with pytest.raises(UsageError, match="kept elsewhere"):
        KeptKey(keys.fresh("ml-dsa-44").public, "vault:release").sign(b"text")
    monkeypatch.setattr(Vault, "asks", True)
    with pytest.raises(UsageError, match="no terminal"):
        KeptKey(vault.public, "vault:release").sign(b"text")
