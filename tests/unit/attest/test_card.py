"""Cards: what stands in one is what the bundle shows, and no name becomes markup."""

import re
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from huggingface_hub import ModelCard
from markdown_it import MarkdownIt

from huref.artefacts.context import Context
from huref.attest import card
from tests.support import bundles

#: What an owner may be called in a proof.
HOSTILE = "name:[x](https://evil.example) <img src=x> |`** www.evil.example @me ``` \\"


def tokens(text: str) -> list[Any]:
    """Everything of the section, as Markdown is read on hubs: with tables and HTML."""
    body = text.split("---\n", 2)[2]
    found = MarkdownIt("commonmark", {"html": True}).enable("table").parse(body)
    return [*found, *(child for token in found for child in token.children or ())]


@pytest.mark.parametrize("owner", ["", "name:Alice", HOSTILE])
def test_the_section_is_what_the_bundle_shows(owner: str) -> None:
    bundle = bundles.robust(Context(owner)) if owner else bundles.robust()
    text = card.section(bundle, 120, "a model (1).huref.json", "portrait.png")
    found = tokens(text)
    links = [token.attrs["href"] for token in found if token.type == "link_open"]
    pictures = [token.attrs["src"] for token in found if token.type == "image"]
    assert (links, pictures) == (["a%20model%20%281%29.huref.json"], ["portrait.png"])
    assert not [token for token in found if token.type.startswith("html")]
    texts = " ".join(token.content for token in found if token.type in ("text", "text_special", "code_inline"))
    assert bundle.statement.commitment.id in texts
    assert bundle.file_digest in texts
    (fence,) = (token.content for token in found if token.type == "fence")
    assert fence.splitlines() == ["pip install huref", "huref verify 'a model (1).huref.json'"]
    cells = [token.content for token in found if token.type == "inline"]
    assert ("owner, as the prover says" in cells) == bool(owner)
    assert "verified" not in text


def test_the_front_matter_is_what_hubs_read() -> None:
    bundle = bundles.robust()
    name = 'a "b": c\'.json'
    text = card.section(bundle, 120, name, None)
    front = yaml.safe_load(text.split("---\n")[1])
    assert front["tags"] == ["huref"]
    assert front["huref"] == {
        "bundle": name,
        "bundle_sha256": bundle.file_digest,
        "commitment": bundle.statement.commitment.id,
        "profile": "robust-2",
        "vector_sha256": bundle.statement.vector_digest,
    }
    assert ModelCard(text).data.to_dict()["tags"] == ["huref"]
    assert "![" not in text


def test_a_badge_names_the_commitment_and_nothing_else() -> None:
    bundle = bundles.robust()
    picture = ElementTree.fromstring(card.badge(bundle.statement.commitment.id))
    words = " ".join(part.strip() for part in picture.itertext() if part.strip())
    name = bundle.statement.commitment.id[:16]
    assert words == f"huref commitment {name}: a name, not a check huref commitment {name}"
    assert not re.search("verified|valid|trusted", words)
    assert {element.tag.rpartition("}")[2] for element in picture.iter()} == {"svg", "title", "rect", "g", "text"}
