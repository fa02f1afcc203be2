"""`huref compare --table`: every pair, a picture of them, a family tree."""

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from tests.support import disguises, models
from tests.support.cli import Here, assert_sentence

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def family(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    """A model, a stranger with an awkward name, and the model in disguise without its last layer."""
    folder = tmp_path_factory.mktemp("family")
    base = models.network("llama", seed=1, layers=4)
    child = disguises.all_together(base, np.random.default_rng(2), disguises.EXTREME)
    child.blocks = child.blocks[:-1]
    stranger = models.network("llama", seed=3)
    named = {"base": base, "<stranger> & co": stranger, "child": child}
    return [net.write(folder / name) for name, net in named.items()]


def test_table(family: Sequence[Path], huref: Here, tmp_path: Path) -> None:
    ran = huref("compare", "--table", *family, "-o", tmp_path / "table.svg", "--json")
    assert ran.code == 0, ran
    found = ran.json
    assert found["models"] == [str(path) for path in family]
    verdicts = {(pair["a"], pair["b"]): pair["comparison"]["verdict"] for pair in found["pairs"]}
    base, stranger, child = map(str, family)
    assert verdicts == {(base, stranger): "unrelated", (base, child): "related", (stranger, child): "unrelated"}
    matrix = np.array(found["similarity"])
    assert np.array_equal(matrix, matrix.T)
    assert matrix[0, 2] > 0.999  # by its layers; the vectors are of other layers
    assert found["tree"]["parts"][0]["members"] == [0, 2]
    texts = [text.text for text in ElementTree.parse(tmp_path / "table.svg").iter(SVG + "text")]
    assert texts.count(stranger) == 2
    assert texts.count("1.00*") == 2
    assert texts.count("1.00") == 3


def test_table_for_people(family: Sequence[Path], huref: Here) -> None:
    ran = huref("compare", "--table", *family)
    assert ran.code == 0, ran
    assert "3 models, 3 pairs" in ran.out
    assert "+1.00*" in ran.out


def test_numbers_of_models(family: Sequence[Path], huref: Here, tmp_path: Path) -> None:
    assert_sentence(huref("compare", *family), 2, "--table")
    assert_sentence(huref("compare", family[0]), 2, "1 given")
    assert_sentence(huref("compare", "--table", family[0]), 2, "at least two")
    assert_sentence(huref("compare", *family[:2], "-o", tmp_path / "t.svg"), 2, "--table")
    assert not (tmp_path / "t.svg").exists()


def test_a_picture_that_cannot_be_written(family: Sequence[Path], huref: Here, tmp_path: Path) -> None:
    assert_sentence(huref("compare", "--table", *family, "-o", tmp_path / "none" / "t.svg"), 6, "none")
