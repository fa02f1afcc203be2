"""proofs/vectors/log: the files are those that the manifest names, made again byte for byte, and show what it says."""

from __future__ import annotations

import json

from huref.errors import LogError
from huref.registry import policy, proof, tree
from huref.registry.proof import Found
from tests.conformance.log_vectors import FOLDER, files, manifest


def test_files_are_made_again_byte_for_byte() -> None:
    assert {path.name: path.read_bytes() for path in FOLDER.iterdir()} == files()


def test_each_proof_shows_what_the_manifest_says() -> None:
    """Read from the files alone, as by other implementations."""
    kept = json.loads((FOLDER / "manifest.json").read_bytes())
    shown = dict[str, Found | None]()
    for name, one in kept["proofs"].items():
        rules = policy.read(FOLDER / f"{one['policy']}.policy")
        try:
            found = proof.parse((FOLDER / f"{name}.tlog-proof").read_bytes())
            shown[name] = proof.check(found, [tree.leaf(one["entry"].encode())], rules)[1]
        except LogError:
            shown[name] = None
        wanted = one["shows"]
        assert shown[name] == (None if wanted is None else Found(**wanted | {"witnesses": tuple(wanted["witnesses"])}))
    assert manifest() == kept
    good = {name for name, found in shown.items() if found is not None}
    assert good == {
        "attestation", "bundle", "extra", "no-witness", "not-counted", "older-tree", "one-witness", "only-entry",
        "quantum", "strangers", "three-of-three", "twice", "two-of-three",
    }  # fmt: skip
    times = {name: found.time for name, found in shown.items() if found is not None}
    assert times["two-of-three"] == 1_767_225_600
    assert times["three-of-three"] == 1_767_225_660
    assert times["no-witness"] is times["not-counted"] is None
    assert times["twice"] == 1_767_225_500
