"""A dispute in which one side answers without vectors: every option of `huref answer`, and what reports say of it."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from huref import _native
from huref.artefacts import answers, bundle, nearness
from huref.artefacts import opening as openings
from huref.artefacts.answers import Answers
from huref.artefacts.nearness import Answer
from huref.model import open_model
from huref.profile import named
from huref.similarity.compare import verified
from huref.similarity.vectors import compare_vectors, cosines
from huref.stages.quantise import choose
from huref.stages.tokens import match_all
from tests.support import models
from tests.support.bundles import TOY_POLICY
from tests.support.cli import Here, Ran, assert_sentence, contents, process
from tests.support.schemas import validate, validated

BEACON, NONCE = "ab" * 32, "cd" * 16
#: Of a policy that accepts toys.
FINE = 'profiles = ["toy-2"]\nsecurity-bits = 0\nside-percent = 0\n'
#: A bound that no cosine of strangers reaches, however few numbers a vector has.
FAR = 255 / 256


@dataclass(frozen=True)
class Dispute:
    """Alice and Bob, strangers, who committed to layers 1 and 2; the closed dispute between them; Alice's answer."""

    folder: Path

    def file(self, name: str) -> Path:
        return self.folder / name

    def answer(self, output: Path, *more: object, near: str = "alice.huref.json") -> tuple[object, ...]:
        opening = ("--opening", self.file("bob.secret"))
        policy = ("--policy", self.file("toys.toml"))
        return ("answer", self.file("bob"), *opening, "--near", self.file(near), *policy, "-o", output, *more)

    def verify(self, *files: Path, near: str | None = "alice.huref.json") -> tuple[object, ...]:
        theirs = () if near is None else ("--near", self.file(near))
        return ("verify", *files, *theirs, "--policy", self.file("toys.toml"))


@pytest.fixture(scope="module")
def dispute(tmp_path_factory: pytest.TempPathFactory) -> Dispute:
    folder = tmp_path_factory.mktemp("dispute")
    made = Dispute(folder)
    made.file("toys.toml").write_text(f'name = "toys"\n{FINE}thresholds = [32, 255]\n')
    for name, seed in (("alice", 1), ("bob", 2)):
        models.network("llama", seed).write(folder / name)
        files = ("-o", folder / f"{name}.json", "--opening", folder / f"{name}.secret")
        done = process("commit", folder / name, *files, "--profile", "toy-2", "--layers", "1,2")
        assert done.code == 0, done
    sides, file = (folder / "alice.json", folder / "bob.json"), folder / "dispute.json"
    assert process("dispute", "open", *sides, "--source", "drand", "--round", "1", "-o", file).code == 0
    assert process("dispute", "close", file, "--beacon", BEACON).code == 0
    for who in ("alice", "bob"):
        challenge = ("--opening", folder / f"{who}.secret", "--challenge", file, "--owner", f"name:{who.title()}")
        done = process("prove", folder / who, *challenge, "-o", folder / f"{who}.huref.json")
        assert done.code == 0, done
        answers.beside(folder / f"{who}.secret").unlink()
    return made


@pytest.fixture(autouse=True)
def uncounted(dispute: Dispute) -> None:
    """Every test begins without answers of Bob."""
    answers.beside(dispute.file("bob.secret")).unlink(missing_ok=True)


def answered(huref: Here, dispute: Dispute, output: Path, *more: object) -> Any:
    ran = huref(*dispute.answer(output, *more, "--json"))
    assert ran.code == 0, ran
    validate("nearness", output.read_bytes())
    return ran.json


def words(ran: Ran) -> str:
    return " ".join(ran.out.split())


def not_checked(ran: Ran) -> set[str]:
    return {entry["what"] for entry in ran.json["notChecked"]}


