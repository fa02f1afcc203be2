"""Pages of a registry with ten thousand bundles, and with none."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from huref.serve.settings import Settings
from huref.serve.store import Store, tables
from tests.service.conftest import serving

MANY = 10_000


def row(number: int) -> dict[str, object]:
    """A row as the store writes it, of a bundle that nobody proved."""
    name = hashlib.sha256(b"%d" % number).hexdigest()
    about = {"modelName": f"model {number}", "profile": "robust-2"}
    times = {"accepted": "2026-01-31T12:00:00Z", "file": name, "size": 1, "bundle": None}
    return {"sha256": name, "kind": "bundle", "commitment": name, "vector": name, "about": about, **times}


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    settings = Settings(data=tmp_path_factory.mktemp("data"))
    store = Store.of(settings)
    assert store is not None
    with store.database.writing() as connection:
        connection.execute(tables.entries.insert(), [row(number) for number in range(MANY)])
    store.close()
    with serving(settings) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        yield client  # what was not in the log is there once the service has started


def names(text: str) -> list[int]:
    return [int(number) for number in re.findall(r'class="name">model (\d+)<', text)]


@pytest.mark.parametrize(("path", "length"), [("/entries", 24), ("/log", 50)])
def test_every_entry_is_on_one_page(full: httpx.Client, path: str, length: int) -> None:
    """Forwards from the newest to the oldest, and the first steps back."""
    found, place, pages = list[int](), path, list[str]()
    for _ in range(30):
        text = full.get(place).text
        found += names(text)
        pages.append(place)
        place = re.findall(r'href="([^"]+)" rel="next"', text)[0]
    assert found == list(range(MANY - 1, MANY - 1 - 30 * length, -1))
    back = re.findall(r'href="([^"]+)" rel="prev"', full.get(pages[-1]).text)[0]
    assert names(full.get(back).text) == found[-2 * length : -length]
    last = full.get(f"{path}?before=3").text
    assert names(last) == [2, 1, 0]
    assert 'rel="next"' not in last
    first = full.get(f"{path}?after={MANY - 4}").text
    assert names(first) == [MANY - 1, MANY - 2, MANY - 3]
    assert 'rel="prev"' not in first
    behind = full.get(f"{path}?after={MANY}").text  # nothing, and the way back
    assert names(full.get(re.findall(r'href="([^"]+)" rel="next"', behind)[0]).text)[0] == MANY - 1


def test_pages_do_not_become_slow_or_long(full: httpx.Client) -> None:
    for path in ("/entries", "/entries?before=5000", "/log", "/log?before=5000", "/compare"):
        answers = [full.get(path) for _ in range(5)]
        assert {answer.status_code for answer in answers} == {200}
        assert min(answer.elapsed.total_seconds() for answer in answers) < 1  # others may use the machine
        assert len(answers[0].content) < 100_000


def test_a_registry_with_nothing(tmp_path: Path) -> None:
    with serving(Settings(data=tmp_path)) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        for path, words in (("/entries", "nothing here yet"), ("/log", "There is none."), ("/compare", "Compare")):
            answer = client.get(path)
            assert answer.status_code == 200
            assert words in answer.text
        assert client.get("/entries?before=5").status_code == client.get("/log?after=5").status_code == 200


def test_a_service_that_keeps_nothing(service: httpx.Client) -> None:
    for path in ("/entries", "/log", "/compare?a=x", "/entries/" + "0" * 64):
        answer = service.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "keeps nothing" in answer.text
    assert "<nav" not in service.get("/").text
