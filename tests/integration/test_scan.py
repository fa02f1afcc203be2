"""`huref scan`: a disguised copy is found among strangers and decided by own vectors; a stranger is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import huref as package
from huref.artefacts import bundle as bundles
from huref.artefacts import fingerprint as fingerprints
from huref.artefacts import tokens as lists
from huref.errors import NotFoundError
from tests.support import disguises, models
from tests.support.cli import Here, assert_sentence
from tests.support.models import FAMILIES, Network
from tests.support.schemas import validated

STRANGERS = 6
#: Strangers whose lists share too few tokens with a Llama's to tell anything: those of BERT.
FOREIGN = {f"stranger-{number}.json" for number in range(STRANGERS) if FAMILIES[number % len(FAMILIES)] == "bert"}


def original() -> Network:
    return models.network("llama", seed=1, layers=3)


def disguised() -> Network:
    return disguises.all_together(original(), np.random.default_rng(2), disguises.EXTREME)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of a model, a fingerprint of it over another list of tokens, and strangers of several families."""
    folder, nets = tmp_path_factory.mktemp("database"), tmp_path_factory.mktemp("nets")
    mine = original().write(nets / "mine")
    (folder / "mine.huref.json").write_bytes(bundles.dump(package.prove(mine, image=None)))
    every = package.fingerprint(mine)
    part = package.fingerprint(mine, tokens=every.tokens[: len(every.tokens) * 3 // 4], layers="all")
    (folder / "part.json").write_bytes(fingerprints.dump(part))
    for number in range(STRANGERS):
        family = FAMILIES[number % len(FAMILIES)]
        stranger = models.network(family, seed=10 + number).write(nets / f"{number}")
        (folder / f"stranger-{number}.json").write_bytes(fingerprints.dump(package.fingerprint(stranger)))
    return folder


def named(found: dict[str, object]) -> dict[str, str]:
    rows = found["found"]
    assert isinstance(rows, list)
    return {Path(row["file"]).name: row["comparison"]["verdict"] for row in rows}


def test_a_disguised_copy_among_strangers(database: Path, huref: Here, tmp_path: Path) -> None:
    suspect = disguised().write(tmp_path / "suspect")
    ran = huref("scan", suspect, "--database", database, "--json")
    assert ran.code == 0, ran
    validated(ran.out)
    assert named(ran.json) == {"mine.huref.json": "related", "part.json": "alike"}
    assert ran.json["entries"] == STRANGERS + 2 - len(FOREIGN)
    assert {Path(left["file"]).name for left in ran.json["leftOut"]} == FOREIGN
    assert all("tokens; a verdict needs" in left["why"] for left in ran.json["leftOut"])
    for row in ran.json["found"]:  # the words of compare
        alone = package.compare(suspect, row["file"])
        assert json.loads(json.dumps(alone.to_json())) == row["comparison"]
    shown = huref("scan", suspect, "--database", database)
    assert f"Related: {suspect} and {database}" in shown.out
    assert "own vectors" in shown.out
    assert "Not checked" in shown.out
    assert [entry["what"] for entry in ran.json["notChecked"]].count("entries") == 1


def moved(net: Network) -> Iterator[tuple[str, Network]]:
    """Copies whose layers were dropped, moved or repeated."""
    for name, order in (("dropped", [2]), ("moved", [2, 0, 1]), ("repeated", [0, 1, 1, 2, 2])):
        copy = net.copy()
        copy.blocks = [net.copy().blocks[i] for i in order]
        yield name, copy


def test_dropped_moved_and_repeated_layers_hide_no_copy(database: Path, tmp_path: Path) -> None:
    for name, net in moved(disguised()):
        found = package.scan(net.write(tmp_path / name), database)
        verdicts = {Path(one.file).name: one.comparison.verdict for one in found.found}
        assert verdicts == {"mine.huref.json": "related", "part.json": "alike"}, name


def test_a_stranger_is_not_found_and_every_entry_was_compared(database: Path, huref: Here, tmp_path: Path) -> None:
    stranger = models.network("llama", seed=99).write(tmp_path / "stranger")
    found = package.scan(stranger, database)
    compared = STRANGERS + 2 - len(FOREIGN)
    assert (found.found, found.entries) == ((), compared)
    assert found.reason.startswith(f"none of the {compared} entries is related")
    assert found.reason.endswith(f"; {len(FOREIGN)} more could not be compared")
    for file in database.iterdir():
        verdict = package.compare(stranger, file).verdict
        assert verdict == ("inconclusive" if file.name in FOREIGN else "no relation shown"), file
    ran = huref("scan", stranger, "--database", database)
    assert ran.code == 0
    assert "No relation shown" in ran.out


def test_a_copy_that_does_not_verify_and_a_list_that_nobody_shares_are_left_out(database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    bundle = bundles.load(database / "mine.huref.json")
    flipped = bytes([*bundle.proof[:-1], bundle.proof[-1] ^ 1])
    forged = package.Bundle(bundle.statement, bundle.claims, flipped, None)
    (folder / "forged.huref.json").write_bytes(bundles.dump(forged))
    net = models.network("llama", seed=5)
    other = package.fingerprint(net.write(tmp_path / "net"))
    foreign = package.Fingerprint(other.profile, other.layers, tuple(b"\xff" + t for t in other.tokens), other.outputs)
    (folder / "foreign.json").write_bytes(fingerprints.dump(foreign))
    found = package.scan(original().write(tmp_path / "mine"), folder)
    assert (found.entries, found.found) == (0, ())
    left = {Path(out.file).name: out.why for out in found.left_out}
    assert left.keys() == {"forged.huref.json", "foreign.json"}
    assert "share 0 tokens" in left["foreign.json"]
    assert found.reason.startswith("nothing in")
    assert lists.digest(foreign.tokens) != lists.digest(other.tokens)


def test_names_of_files_cannot_steer_a_terminal(huref: Here, tmp_path: Path) -> None:
    """They are what strangers wrote."""
    mine = original().write(tmp_path / "mine")
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "\x1b[2J.json").write_bytes(fingerprints.dump(package.fingerprint(mine)))
    (tmp_path / "db" / "\x1b[3J.json").write_bytes(fingerprints.dump(package.fingerprint(mine))[:-9])
    ran = huref("scan", mine, "--database", tmp_path / "db")
    assert ran.code == 0, ran
    assert "[2J.json" in ran.out
    assert "[3J.json" in ran.out
    assert "\x1b[2J" not in ran.out
    assert "\x1b[3J" not in ran.out


def test_places_that_are_not_there(database: Path, huref: Here, tmp_path: Path) -> None:
    assert_sentence(huref("scan", tmp_path / "none", "--database", database), 4, "none")
    mine = original().write(tmp_path / "mine")
    assert_sentence(huref("scan", mine, "--database", tmp_path / "nowhere"), 4, "nowhere")
    assert_sentence(huref("scan", mine), 2, "--database")
    empty = huref("scan", mine, "--database", mine)
    assert empty.code == 0
    assert empty.out.startswith("Nothing to compare")
    assert "No relation" not in empty.out
    with pytest.raises(NotFoundError):
        package.scan(mine, tmp_path / "nowhere")
