"""Keys as text; the example of the standard; secret files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huref.errors import InputError, LogError, NotFoundError
from huref.registry import keys
from huref.registry.checkpoint import Checkpoint
from huref.registry.keys import KINDS, LAST, Kind, Secret
from tests.support.private import stored

TEXT = Checkpoint("example.com/log", 7, bytes(32)).text
SECRETS = [Secret("example.com/log", kind, bytes([number]) * 32) for number, kind in enumerate(KINDS)]


def test_the_standard_s_example_of_a_key() -> None:
    key = keys.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    assert (key.name, key.kind, key.id.hex()) == ("example.com/foo", "ed25519", "530d903a")


@pytest.mark.parametrize("secret", SECRETS, ids=KINDS)
def test_what_is_written_is_read_and_signs(secret: Secret, tmp_path: Path) -> None:
    assert keys.parse(secret.key.text) == secret.key
    assert keys.read_secret(stored(tmp_path / "key", secret.dump())) == secret
    signature = secret.sign(TEXT, 1234)
    assert secret.key.time_of(TEXT, signature) == (0 if secret.kind == "ed25519" else 1234)
    assert secret.key.time_of(TEXT.replace("7", "8"), signature) is None
    assert repr(secret.seed) not in repr(secret)


@pytest.mark.parametrize("secret", SECRETS, ids=KINDS)
@given(st.integers(0, 1 << 20), st.integers(0, 7))
def test_a_changed_bit_is_no_signature(secret: Secret, at: int, bit: int) -> None:
    signature = bytearray(SIGNATURES[secret.kind])
    signature[at % len(signature)] ^= 1 << bit
    assert secret.key.time_of(TEXT, bytes(signature)) is None


SIGNATURES: dict[Kind, bytes] = {secret.kind: secret.sign(TEXT, 1) for secret in SECRETS}


@pytest.mark.parametrize("secret", SECRETS, ids=KINDS)
@given(signature=st.binary(max_size=100))
def test_other_bytes_are_no_signature(secret: Secret, signature: bytes) -> None:
    assert secret.key.time_of(TEXT, signature) is None


@pytest.mark.parametrize("secret", SECRETS[1:], ids=KINDS[1:])
def test_witnesses_sign_checkpoints_alone_and_in_years_that_can_be_written(secret: Secret) -> None:
    with pytest.raises(LogError):
        secret.sign("some text\n", 1)
    assert secret.key.time_of("some text\n", SIGNATURES[secret.kind]) is None
    assert secret.key.time_of(TEXT, secret.sign(TEXT, LAST)) == LAST
    assert secret.key.time_of(TEXT, secret.sign(TEXT, LAST + 1)) is None


def test_the_same_bytes_are_three_keys() -> None:
    ids = {Secret("a", kind, bytes(32)).key.id for kind in KINDS}
    assert len(ids) == 3


GOOD = SECRETS[0].key.text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no key"),
        ("a+b", "is no key"),
        (GOOD + "\n", "is no key"),
        (GOOD.replace("example.com/log", "example com"), "is no key"),
        (GOOD.replace("example.com/log", "example.org"), "id of this key"),
        (GOOD.replace("example.com/log", "l" * 256), "is no key"),
        (GOOD.replace(SECRETS[0].key.id.hex(), SECRETS[0].key.id.hex().upper()), "is no key"),
        (GOOD[:-1], "not base64"),
        (GOOD[:-4], "has 32 bytes, not 29"),
        ("a+00000000+AAAA", "type 0x00"),
        ("a+00000000+" + "====", "not base64"),
        ("a+00000000+/w==", "type 0xff"),
    ],
)
def test_what_is_no_key(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        keys.parse(text)


def test_secret_files_are_private_and_whole(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        keys.read_secret(tmp_path / "none")
    path = tmp_path / "key"
    path.write_bytes(SECRETS[0].dump())
    path.chmod(0o644)
    with pytest.raises(InputError, match="chmod 600"):
        keys.read_secret(path)
    line = SECRETS[0].dump().decode()
    for data, words in (
        (GOOD, "no secret key"),
        (line.replace("log+", "logs+"), "belong together"),
        (line[:-5] + "\n", "not base64|32 bytes"),
        (line + "more\n", "is no key"),
    ):
        with pytest.raises(InputError, match=words) as caught:
            keys.read_secret(stored(path, data.encode()))
        assert line.split("+")[-1].strip() not in str(caught.value)
