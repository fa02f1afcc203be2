"""A dispute in one file: opened before the beacon is known, closed with it, answered, and what hostile files get."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from huref.artefacts import answers
from tests.support import models
from tests.support.cli import Here, assert_sentence, contents, process
from tests.support.schemas import validate, validated

BEACON, LATER = "ab" * 32, "cd" * 32
ROUND = ("--source", "drand quicknet", "--round", "23456789")
WHEN = "2026-01-31T12:00:00Z"


@dataclass(frozen=True)
class Parties:
    """The folder with the model, commitment and opening of either side: NAME, NAME.json, NAME.secret."""

    folder: Path

    def commitments(self, a: str = "a", b: str = "b") -> tuple[Path, Path]:
        return self.folder / f"{a}.json", self.folder / f"{b}.json"

    def prove(self, name: str, challenge: Path, output: Path) -> tuple[object, ...]:
        opening = self.folder / f"{name}.secret"
        return ("prove", self.folder / name, "--opening", opening, "--challenge", challenge, "-o", output)


@pytest.fixture(scope="module")
def parties(tmp_path_factory: pytest.TempPathFactory) -> Parties:
    """Two strangers, a and b, who committed to layers 1 and 2; and c, who committed to layer 2 alone."""
    folder = tmp_path_factory.mktemp("parties")
    for name, seed, layers in (("a", 1, "1,2"), ("b", 2, "1,2"), ("c", 3, "2")):
        models.network("llama", seed).write(folder / name)
        files = ("-o", folder / f"{name}.json", "--opening", folder / f"{name}.secret")
        done = process("commit", folder / name, *files, "--profile", "toy-2", "--layers", layers)
        assert done.code == 0, done
    return Parties(folder)


def opened(huref: Here, file: Path, sides: tuple[Path, Path], *more: object) -> Any:
    ran = huref("dispute", "open", *sides, *ROUND, *more, "-o", file, "--json")
    assert ran.code == 0, ran
    return ran.json


@pytest.fixture
def closed(parties: Parties, huref: Here, tmp_path: Path) -> Path:
    """The closed dispute of a and b."""
    file = tmp_path / "dispute.json"
    opened(huref, file, parties.commitments())
    assert huref("dispute", "close", file, "--beacon", BEACON).code == 0
    return file


def test_open_says_what_will_decide(parties: Parties, huref: Here, tmp_path: Path) -> None:
    file = tmp_path / "dispute.json"
    said = opened(huref, file, parties.commitments(), "--published-a", WHEN, "a gazette")
    document = validated(file.read_bytes())
    assert {key: value for key, value in document.items() if key != "mediaType"} == said["dispute"]
    assert "seed" not in said
    assert (document["layers"], document["source"], document["round"]) == ([1, 2], "drand quicknet", "23456789")
    assert "beacon" not in document
    ids = [json.loads(path.read_bytes())["id"] for path in parties.commitments()]
    assert [party["commitment"] for party in document["parties"]] == sorted(ids)
    published = {party["commitment"]: party.get("published") for party in document["parties"]}
    assert published == {ids[0]: {"time": WHEN, "source": "a gazette"}, ids[1]: None}


def test_either_order_and_bundles_open_the_same_dispute(parties: Parties, huref: Here, tmp_path: Path) -> None:
    one, other, bundle = tmp_path / "one", tmp_path / "other", tmp_path / "a.huref.json"
    opened(huref, one, parties.commitments())
    opened(huref, other, parties.commitments("b", "a"))
    assert one.read_bytes() == other.read_bytes()
    made = huref("prove", parties.folder / "a", "--opening", parties.folder / "a.secret", "-o", bundle)
    assert made.code == 0, made
    claiming = opened(huref, other, (bundle, parties.commitments()[1]))["dispute"]["parties"]
    plain = json.loads(one.read_bytes())["parties"]
    assert [{**party, "modelLayers": None} for party in claiming] == [{**party, "modelLayers": None} for party in plain]
    assert sorted(party.get("modelLayers", 0) for party in claiming) == [0, 3]


def test_close_makes_it_the_challenge_of_both(closed: Path, parties: Parties, huref: Here, tmp_path: Path) -> None:
    again = huref("dispute", "close", closed, "--beacon", BEACON.upper(), "--json")
    assert again.code == 0, "the same beacon closes it as often as anybody likes"
    assert again.json["dispute"]["beacon"] == BEACON
    validate("dispute", closed.read_bytes())
    challenge = tmp_path / "challenge.json"
    made = huref("challenge", *parties.commitments(), "--beacon", BEACON, "-o", challenge, "--json").json
    assert again.json["seed"] == made["seed"]


def test_another_beacon_is_refused(closed: Path, huref: Here) -> None:
    before = closed.read_bytes()
    ran = huref("dispute", "close", closed, "--beacon", LATER)
    assert_sentence(ran, 2, str(closed), "closed with another beacon", BEACON)
    assert closed.read_bytes() == before


def test_close_into_another_file(parties: Parties, huref: Here, tmp_path: Path) -> None:
    file, target = tmp_path / "open.json", tmp_path / "closed.json"
    opened(huref, file, parties.commitments())
    before = file.read_bytes()
    assert huref("dispute", "close", file, "--beacon", BEACON, "-o", target).code == 0
    assert file.read_bytes() == before
    assert json.loads(target.read_bytes()) == json.loads(before) | {"beacon": BEACON}


def test_both_sides_answer_and_are_verified(closed: Path, parties: Parties, huref: Here, toys: Path) -> None:
    for name in ("a", "b"):
        bundle = closed.with_name(f"{name}.huref.json")
        made = huref(*parties.prove(name, closed, bundle))
        assert made.code == 0, made
        assert f"huref verify {bundle} --dispute {closed}".replace(" ", "") in "".join(made.out.split())
        ran = huref("verify", bundle, "--dispute", closed, "--policy", toys, "--json")
        assert ran.code == 0, ran
        assert ran.json["dispute"] == {
            key: value for key, value in json.loads(closed.read_bytes()).items() if key != "mediaType"
        }
        assert "challenge" not in [entry["what"] for entry in ran.json["notChecked"]]
        shown = huref("verify", bundle, "--dispute", closed, "--policy", toys).out
        assert "The dispute, as its file says: dates are claimed" in shown
        assert "drand quicknet, 23456789" in " ".join(shown.split())
        alone = huref("verify", bundle, "--policy", toys, "--json").json
        assert "challenge" in [entry["what"] for entry in alone["notChecked"]]


def test_a_bundle_that_answers_in_another_dispute_or_none(
    closed: Path, parties: Parties, huref: Here, toys: Path, tmp_path: Path
) -> None:
    other, answer, plain = tmp_path / "other.json", tmp_path / "answer", tmp_path / "plain"
    opened(huref, other, parties.commitments())
    assert huref("dispute", "close", other, "--beacon", LATER).code == 0
    assert huref(*parties.prove("a", other, answer)).code == 0
    secret = parties.folder / "a.secret"
    assert huref("prove", parties.folder / "a", "--opening", secret, "-o", plain).code == 0
    for bundle, words in ((answer, "the bundle answers"), (plain, "answers no challenge")):
        ran = huref("verify", bundle, "--dispute", closed, "--policy", toys)
        assert (ran.code, ran.out) == (1, "")
        assert "challenge-mismatch" in ran.err
        assert words in ran.err
    assert_sentence(huref(*parties.prove("c", closed, tmp_path / "x")), 1, "the challenge is between")


def test_an_open_dispute_is_not_answered(parties: Parties, huref: Here, toys: Path, tmp_path: Path) -> None:
    file, output = tmp_path / "dispute.json", tmp_path / "answer"
    opened(huref, file, parties.commitments())
    assert_sentence(huref(*parties.prove("a", file, output)), 2, "not closed", "huref dispute close")
    assert not output.exists()
    secret = parties.folder / "a.secret"
    assert huref("prove", parties.folder / "a", "--opening", secret, "-o", output).code == 0
    assert_sentence(huref("verify", output, "--dispute", file, "--policy", toys), 2, "not closed")


# Doubts


def test_layers_that_one_side_left_out(parties: Parties, huref: Here, tmp_path: Path) -> None:
    """Layer 2 is all that both committed to: said when it is opened, and when it is a challenge alone."""
    file, sides = tmp_path / "dispute.json", parties.commitments("a", "c")
    ran = huref("dispute", "open", *sides, *ROUND, "-o", file)
    assert ran.code == 0, ran
    assert "huref: warning: the commitments cover different layers" in ran.err
    assert json.loads(file.read_bytes())["layers"] == [2]
    assert opened(huref, file, sides)["doubts"] == [ran.err.removeprefix("huref: warning: ").strip()]
    challenged = huref("challenge", *sides, "--beacon", BEACON, "-o", tmp_path / "c.json")
    assert "huref: warning: the commitments cover different layers" in challenged.err
    ran = huref("dispute", "open", *sides, *ROUND, "--layers", "1,2", "-o", tmp_path / "none.json")
    assert_sentence(ran, 3, json.loads(sides[1].read_bytes())["id"][:16], "was not made to layers 1")
    assert not (tmp_path / "none.json").exists()


def test_layers_that_the_config_has_and_the_commitment_does_not(parties: Parties, huref: Here, tmp_path: Path) -> None:
    file, bundle = tmp_path / "dispute.json", tmp_path / "a.huref.json"
    assert huref("prove", parties.folder / "a", "--opening", parties.folder / "a.secret", "-o", bundle).code == 0
    (doubt,) = opened(huref, file, (bundle, parties.commitments()[1]))["doubts"]
    assert "covers 2 layers; the config claims 3" in doubt


def test_other_token_lists(parties: Parties, huref: Here, tmp_path: Path) -> None:
    folder = models.network("gpt2", 4).write(tmp_path / "model")
    files = ("-o", tmp_path / "d.json", "--opening", tmp_path / "d.secret")
    assert huref("commit", folder, "--profile", "toy-2", *files).code == 0
    said = opened(huref, tmp_path / "dispute.json", (parties.commitments()[0], tmp_path / "d.json"))
    assert any("different token lists" in doubt for doubt in said["doubts"])


# Refusals


def test_what_cannot_be_opened(parties: Parties, huref: Here, tmp_path: Path) -> None:
    (a, b), out = parties.commitments(), ("-o", tmp_path / "x.json")
    assert_sentence(huref("dispute", "open", a, a, *ROUND, *out), 2, "between two commitments")
    assert_sentence(huref("dispute", "open", a, b, *out), 2, "missing: --source, --round")
    assert_sentence(huref("dispute", "open", a, tmp_path / "none", *ROUND, *out), 4, "none")
    assert_sentence(huref("dispute", "open", a, parties.folder / "a.secret", *ROUND, *out), 3, "an opening, a secret")
    for when in ("yesterday", "2026-02-30T12:00:00Z", "2026-01-31"):
        published = ("--published-b", when, "a gazette")
        assert_sentence(huref("dispute", "open", a, b, *ROUND, *published, *out), 2, "is not a time")
    for text in ("", "x" * 201, "a\nb"):
        for options in (("--source", text, "--round", "1"), ("--source", "s", "--round", text)):
            ran = huref("dispute", "open", a, b, *options, *out)
            assert_sentence(ran, 2, "printable")
        published = ("--published-b", WHEN, text)
        assert_sentence(huref("dispute", "open", a, b, *ROUND, *published, *out), 2, "printable")
    assert contents(tmp_path) == set()


def test_what_cannot_be_closed(closed: Path, parties: Parties, huref: Here, tmp_path: Path) -> None:
    for beacon in ("", "ab", "zz" * 32, "ab" * 65):
        assert_sentence(huref("dispute", "close", closed, "--beacon", beacon), 2, "huref: ")
    assert_sentence(huref("dispute", "close", tmp_path / "none", "--beacon", BEACON), 4, "none")
    assert_sentence(huref("dispute", "close", parties.commitments()[0], "--beacon", BEACON), 3, "this is a commitment")
    assert_sentence(huref("dispute", "close", closed, "--beacon", BEACON, "-o", tmp_path / "no" / "x"), 6, "no/x")
    assert_sentence(huref("dispute"), 2, "huref: ")
    assert contents(tmp_path) == {"dispute.json"}


def _same_side(document: dict[str, Any]) -> None:
    document["parties"][1] = document["parties"][0]


HOSTILE: dict[str, Callable[[dict[str, Any]], object]] = {
    "unknown field": lambda document: document.update(extra=1),
    "field missing": lambda document: document.pop("round"),
    "one side": lambda document: document["parties"].pop(),
    "one side twice": _same_side,
    "sides in the other order": lambda document: document["parties"].reverse(),
    "a layer that one side lacks": lambda document: document.update(layers=[0, 1]),
    "no layers": lambda document: document.update(layers=[]),
    "layers twice": lambda document: document.update(layers=[1, 1]),
    "short beacon": lambda document: document.update(beacon="ab" * 31),
    "long beacon": lambda document: document.update(beacon="ab" * 65),
    "beacon in capitals": lambda document: document.update(beacon="AB" * 32),
    "no beacon": lambda document: document.update(beacon=None),
    "unprintable source": lambda document: document.update(source="\x1b[2J"),
    "profile without a proof": lambda document: document.update(profile="robust-9"),
    "unknown profile": lambda document: document.update(profile="robust-9"),
    "no such time": lambda document: document["parties"][0].update(published={"time": "never", "source": "x"}),
    "number of tokens": lambda document: document["parties"][0].update(tokens=0),
    "a name that is none": lambda document: document["parties"][0].update(commitment="00"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files(case: str, closed: Path, parties: Parties, huref: Here, toys: Path) -> None:
    document = json.loads(closed.read_bytes())
    HOSTILE[case](document)
    closed.write_text(json.dumps(document))
    before = closed.read_bytes()
    assert_sentence(huref("dispute", "close", closed, "--beacon", BEACON), 3, str(closed))
    assert closed.read_bytes() == before
    assert_sentence(huref(*parties.prove("a", closed, closed.with_name("x"))), 3, str(closed))
    assert contents(closed.parent) == {closed.name}


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b"{" * 10**5, b" " * (5 << 20)], ids=range(5))
def test_files_that_are_no_dispute(data: bytes, huref: Here, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(data)
    assert_sentence(huref("dispute", "close", tmp_path / "x", "--beacon", BEACON), 3, str(tmp_path / "x"))


@pytest.mark.parametrize(
    "lie",
    [
        {"layers": [0, 1, 2]},
        {"tokens": 4096},
        {"tokenDigest": "00" * 32},
    ],
    ids=lambda lie: next(iter(lie)),
)
def test_a_file_that_lies_about_a_commitment(
    lie: dict[str, Any], closed: Path, parties: Parties, huref: Here, toys: Path
) -> None:
    """The file alone cannot show that a side committed to what it says; the answer does."""
    bundle = closed.with_name("a.huref.json")
    assert huref(*parties.prove("a", closed, bundle)).code == 0
    document = json.loads(closed.read_bytes())
    own = json.loads(parties.commitments()[0].read_bytes())["id"]
    next(party for party in document["parties"] if party["commitment"] == own).update(lie)
    closed.write_text(json.dumps(document))
    ran = huref("verify", bundle, "--dispute", closed, "--policy", toys)
    assert (ran.code, ran.out) == (1, "")
    assert "challenge-mismatch" in ran.err
    assert "the file of the dispute" in ran.err


# Answers are counted


def test_answers_are_counted_beside_the_opening(parties: Parties, huref: Here, tmp_path: Path) -> None:
    folder = models.network("bert", 5).write(tmp_path / "d")
    files = ("-o", tmp_path / "d.json", "--opening", tmp_path / "d.secret")
    assert huref("commit", folder, "--profile", "toy-2", *files).code == 0
    beside, seeds = answers.beside(tmp_path / "d.secret"), []
    for number, beacon in enumerate((BEACON, LATER, "ef" * 32), 1):
        challenge = tmp_path / f"{number}.json"
        sides = (tmp_path / "d.json", parties.commitments()[0])
        seeds.append(huref("challenge", *sides, "--beacon", beacon, "-o", challenge, "--json").json["seed"])
        for again in (False, True):  # the same answer once more discloses nothing new
            ran = huref(*Parties(tmp_path).prove("d", challenge, tmp_path / "bundle"))
            assert ran.code == 0, ran
            warned = f"this is answer number {number} for one commitment" in ran.err
            assert warned is (number > 1 and not again), ran.err
            assert validated(beside.read_bytes())["seeds"] == seeds
            assert stat.S_IMODE(beside.stat().st_mode) == 0o600


def test_a_list_of_answers_that_cannot_be_read(parties: Parties, huref: Here, tmp_path: Path, closed: Path) -> None:
    """It is found before the work, and nothing is written."""
    beside = answers.beside(parties.folder / "b.secret")
    kept = beside.read_bytes() if beside.exists() else None
    beside.write_text("{}")
    try:
        assert_sentence(huref(*parties.prove("b", closed, tmp_path / "x")), 3, str(beside))
        assert beside.read_text() == "{}"
        assert contents(tmp_path) == {"dispute.json"}
    finally:
        beside.unlink() if kept is None else beside.write_bytes(kept)
