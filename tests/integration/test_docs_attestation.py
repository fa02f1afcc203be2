"""The commands of docs/explanation/attestation.md run, from top to bottom, as they stand there.

Authorities and Sigstore answer on loopback; checks run with the network cut off.
"""

import json
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import models
from tests.support.authority import Authority, served
from tests.support.cli import Here
from tests.support.offline import cut
from tests.support.private import stored
from tests.support.sigstore_world import ISSUER, SUBJECT, World

DOCS = Path(__file__).parents[2] / "docs"
PAGE, GUIDE = DOCS / "explanation" / "attestation.md", DOCS / "guide.md"
OURS = re.compile(r"huref (attest|verify .*--(attestation|timestamp)) ")


def commands(page: Path) -> list[list[str]]:
    """What a page runs, word by word."""
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True) for line in lines]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """A folder with a model and all that a reader has; two authorities and a Sigstore: their addresses."""
    monkeypatch.chdir(tmp_path)
    models.network("llama", 1).write(tmp_path / "my-model")
    world, authorities = World(), (Authority("One"), Authority("Two"))
    Path("authorities.pem").write_bytes(b"".join(authority.pem for authority in authorities))
    Path("root.json").write_text(json.dumps(world.trusted_root()))
    stored(tmp_path / "token", world.token().encode())
    for name, value in (("IDENTITY", SUBJECT), ("ISSUER", ISSUER), ("PWD", str(tmp_path))):
        monkeypatch.setenv(name, value)
    with world.serving() as trust, served(*authorities) as (one, two):
        Path("trust.json").write_text(json.dumps(trust))
        yield {"https://one.example": one, "https://two.example": two, "https://tsa.example": one}


def run(huref: Here, words: list[str], places: dict[str, str]) -> str:
    """What a command of a page says: checks have no network, and Sigstore is that of the test."""
    given = [places.get(word, os.path.expandvars(word)) for word in words[1:]]
    given += ["--trust-config", "trust.json", "--identity-token", "token"] * ("--keyless" in given)
    given += ["--trusted-root", "root.json"] * ("--identity" in given)
    with pytest.MonkeyPatch.context() as alone:
        tried = cut(alone) if given[0] == "verify" else []
        done = huref(*given)
    assert (done.code, tried) == (0, []), done
    return " ".join(done.out.split())


def test_the_page_runs(world: dict[str, str], huref: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    install, *lines = commands(PAGE)
    said = ""
    assert install == ["pip", "install", "huref[attest]"]
    for words in lines:
        if "--keyless" in words:  # of a bundle whose proof names no owner
            huref("prove", "my-model", "--opening", "my-model.secret", "-o", "my-model-2.huref.json")
        text = run(huref, words, world)
        if words[1:3] == ["attest", "key"]:
            (owner,) = re.findall(r"ed25519:[0-9a-f]{64}", text)
            monkeypatch.setenv("OWNER", owner)
        said += text
    assert len(lines) == 10
    assert "the proof names this signer as its owner" in said
    assert "by 2 of 2 authorities" in said
    assert "the attestation existed by" in said


def test_what_the_guide_says_of_it_runs(world: dict[str, str], huref: Here) -> None:
    lines = [words for words in commands(GUIDE) if OURS.match(" ".join(words) + " ")]
    assert len(lines) == 5
    huref("commit", "my-model", "-o", "my-model.commitment.json", "--opening", "my-model.secret")
    huref("prove", "my-model", "--opening", "my-model.secret", "-o", "my-model.huref.json")
    for words in lines:
        run(huref, words, world)
