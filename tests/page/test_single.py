"""The page in one file: it opens from disk, needs no network, and is the same everywhere."""

from __future__ import annotations

import base64
import json
import random
import re
import zlib
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page

from huref.serve import single
from huref.serve.pack import compress
from tests.page.conftest import judge
from tests.support import tampering

WHOLE = Path(__file__).parents[2] / "proofs" / "vectors" / "bundles" / "v2" / "whole.huref.json"


def test_from_disk_without_a_network(opened: Callable[[str], Page], alone: str) -> None:
    page = opened("about:blank")
    page.context.set_offline(True)
    page.goto(alone)
    assert judge(page, WHOLE) == "Verified"
    assert page.locator("#portrait").is_visible()
    assert page.locator("#ask").is_hidden()  # there is no server
    changed = json.dumps(tampering.changed(json.loads(WHOLE.read_bytes()), ("proof",))).encode()
    assert judge(page, ("changed.huref.json", changed)).startswith("Refused at ")
    assert judge(page, ("junk.json", b"{}")) == "Not verified"
    page.locator("#file").set_input_files(WHOLE)
    page.get_by_role("button", name="Cancel").click()
    assert judge(page, ("junk.json", b"{}")) == "Not verified"


def test_the_service_has_the_same_program(address: str) -> None:
    program = httpx.get(f"{address}worker.js").content
    ((size, packed),) = re.findall(r'id="worker" data-size="(\d+)">([^<]*)<', single.build().decode())
    assert zlib.decompress(base64.b64decode(packed)) == program
    assert int(size) == len(program)


def test_it_connects_to_nothing() -> None:
    page = single.build().decode()
    policy = re.findall(r'content="(default-src [^"]*)"', page)
    assert len(policy) == 1
    assert "connect-src" not in policy[0]
    assert "default-src 'none'" in policy[0]
    assert re.findall(r'(?:src|href)="([^"#]+)', page)[1:] == []  # the icon alone, which stands in the file
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")


def test_it_is_small_and_always_the_same() -> None:
    page = single.build()
    assert len(page) < 160_000
    assert page == single.build()


@pytest.mark.parametrize(
    "line",
    ["import x from './x.js';", "export { a };", "export default 1;", "  import('./x.js');", "const a = import.meta;"],
)
def test_what_does_not_fit_into_one_file_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="has no place in one file"):
        single._module("a.js", f"const a = 1;\n{line}\n")


def test_what_is_not_exported_cannot_be_imported() -> None:
    found = {"a.js": 'import { c, d as e } from "./b.js";\n', "b.js": "export const c = 1;\nexport class d {}\n"}
    assert "const { c, d: e } = need" in single._program(found, "a.js")
    with pytest.raises(ValueError, match=r"a.js: b.js does not export d"):
        single._program(found | {"b.js": "export const c = 1;\n"}, "a.js")


def test_any_zlib_reads_what_is_packed() -> None:
    dice = random.Random(7)
    texts = [b"", b"a", b"ab", b"abcabcabc", b"a" * 70_000, bytes(range(256)) * 20]
    texts += [bytes(dice.choices(range(dice.choice((2, 5, 256))), k=dice.randrange(3000))) for _ in range(60)]
    for text in texts:
        assert zlib.decompress(compress(text)) == text
    assert len(compress(texts[4])) < 500
