"""`huref prove` and what `huref verify` can ask of it: draws, the rows of a commitment, references, whom it is for."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from huref.artefacts import bundle as bundles
from huref.artefacts.commitment import read as read_commitment
from tests.support import models
from tests.support.bundles import TOY_RULES
from tests.support.cli import Here, Ran, assert_sentence, contents, process
from tests.support.schemas import validate

BEACON, NONCE = "ab" * 32, "0123456789abcdef" * 2
OWNER, AUDIENCE = "name:Alice & Co", "court of Utrecht"


@dataclass(frozen=True)
class Owner:
    """A model and what its owner committed to: every layer."""

    model: Path
    commitment: Path
    opening: Path

    @property
    def secret(self) -> tuple[object, ...]:
        return (self.model, "--opening", self.opening)

    @property
    def rows(self) -> tuple[object, ...]:
        return ("--commitment", self.commitment)


def _owner(folder: Path, seed: int) -> Owner:
    model = models.network("llama", seed).write(folder / "model")
    owner = Owner(model, folder / "commitment.json", folder / "opening")
    files = ("-o", owner.commitment, "--opening", owner.opening)
    done = process("commit", model, *files, "--profile", "toy-2", "--layers", "all", "--json")
    assert (done.code, done.json["layers"]) == (0, [0, 1, 2]), done
    return owner


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Owner:
    return _owner(tmp_path_factory.mktemp("owner"), 1)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Owner:
    """A stranger's model of the same sizes."""
    return _owner(tmp_path_factory.mktemp("other"), 2)


def proved(huref: Here, owner: Owner, bundle: Path, *options: object) -> Any:
    ran = huref("prove", *owner.secret, *options, "-o", bundle, "--json")
    assert ran.code == 0, ran
    validate("bundle", bundle.read_bytes())
    return ran.json


def left(ran: Ran) -> dict[str, str]:
    """What was not checked, and why."""
    return {entry["what"]: entry["why"] for entry in ran.json["notChecked"]}


# The opening says what was committed to


def test_an_opening_knows_profile_layers_and_tokens(owner: Owner, huref: Here, tmp_path: Path, toys: Path) -> None:
    made = proved(huref, owner, tmp_path / "bundle")
    assert (made["profile"], made["layers"]) == ("toy-2", [0, 1, 2])
    assert made["commitment"] == json.loads(owner.commitment.read_bytes())["id"]
    against = ("--weights", owner.model, "--opening", owner.opening)
    ran = huref("verify", tmp_path / "bundle", "--policy", toys, *against, "--json")
    assert ran.json["verified"]["weights"] == {"commitment": True, "matches": True}
    listed = tmp_path / "list"
    for option in (("--layers", "all"), ("--profile", "toy-2"), ("--tokens", listed)):
        ran = huref("prove", *owner.secret, *option, "-o", tmp_path / "x")
        assert_sentence(ran, 2, f"{option[0]}: the opening says what was committed to")
    assert contents(tmp_path) == {"bundle"}


# Rows of a commitment


def test_rows_are_taken_from_the_commitment(owner: Owner, huref: Here, tmp_path: Path, toys: Path) -> None:
    """The same rows as when they are made again from the model, without the work."""
    again = proved(huref, owner, tmp_path / "again")
    taken = proved(huref, owner, tmp_path / "taken", *owner.rows)
    assert "commit" in again["seconds"]
    assert "commit" not in taken["seconds"]
    first, second = (bundles.load(tmp_path / name).statement for name in ("again", "taken"))
    assert first == second
    assert first.commitment == read_commitment(owner.commitment)
    assert huref("verify", tmp_path / "taken", "--policy", toys).code == 0


def test_rows_of_other_weights(owner: Owner, other: Owner, huref: Here, tmp_path: Path) -> None:
    quiet = ("-o", tmp_path / "bundle", "--format", "quiet")
    id_, strange = (json.loads(path.read_bytes())["id"][:16] for path in (owner.commitment, other.commitment))
    ran = huref("prove", *owner.secret, *other.rows, *quiet)
    assert_sentence(ran, 1, f"the opening is that of commitment {id_}", f"not of {strange}")
    # commitment and opening belong together, but the folder is not the one that was committed to
    ran = huref("prove", other.model, "--opening", owner.opening, *owner.rows, *quiet)
    assert_sentence(ran, 1, f"commitment {id_}", "it was made for other weights")
    assert contents(tmp_path) == set()


