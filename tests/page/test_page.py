"""The page of the service, in a browser: it verifies by itself, says what it did, and can be used by everybody."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from huref.artefacts import bundle as bundle_files
from huref.registry import entry
from huref.serve.headers import HEADERS
from huref.verifier.check import check
from tests.page.conftest import judge, verdict
from tests.support import logs, tampering

KEPT = Path(__file__).parents[2] / "proofs" / "vectors" / "bundles" / "v2"
WHOLE = KEPT / "whole.huref.json"
DOCUMENT = json.loads(WHOLE.read_bytes())
RULES = (Path(__file__).parent / "rules.js").read_text("utf-8")
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
#: The pixels of the portrait, red first.
PIXELS = """canvas => {
  const rgba = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return Array.from(rgba).filter((_, i) => i % 4 < 3);
}"""


@pytest.fixture(scope="module")
def page(opened: Callable[[str], Page], address: str) -> Page:
    return opened(address)


def changed(*path: str | int) -> tuple[str, bytes]:
    """A file in which that field has another value."""
    return "changed.huref.json", json.dumps(tampering.changed(DOCUMENT, path)).encode()


def test_a_valid_bundle(page: Page) -> None:
    assert judge(page, WHOLE) == "Verified"
    report = check(bundle_files.load(WHOLE))
    assert report.verified.image is not None
    pixels = bytes(page.locator("#portrait").evaluate(PIXELS))
    assert hashlib.sha256(pixels).hexdigest() == report.verified.image.sha256
    shown = page.locator("#verified").inner_text()
    for value in (report.verified.commitment, report.verified.vector_digest, report.verified.image.sha256):
        assert value in shown
    assert page.locator("#claimed").inner_text().startswith("model\nexample model")
    assert page.locator("#notChecked").locator("dt").count() == len(report.not_checked)
    assert page.locator("input[type=file]").count() == 1


def test_the_network_is_not_needed(page: Page) -> None:
    page.context.set_offline(True)
    assert judge(page, WHOLE) == "Verified"
    page.context.set_offline(False)


def test_one_digit_of_the_proof(page: Page) -> None:
    page.get_by_role("button", name="Change one digit").click()
    expect(page.locator("#tampered")).to_have_text(re.compile("Refused, by the check .[a-z ]+.$"))
    assert verdict(page) == "Verified"  # of the file, which is as it was


def test_a_second_opinion(page: Page) -> None:
    page.get_by_role("button", name="second opinion").click()
    expect(page.locator("#second")).to_have_text("The server says: verified")


@pytest.mark.parametrize("path", [("proof",), ("statement", "draws", 0, "vectors", 0, 3), ("image", "png")])
def test_what_was_changed_is_refused_at_the_same_check(page: Page, path: tuple[str | int, ...]) -> None:
    file = changed(*path)
    report = check(bundle_files.parse(file[1]))
    assert report.failure is not None
    assert judge(page, file) == f"Refused at {report.failure.check}"
    assert page.locator("#portrait").is_hidden()
    assert page.inner_text("body").count("Refused") == 1  # it is said once


def test_a_profile_that_is_not_accepted(page: Page) -> None:
    assert judge(page, KEPT / "small.huref.json") == "Not verified at policy"
    assert page.locator("#verified").is_hidden()


@pytest.mark.parametrize("data", [b"", b"{}", b"\x89PNG\r\n", b"[" * 5000, WHOLE.read_bytes()[:-9]], ids=range(5))
def test_what_is_no_bundle(page: Page, data: bytes) -> None:
    assert judge(page, ("junk.huref.json", data)) == "Not verified"
    assert page.locator("#blocks").is_hidden()


def test_a_bundle_with_its_commitment_beside_it(page: Page) -> None:
    assert judge(page, KEPT / "refers.huref.json") == "Not verified"
    expect(page.locator("#detail")).to_contain_text("by its id alone")
    assert judge(page, KEPT / "refers.commitment.json", KEPT / "refers.huref.json") == "Not verified at policy"


def test_a_publisher_and_a_log_beside_the_bundle(page: Page) -> None:
    bundle = bundle_files.load(WHOLE)
    proof = logs.proof_of(entry.of_bundle(bundle)[1], [logs.witness(1)], 1_767_225_600)
    rules = logs.policy_text([logs.witness(1)]).encode()
    attestation, key = KEPT / "whole.sigstore.json", KEPT / "release.pem.pub"
    assert judge(page, WHOLE, attestation, key, ("a.tlog-proof", proof), ("log.policy", rules)) == "Verified"
    shown = page.locator("#signed").inner_text()
    assert bundle.statement.context.owner in shown
    assert "so they knew the weights" in shown
    assert "2026-01-01T00:00:00Z, say 1 of 1 witnesses: witness1.example" in shown
    assert page.evaluate(RULES) == []
    assert judge(page, WHOLE, ("a.tlog-proof", proof[:-9] + b"AAAAAAA=\n"), ("log.policy", rules)) == "Refused at log"
    assert page.locator("#signed").is_hidden()


def test_names_from_outside_are_text(page: Page) -> None:
    claims = {"modelName": "<b id=verdict>Verified</b>", "files": {"constructor": "0" * 64, "__proto__": "1" * 64}}
    document = json.loads((KEPT / "small.huref.json").read_bytes())
    document["claims"] |= claims
    assert judge(page, ("Verified.huref.json", json.dumps(document).encode())) == "Not verified at policy"
    shown = page.locator("#claimed")
    assert "<b id=verdict>" in shown.inner_text()
    shown.locator("summary").click()
    assert [entry.inner_text() for entry in shown.locator("dl dt").all()] == ["constructor", "__proto__"]


def test_a_check_can_be_cancelled(page: Page) -> None:
    page.locator("input[type=file]").set_input_files(WHOLE)
    page.get_by_role("button", name="Cancel").click()
    assert verdict(page) == "Not verified"
    assert page.inner_text("#detail") == "The check was cancelled."
    assert judge(page, KEPT / "small.huref.json") == "Not verified at policy"


def test_a_bundle_that_is_dropped(page: Page) -> None:
    page.evaluate(
        """text => {
          const files = new DataTransfer();
          files.items.add(new File([text], "dropped.huref.json"));
          document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true }));
        }""",
        (KEPT / "small.huref.json").read_text("utf-8"),
    )
    assert verdict(page) == "Not verified at policy"
    assert page.inner_text("#name") == "File: dropped.huref.json"


def test_without_webassembly(opened: Callable[[str], Page], browser: Browser, address: str) -> None:
    """A policy that forbids it, as a stricter proxy sets one: the same verdict, in BigInts."""

    def stricter(route: Route) -> None:
        answer = route.fetch()
        policy = HEADERS["Content-Security-Policy"].replace(" 'wasm-unsafe-eval'", "")
        route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": policy})

    with browser.new_context() as context:
        context.route("**/*", stricter)
        page = context.new_page()
        page.goto(address)
        assert judge(page, WHOLE) == "Verified"


def test_everybody_can_read_it(page: Page) -> None:
    """On a phone and on a desk, by day and by night, and whatever came out."""
    for file in (("junk.huref.json", b"{}"), KEPT / "small.huref.json", WHOLE):
        judge(page, file)
        page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
        for width in (375, 1280):
            for scheme in SCHEMES:
                page.set_viewport_size({"width": width, "height": 800})
                page.emulate_media(color_scheme=scheme)
                assert page.evaluate(RULES) == [], (file, width, scheme)


def test_keys_alone_are_enough(page: Page) -> None:
    """Each stop of the tabulator can be seen, in the order of the page; the space bar chooses a file."""
    page.reload()
    judge(page, KEPT / "small.huref.json")
    stops = []
    for _ in range(4):
        page.keyboard.press("Tab")
        stops.append(
            page.evaluate(
                """() => {
                  const at = document.activeElement;
                  const seen = at.id === "file" ? document.getElementById("drop") : at;
                  const { outlineStyle, outlineWidth } = getComputedStyle(seen);
                  return [at.id || at.tagName, outlineStyle !== "none" && parseFloat(outlineWidth) >= 2];
                }"""
            )
        )
    assert stops == [["A", True], ["file", True], ["ask", True], ["SUMMARY", True]]
    # a click on it is what opens the choice; the browser opens none if it thinks that nobody is there
    page.evaluate("document.getElementById('file').onclick = () => { window.chosen = true; return false; }")
    page.locator("#file").focus()
    page.keyboard.press("Space")
    page.wait_for_function("window.chosen")
