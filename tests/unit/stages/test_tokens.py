"""Which tokens are taken: by their bytes, and never by id."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huref.artefacts import tokens as lists
from huref.errors import InputError, ModelError, ModelWarning
from huref.model import open_model
from huref.profile import Profile, named
from huref.stages import tokens
from tests.support import models
from tests.support.tokenizers import texts, toy, write_tokenizer

RULES = named("robust-2")


def few(tokens: int) -> Profile:
    """The profile with a shorter list."""
    return replace(RULES, numbers=RULES.numbers | {"tokens": tokens})


#: The profile without an order of its own for short words.
FEW = replace(few(50), words_first=False)


def test_selection_is_the_smallest_hashes_in_their_order(tmp_path: Path) -> None:
    net = models.network("gpt2", layers=1)
    model = open_model(net.write(tmp_path / "m"))
    selection = tokens.select(model, FEW)
    hashes = [hashlib.sha256(b"huref/robust-2/tokens" + text).digest() for text in selection.tokens]
    assert len(hashes) == 50
    assert hashes == sorted(hashes)
    everything = texts(model.path)
    others = (
        hashlib.sha256(b"huref/robust-2/tokens" + text).digest() for text in everything.keys() - {*selection.tokens}
    )
    assert min(others) > hashes[-1]
    assert [everything[text] for text in selection.tokens] == [[number] for number in selection.ids]
    assert selection.ids.dtype == np.int64
    assert len(tokens.select(model, RULES).tokens) == len(net.words) - 1


def test_short_words_first(tmp_path: Path) -> None:
    """Words by their hash, then all others by theirs; the profile that does not ask for it has one order for all."""
    words = [b"the", b" of", "▁and".encode(), b"##ing", b"ab", b"abcd"]
    others = [b"a", b"abcde", b"The", b"  of", b"#ing", b"##", b"a1", "ä".encode() * 2, b"the ", b"the\n", b" ##of"]
    vocabulary = {text.decode(): number for number, text in enumerate((*others, *words))}
    model = toy(tmp_path, vocabulary)

    def by_hash(texts: Sequence[bytes]) -> list[bytes]:
        return sorted(texts, key=lambda text: hashlib.sha256(b"huref/robust-2/tokens" + text).digest())

    assert list(tokens.select(model, RULES).tokens) == by_hash(words) + by_hash(others)
    assert list(tokens.select(model, few(4)).tokens) == by_hash(words)[:4]
    assert list(tokens.select(model, few(9)).tokens) == by_hash(words) + by_hash(others)[:3]
    assert list(tokens.select(model, FEW).tokens) == by_hash([*words, *others])
    ours, theirs, smaller = tokens.shared(model, model, few(4))
    assert list(ours.tokens) == list(theirs.tokens) == by_hash(words)[:4]
    assert smaller == len(vocabulary)
    assert RULES.words_first


def test_a_cut_vocabulary_keeps_the_short_words(tmp_path: Path) -> None:
    """Long pieces go first where a vocabulary is cut: what is left of the list is what the copy's own list has."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    short = [a + b for a in letters for b in letters[:4]]
    long = [f"{word}-{i}" for word in short for i in range(5)]
    whole = toy(tmp_path / "whole", {text: i for i, text in enumerate((*long, *short))}, rows=700)
    cut = toy(tmp_path / "cut", {text: i for i, text in enumerate((*short, *long[:20]))}, rows=700)
    assert tokens.select(whole, few(50)).tokens == tokens.select(cut, few(50)).tokens
    kept = {*tokens.select(whole, FEW).tokens} & {*tokens.select(cut, FEW).tokens}
    assert len(kept) < 25


def test_renumbering_changes_ids_only(tmp_path: Path) -> None:
    net = models.network("llama", layers=1)
    first = tokens.select(open_model(net.write(tmp_path / "a")), FEW)
    new = np.random.default_rng(0).permutation(len(net.words))
    vocabulary = net.tokenizer["model"]["vocab"]
    net.tokenizer["model"]["vocab"] = {piece: int(new[number]) for piece, number in vocabulary.items()}
    for token in net.tokenizer["added_tokens"]:
        token["id"] = int(new[token["id"]])
    second = tokens.select(open_model(net.write(tmp_path / "b")), FEW)
    assert second.tokens == first.tokens
    assert second.digest == first.digest
    np.testing.assert_array_equal(second.ids, new[first.ids])


def test_an_ordinary_piece_goes_before_byte_fallback(tmp_path: Path) -> None:
    net = models.network("llama", layers=1)
    vocabulary = net.tokenizer["model"]["vocab"]
    model = open_model(net.write(tmp_path / "m"))
    selection = tokens.select(model, RULES)
    ids = dict(zip(selection.tokens, selection.ids, strict=True))
    assert ids[b"a"] == vocabulary["a"] != vocabulary["<0x61>"]
    assert ids[b"\n"] == vocabulary["<0x0A>"]


@pytest.mark.parametrize("order", [(3, 4), (4, 3)])
def test_two_ordinary_pieces_with_the_same_bytes_are_both_left_out(order: Sequence[int], tmp_path: Path) -> None:
    net = models.network("llama", layers=1)
    vocabulary = {"▁x": order[0], " x": order[1], "y": 5}
    folder = net.write(tmp_path / "m")
    write_tokenizer(folder, {"type": "BPE", "vocab": vocabulary}, pre_tokenizer={"type": "Metaspace", "x": "▁"})
    assert tokens.select(open_model(folder), RULES).tokens == (b"y",)


