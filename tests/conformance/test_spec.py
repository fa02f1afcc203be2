"""The specification leads to what exists: code and vectors that it names, numbers that it gives."""

import ast
import importlib
import json
import re
import runpy
from pathlib import Path

import mpmath
import pytest

from huref import _native
from huref.artefacts.shape import Shape
from huref.profile import named
from huref.verifier.reference.profile import PROFILES

PARTS = ("sketch", "encoder")
ROOT = Path(__file__).parents[2]
SPEC = ROOT / "proofs" / "spec"
CHAPTERS = sorted(SPEC.glob("*.md"))


def references() -> list[tuple[str, str, str, str]]:
    """(chapter, section, kind, name) of every name in the quoted lines that close the sections."""
    found = []
    for chapter in CHAPTERS:
        section = ""
        for block in chapter.read_text().split("\n\n"):
            section = block.removeprefix("#").strip("# ") if block.startswith("#") else section
            if re.match(r"> (Rust|Python|vectors) ", block):
                for part in block.replace("\n> ", " ").removeprefix("> ").split(";"):
                    kind, _, names = part.strip().partition(" ")
                    found += [(chapter.name, section, kind, name) for name in re.findall(r"`([^`]+)`", names)]
    return found


REFERENCES = references()


def exists(kind: str, name: str) -> bool:
    if kind == "vectors":
        return any((ROOT / "proofs" / "vectors").glob(f"*/{name}.json"))
    path, _, item = name.partition("::")
    if kind == "Rust":
        file = ROOT / "rust" / "circuits" / "src" / path
        return file.is_file() and bool(re.search(rf"\b(fn|struct|enum|trait|const|static) {item}\b", file.read_text()))
    module = path if path.startswith("huref.") else f"huref.verifier.reference.{path}"
    value: object = importlib.import_module(module)
    for attribute in item.split("."):
        value = getattr(value, attribute, None)
    return value is not None


def test_every_chapter_names_code() -> None:
    assert {name for name, *_ in REFERENCES} >= {chapter.name for chapter in CHAPTERS} - {"README.md", "meaning.md"}
    assert {kind for _, _, kind, _ in REFERENCES} == {"Rust", "Python", "vectors"}
    assert not exists("Rust", "verify.rs::no_such_function")
    assert not exists("Python", "verify::no_such_function")
    assert not exists("vectors", "no-such-vector-*")


@pytest.mark.parametrize(("chapter", "section", "kind", "name"), REFERENCES)
def test_what_is_named_exists(chapter: str, section: str, kind: str, name: str) -> None:
    assert exists(kind, name), f"{chapter}, {section}"


def test_every_chapter_is_in_the_table_of_contents() -> None:
    contents = (SPEC / "README.md").read_text()
    assert all(f"]({chapter.name})" in contents for chapter in CHAPTERS if chapter.name != "README.md")
    for chapter in CHAPTERS:
        for link in re.findall(r"\]\(([^)#]+)\)", chapter.read_text()):
            assert (SPEC / link).exists(), f"{chapter.name}: {link}"


def test_every_check_has_its_name_in_the_specification() -> None:
    text = "".join(chapter.read_text() for chapter in CHAPTERS)
    names = {json.loads(file.read_text())["check"] for file in (ROOT / "proofs" / "vectors" / "invalid").glob("*.json")}
    for file in (ROOT / "python" / "huref" / "verifier" / "reference").rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text())):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Name)
                and call.func.id in ("ensure", "Rejected")
            ):
                argument = call.args[call.func.id == "ensure"]
                if isinstance(argument, ast.Constant):
                    names.add(argument.value)
    assert len(names) > 18
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []


@pytest.mark.parametrize("name", PROFILES)
def test_the_table_of_profiles_is_true(name: str) -> None:
    base = name.removesuffix("-cnn")
    column, rules = 1 if base == "robust-2" else 2, PROFILES[name]
    chapter = (SPEC / "statement.md").read_text().partition("## Profiles")[2].partition("## Shape")[0]
    tables = [table.splitlines()[2:] for table in chapter.split("\n\n") if table.startswith("|")]
    numbers, labels = ([line.strip("|").split("|")[column].strip() for line in table] for table in tables)
    assert [int(number) for cell in numbers for number in cell.split(",")] == list(rules.numbers())
    printed = [getattr(names, part).decode() for names in (rules.common, rules.fresh) for part in PARTS]
    if name != base:  # these have their common encoder's label and their protocol in the text below
        assert f"`{printed[1]}`" in chapter
        printed[1] = PROFILES[base].common.encoder.decode()
    assert f"`{rules.protocol.decode()}`" in chapter
    assert [label.strip("`") for label in labels] == [named(name).token_label, *printed]


def test_the_supremum_of_lemma_l3() -> None:
    script = runpy.run_path(str(SPEC / "supremum.py"))
    assert script["supremum"]() < script["BOUND"]
    constants = (ROOT / "rust" / "circuits" / "src" / "security.rs").read_text()
    assert f"const L3_H: f64 = {script['H']};" in constants
    assert f"const L3_SUPREMUM: f64 = {script['BOUND']};" in constants
    shape = Shape(8, 1, 1, 8, 8, layers=(0,), tokens=(b"a", b"b"))
    computed = dict(_native.security("robust-2", shape, 2))["projection, norm (L3)"]
    assert 133 <= computed == pytest.approx(script["bits"](256, 26) - 1, abs=1e-6)


@pytest.mark.parametrize("nu", [1, 1.25, 2, 2.75])
def test_the_bound_of_the_script_is_just_above_the_function(nu: float) -> None:
    script = runpy.run_path(str(SPEC / "supremum.py"))
    h = mpmath.mpf(str(script["H"]))

    def summand(u: mpmath.mpf) -> mpmath.mpf:
        return abs(mpmath.cos(u)) ** (2 * nu) * mpmath.exp(-(u**2) * nu / h)

    pieces = [k * mpmath.pi / 2 for k in range(8)]
    value = 2 * mpmath.quad(summand, pieces) / mpmath.sqrt(mpmath.pi * h / nu)
    assert value < float(script["at"](script["Decimal"](nu))) < value * 1.001
