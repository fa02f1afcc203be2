"""The pages of the registry, in a browser and without JavaScript: what is kept is shown, as it is, to everybody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from huref.artefacts import bundle as bundles
from huref.artefacts import commitment as commitments
from huref.artefacts.blocks import blocks
from huref.verifier.check import check
from tests.page.conftest import verdict
from tests.page.registry import KEY, NAMES, OWNER, Kept, keeping
from tests.page.test_page import RULES, SCHEMES, WHOLE, judge
from tests.support import logs
from tests.support.bundles import listed, unproved
from tests.support.cli import Here


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    with keeping(tmp_path_factory.mktemp("registry")) as found:
        yield found


@pytest.fixture(scope="module")
def plain(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that runs no JavaScript of pages."""
    with browser.new_context(java_script_enabled=False) as context:
        yield context


@pytest.fixture(scope="module")
def page(opened: Callable[[str], Page]) -> Page:
    return opened("about:blank")


@pytest.fixture
def huref(capsys: pytest.CaptureFixture[str]) -> Here:
    return Here(capsys)


def paths(kept: Kept) -> list[str]:
    """One page of each kind."""
    first, other = kept.bundles[0].digest, kept.bundles[4].digest
    return [
        "",
        "entries",
        f"entries?vector={kept.bundles[0].statement.vector_digest}",
        *(f"entries/{name}" for name in (first, other, kept.bundles[2].digest, kept.commitment, kept.attestation)),
        "compare",
        f"compare?a={first}",
        f"compare?a={first}&b={other}",
        "log",
    ]


def texts(page: Page, selector: str) -> list[str]:
    return [found.inner_text() for found in page.locator(selector).all()]


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_everybody_can_read_every_page(page: Page, kept: Kept) -> None:
    for path in paths(kept):
        page.goto(kept.at(path))
        page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
        for width in (375, 1280):
            for scheme in SCHEMES:
                page.set_viewport_size({"width": width, "height": 800})
                page.emulate_media(color_scheme=scheme)
                assert page.evaluate(RULES) == [], (path, width, scheme)


def test_pages_read_completely_without_javascript(page: Page, plain: BrowserContext, kept: Kept) -> None:
    bare = plain.new_page()
    for path in paths(kept)[1:]:
        bare.goto(kept.at(path))
        page.goto(kept.at(path))
        without = squeezed(bare.locator("main").inner_text())
        assert without == squeezed(page.locator("main").inner_text()).replace("Copy ", ""), path
        assert len(without) > 100
        assert bare.locator("h1").count() == bare.locator("main").count() == bare.locator("header nav").count() == 1
    bare.close()