def test_rounded_cosines_are_those_of_both_answers(dispute: Dispute, huref: Here, tmp_path: Path) -> None:
    output = tmp_path / "near"
    said = answered(huref, dispute, output, "--owner", "name:Bob", "--audience", "a court", "--nonce", NONCE)
    sides = [verified(bundle.load(dispute.file(f"{name}.huref.json")), TOY_POLICY) for name in ("alice", "bob")]
    compared = compare_vectors(sides[0].vectors, sides[1].vectors, draw="challenge")
    table = cosines(sides[0].vectors.vectors, sides[1].vectors.vectors)
    assert len(said["said"]["intervals"]) == table.size == 4
    for interval in said["said"]["intervals"]:
        cosine = table[interval["vector"], interval["layer"] - 1]
        assert interval["low"] - 2**-12 <= cosine < interval["high"] + 2**-12
        assert interval["high"] - interval["low"] == 1 / 256
    ran = huref(
        *dispute.verify(output), "--dispute", dispute.file("dispute.json"), "--expect-owner", "name:Bob", "--json"
    )
    assert ran.code == 0, ran
    assert ran.json["bundle"] == said["nearness"]
    near = ran.json["verified"]["nearness"]
    assert near["theirs"]["sha256"] == said["theirBundle"] == ran.json["claimed"]["theirBundle"]
    assert near["theirs"]["owner"] == "name:Alice"
    assert near["theirs"]["layers"] == [1, 2]
    judged = near["judged"]
    assert judged["cosine"] == pytest.approx(compared.cosine, abs=1 / 256 + 2**-12)
    assert [judged[key] for key in ("verdict", "reason", "pairs", "tokensShared", "nullWidth")] == [
        *(compared.verdict, compared.reason, compared.pairs, compared.tokens_shared, compared.null_width)
    ]
    assert ran.json["verified"]["madeFor"]["expected"] == ["owner"]
    assert "draws" not in ran.json["verified"]
    assert not_checked(ran) == {"owner", "order", "layers", "files"}


def test_a_report_for_people(dispute: Dispute, huref: Here, tmp_path: Path) -> None:
    output = tmp_path / "near"
    answered(huref, dispute, output)
    ran = huref(*dispute.verify(output), "--dispute", dispute.file("dispute.json"))
    assert ran.code == 0, ran
    shown = words(ran)
    for part in (
        "Verified: mathematics, no trust needed",
        "the cosines are those of vectors of the committed weights",
        "What the cosines are worth",
        "verdict",
        "for one pair of independent layers; 4 pairs tried",
        "owner (as its prover says) name:Alice",
        "The dispute, as its file says",
        "Claimed: written by the bundle's maker, not proved",
        "Not checked",
        BEACON,
    ):
        assert part in shown, part
    assert "unrelated" not in shown
    alone = words(huref(*dispute.verify(output, near=None)))
    assert "whose they are was not checked" in alone
    assert "huref verify FILE --near BUNDLE" in alone
    for word in ("verdict", "related", "no relation shown", "What the cosines are worth"):
        assert word not in alone, word


def test_without_the_other_bundle_there_is_no_verdict(dispute: Dispute, huref: Here, tmp_path: Path) -> None:
    output = tmp_path / "near"
    answered(huref, dispute, output)
    ran = huref(*dispute.verify(output, near=None), "--json")
    assert ran.code == 0, ran
    assert {"theirs", "judged"}.isdisjoint(ran.json["verified"]["nearness"])
    assert {"theirs", "challenge"} <= not_checked(ran)


def test_below_a_bound(dispute: Dispute, huref: Here, tmp_path: Path) -> None:
    output = tmp_path / "near"
    said = answered(huref, dispute, output, "--reveal", f"below:{FAR}")["said"]
    assert said["answer"] == "below"
    assert {(interval["low"], interval["high"]) for interval in said["intervals"]} == {(-FAR, FAR)}
    ran = huref(*dispute.verify(output), "--json")
    assert ran.code == 0, ran
    judged = ran.json["verified"]["nearness"]["judged"]
    assert (judged["verdict"], judged["end"], judged["cosine"]) == ("inconclusive", "high", FAR)
    assert f"below {FAR:g} in size" in words(huref(*dispute.verify(output)))


