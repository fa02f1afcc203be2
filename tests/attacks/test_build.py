"""What is shipped cannot lie: the test-only parts of the core are in no default build and not in the native module."""

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


def test_the_native_module_does_not_ask_for_it() -> None:
    wheel = tomllib.loads((RUST / "python" / "Cargo.toml").read_text())
    core = wheel["dependencies"]["huref-circuits"]
    assert "liar" not in core.get("features", [])
    assert not any("liar" in feature for group in wheel.get("features", {}).values() for feature in group)


def test_the_native_module_does_not_contain_it() -> None:
    code = Path(str(_native.__file__)).read_bytes()
    assert b"huref_circuits" in code
    assert b"huref_circuits6prover4liar" not in code
    assert b"circuits/src/prover/liar.rs" not in code
