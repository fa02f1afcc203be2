"""A real Chromium without a window, a service, and the page in both of its forms."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from huref.serve import single
from huref.serve.settings import Settings
from tests.service.conftest import serving

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DONE = re.compile("^(Verified|Refused|Not verified)")
MISSING = "no Chromium is installed; the package of most systems is called chromium"
expect.set_options(timeout=180_000)  # for checks beside other work


def program() -> str:
    """The path of Chromium. Without one the test is skipped; in continuous integration it fails."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    sandbox = os.geteuid() != 0  # root has none
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program(), chromium_sandbox=sandbox)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """That of a service."""
    with serving(Settings()) as port:
        yield f"http://127.0.0.1:{port}/"


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the page in one file, on disk."""
    path = tmp_path_factory.mktemp("page") / single.NAME
    path.write_bytes(single.build())
    return path.as_uri()


@pytest.fixture(scope="module")
def opened(browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Opens an address in a context of its own. Errors on the page, and lines in its console, fail the test."""
    wrong: list[str] = []
    contexts = []

    def open_page(address: str) -> Page:
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 900}))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: wrong.append(line.text))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def judge(page: Page, *files: Path | tuple[str, bytes]) -> str:
    """Choose files; the verdict, once there is one."""
    chosen = [
        {"name": file[0], "mimeType": "application/json", "buffer": file[1]}
        if isinstance(file, tuple)
        else {"name": file.name, "mimeType": "application/json", "buffer": file.read_bytes()}
        for file in files
    ]
    page.locator("input[type=file]").set_input_files(chosen)
    return verdict(page)


def verdict(page: Page) -> str:
    """The verdict, once there is one; and the check that failed, if one did."""
    expect(page.locator("#verdict")).to_have_text(DONE)
    shown, check = page.locator("#verdict").inner_text(), page.locator("#check")
    return f"{shown} at {check.inner_text()}" if check.is_visible() else shown
