"""The parent that a model card names: consistent with the weights, contradicted, or unknown."""

from pathlib import Path

import pytest

import huref
from huref.errors import CardContradictedError, CardUnknownError, InputError, NotFoundError
from huref.similarity.card import claimed
from tests.support import models
from tests.support.cli import Here
from tests.support.models import Network


def tuned(net: Network) -> Network:
    net = net.copy()
    for block in net.blocks:
        block.up = 1.01 * block.up + 0.001
    return net


def carded(folder: Path, text: str) -> Path:
    (folder / "README.md").write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("---\nbase_model: org/parent\n---\n# Model\n", ("org/parent",)),
        ("---\nlicense: mit\nbase_model:\n- org/one\n- 'org/two'\ntags: [x]\n---\n", ("org/one", "org/two")),
        ('---\r\nbase_model: "org/parent" # of this\r\n---\r\n', ("org/parent",)),
        ("---\nbase_model: [org/one, org/two]\n---\n", ("org/one", "org/two")),
        ("---\nbase_model:\n---\n", ()),
        ("---\nlicense: mit\n---\nbase_model: not/here\n", ()),
        ("base_model: not/here\n", ()),
        ("", ()),
    ],
)
def test_what_a_card_claims(text: str, names: tuple[str, ...], tmp_path: Path) -> None:
    assert claimed(carded(tmp_path, text)) == names


def test_cards_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no model card"):
        claimed(tmp_path)
    (tmp_path / "README.md").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="UTF-8"):
        claimed(tmp_path)


def test_the_three_answers(huref: Here, tmp_path: Path) -> None:
    card = "---\nbase_model: org/parent\n---\n"
    net = models.network("llama", 1, layers=2)
    model = carded(tuned(net).write(tmp_path / "model"), card)
    parent, stranger = (
        net.write(tmp_path / "parent"),
        models.network("llama", 2, layers=2).write(tmp_path / "stranger"),
    )
    ran = huref("check-card", str(model), "--parent", str(parent))
    assert ran.code == 0
    assert ran.out.startswith("Consistent")
    assert "org/parent" in ran.out
    found = huref("check-card", str(model), "--parent", str(stranger), "--json")
    assert found.code == 8
    assert (found.json["checked"], found.json["ok"], found.json["code"]) == ("contradicted", False, "card-contradicted")
    carded(model, "# No card\n")
    silent = huref("check-card", str(model), "--parent", str(parent), "--json")
    assert (silent.code, silent.json["checked"]) == (9, "unknown")
    assert "related" in silent.json["reason"]
    (model / "README.md").unlink()
    ran = huref("check-card", str(model), "--parent", str(tmp_path / "not looked for"))
    assert ran.code == 4
    assert "no model card" in ran.err


def test_errors_for_scripts(tmp_path: Path) -> None:
    net = models.network("llama", 1, layers=2)
    model = carded(net.write(tmp_path / "model"), "---\nbase_model: org/parent\n---\n")
    stranger = models.network("llama", 2, layers=2).write(tmp_path / "stranger")
    huref.check_card(model, model).raise_for_status()
    with pytest.raises(CardContradictedError, match="org/parent"):
        huref.check_card(model, stranger).raise_for_status()
    carded(model, "")
    with pytest.raises(CardUnknownError):
        huref.check_card(model, model).raise_for_status()
