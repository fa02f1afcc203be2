"""Who checks the proof: the core, the reference verifier, or both."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from huref import _native
from huref.artefacts import bundle
from huref.errors import Exit, InternalError, MalformedBundleError
from huref.verifier.both import CHOICES, Choice, rejection
from huref.verifier.check import check
from huref.verifier.reference import verify as reference
from tests.support.bundles import TOY_POLICY, toy
from tests.support.cli import Here

FALSE_PROOF = replace(toy(), proof=toy().proof[:-1] + bytes([toy().proof[-1] ^ 1]))


@pytest.mark.parametrize("verifier", CHOICES)
def test_each_accepts_and_refuses(verifier: Choice) -> None:
    assert check(toy(), TOY_POLICY, verifier).ok
    report = check(FALSE_PROOF, TOY_POLICY, verifier)
    assert not report.ok
    assert report.failure is not None and report.failure.check == "opening"


def accept(*_: object) -> None:
    """A verifier that accepts anything."""


def test_each_choice_asks_whom_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    statement, proof = FALSE_PROOF.statement, FALSE_PROOF.proof
    monkeypatch.setattr(_native, "verify", accept)
    assert rejection(statement, proof, "rust") is None
    assert rejection(statement, proof, "python") is not None
    with pytest.raises(InternalError, match="the core accepts, the reference verifier refuses at 'opening'"):
        rejection(statement, proof, "both")
    monkeypatch.undo()
    monkeypatch.setattr(reference, "verify", accept)
    assert rejection(statement, proof, "rust") is not None
    assert rejection(statement, proof, "python") is None
    with pytest.raises(InternalError, match="the core refuses at 'opening', the reference verifier accepts"):
        check(FALSE_PROOF, TOY_POLICY, "both")


@pytest.mark.parametrize("verifier", CHOICES)
def test_numbers_of_any_size(verifier: Choice) -> None:
    honest = toy().statement
    (outputs,) = honest.outputs
    for number in (1 << 70, -(1 << 70)):
        for field in ("shifts", "scales", "vector_scales", "vectors"):
            values: tuple[object, ...] = (number, *getattr(outputs, field)[1:])
            if field == "vectors":
                values = ((number, *outputs.vectors[0][1:]),)
            changed = replace(honest, outputs=(replace(outputs, **{field: values}),))
            assert not check(replace(toy(), statement=changed), TOY_POLICY, verifier).ok
    for field, value in (("hidden", 1 << 70), ("heads", -1), ("layers", (1 << 32,))):
        shape = replace(honest.shape, **{field: value})
        changed = replace(honest, commitment=replace(honest.commitment, shape=shape))
        assert rejection(changed, toy().proof, verifier) is not None
        with pytest.raises(MalformedBundleError):
            check(replace(toy(), statement=changed), TOY_POLICY, verifier)


def test_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    huref, policy = Here(capsys), tmp_path / "toys.toml"
    policy.write_text("\n".join(f"{key} = {json.dumps(value)}" for key, value in TOY_POLICY.to_json().items()))
    good, bad = tmp_path / "good.huref.json", tmp_path / "bad.huref.json"
    good.write_bytes(bundle.dump(toy()))
    bad.write_bytes(bundle.dump(FALSE_PROOF))
    for choice in CHOICES:
        assert huref("verify", good, "--policy", policy, "--verifier", choice).code == Exit.OK
        assert huref("verify", bad, "--policy", policy, "--verifier", choice).code == Exit.REJECTED
    assert huref("verify", good, "--verifier", "none").code == Exit.USAGE
    monkeypatch.setattr(_native, "verify", accept)
    assert huref("verify", bad, "--policy", policy, "--verifier", "both").code == Exit.INTERNAL