@pytest.mark.parametrize("bound", [0.125, 1.0 - 2 / 256])
def test_at_least_a_bound(dispute: Dispute, huref: Here, tmp_path: Path, bound: float) -> None:
    """The same weights under two commitments are as near as can be."""
    output, rules = tmp_path / "near", tmp_path / "rules.toml"
    rules.write_text(f'name = "ours"\n{FINE}thresholds = [{round(256 * bound)}]\n')
    files = ("-o", tmp_path / "b.json", "--opening", tmp_path / "b.secret", "--profile", "toy-2", "--layers", "1,2")
    assert huref("commit", dispute.file("alice"), *files).code == 0
    challenge, theirs = tmp_path / "challenge", tmp_path / "theirs"
    assert huref("challenge", tmp_path / "b.json", dispute.file("alice.json"), "-o", challenge).code == 0
    opening = ("--opening", dispute.file("alice.secret"), "--challenge", challenge)
    assert huref("prove", dispute.file("alice"), *opening, "-o", theirs).code == 0
    policy = ("--policy", rules)
    made = ("answer", dispute.file("alice"), "--opening", tmp_path / "b.secret", "--near", theirs, *policy)
    ran = huref(*made, "--reveal", f"at-least:{bound}", "-o", output, "--json")
    assert ran.code == 0, ran
    (interval,) = ran.json["said"]["intervals"]
    assert interval["layer"] == interval["vector"] + 1
    assert (interval["low"], interval["high"]) == (bound, 1.0)
    shown = words(huref("verify", output, "--near", theirs, *policy))
    assert f"layer {interval['layer']} with their layer {interval['layer']}: at least {bound:g}" in shown


def test_what_is_not_true_is_not_answered_and_not_counted(dispute: Dispute, huref: Here, tmp_path: Path) -> None:
    output = tmp_path / "near"
    ran = huref(*dispute.answer(output, "--reveal", f"at-least:{FAR}"))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines()[-1].startswith("huref: there is no such answer")
    assert contents(tmp_path) == set()
    assert not answers.beside(dispute.file("bob.secret")).exists()


@pytest.mark.parametrize("reveal", ["at-least:0.1", "below:0.4", "at-least:1", "below:0.00390625", "below:100/256"])
def test_a_bound_that_could_follow_the_cosine_is_refused(
    dispute: Dispute, huref: Here, tmp_path: Path, reveal: str
) -> None:
    opening = ("--opening", dispute.file("bob.secret"), "--near", dispute.file("alice.huref.json"))
    ran = huref("answer", dispute.file("bob"), *opening, "-o", tmp_path / "near", "--reveal", reveal)
    multiple = reveal not in ("at-least:0.1", "below:0.4")
    assert_sentence(ran, 2, "choose one of 0.125, 0.25, 0.5, 0.75" if multiple else "--reveal")
    assert contents(tmp_path) == set()


@pytest.mark.parametrize(
    "reveal", ["", "above:0.5", "rounded:0.5", "below", "below:", "below:x", "below:1/0", "below:-0.5", "below:1.5"]
)
def test_words_that_are_no_answer(dispute: Dispute, huref: Here, tmp_path: Path, reveal: str) -> None:
    assert_sentence(huref(*dispute.answer(tmp_path / "near", "--reveal", reveal)), 2, "--reveal")


def test_a_policy_can_name_other_bounds(dispute: Dispute, huref: Here, tmp_path: Path) -> None:
    rules, output = tmp_path / "rules.toml", tmp_path / "near"
    rules.write_text(f'name = "ours"\n{FINE}thresholds = [250]\n')
    opening = ("--opening", dispute.file("bob.secret"), "--near", dispute.file("alice.huref.json"))
    made = ("answer", dispute.file("bob"), *opening, "--policy", rules, "-o", output)
    assert_sentence(huref(*made, "--reveal", "below:0.5"), 2, "choose one of 0.976562")
    assert huref(*made, "--reveal", "below:250/256").code == 0
    assert huref("verify", output, "--policy", rules).code == 0
    rules.write_text(f'name = "ours"\n{FINE}thresholds = [128]\n')
    ran = huref("verify", output, "--policy", rules)
    assert (ran.code, ran.out) == (5, "")
    assert "the bound is 250/256, none of those that policy 'ours' demands" in ran.err


