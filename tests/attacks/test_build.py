"""What is shipped cannot lie: the test-only parts of the core are in no default build and not in the native module."""

import os
import subprocess
import tomllib
from pathlib import Path

from huref import _native

RUST = Path(__file__).parents[2] / "rust"


def test_the_lying_prover_is_no_default_feature() -> None:
    features = tomllib.loads((RUST / "circuits" / "Cargo.toml").read_text())["features"]
    reached, wanted = set(), ["default"]
    while wanted:
        name = wanted.pop()
        if name not in reached:
            reached.add(name)
            wanted += features.get(name, [])
    assert "liar" in features
    assert "liar" not in reached


def test_the_native_module_is_built_without_it() -> None:
    command = ["cargo", "tree", "--locked", "--package", "huref-python", "--edges", "normal", "--format", "{p} [{f}]"]
    tree = subprocess.run(command, cwd=RUST, capture_output=True, text=True, check=True).stdout
    (core,) = (line for line in tree.splitlines() if "huref-circuits" in line)
    assert core.endswith("[default,prover]")


def test_the_native_module_is_small_and_says_nothing_of_the_machine_that_built_it() -> None:
    """Messages of panics name source files: those of crates would say whose machine it was."""
    code = Path(str(_native.__file__)).read_bytes()
    assert len(code) < 8_000_000  # of which 2 are the table of generators
    for place in (Path.home(), Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo")), RUST.parent):
        assert bytes(place) + b"/" not in code