def test_empty_tokens_are_left_out(tmp_path: Path) -> None:
    assert tokens.select(toy(tmp_path, {"": 0, "a": 1}), RULES).tokens == (b"a",)


def test_a_vocabulary_without_tokens(tmp_path: Path) -> None:
    model = toy(tmp_path, {"a": 0})
    (model.path / "tokenizer.json").write_text('{"model": {"vocab": {}}}')
    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        tokens.select(model, RULES)


def test_tokenizer_of_a_larger_model(tmp_path: Path) -> None:
    """Tokens without a row are left out, which is said; where they are most, it is another model's."""
    model = toy(tmp_path / "some", {"a": 0, "b": 40}, rows=40)
    with pytest.warns(ModelWarning, match=r"tokenizer.json: 1 of its 2 tokens have no row in the embedding"):
        assert tokens.select(model, RULES).tokens == (b"a",)
    model = toy(tmp_path / "most", {"a": 0, "b": 40, "c": 41}, rows=40)
    with pytest.raises(ModelError, match=r"2 of its 3 tokens have no row in the embedding, which has 40"):
        tokens.select(model, RULES)


def test_added_tokens_without_a_row_are_no_harm(tmp_path: Path) -> None:
    model = toy(tmp_path, {"a": 0}, added_tokens=[{"id": 99, "content": "<pad>", "special": True}])
    assert tokens.select(model, RULES).tokens == (b"a",)


@given(st.lists(st.binary(min_size=1), min_size=1, max_size=20, unique=True))
def test_lists_come_back_as_they_were_written(listed: list[bytes]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.json"
        path.write_bytes(lists.dump(listed))
        assert lists.parse(path.read_bytes(), str(path)) == tuple(listed)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("huref.tokens", "huref.other"),
        ('"count":2', '"count":3'),
        ("6262", "6263"),
        ("6262", "6161"),
        ("6262", "626"),
        ('"digest":"', '"digest":"00'),
        ('"tokens"', '"extra": 1, "tokens"'),
        ("{", "["),
    ],
)
def test_lists_that_contradict_themselves(old: str, new: str, tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_bytes(lists.dump([b"aa", b"bb"]))
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError, match=r"list\.json"):
        lists.parse(path.read_bytes(), str(path))


def test_match_keeps_the_order_of_the_list(tmp_path: Path) -> None:
    model = toy(tmp_path, {"a": 0, "b": 1, "c": 2})
    found = tokens.match(model, [b"c", b"x", b"a"])
    assert found.tokens == (b"c", b"a")
    np.testing.assert_array_equal(found.ids, [2, 0])


def test_tokens_of_a_list_file(tmp_path: Path) -> None:
    model, path = toy(tmp_path, {"a": 0, "b": 1, "c": 2}), tmp_path / "list"
    path.write_bytes(lists.dump([b"c", b"x", b"a"]))
    assert tokens.chosen(model, path, RULES).tokens == (b"c", b"a")
    path.write_bytes(lists.dump([b"x"]))
    with pytest.raises(ModelError, match="none of the tokens"):
        tokens.chosen(model, path, RULES)


def test_ids_of_the_authors_files(tmp_path: Path) -> None:
    """Most frequent first; the last K of them that are ordinary tokens, each once."""
    model, path = toy(tmp_path, {f"t{i}": i for i in range(40)}), tmp_path / "ids.txt"
    path.write_text("\n".join(map(str, [39, 7, 5, 5, 99, 3, *range(10, 20), *range(20, 38), *range(0, 30)])) + "\n")
    order = [39, 7, 5, 3, *range(10, 38), 0, 1, 2, 4, 6, 8, 9]
    assert tokens.chosen(model, path, RULES).ids.tolist() == order
    selection = tokens.chosen(model, path, few(5))
    assert selection.ids.tolist() == [2, 4, 6, 8, 9]
    assert selection.tokens == (b"t2", b"t4", b"t6", b"t8", b"t9")


@pytest.mark.parametrize("text", ["", "1\n2\nx\n", "-1\n", "1.5\n", "9" * 30, "\xff"])
def test_neither_list_nor_ids(text: str, tmp_path: Path) -> None:
    path = tmp_path / "ids.txt"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(InputError, match=r"ids\.txt"):
        tokens.chosen(toy(tmp_path, {"a": 0}), path, RULES)


def test_ids_that_the_model_does_not_have(tmp_path: Path) -> None:
    path = tmp_path / "ids.txt"
    path.write_text("77\n78\n")
    with pytest.raises(ModelError, match="none of the token ids"):
        tokens.chosen(toy(tmp_path, {"a": 0}), path, RULES)


def test_the_golden_selection() -> None:
    """The order is part of the profile: these bytes and no others."""
    words, others = [b"the", b" the", b"##ing"], [b"\n", "ä".encode(), b"there"]
    first, last = (
        sorted(texts, key=lambda text: hashlib.sha256(b"huref/robust-2/tokens" + text).digest())
        for texts in (words, others)
    )
    assert tokens._ranked(others + words, RULES) == first + last
