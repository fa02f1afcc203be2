"""Profiles: the core's table, the files that write it down, and names that nothing else knows."""

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from huref import profile
from huref.errors import UnsupportedVersionError

ROOT = Path(__file__).parents[2]
FILES = ROOT / "proofs" / "profiles"


def document(rules: profile.Profile) -> dict[str, Any]:
    """The file of a profile."""
    network = {} if rules.network is None else {"network": rules.network}
    return {
        "name": rules.name,
        "curve": "secp256k1",
        **rules.numbers,
        "generators": rules.generators,
        "encoder": {"kind": rules.encoder} | network,
        "labels": {
            "protocol": rules.protocol,
            "generators": "huref/generators/v1/",
            "tokens": rules.token_label,
            "ownSeed": "huref/own-seed/v1",
            "challengeSeed": "huref/challenge-seed/v1",
        },
        "draws": {"common": asdict(rules.common), "fresh": asdict(rules.fresh)},
        "wordsFirst": rules.words_first,
        "layers": rules.layers,
    }


@pytest.mark.parametrize("name", profile.PROFILES)
def test_every_profile_has_its_file(name: str) -> None:
    assert json.loads((FILES / f"{name}.json").read_text()) == document(profile.named(name))


def test_no_file_is_left_over() -> None:
    assert {file.stem for file in FILES.iterdir()} == {*profile.PROFILES}


def test_names_that_are_none() -> None:
    with pytest.raises(UnsupportedVersionError, match="neither committed to nor proved"):
        profile.named(profile.PAPER)
    with pytest.raises(UnsupportedVersionError, match="known profiles: robust-2, robust-2-cnn, toy-2"):
        profile.named("robust-0")


def test_no_module_but_the_reference_verifier_knows_a_profile_by_name() -> None:
    names = re.compile("|".join(map(re.escape, profile.PROFILES)))
    package = ROOT / "python" / "huref"
    knowing = {file.relative_to(package) for file in package.rglob("*.py") if names.search(file.read_text())}
    reference = Path("verifier/reference")
    assert {file for file in knowing if reference not in file.parents} == set()