def test_rows_without_their_opening(owner: Owner, huref: Here, tmp_path: Path) -> None:
    output = ("-o", tmp_path / "bundle")
    assert_sentence(huref("prove", owner.model, *owner.rows, *output), 2, "--commitment needs --opening")
    assert_sentence(huref("prove", owner.model, "--by-reference", *output), 2, "--by-reference needs --opening")
    assert_sentence(huref("prove", *owner.secret, "--commitment", tmp_path / "none", *output), 4, "none")
    assert_sentence(huref("prove", *owner.secret, "--commitment", owner.opening, *output), 3, "an opening, a secret")
    assert contents(tmp_path) == set()


# References


def test_a_bundle_that_names_its_commitment(
    owner: Owner, other: Owner, huref: Here, tmp_path: Path, toys: Path
) -> None:
    named, policy = tmp_path / "named", ("--policy", toys)
    ran = huref("prove", *owner.secret, *owner.rows, "--by-reference", "-o", named)
    assert ran.code == 0, ran
    check = f"huref verify {named} --commitment {owner.commitment}"
    assert check.replace(" ", "") in "".join(ran.out.split())
    rows = json.loads(owner.commitment.read_bytes())["rows"]
    assert rows not in named.read_text()
    validate("bundle", named.read_bytes())
    for verifier in ("rust", "python", "both"):
        assert huref("verify", named, *owner.rows, *policy, "--verifier", verifier).code == 0
    assert_sentence(huref("verify", named, *policy), 2, str(named), "by its id alone", "--commitment FILE")
    assert_sentence(huref("verify", named, *other.rows, *policy), 2, "given: ", "--commitment FILE")
    assert huref("verify", named, *other.rows, *owner.rows, *policy).code == 0
    assert huref("verify", named, named, *owner.rows, *policy).code == 0
    assert huref("inspect", named, *owner.rows).code == 0
    assert_sentence(huref("inspect", named), 2, "--commitment FILE")
    assert_sentence(huref("verify", named, "--commitment", tmp_path / "none", *policy), 4, "none")
    assert process("verify", "-", *owner.rows, *policy, stdin=named.read_bytes()).code == 0


def test_both_ways_to_carry_a_commitment_have_one_digest(owner: Owner, huref: Here, tmp_path: Path, toys: Path) -> None:
    """The file of one is made from the file of the other, with nothing but the commitment."""
    named, whole = tmp_path / "named", tmp_path / "whole"
    made = proved(huref, owner, named, *owner.rows, "--by-reference")
    document = json.loads(named.read_bytes())
    assert set(document["statement"]["commitment"]) == {"mediaType", "id"}
    document["statement"]["commitment"] = json.loads(owner.commitment.read_bytes())
    whole.write_text(json.dumps(document))
    by_reference = huref("verify", named, *owner.rows, "--policy", toys, "--json").json["bundle"]
    carried = huref("verify", whole, "--policy", toys, "--json").json["bundle"]
    assert by_reference["sha256"] == carried["sha256"] == made["bundle"]["sha256"]
    assert by_reference["fileSha256"] == made["bundle"]["fileSha256"] != carried["fileSha256"]
    read = bundles.load(whole)
    assert bundles.parse(bundles.dump(read)) == read


# Draws


def test_without_own_vectors(owner: Owner, huref: Here, tmp_path: Path, toys: Path) -> None:
    made = proved(huref, owner, tmp_path / "bundle", "--no-own")
    assert [draw["kind"] for draw in made["draws"]] == ["common"]
    ran = huref("verify", tmp_path / "bundle", "--policy", toys, "--json")
    assert ran.code == 0
    assert "own" not in left(ran)["fitted"]
    demanding = tmp_path / "policy.toml"
    demanding.write_text(TOY_RULES + "own-vectors = true\n")
    assert_sentence(huref("verify", tmp_path / "bundle", "--policy", demanding, "--format", "quiet"), 5, "own vectors")
    proved(huref, owner, tmp_path / "bundle")
    assert huref("verify", tmp_path / "bundle", "--policy", demanding).code == 0


