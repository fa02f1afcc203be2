"""`huref page`: the bytes whose digest `huref version` prints."""

from __future__ import annotations

import hashlib
from pathlib import Path

from huref.serve import single
from tests.support.cli import Here, assert_sentence


def test_the_page_is_written_and_named(huref: Here, tmp_path: Path) -> None:
    written = huref("page", "-o", tmp_path / "verify.html", "--json").json
    data = (tmp_path / "verify.html").read_bytes()
    assert data == single.build()
    assert written["bytes"] == len(data)
    assert written["sha256"] == hashlib.sha256(data).hexdigest() == huref("version", "--json").json["page"]


def test_a_place_that_cannot_be_written(huref: Here, tmp_path: Path) -> None:
    assert_sentence(huref("page", "-o", tmp_path / "none" / "verify.html"), 6, "cannot be written")
