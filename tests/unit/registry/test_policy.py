"""Policies: the standard's example, every refusal, quorums of groups of groups."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huref.errors import InputError
from huref.registry import policy
from huref.registry.keys import Secret
from tests.support import logs

W = [logs.witness(number).key.text for number in range(1, 7)]
LOG = logs.LOG.key.text
EXAMPLE = f"""# two organisations
log {LOG} https://log.example/huref

witness X1 {W[0]}
witness X2 {W[1]}
witness X3 {W[2]} https://x3.example
 group X-witnesses 2\tX1 X2 X3

witness Y1 {W[3]}
witness Y2 {W[4]}
witness Y3 {W[5]}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def test_the_standard_s_example() -> None:
    found = policy.parse(EXAMPLE.encode())
    assert found.of(logs.ORIGIN) == (logs.LOG.key,)
    assert found.of("log.example") == ()
    assert found.logs[0].address == "https://log.example/huref"
    assert found.witnesses["X3"].address == "https://x3.example"
    assert found.counted == ("X1", "X2", "X3", "Y1", "Y2", "Y3")
    assert found.is_met({"X1", "X3", "Y2"})
    for names in ({"X1", "Y1", "Y2"}, {"X1", "X2", "X3"}, set(), {"X-and-Y-and"}):
        assert not found.is_met(names)


def test_quorums_without_groups() -> None:
    one = policy.parse(f"witness a {W[0]}\nwitness b {W[1]}\nquorum a\n".encode())
    assert one.counted == ("a",)
    assert one.is_met({"a"})
    assert not one.is_met({"b"})
    none = policy.parse(b"quorum none\n")
    assert none.is_met(set())
    assert none.counted == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "a line with its quorum"),
        (f"log {LOG}\n", "a line with its quorum"),
        ("quorum none", "no newline"),
        ("quorum none\nquorum none\n", "line 2: a second quorum"),
        ("quorum a\n", "defines 'a'"),
        ("quorum\n", "no line of a policy"),
        ("quorum none none\n", "no line of a policy"),
        ("Quorum none\n", "no line of a policy"),
        ("quorum none\r\n", "control characters"),
        ("quorum none\0\n", "control characters"),
        (f"log {LOG}\nlog {LOG}\nquorum none\n", "line 2: this key is there"),
        (f"log {LOG} a b\nquorum none\n", "no line of a policy"),
        (f"log x{LOG}\nquorum none\n", "line 1: the id"),
        (f"witness a {LOG}\nquorum a\n", "type 0x04 or 0x06"),
        (f"witness a {W[0]}\nwitness b {W[0]}\nquorum a\n", "line 2: this key is there"),
        (f"witness a {W[0]}\nwitness a {W[1]}\nquorum a\n", "'a' is taken"),
        (f"witness none {W[0]}\nquorum none\n", "'none' is taken"),
        (f"witness a {W[0]}\ngroup a all a\nquorum a\n", "'a' is taken"),
        (f"witness a {W[0]}\ngroup g all a a\nquorum g\n", "member of a group already"),
        (f"witness a {W[0]}\ngroup g all a\ngroup h all a\nquorum g\n", "member of a group already"),
        (f"witness a {W[0]}\ngroup g all g\nquorum g\n", "defines 'g'"),
        (f"witness a {W[0]}\ngroup g all none\nquorum g\n", "defines 'none'"),
        ("group g all\nquorum g\n", "no line of a policy"),
        (f"witness a {W[0]}\ngroup g 0 a\nquorum g\n", "'0': of 1 members"),
        (f"witness a {W[0]}\ngroup g 2 a\nquorum g\n", "'2': of 1 members"),
        (f"witness a {W[0]}\ngroup g 1x a\nquorum g\n", "'1x': of 1 members"),
        (f"witness a {W[0]}\ngroup g {'9' * 5000} a\nquorum g\n", "of 1 members"),
    ],
)
def test_what_is_no_policy(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        policy.parse(text.encode())


def test_a_renamed_copy_of_a_key_is_a_duplicate() -> None:
    copy = Secret("elsewhere", "cosignature", bytes([1]) * 32).key.text
    with pytest.raises(InputError, match="this key is there already"):
        policy.parse(f"witness a {W[0]}\nwitness b {copy}\nquorum a\n".encode())


def test_names_are_bytes() -> None:
    kelvin, letter = b"\xe2\x84\xaa", b"K"
    text = b"witness %b %b\nwitness %b %b\nwitness \xff %b\nquorum \xff\n"
    found = policy.parse(text % (kelvin, W[0].encode(), letter, W[1].encode(), W[2].encode()))
    assert len(found.witnesses) == 3
    assert found.quorum == "\udcff"


def test_long_chains_and_many_parties() -> None:
    many = [Secret(f"w{number}", "cosignature", number.to_bytes(32, "big")).key.text for number in range(1, 101)]
    lines = [f"witness w{number} {text}" for number, text in enumerate(many)]
    lines += ["group g0 all w0"] + [f"group g{number} all g{number - 1} w{number}" for number in range(1, 100)]
    found = policy.parse("\n".join([*lines, "quorum g99", ""]).encode())
    assert len(found.counted) == 100
    assert found.is_met({f"w{number}" for number in range(100)})
    assert not found.is_met({f"w{number}" for number in range(1, 100)})


@given(st.one_of(st.binary(max_size=100), st.text("logwitness group quorum none\n1a", max_size=80).map(str.encode)))
def test_reading_is_total(data: bytes) -> None:
    with contextlib.suppress(InputError):
        policy.parse(data)


def test_a_policy_is_written_as_it_is_read() -> None:
    several = logs.policy([logs.witness(1), logs.witness(2)], quorum="1")
    for rules in (logs.policy(), several, policy.parse(EXAMPLE.encode())):
        assert policy.parse(policy.dump(rules).encode()) == rules