def test_own_vectors_under_a_beacon(owner: Owner, huref: Here, tmp_path: Path, toys: Path) -> None:
    plain, lit = proved(huref, owner, tmp_path / "plain"), proved(huref, owner, tmp_path / "lit", "--beacon", BEACON)
    (common, own), (same, drawn) = plain["draws"], lit["draws"]
    assert common == same
    assert (own["seed"] == drawn["seed"], own["digest"] == drawn["digest"]) == (False, False)
    assert ("beacon" in own, drawn["beacon"]) == (False, BEACON)
    ran = huref("verify", tmp_path / "lit", "--policy", toys, "--weights", owner.model, "--json")
    assert ran.code == 0
    assert ran.json["verified"]["draws"] == lit["draws"]
    assert left(ran)["order"] == "that the commitment was published before the beacon was known"
    assert BEACON in huref("verify", tmp_path / "lit", "--policy", toys).out
    document = json.loads((tmp_path / "lit").read_bytes())
    for field in ("beacon", "seed"):  # neither can be exchanged alone
        changed = json.loads(json.dumps(document))
        changed["statement"]["draws"][1][field] = "cd" * 32
        (tmp_path / "changed").write_text(json.dumps(changed))
        assert_sentence(
            huref("verify", tmp_path / "changed", "--policy", toys), 3, "'seed' is not the one that follows"
        )


def test_beacons_that_no_proof_can_have(owner: Owner, huref: Here, tmp_path: Path) -> None:
    for beacon, words in (("ab" * 31, "32 to 64 bytes"), ("ab" * 65, "32 to 64 bytes"), ("xy" * 32, "hexadecimal")):
        ran = huref("prove", *owner.secret, "--beacon", beacon, "-o", tmp_path / "x", "--format", "quiet")
        assert_sentence(ran, 2, words)
    ran = huref("prove", *owner.secret, "--no-own", "--beacon", BEACON, "-o", tmp_path / "x", "--format", "quiet")
    assert_sentence(ran, 2, "a beacon is for own vectors, of which there are none here")
    assert contents(tmp_path) == set()


# Whom a proof is for


def test_a_proof_for_somebody(owner: Owner, huref: Here, tmp_path: Path, toys: Path) -> None:
    bundle = tmp_path / "bundle"
    made_for = {"owner": OWNER, "audience": AUDIENCE, "nonce": NONCE}
    made = proved(huref, owner, bundle, "--owner", OWNER, "--audience", AUDIENCE, "--nonce", NONCE.upper())
    assert made["madeFor"] == made_for | {"expected": []}
    assert huref("inspect", bundle, "--json").json["madeFor"]["owner"] == OWNER
    plain = huref("verify", bundle, "--policy", toys, "--json")
    assert plain.json["verified"]["madeFor"] == made["madeFor"]
    assert left(plain)["owner"] == "the name is what the prover wrote; no signature of that owner was checked"
    expected = [part for name, value in made_for.items() for part in (f"--expect-{name}", value)]
    for verifier in ("rust", "python"):
        ran = huref("verify", bundle, "--policy", toys, *expected, "--verifier", verifier, "--json")
        assert (ran.code, ran.json["verified"]["madeFor"]["expected"]) == (0, ["owner", "audience", "nonce"])
    said = " ".join(huref("verify", bundle, "--policy", toys, *expected).out.split())
    assert f"owner (as the prover says) {OWNER}, as expected; audience {AUDIENCE}, as expected; nonce {NONCE}" in said


