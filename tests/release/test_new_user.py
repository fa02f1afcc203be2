"""From the wheel alone, as new users would: an owner who publishes, and a reader who has nothing but public files.

Key, commitment, date by a local authority, proof that names the key, signature; then the check under a policy without
the network; then one byte changes, in one file after the other.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import models
from tests.support.authority import Authority, served
from tests.support.installed import Installed, alone, install

PUBLIC = ("model.huref.json", "model.sigstore.json", "model.dates.json", "release.pem.pub", "authorities.pem")
CHECK = (
    *("huref", "verify", "model.huref.json", "--attestation", "model.sigstore.json", "--key", "release.pem.pub"),
    *("--files", "model", "--timestamp", "model.dates.json", "--authorities", "authorities.pem"),
    *("--policy", "policy.toml", "--receipt", "receipt.json"),
)


@dataclass(frozen=True)
class People:
    """The environment that both have, and the folder of the reader."""

    installed: Installed
    reader: Path

    def check(self) -> tuple[int, str]:
        """What the reader's check says: exit code, and the first line for people."""
        ran = self.installed.run(*CHECK, cwd=self.reader, around=alone())
        lines = [
            line for line in ran.stderr.splitlines() if not line.startswith(("huref: reading", "huref: verifying"))
        ]
        return ran.returncode, lines[0] if lines else ""


@pytest.fixture(scope="module")
def people(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> People:
    folder = tmp_path_factory.mktemp("people")
    installed = install(wheel, folder / "environment", "prove", "attest", compiled=False)
    owner, reader, authority = folder / "owner", folder / "reader", Authority("One")
    models.network("llama", 1).write(owner / "model")
    (owner / "authorities.pem").write_bytes(authority.pem)

    def huref(*words: str) -> str:
        ran = installed.run("huref", *words, "--json", cwd=owner)
        assert ran.returncode == 0, (words, ran)
        return ran.stdout

    name = json.loads(huref("attest", "key", "--type", "ed25519", "-o", "release.pem"))["name"]
    huref("commit", "model", "-o", "model.commitment.json", "--opening", "secret")
    with served(authority) as (address,):
        stamped = ("--tsa", address, "--authorities", "authorities.pem", "-o", "model.dates.json")
        huref("attest", "stamp", "model.commitment.json", *stamped)
    huref("prove", "model", "--opening", "secret", "--owner", name, "-o", "model.huref.json")
    huref("attest", "sign", "model.huref.json", "--key", "release.pem", "--files", "model", "-o", "model.sigstore.json")

    shutil.copytree(owner / "model", reader / "model")
    for public in PUBLIC:
        shutil.copyfile(owner / public, reader / public)
    rules = f'name = "model"\nowners = ["{name}"]\nsigners = ["{name}"]\nfiles = ["config.json", "model.safetensors"]\n'
    (reader / "policy.toml").write_text(f'{rules}dated-before = "2100-01-01T00:00:00Z"\n')
    return People(installed, reader)


def test_everything_holds(people: People) -> None:
    assert people.check() == (0, "")
    found = json.loads((people.reader / "receipt.json").read_text())["predicate"]["properties"]
    assert found == ["HUREF_PROOF_VALID", "HUREF_IMAGE_MATCHES", "HUREF_PUBLISHER_VERIFIED"]


@pytest.mark.parametrize(
    ("name", "before", "code", "words"),
    [
        ("model/model.safetensors", None, 1, "model.safetensors is not as it was signed"),
        ("model/config.json", "{", 1, "config.json is not as it was signed"),
        ("model.huref.json", '"proof": "', 1, "proof-rejected"),
        ("model.huref.json", '"modelName":"', 1, "the attestation was made for another bundle"),
        ("model.sigstore.json", '"sig":"', 1, "signature"),
        ("model.dates.json", '"sha256": "', 1, "of another file"),
        ("release.pem.pub", "KEY-----\n", 3, "no public key in PEM"),
        ("authorities.pem", "CERTIFICATE-----\n", 3, "no certificates in PEM"),
        ("policy.toml", 'owners = ["ed25519:', 5, "not the owner that policy 'model' demands"),
        ("policy.toml", 'files = ["', 5, "no signed file is named"),
    ],
)
def test_one_byte_changes(people: People, name: str, before: str | None, code: int, words: str) -> None:
    path = people.reader / name
    kept = path.read_bytes()
    data = bytearray(kept)
    at = len(data) - 1 if before is None else data.index(before.encode()) + len(before)
    data[at] = ord("b" if data[at] == ord("a") else "a")
    receipt = people.reader / "receipt.json"
    receipt.unlink(missing_ok=True)
    try:
        path.write_bytes(data)
        found, said = people.check()
    finally:
        path.write_bytes(kept)
    assert (found, words in said) == (code, True), said
    assert not receipt.exists()