# One answer in a dispute


def test_a_second_answer_is_refused_unless_it_is_meant(dispute: Dispute, huref: Here, tmp_path: Path) -> None:
    output, beside = tmp_path / "near", answers.beside(dispute.file("bob.secret"))
    seed = answered(huref, dispute, output)["said"]["seed"]
    first = output.read_bytes()
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    assert validated(beside.read_bytes())["near"] == [seed]
    ran = huref(*dispute.answer(output, "--reveal", f"below:{FAR}"))
    assert_sentence(ran, 2, "was answered by nearness before", str(beside), "--again")
    assert output.read_bytes() == first
    ran = huref(*dispute.answer(output, "--reveal", f"below:{FAR}", "--again"))
    assert ran.code == 0, ran
    assert "this is answer number 2 for one commitment" in ran.err
    assert validated(beside.read_bytes())["near"] == [seed, seed]
    # vectors are counted beside it, and say more than any number of cosines
    proved = ("prove", dispute.file("bob"), "--opening", dispute.file("bob.secret"))
    ran = huref(*proved, "--challenge", dispute.file("dispute.json"), "-o", tmp_path / "vectors")
    assert "this is answer number 3 for one commitment" in ran.err
    assert answers.read(beside) == Answers((seed,), (seed, seed))


def test_a_list_of_answers_that_cannot_be_read(dispute: Dispute, huref: Here, tmp_path: Path) -> None:
    beside = answers.beside(dispute.file("bob.secret"))
    beside.write_text("{}")
    assert_sentence(huref(*dispute.answer(tmp_path / "near")), 3, str(beside))
    assert contents(tmp_path) == set()


# Whose vectors


def test_the_other_side_is_verified_before_it_is_answered(dispute: Dispute, huref: Here, tmp_path: Path) -> None:
    """Its proof, its challenge, and that it is the other side's."""
    output, changed = tmp_path / "near", dispute.file("changed.huref.json")
    document = json.loads(dispute.file("alice.huref.json").read_bytes())
    document["statement"]["draws"][0]["vectors"][0][0] += 1
    changed.write_text(json.dumps(document))
    plain = dispute.file("plain.huref.json")
    assert huref("prove", dispute.file("alice"), "--profile", "toy-2", "-o", plain).code == 0
    for near, code, said in (
        (changed.name, 1, "the other side's bundle"),
        (plain.name, 1, "answers no challenge"),
        ("bob.huref.json", 1, "itself, not that of the other side"),
        ("alice.json", 3, "this is a commitment"),
        ("none", 4, "none"),
    ):
        assert_sentence(huref(*dispute.answer(output, near=near)), code, said)
    strict = ("answer", dispute.file("bob"), "--opening", dispute.file("bob.secret"), "-o", output)
    assert_sentence(huref(*strict, "--near", dispute.file("alice.huref.json")), 5, "accepts robust-2 only")
    assert contents(tmp_path) == set()


def test_a_challenge_between_others(dispute: Dispute, huref: Here, tmp_path: Path) -> None:
    models.network("llama", 3).write(tmp_path / "carol")
    files = ("-o", tmp_path / "carol.json", "--opening", tmp_path / "carol.secret", "--profile", "toy-2")
    assert huref("commit", tmp_path / "carol", *files).code == 0
    ran = Dispute(dispute.folder).answer(tmp_path / "near")
    ran = ("answer", tmp_path / "carol", "--opening", tmp_path / "carol.secret", *ran[4:])
    assert_sentence(huref(*ran), 1, "which does not name commitment")


