"""Parts of the page's verifier against those of Python: text, profiles, portraits; and its two ways to compute."""

from __future__ import annotations

import base64
import binascii
import random
from typing import Any

import pytest

from huref import _native
from huref.artefacts import strict
from huref.errors import HurefError
from huref.profile import PROFILES
from tests.browser.node import Node, run


def test_webassembly_and_bigints_agree() -> None:
    assert run("twins.mjs") == ""


def test_without_webassembly() -> None:
    assert run("fallback.mjs") == ""


def test_profiles(node: Node) -> None:
    expected = [
        {
            "name": profile.name,
            "numbers": list(profile.numbers.values()),
            "generators": profile.generators,
            "common": [profile.common.sketch, profile.common.encoder],
            "fresh": [profile.fresh.sketch, profile.fresh.encoder],
        }
        for profile in PROFILES.values()
    ]
    assert node.ask("profiles") == expected


DOCUMENTS = (
    *("{}", ' \t\r\n{"a":1}\n ', '{"a":[1,-2,0,9007199254740991]}', '{"a":{"b":[{},[],"",true,false,null]}}'),
    *(r'{"\u0061\n\"\\\/\b\f\r\t":"\ud83d\ude00é😀"}', r'{"a":"\ud800"}', r'{"a":"\uDC00\ud800"}', '{"__proto__":1}'),
    *('{"1":1,"0":2}', '{"a":1,"a":1}', r'{"a":1,"\u0061":1}', '{"a":{"b":1,"b":2}}', "[]", "1", '""', "null"),
    *('{"a":1,}', '{"a":[1,]}', "{a:1}", "{'a':1}", '{"a":01}', '{"a":-0}', '{"a":-}', '{"a":+1}', '{"a":1.0}'),
    *('{"a":1e2}', '{"a":1.}', '{"a":10000000000000000}', '{"a":-9007199254740991}', '{"a":NaN}', '{"a":Infinity}'),
    *('{"a":-Infinity}', '{"a":tru}', '{"a":truex}', '{"a":"\n"}', '{"a":"\x7f"}', '{"a":"\x00"}', r'{"a":"\x41"}'),
    *(
        r'{"a":"\u12"}',
        r'{"a":"\u+123"}',
        r'{"a":"\u 123"}',
        '{"a":"',
        '{"a"',
        "{",
        "",
        " ",
        "{}{}",
        "{} x",
        "\ufeff{}",
    ),
    *('{"a":1\xa0}', '{"a":1\u2028}', '{"a":1\x0b}', '{"a":١}', "{" * 3, '{"a":' * 300 + "1" + "}" * 300),
    *('{"a":' + "[" * 1024 + "]" * 1024 + "}", '{"a":"' + "[" * 1024 + '"}'),
)
BYTES = (
    b"\xff{}",
    b'{"a":"\xc3\x28"}',
    b'{"a":"\xed\xa0\x80"}',
    b'{"a":"\xf4\x90\x80\x80"}',
    b'{"a":"\xc0\xaf"}',
    b"\0",
)


@pytest.mark.parametrize("data", [*(text.encode() for text in DOCUMENTS), *BYTES], ids=lambda data: ascii(data[:20]))
def test_json(node: Node, data: bytes) -> None:
    try:
        expected: Any = pairs(strict.parse(data, "file")._left)
    except HurefError:
        expected = None
    try:
        found = node.ask("json", bytes=base64.b64encode(data).decode())
    except RuntimeError as why:
        assert "NotJudged" in str(why) or "json.js" in str(why), why
        found = None
    # that a document is an object, its reader says
    assert (found if isinstance(found, dict) else None) == expected


def pairs(value: Any) -> Any:
    """Objects as lists of pairs, as `answers.mjs` shows them."""
    if isinstance(value, dict):
        return {"object": [[name, pairs(field)] for name, field in value.items()]}
    return list(map(pairs, value)) if isinstance(value, list) else value


TEXTS = (
    "",
    "AA==",
    "AAA=",
    "AAAA",
    "AB==",
    "AAB=",
    "AA=A",
    "A===",
    "====",
    "=",
    "AA",
    "AAA",
    "A A=",
    "AA==\n",
    "AA==AAAA",
)


def test_base64(node: Node) -> None:
    rng = random.Random(1)
    texts = [*TEXTS, "AA-_", "é==="] + [base64.b64encode(rng.randbytes(rng.randrange(9))).decode() for _ in range(100)]
    texts += ["".join(rng.choices("ABQgw159+/=", k=rng.choice((4, 8)))) for _ in range(300)]
    for text in texts:
        assert node.ask("base64", text=text) == decoded(text), text


def decoded(text: str) -> str | None:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data.hex() if base64.b64encode(data).decode() == text else None


def test_vector_of_the_portrait(node: Node) -> None:
    rng = random.Random(2)
    for profile, length in (("toy-2", 8), ("robust-2", 512)):
        for layers in (1, 2, 5):
            z = [rng.randrange(-(1 << 13), 1 << 13) for _ in range(layers * length)]
            assert node.ask("portraitVector", profile=profile, z=z) == _native.portrait_vector(profile, z)
        assert node.ask("portraitVector", profile=profile, z=[7] * length) is None
        extreme = [2**21 * (-1) ** i for i in range(length)]
        assert node.ask("portraitVector", profile=profile, z=extreme) == _native.portrait_vector(profile, extreme)
