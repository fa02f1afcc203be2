"""A dispute from the command line: two commitments, a beacon, two answers, one verdict."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from huref.artefacts import bundle
from huref.artefacts.challenge import between, write
from tests.support import bundles as ready
from tests.support import models
from tests.support.cli import Here, Ran, assert_sentence, contents, process
from tests.support.schemas import validate

TOY = ("--profile", "toy-2")
BEACON = "AB" * 32
OTHER = between("0a" * 32, "0b" * 32, bytes(32))


@dataclass(frozen=True)
class Dispute:
    """Two owners' files and the challenge between them."""

    folder: Path
    challenge: Path
    answers: tuple[Path, Path]
    ran: Ran


@pytest.fixture(scope="module")
def dispute(tmp_path_factory: pytest.TempPathFactory) -> Dispute:
    folder = tmp_path_factory.mktemp("dispute")
    for name, seed in (("a", 1), ("b", 2)):
        model = models.network("llama", seed).write(folder / name)
        done = process("commit", model, "-o", folder / f"{name}.json", "--opening", folder / f"{name}.secret", *TOY)
        assert done.code == 0, done
    challenge = folder / "challenge.json"
    made = process("challenge", folder / "b.json", folder / "a.json", "--beacon", BEACON, "-o", challenge, "--json")
    assert made.code == 0, made
    for name in ("a", "b"):
        opening = ("--opening", folder / f"{name}.secret", "--challenge", challenge)
        done = process("prove", folder / name, *opening, "-o", folder / f"{name}.huref.json", "--json")
        assert done.code == 0, done
        assert [draw["seed"] for draw in done.json["draws"]] == [made.json["seed"]]
    return Dispute(folder, challenge, (folder / "a.huref.json", folder / "b.huref.json"), made)


def test_the_challenge_is_public_and_the_same_from_either_side(dispute: Dispute, huref: Here) -> None:
    validate("challenge", dispute.challenge.read_bytes())
    made = dispute.ran.json
    assert (made["beacon"], made["drawn"]) == (BEACON.lower(), False)
    again = dispute.folder / "again.json"
    assert huref("challenge", *dispute.answers, "--beacon", BEACON.lower(), "-o", again).code == 0
    assert again.read_bytes() == dispute.challenge.read_bytes()


def test_answers_are_verified_as_what_they_are(dispute: Dispute, huref: Here, toys: Path) -> None:
    assert huref("compare", *dispute.answers, "--json").code == 5, "toys have no security"
    for answer in dispute.answers:
        demanded = huref("verify", answer, "--challenge", dispute.challenge, "--policy", toys, "--json")
        assert demanded.code == 0, demanded
        assert [draw["beacon"] for draw in demanded.json["verified"]["draws"]] == [BEACON.lower()]
        shown = huref("verify", answer, "--policy", toys)
        assert shown.code == 0
        assert f"challenge {dispute.ran.json['seed'][:16]}" in " ".join(shown.out.split())
        assert BEACON.lower() in shown.out
        inspected = huref("inspect", answer, "--json").json
        assert [draw["seed"] for draw in inspected["draws"]] == [dispute.ran.json["seed"]]


def test_without_a_beacon_the_drawer_is_named(dispute: Dispute, huref: Here) -> None:
    target = dispute.folder / "drawn.json"
    one, other = (huref("challenge", *dispute.answers, "-o", target, "--json").json["beacon"] for _ in range(2))
    assert one != other
    assert "the others must trust you" in huref("challenge", *dispute.answers, "-o", target).out


def test_refusals(dispute: Dispute, huref: Here, tmp_path: Path) -> None:
    (a, b), challenge, out = dispute.answers, dispute.challenge, tmp_path / "x.json"
    secret = dispute.folder / "a.secret"
    assert_sentence(huref("challenge", a, a, "-o", out), 2, "two commitments")
    for beacon in ("AB", "xy" * 32, "AB " * 32, "AB" * 65, ""):
        assert_sentence(huref("challenge", a, b, "--beacon", beacon, "-o", out), 2, "huref: ")
    assert_sentence(huref("challenge", a, dispute.folder / "none", "-o", out), 4, "none")
    assert_sentence(huref("challenge", a, challenge, "-o", out), 3, "challenge.json")
    prove = ("prove", dispute.folder / "a", "-o", out)
    assert_sentence(huref(*prove, "--challenge", challenge), 2, "--opening")
    assert_sentence(huref(*prove, "--opening", secret, "--challenge", a), 3, "a.huref.json")
    other = tmp_path / "other.json"
    write(other, OTHER)
    assert_sentence(huref(*prove, "--opening", secret, "--challenge", other), 1, "the challenge is between", "0a0a")
    assert contents(tmp_path) == {"other.json"}


def test_verify_refuses_what_answers_another_challenge_or_none(tmp_path: Path, huref: Here, toys: Path) -> None:
    demanded, plain, answer = tmp_path / "demanded.json", tmp_path / "plain.json", tmp_path / "answer.json"
    write(demanded, OTHER)
    plain.write_bytes(bundle.dump(ready.toy()))
    answer.write_bytes(bundle.dump(ready.answer()))
    for found, words in ((plain, "answers no challenge"), (answer, "the bundle answers")):
        ran = huref("verify", found, "--policy", toys, "--challenge", demanded)
        assert ran.code == 1
        assert "challenge-mismatch" in ran.err
        assert words in ran.err
