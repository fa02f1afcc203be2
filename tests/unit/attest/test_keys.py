"""Keys: kinds, names, files that are no keys, and that nothing shows a private one."""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from huref.attest import keys
from huref.errors import InputError, NotFoundError, UsageError
from tests.support import der
from tests.support.private import stored


@pytest.mark.parametrize("kind", keys.KINDS)
def test_what_is_signed_can_be_checked_and_nothing_else(kind: keys.Kind, tmp_path: Path) -> None:
    private = keys.read_private(stored(tmp_path / "key", keys.fresh(kind).pem()))
    public = keys.read_public(stored(tmp_path / "key.pub", private.public.pem))
    assert (public.name, public.name.partition(":")[0], public.kind) == (private.public.name, kind, kind)
    signature = private.sign(b"text")
    assert public.signed(b"text", signature)
    assert not public.signed(b"test", signature)
    assert not public.signed(b"text", signature[:-1])
    assert not public.signed(b"text", b"")
    assert not keys.fresh(kind).public.signed(b"text", signature)
    for shown in (repr(private), str(private), f"{private!r:>3}"):
        assert private.pem().decode().splitlines()[1] not in shown


def test_the_name_of_an_ed25519_key_can_be_an_owner() -> None:
    from huref.artefacts.context import Context, checked

    assert checked(Context(keys.fresh("ed25519").public.name))


def test_keys_of_the_older_layout(tmp_path: Path) -> None:
    made = ec.generate_private_key(ec.SECP256R1())
    pem = made.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    assert b"BEGIN EC PRIVATE KEY" in pem
    assert keys.read_private(stored(tmp_path / "key", pem)).sign(b"text")


def test_passphrases(tmp_path: Path) -> None:
    path = stored(tmp_path / "key", keys.fresh("p256").pem(b"open"))
    assert keys.read_private(path, b"open").sign(b"text")
    with pytest.raises(UsageError, match="passphrase is wrong"):
        keys.read_private(path, b"shut")
    with pytest.raises(UsageError, match="encrypted; give its passphrase"):
        keys.read_private(path)
    plain = stored(tmp_path / "plain", keys.fresh("p256").pem())
    with pytest.raises(UsageError, match="leave the passphrase out"):
        keys.read_private(plain, b"open")


def test_files_that_are_no_keys(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        keys.read_private(tmp_path / "none")
    private = stored(tmp_path / "key", keys.fresh("p256").pem())
    with pytest.raises(InputError, match="a private key; give its public half"):
        keys.read_public(private)
    with pytest.raises(InputError, match="no private key"):
        keys.read_private(stored(tmp_path / "public", keys.fresh("p256").public.pem))
    with pytest.raises(InputError, match="no public key"):
        keys.read_public(stored(tmp_path / "text", b"text"))
    for other in (rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())):
        pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with pytest.raises(InputError, match="another kind"):
            keys.read_private(stored(tmp_path / "other", pem))
        public = other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        with pytest.raises(InputError, match="another kind"):
            keys.read_public(stored(tmp_path / "other.pub", public))
    # a curve that the library does not know
    curve = der.sequence(der.name("1.2.840.10045.2.1"), der.name("1.3.132.0.6"))
    spki = der.sequence(curve, der.item(0x03, b"\0\4" + bytes(28)))
    pem = f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(spki).decode()}\n-----END PUBLIC KEY-----\n"
    with pytest.raises(InputError, match="another kind"):
        keys.read_public(stored(tmp_path / "unknown.pub", pem.encode()))
    private.chmod(0o644)
    with pytest.raises(InputError):
        keys.read_private(private)