def test_verify_compares_the_vectors_with_those_of_the_bundle(dispute: Dispute, huref: Here, tmp_path: Path) -> None:
    output = tmp_path / "near"
    answered(huref, dispute, output)
    other = tmp_path / "other.json"
    sides = (dispute.file("alice.json"), dispute.file("bob.json"))
    assert huref("challenge", *sides, "--beacon", "ef" * 32, "-o", other).code == 0
    elsewhere = dispute.file("elsewhere.huref.json")
    opening = ("--opening", dispute.file("alice.secret"))
    assert huref("prove", dispute.file("alice"), *opening, "--challenge", other, "-o", elsewhere).code == 0
    for near, code, said in (
        ("elsewhere.huref.json", "challenge-mismatch", "which is another one"),
        ("bob.huref.json", "challenge-mismatch", "itself, not that of the other side"),
    ):
        ran = huref(*dispute.verify(output, near=near), "--json")
        assert ran.code == 1, ran
        assert (ran.json["code"], ran.json["failure"]["check"]) == (code, "theirs")
        assert said in ran.json["failure"]["detail"]
        assert "judged" not in ran.json["verified"]["nearness"]
    ran = huref(*dispute.verify(output), "--challenge", other)
    assert (ran.code, ran.out) == (1, "")
    assert "challenge-mismatch" in ran.err
    for option, value in (("--expect-owner", "name:Mallory"), ("--expect-nonce", NONCE)):
        assert huref(*dispute.verify(output), option, value, "--json").json["code"] == "context-mismatch"


def test_vectors_of_nobody(dispute: Dispute, huref: Here, tmp_path: Path) -> None:
    """A true proof about vectors that are not Alice's."""
    output = tmp_path / "near"
    answered(huref, dispute, output)
    found = nearness.parse(output.read_bytes())
    statement = found.statement
    model, secret = open_model(dispute.file("bob")), openings.read(dispute.file("bob.secret"))
    source = choose(model, match_all(model, secret.tokens), secret.layers, named("toy-2"))
    theirs = tuple(-z for z in statement.theirs)
    (kind, cosines, pair), proof = _native.near(
        source.whole(lambda *_: None).weights,
        secret.seed.reveal(),
        statement.commitment,
        statement.draw,
        theirs,
        ("rounded", 0),
        statement.context,
    )
    changed = replace(statement, theirs=theirs, answer=Answer(kind, tuple(cosines), pair))
    output.write_bytes(nearness.dump(replace(found, statement=changed, proof=proof)))
    assert huref(*dispute.verify(output, near=None)).code == 0
    ran = huref(*dispute.verify(output), "--json")
    assert (ran.code, ran.json["code"], ran.json["failure"]["check"]) == (1, "nearness-mismatch", "theirs")


# Files and options


def test_by_reference(dispute: Dispute, huref: Here, tmp_path: Path) -> None:
    output, commitment = tmp_path / "near", dispute.file("bob.json")
    ran = huref(*dispute.answer(output, "--by-reference", "--commitment", commitment))
    assert ran.code == 0, ran
    assert f"--commitment {commitment}".replace(" ", "") in "".join(ran.out.split())
    assert_sentence(huref(*dispute.verify(output)), 2, "--commitment FILE")
    assert huref(*dispute.verify(output), "--commitment", commitment).code == 0
    wrong = huref(*dispute.answer(output, "--again", "--commitment", dispute.file("alice.json")))
    assert_sentence(wrong, 1, "the opening is that of commitment")


def test_other_weights_than_those_of_the_commitment(dispute: Dispute, huref: Here, tmp_path: Path) -> None:
    ran = list(dispute.answer(tmp_path / "near"))
    ran[1] = dispute.file("alice")
    made = huref(*ran)
    assert (made.code, made.out) == (1, "")
    assert "it was made for other weights" in made.err.splitlines()[-1]
    assert contents(tmp_path) == set()
    assert not answers.beside(dispute.file("bob.secret")).exists()


