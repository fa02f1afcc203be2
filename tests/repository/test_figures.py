"""Figures in the docs come from a command in the Makefile."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
TOOLS = ("benchmarks", "lab", "scripts")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
FIGURES = [path.relative_to(DOCS) for kind in ("svg", "png") for path in sorted(DOCS.rglob(f"*.{kind}"))]
PROGRAMS = [
    path.relative_to(ROOT)
    for folder in (*TOOLS, "docs")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if '__name__ == "__main__"' in path.read_text("utf-8")
]


def module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__main__")


def run_by(text: str) -> set[Path]:
    """The programs that a Makefile or a program starts: by the name of the module or of the file."""
    words = set(re.findall(r"[\w./-]+", text))
    return {path for path in PROGRAMS if words & {module(path), str(path), path.name} - {"__main__.py"}}


def test_every_program_that_measures_or_draws_is_run_by_a_target() -> None:
    found, new = set(), run_by(MAKEFILE)
    while new:
        found |= new
        new = {path for program in new for path in run_by((ROOT / program).read_text("utf-8"))} - found
    assert len(PROGRAMS) > 10
    assert sorted(set(PROGRAMS) - found) == []


@pytest.mark.parametrize("figure", FIGURES, ids=str)
def test_every_figure_is_written_by_what_a_target_runs_and_shown_on_a_page(figure: Path) -> None:
    sources = [path.read_text("utf-8") for folder in TOOLS for path in (ROOT / folder).rglob("*.py")]
    written = re.compile(rf"docs/{re.escape(str(figure))}\b|\"{re.escape(str(figure))}\"")
    assert any(map(written.search, [MAKEFILE, *sources])), "no target or program names it"
    pages = {page: page.read_text("utf-8") for page in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]}
    assert any(
        (page.parent / link).resolve() == (DOCS / figure).resolve()
        for page, text in pages.items()
        for link in re.findall(r"\]\(([^)#]+)\)", text)
    ), "no page shows it"
