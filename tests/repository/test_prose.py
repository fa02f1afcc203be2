"""Prose that people read: the width of Markdown, and words that do not come back."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from huref.cli.app import VERBS, app
from huref.errors import TABLE

ROOT = Path(__file__).parents[2]
WIDTH = 120
#: What a package index shows.
INDEX_PAGE = ROOT / "python" / "README.md"
PAGES = [
    *ROOT.glob("*.md"),
    INDEX_PAGE,
    *(page for folder in ("docs", "proofs") for page in (ROOT / folder).rglob("*.md")),
]
#: What nobody says in plain English, or says of all owners as if they were men.
BANNED = re.compile(r"\b(whoever|whatsoever|is told by|are told by|himself)\b", re.IGNORECASE)


def prose(text: str) -> Iterator[tuple[int, str]]:
    """Number and text of each line that is neither code nor a row of a table."""
    code = False
    for number, line in enumerate(text.splitlines(), 1):
        code ^= line.lstrip().startswith("```")
        if not code and not line.startswith(("|", "    ")):
            yield number, line


def helps() -> dict[str, str]:
    with click.Context(app, info_name="huref", **app.context_settings) as group:
        texts = {verb: app.get_command(group, verb) for verb in VERBS}
        return {verb: command.get_help(click.Context(command, parent=group)) for verb, command in texts.items()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_markdown_is_wrapped(page: Path) -> None:
    long = [number for number, line in prose(page.read_text("utf-8")) if len(line) > WIDTH and " " in line]
    assert not long, f"lines longer than {WIDTH}"


def test_what_counts_as_prose() -> None:
    text = "a\n```sh\nb\n```\n| c |\n\n    d\n- e"
    assert [line for _, line in prose(text) if line] == ["a", "```", "- e"]


def test_links_lead_somewhere() -> None:
    broken = []
    for page in PAGES:
        for link in re.findall(r"\]\(([^)\s]+)\)", "\n".join(line for _, line in prose(page.read_text("utf-8")))):
            path = link.partition("#")[0]
            if path and not link.startswith("https://") and not (page.parent / path).exists():
                broken.append(f"{page.relative_to(ROOT)}: {link}")
    assert not broken


def test_the_map_names_what_exists() -> None:
    text = (ROOT / "docs" / "explanation" / "map.md").read_text("utf-8")
    named = [name for name in re.findall(r"`([a-z_/.-]+)`", text) if name != "huref._native"]
    assert len(named) > 40
    assert not [name for name in named if not (ROOT / name).exists() and not (ROOT / "python/huref" / name).exists()]


def test_the_page_of_the_package_has_no_relative_links() -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", INDEX_PAGE.read_text("utf-8"))
    assert links
    assert all(link.startswith("https://") for link in links)


def test_banned_words_stay_away() -> None:
    texts = {str(page.relative_to(ROOT)): page.read_text("utf-8") for page in PAGES}
    texts |= {f"huref {verb} --help": text for verb, text in helps().items()}
    texts |= {f"error {row.name}": f"{row.title} {row.remedy}" for row in TABLE.values()}
    assert len(texts) > 60
    assert BANNED.search("for whoever asks")
    found = {name: match.group() for name, text in texts.items() if (match := BANNED.search(text))}
    assert not found