def test_inspect_says_what_is_there(dispute: Dispute, huref: Here, tmp_path: Path) -> None:
    output = tmp_path / "near"
    said = answered(huref, dispute, output, "--owner", "name:Bob")
    ran = huref("inspect", output, "--json")
    assert ran.code == 0, ran
    assert (ran.json["said"], ran.json["nearness"]) == (said["said"], said["nearness"])
    assert ran.json["checked"] is False
    shown = words(huref("inspect", output))
    assert "Nothing was checked" in shown
    assert "Statement of nearness" in shown
    assert "name:Bob" in shown


def test_several_files_and_both_verifiers(dispute: Dispute, huref: Here, tmp_path: Path) -> None:
    output, broken = tmp_path / "near", tmp_path / "broken"
    answered(huref, dispute, output)
    document = json.loads(output.read_bytes())
    document["statement"]["answer"]["cosines"][0] += 1
    broken.write_text(json.dumps(document))
    files = (output, dispute.file("alice.huref.json"), broken)
    for verifier in ("rust", "python", "both"):
        ran = huref(*dispute.verify(*files, near=None), "--verifier", verifier, "--json")
        assert ran.code == 1, ran
        assert [(each["ok"], each["code"]) for each in ran.json["bundles"]] == [
            (True, "verified"),
            (True, "verified"),
            (False, "proof-rejected"),
        ]
        assert huref(*dispute.verify(output), "--verifier", verifier).code == 0
    assert "nearness (rounded) to vectors of digest" in words(huref(*dispute.verify(*files, near=None)))
    assert_sentence(huref(*dispute.verify(*files)), 2, "--near is an option about one bundle")


@pytest.mark.parametrize(
    ("option", "value"),
    [("--weights", "bob"), ("--image", "bob"), ("--receipt", "receipt"), ("--timestamp", "bob.json")],
)
def test_options_that_only_bundles_have(dispute: Dispute, huref: Here, tmp_path: Path, option: str, value: str) -> None:
    output = tmp_path / "near"
    answered(huref, dispute, output)
    given = (option, dispute.file(value), *(("--authorities", output) if option == "--timestamp" else ()))
    assert_sentence(huref(*dispute.verify(output, near=None), *given), 2, "huref: ")
    assert_sentence(huref(*dispute.verify(dispute.file("alice.huref.json"))), 2, "huref compare")


def test_other_verbs_say_what_the_file_is(dispute: Dispute, huref: Here, tmp_path: Path) -> None:
    output = tmp_path / "near"
    answered(huref, dispute, output)
    for ran in (
        huref("compare", output, dispute.file("alice.huref.json")),
        huref("card", output, "-o", tmp_path / "card"),
        huref(*dispute.verify(dispute.file("alice.huref.json"), near=None), "--near", output),
    ):
        assert_sentence(ran, 3, "this is a proof of nearness; `huref verify` checks it; expected")


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.update(more=1),
        lambda f: f["statement"].update(version=2),
        lambda f: f["statement"].update(protocol="huref/fingerprint/v2"),
        lambda f: f["statement"]["answer"].update(kind="above"),
        lambda f: f["statement"]["answer"].update(cosines=[0]),
        lambda f: f["statement"]["answer"].update(cosines=[257, 0, 0, 0]),
        lambda f: f["statement"].update(theirs=[]),
        lambda f: f["statement"]["draw"].update(seed="00" * 32),
        lambda f: f.update(proof="??"),
    ],
)
def test_hostile_files(
    dispute: Dispute, huref: Here, tmp_path: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    output = tmp_path / "near"
    shutil.copyfile(good(dispute, huref), output)
    document = json.loads(output.read_bytes())
    change(document)
    output.write_text(json.dumps(document))
    for verb in (dispute.verify(output), ("inspect", output)):
        assert_sentence(huref(*verb), 3, str(output))


def good(dispute: Dispute, huref: Here) -> Path:
    """An answer that is made once."""
    path = dispute.file("good")
    if not path.exists():
        answered(huref, dispute, path)
    return path