@pytest.mark.parametrize(
    ("option", "value", "found"),
    [
        ("--expect-owner", "name:Bob", OWNER),
        ("--expect-audience", "court of Paris", AUDIENCE),
        ("--expect-nonce", "00" * 16, NONCE),
    ],
)
def test_a_proof_for_somebody_else(
    option: str, value: str, found: str, owner: Owner, huref: Here, tmp_path: Path, toys: Path
) -> None:
    bundle, policy = tmp_path / "bundle", ("--policy", toys)
    proved(huref, owner, bundle, "--owner", OWNER, "--audience", AUDIENCE, "--nonce", NONCE)
    ran = huref("verify", bundle, *policy, option, value, "--json")
    assert (ran.code, ran.json["ok"], ran.json["code"]) == (1, False, "context-mismatch")
    assert ran.json["failure"]["check"] == "context"
    assert_sentence(huref("verify", bundle, *policy, option, value, "--format", "quiet"), 1, value, found)
    proved(huref, owner, bundle)
    ran = huref("verify", bundle, *policy, option, value, "--format", "quiet")
    assert_sentence(ran, 1, f"{value}' was expected; the proof names none")


def test_a_context_cannot_be_changed(owner: Owner, huref: Here, tmp_path: Path, toys: Path) -> None:
    """Whoever takes a published bundle cannot put their own name on it, nor take one away."""
    bundle = tmp_path / "bundle"
    proved(huref, owner, bundle, "--owner", OWNER, "--nonce", NONCE)
    document = json.loads(bundle.read_bytes())
    for context in ({"owner": "name:Mallory", "nonce": NONCE}, {"owner": OWNER}, {"nonce": NONCE}, None):
        document["statement"].pop("context", None)
        if context is not None:
            document["statement"]["context"] = context
        bundle.write_text(json.dumps(document))
        for verifier in ("rust", "python"):
            ran = huref("verify", bundle, "--policy", toys, "--verifier", verifier, "--json")
            assert (ran.code, ran.json["code"]) == (1, "proof-rejected"), context


def test_a_policy_that_names_owner_and_audience(owner: Owner, huref: Here, tmp_path: Path) -> None:
    bundle, policy = tmp_path / "bundle", tmp_path / "policy.toml"
    policy.write_text(f'{TOY_RULES}owners = ["{OWNER}"]\naudience = "{AUDIENCE}"\n')
    for context, code in (
        ((), 5),
        (("--owner", OWNER), 5),
        (("--owner", "name:Bob", "--audience", AUDIENCE), 5),
        (("--owner", OWNER, "--audience", AUDIENCE), 0),
    ):
        proved(huref, owner, bundle, *context)
        assert huref("verify", bundle, "--policy", policy).code == code, context


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--owner", "Alice"),
        ("--owner", "name:Jos\u00e9"),
        ("--owner", "ed25519:abc"),
        ("--owner", "https://issuer.example"),
        ("--audience", "court\nof Utrecht"),
        ("--audience", " court"),
        ("--audience", "x" * 201),
        ("--nonce", "00" * 15),
        ("--nonce", "00" * 65),
        ("--nonce", "xyz"),
    ],
)
def test_contexts_that_no_proof_can_have(option: str, value: str, owner: Owner, huref: Here, tmp_path: Path) -> None:
    ran = huref("prove", *owner.secret, option, value, "-o", tmp_path / "x")
    assert_sentence(ran, 2, "huref: ")
    assert contents(tmp_path) == set()


def test_an_answer_to_a_challenge_is_made_for_somebody_too(
    owner: Owner, other: Owner, huref: Here, tmp_path: Path, toys: Path
) -> None:
    challenge, bundle = tmp_path / "challenge", tmp_path / "bundle"
    assert huref("challenge", owner.commitment, other.commitment, "--beacon", BEACON, "-o", challenge).code == 0
    made = proved(huref, owner, bundle, *owner.rows, "--challenge", challenge, "--nonce", NONCE, "--by-reference")
    assert [draw["kind"] for draw in made["draws"]] == ["challenge"]
    asked = ("--challenge", challenge, "--expect-nonce", NONCE)
    assert huref("verify", bundle, "--policy", toys, *owner.rows, *asked).code == 0
    ran = huref("prove", *owner.secret, "--challenge", challenge, "--beacon", BEACON, "-o", bundle)
    assert_sentence(ran, 2, "a beacon is for own vectors, of which there are none here")
    assert re.search(r'"commitment":\{"mediaType":"[^"]+","id":"[0-9a-f]{64}"\}', bundle.read_text())