def test_the_gallery_shows_bundles_as_portraits_the_newest_first(page: Page, kept: Kept) -> None:
    page.goto(kept.at("entries"))
    cards = page.locator(".gallery li")
    assert texts(page, ".gallery .name") == [one.claims.model_name for one in reversed(kept.bundles)]
    assert "contested" in cards.last.inner_text()
    for picture in page.locator(".gallery img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("naturalWidth", 320)
    cards.last.locator("a").click()
    expect(page).to_have_url(kept.at(f"entries/{kept.bundles[0].digest}"))
    assert page.locator(".portrait img").evaluate("image => image.naturalWidth") == 512


def test_an_entry_says_what_the_report_says(page: Page, kept: Kept) -> None:
    bundle = kept.bundles[2]
    page.goto(kept.at(f"entries/{bundle.digest}"))
    report = check(bundle)
    dated = re.compile("; the log below says: the bundle existed by .{20}, 1 of 2 witnesses whom this service asks")
    assert len(dated.findall(squeezed(page.locator("#blocks").inner_text()))) == 1, "what only the page knows"
    for section, (title, lines) in zip(page.locator("#blocks section").all(), blocks(report), strict=True):
        shown = dated.sub("", squeezed(section.inner_text()))
        assert shown.startswith(title.partition(":")[0])
        for word, text in lines:
            assert squeezed(f"{word} {text}") in shown
    assert texts(page, "#blocks h2") == ["Verified", "Claimed", "Not checked"]
    assert OWNER in page.locator(".head").inner_text()
    page.goto(kept.at(f"entries/{kept.bundles[0].digest}"))
    assert KEY.public.name in page.locator(".head").inner_text()
    assert "a signer need not know the weights" in page.locator("#attestations").inner_text()


def test_names_from_outside_are_text(page: Page, kept: Kept) -> None:
    for bundle in kept.bundles[3:]:
        page.goto(kept.at(f"entries/{bundle.digest}"))
        assert page.locator("h1").text_content() == bundle.claims.model_name
        assert page.title() == f"{bundle.claims.model_name} – huref"
        assert page.locator("h1 b, main script").count() == 0
        box = page.locator("h1").bounding_box()
        assert box is not None
        assert box["height"] < 300
    assert len(kept.bundles[3:]) == len(NAMES)


def test_one_vector_under_several_commitments(page: Page, kept: Kept) -> None:
    """Every one of them is named, the earliest first, on the page of each."""
    same = [bundle.digest for bundle in kept.bundles if bundle is not kept.bundles[2]]
    for digest in (same[0], same[-1], kept.commitment):
        page.goto(kept.at(f"entries/{digest}"))
        section = page.locator("#contested")
        assert f"Contested: the same vector under {len(same)} commitments" in section.inner_text()
        links = [link.get_attribute("href") for link in section.locator("ol a").all()]
        assert links == [f"/entries/{name}" for name in same]
    section.get_by_role("link", name="All bundles").click()
    assert texts(page, ".gallery .name") == [one.claims.model_name for one in kept.bundles if one.digest in same]
    page.goto(kept.at(f"entries/{kept.bundles[2].digest}"))
    assert page.locator("#contested").count() == 0


def test_nearest_neighbours_are_portraits(page: Page, kept: Kept) -> None:
    page.goto(kept.at(f"entries/{kept.bundles[0].digest}"))
    section = page.locator("#nearest")
    said = httpx.get(kept.at(f"v1/search?digest={kept.bundles[0].digest}&limit=6")).json()
    assert texts(page, "#nearest .name") == [one["modelName"] for one in said["neighbours"]]
    assert len(said["neighbours"]) == 6
    assert set(texts(page, "#nearest span.like")) == {"alike, cosine +1.00"}
    assert said["reason"][1:] in section.inner_text()
    section.locator("summary").click()
    for left in said["notChecked"]:
        assert left["why"] in section.inner_text()
    section.get_by_role("link", name="Compare with a copy").click()
    expect(page.locator("h1")).to_have_text("Alike")
    page.goto(kept.at(f"entries/{kept.bundles[2].digest}"))
    assert "could be compared" in section.inner_text()


def test_a_date_can_be_checked_with_what_the_page_offers(page: Page, kept: Kept, huref: Here, tmp_path: Path) -> None:
    bundle = kept.bundles[1]
    page.goto(kept.at(f"entries/{bundle.digest}"))
    said = page.locator("#date").inner_text()
    assert "1 of 2 witnesses: witness1.example" in said
    for link, name in (("Bundle", "model.huref.json"), ("Log proof", "model.tlog-proof")):
        with page.expect_download() as download:
            page.locator("#files").get_by_role("link", name=link, exact=True).click()
        download.value.save_as(tmp_path / name)
    assert bundles.load(tmp_path / "model.huref.json").digest == bundle.digest
    page.goto(kept.at("log"))
    (tmp_path / "log.policy").write_text(page.locator("#policy").input_value())
    assert httpx.get(kept.at("v1/policies/log")).text == (tmp_path / "log.policy").read_text()
    given = ("--log-proof", tmp_path / "model.tlog-proof", "--log-policy", tmp_path / "log.policy")
    report = huref("verify", tmp_path / "model.huref.json", *given, "--json").json
    assert report["verified"]["logged"]["by"] in said
    watch = page.locator("pre code").filter(has_text="monitor").inner_text().split()
    watched = huref(*watch[1:-3], tmp_path / "log.policy", "--data", tmp_path / "seen")
    assert (watch[:3], watched.code) == (["huref", "registry", "monitor"], 0), watched


def test_a_comparison_has_the_words_of_the_command_line(
    page: Page, kept: Kept, huref: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [tmp_path / "a.huref.json", tmp_path / "b.huref.json"]
    for path, bundle in zip(files, kept.bundles, strict=False):
        path.write_bytes(bundles.dump(bundle))
    monkeypatch.setenv("COLUMNS", "2000")
    said = huref("compare", *files).out.splitlines()
    a, b = (bundle.digest for bundle in kept.bundles[:2])
    page.goto(kept.at(f"compare?a={a}"))
    page.locator(".gallery a").filter(has_text="a copy").click()
    expect(page).to_have_url(kept.at(f"compare?a={a}&b={b}"))
    assert said[0].startswith(f"{page.locator('h1').inner_text()}: ")
    shown = squeezed(page.locator("#blocks").inner_text())
    lines = [squeezed(line) for line in said[1:] if line.startswith("  ")]
    assert len(lines) > 8
    assert [line for line in lines if line not in shown] == []


@pytest.mark.parametrize("query", ["a=x", "a=" + "0" * 64, "b=%3Cscript%3E", "a=&b="])
def test_a_comparison_of_nothing(plain: BrowserContext, kept: Kept, query: str) -> None:
    bare = plain.new_page()
    answer = bare.goto(kept.at(f"compare?{query}"))
    assert answer is not None
    assert answer.status == (200 if query == "a=&b=" else 404)
    assert bare.locator(".verdict").count() == int(answer.status == 404)
    assert bare.locator(".gallery li").count() == len(kept.bundles)
    bare.close()


def test_two_digests_can_be_typed(page: Page, kept: Kept) -> None:
    page.goto(kept.at("compare"))
    page.get_by_label("A, the digest").fill(kept.bundles[0].digest)
    page.get_by_label("B, the digest").fill(f" {kept.bundles[1].digest} ")
    page.keyboard.press("Enter")
    expect(page.locator(".pair img")).to_have_count(2)
    assert texts(page, "#blocks h2") == ["What is known", "Not checked"]


def test_the_log(page: Page, kept: Kept) -> None:
    page.goto(kept.at("log"))
    assert "witness2.example\nhas not cosigned it" in page.locator("main").inner_text()
    rows = page.locator(".rows li")
    assert rows.count() == len(kept.bundles) + 2
    assert texts(page, ".rows .number")[-1] == "0"
    assert httpx.get(kept.at("log/checkpoint")).text == page.locator("#checkpoint").text_content()
    for link in rows.locator("a").all():
        assert httpx.get(kept.at(str(link.get_attribute("href")).lstrip("/"))).status_code == 200


def test_a_text_is_copied(page: Page, kept: Kept) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(kept.at(f"entries/{kept.bundles[0].digest}"))
    page.locator("#badge + button").click()
    expect(page.locator("#badge + button")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    picture, place = re.findall(r"\((http[^)]*)\)", copied)
    assert httpx.get(picture).headers["content-type"] == "image/svg+xml"
    assert place == page.url
    card = page.locator("#card").input_value()
    for address in re.findall(r"\((http[^)]*)\)", card):
        assert httpx.get(address).status_code == 200
    assert f"{kept.address}v1/bundles/{kept.bundles[0].digest}/image.png" in card


def test_an_entry_is_verified_in_the_browser(page: Page, kept: Kept) -> None:
    """By what the registry keeps, in this browser; and the page says what the registry knows beside it."""
    digest = kept.bundles[0].digest
    page.goto(kept.at(f"entries/{digest}"))
    page.get_by_role("link", name="Verify in this browser").click()
    assert verdict(page) == "Verified"
    expect(page.locator("#known #date")).to_contain_text("1 of 2 witnesses")
    assert KEY.public.name in page.locator("#known #attestations").inner_text()
    assert page.locator("#known #contested").is_visible()
    assert page.evaluate(RULES) == []


def test_an_entry_that_is_not_there(browser: Browser, kept: Kept) -> None:
    with browser.new_page() as page:  # whose console has a line about it
        page.goto(kept.at("#" + "0" * 64))
        assert verdict(page) == "Not verified"
        assert "does not have that bundle" in page.locator("#detail").inner_text()


def test_a_bundle_that_the_registry_does_not_have(browser: Browser, kept: Kept) -> None:
    """Its digest is asked for, and the file sent, only when somebody wants that; then it has neighbours too."""
    name, data = "mine.huref.json", bundles.dump(listed(secret=99))
    with browser.new_page() as page:  # whose console has a line about the digest that is not there
        page.goto(kept.address)
        assert judge(page, (name, data)) == "Verified"
        page.get_by_role("button", name="Ask this registry").click()
        expect(page.locator("#looked")).to_have_text("This registry does not have it.")
        page.get_by_role("button", name="look for bundles").click()
        expect(page.locator("#known li.card")).to_have_count(6)
        assert "alike, cosine 1.00" in page.locator("#known").inner_text()
        assert page.evaluate(RULES) == []
    assert httpx.get(kept.at(f"v1/entries/{listed(secret=99).digest}")).status_code == 404


def test_the_registry_is_asked_only_if_one_wants_it(page: Page, kept: Kept) -> None:
    page.goto(kept.at("log"))
    page.goto(kept.address)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    assert judge(page, WHOLE) == "Verified"
    # files of the page itself, which the browser fetches when it likes
    own = {kept.at(name) for name in ("icon.svg", "worker.js")}
    assert [url for url in asked if not url.startswith("blob:") and url not in own] == []


def test_keys_alone_are_enough(page: Page, kept: Kept) -> None:
    page.goto(kept.at("entries"))
    stops = []
    for _ in range(6):
        page.keyboard.press("Tab")
        at = "const at = document.activeElement; const { outlineStyle, outlineWidth } = getComputedStyle(at);"
        stops.append(page.evaluate(f"() => {{ {at} return [at.innerText.trim(), outlineStyle, outlineWidth]; }}"))
    assert [stop[0] for stop in stops[:5]] == ["huref", "Verify", "Gallery", "Compare", "Log"]
    assert stops[5][0] == kept.bundles[-1].claims.model_name
    assert {(style, width) for _, style, width in stops} == {("solid", "3px")}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("entries/zz", 404),
        ("entries/" + "0" * 64, 404),
        ("entries?before=x", 400),
        ("entries?before=" + "9" * 19, 400),
        ("entries?vector=x", 404),
        ("log?after=-1", 400),
    ],
)
def test_what_is_wrong_is_said_on_a_page(plain: BrowserContext, kept: Kept, path: str, status: int) -> None:
    bare = plain.new_page()
    answer = bare.goto(kept.at(path))
    assert answer is not None
    assert answer.status == status
    assert bare.locator("h1").count() == 1
    assert len(bare.locator(".lead").inner_text()) > 20
    assert bare.locator("header nav a").count() == 4
    bare.close()


def test_headers(kept: Kept) -> None:
    digest = kept.bundles[0].digest
    with httpx.Client(base_url=kept.address) as client:
        for path in paths(kept):
            answer = client.get(path)
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "text/html; charset=utf-8"
            assert answer.headers["x-content-type-options"] == "nosniff"
            policy = answer.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'")
            assert "unsafe-inline" not in policy
            assert answer.headers["cache-control"] == "no-cache"  # kept, and asked for each time
            again = client.get(path, headers={"If-None-Match": answer.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            assert client.head(path).status_code == 200
        picture = client.get(f"v1/bundles/{digest}/thumbnail.jpg")
        assert (picture.headers["content-type"], picture.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")
        assert "immutable" in picture.headers["cache-control"]
        for forged in ("x)y", "x)](javascript:alert(1))"):  # it would stand in texts that people copy
            answer = client.get(f"entries/{digest}", headers={"Host": forged})
            assert forged not in answer.text


def test_a_new_entry_changes_the_pages(kept: Kept) -> None:
    with httpx.Client(base_url=kept.address, timeout=60) as client:
        before = {path: client.get(path).headers["etag"] for path in ("entries", "log")}
        logs_before = client.get("log").text
        data = commitments.dump(unproved(99))
        assert client.post("v1/commitments", content=data, headers={"Content-Type": "application/json"}).is_success
        assert client.get("log", headers={"If-None-Match": before["log"]}).status_code == 200
        assert unproved(99).id[:16] not in logs_before
        assert unproved(99).id[:16] in client.get("log").text
        assert client.get(f"entries/{unproved(99).id}").status_code == 200
        assert logs.ORIGIN in client.get("log").text
