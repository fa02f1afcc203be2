"""Proofs: they hold under a policy, no changed character passes, and hostile ones are refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huref.errors import LogError
from huref.registry import proof, tree
from huref.registry.checkpoint import Checkpoint
from huref.registry.keys import Secret
from huref.registry.note import Line, Note
from huref.registry.policy import Policy
from huref.registry.proof import Found, Proof
from tests.support import logs

ENTRIES = [entry.data for entry in logs.entries(1000)]
TREE = logs.tiled(ENTRIES)[1]
WITNESSES = [logs.witness(number) for number in (1, 2, 3)]
AT = 617
LEAF = tree.leaf(ENTRIES[AT])


def made(witnesses: list[tuple[Secret, int]], log: Secret = logs.LOG, size: int = 1000, at: int = AT) -> Proof:
    signed = Note(Checkpoint(log.name, size, tree.root(size, TREE.node)).text).signed(log, 1)
    for secret, time in witnesses:
        signed = signed.signed(secret, time)
    return Proof(at, tuple(tree.inclusion(at, size, TREE.node)), signed)


ONE = made([(WITNESSES[0], 1_700_000_000)])
ALL = made([(WITNESSES[0], 30), (WITNESSES[1], 10), (WITNESSES[2], 20)])


def check(found: Proof, policy: Policy, leaf: bytes = LEAF) -> Found:
    return proof.check(proof.parse(found.data), [bytes(32), leaf], policy)[1]


def test_what_a_proof_shows() -> None:
    assert check(ONE, logs.policy(WITNESSES[:1])) == Found(
        AT, logs.ORIGIN, 1000, 1_700_000_000, ("witness1.example",), 1
    )
    assert proof.check(ONE, [bytes(32), LEAF], logs.policy())[0] == 1


def test_the_time_is_the_latest_of_those_that_count() -> None:
    found = check(ALL, logs.policy(WITNESSES, "2"))
    assert (found.time, found.witnesses, found.known) == (
        30,
        ("witness1.example", "witness2.example", "witness3.example"),
        3,
    )
    assert check(ALL, logs.policy(WITNESSES[1:], "any")).time == 20
    some = replace(ALL, note=replace(ALL.note, lines=ALL.note.lines[:1] + ALL.note.lines[2:]))
    found = check(some, logs.policy(WITNESSES, "2"))
    assert (found.time, found.witnesses, found.known) == (20, ("witness2.example", "witness3.example"), 3)


def test_without_witnesses_there_is_no_time() -> None:
    found = check(ALL, logs.policy())
    assert (found.time, found.witnesses, found.known) == (None, (), 0)


def test_a_proof_with_one_witness_is_small() -> None:
    assert len(ONE.data) < 1000


@pytest.mark.parametrize("kind", ["ed25519", "ml-dsa-44"])
def test_every_changed_character_is_refused(kind: str) -> None:
    """With every signature demanded; where some suffice, that of a key under a changed name is one of a stranger."""
    secret = WITNESSES[0] if kind == "ed25519" else logs.witness(4, "ml-dsa-44")
    data, policy = made([(secret, 1_700_000_000)]).data, logs.policy([secret])
    proof.check(proof.parse(data), [LEAF], policy)
    for at in range(len(data)):
        byte = data[at]
        others = {byte ^ 1, byte ^ 0x20, 0x41, 0x0A, 0x20, 0xC3} if kind == "ed25519" else {byte ^ 1}
        for other in others - {byte}:
            with pytest.raises(LogError):
                proof.check(proof.parse(data[:at] + bytes([other]) + data[at + 1 :]), [LEAF], policy)
        for changed in (data[:at] + data[at + 1 :], data[:at] + b"A" + data[at:], data[:at]):
            if kind == "ed25519":
                with pytest.raises(LogError):
                    proof.check(proof.parse(changed), [LEAF], policy)


def test_a_second_key_of_the_log_may_sign() -> None:
    second = Secret(logs.ORIGIN, "ml-dsa-44", b"2" * 32)
    both = replace(ONE, note=ONE.note.signed(second, 7))
    assert check(both, logs.policy(WITNESSES[:1], logs=[second])).time == 1_700_000_000
    assert check(both, logs.policy(WITNESSES[:1], logs=[logs.LOG, second])).time == 1_700_000_000


STRANGER = Secret("log.example/other", "ed25519", b"S" * 32)
THIEF = Secret(logs.ORIGIN, "ed25519", b"T" * 32)


@pytest.mark.parametrize(
    ("found", "policy", "words"),
    [
        (ONE, logs.policy(WITNESSES[:2]), "1 of 2 witnesses"),
        (made([]), logs.policy(WITNESSES[:1]), "0 of 1 witnesses"),
        (ONE, logs.policy(WITNESSES[:1], logs=[STRANGER]), "does not know"),
        (ONE, logs.policy(WITNESSES[:1], logs=[THIEF]), "did not sign"),
        (made([(WITNESSES[0], 5)], THIEF), logs.policy(WITNESSES[:1]), "did not sign"),
        (replace(ONE, index=AT + 1), logs.policy(WITNESSES[:1]), "another entry"),
        (replace(ONE, index=5000), logs.policy(WITNESSES[:1]), "another entry"),
        (replace(ONE, path=ONE.path[:-1]), logs.policy(WITNESSES[:1]), "another entry"),
        (made([(WITNESSES[0], 5)], at=AT - 1), logs.policy(WITNESSES[:1]), "another entry"),
        (made([(logs.witness(4, "ml-dsa-44"), 0)]), logs.policy([logs.witness(4, "ml-dsa-44")]), "0 of 1 witnesses"),
        (
            replace(
                ONE,
                note=replace(
                    ONE.note, lines=(*ONE.note.lines, Line(WITNESSES[1].name, WITNESSES[1].key.id, bytes(72)))
                ),
            ),
            logs.policy(WITNESSES[:2], "any"),
            "'witness2.example' does not hold",
        ),
    ],
)
def test_what_does_not_hold(found: Proof, policy: Policy, words: str) -> None:
    with pytest.raises(LogError, match=words):
        check(found, policy)


def test_extra_data_is_left_out() -> None:
    data = ONE.data.replace(b"@v1\n", b"@v1\nextra SGVsbG8=\n")
    assert proof.parse(data) == ONE


@pytest.mark.parametrize(
    "data",
    [
        b"",
        ONE.data.replace(b"@v1", b"@v2"),
        ONE.data.replace(b"@v1\n", b"@v1\nextra SGVsbG8\n"),
        ONE.data.replace(b"@v1\n", b"@v1\nextra SGVsbG8=\nextra SGVsbG8=\n"),
        ONE.data.replace(b"index 6", b"index 06"),
        ONE.data.replace(b"index 6", b"index -6"),
        ONE.data.replace(b"index 617\n", b""),
        ONE.data.replace(b"index 617\n", b"index 617\n" + b"A" * 43 + b"=\n" * 1 + (b"A" * 43 + b"=\n") * 63),
        ONE.data + b"\n",
        ONE.data[:-1],
        b"\n" + ONE.data,
        ONE.data.replace(b"\n", b"\r\n"),
        b"x" * (proof.MAX_BYTES + 1),
    ],
)
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(LogError):
        proof.parse(data)


@given(st.binary(max_size=300), st.integers(0, 800), st.integers(0, 40))
def test_reading_and_checking_are_total(noise: bytes, at: int, gone: int) -> None:
    for data in (noise, ONE.data[:at] + noise + ONE.data[at + gone :]):
        if data == ONE.data:
            continue
        try:
            found = proof.parse(data)
            proof.check(found, [LEAF], logs.policy(WITNESSES[:1]))
        except LogError:
            continue
        assert found == ONE, "only extra data, or signatures of strangers, may be there"
