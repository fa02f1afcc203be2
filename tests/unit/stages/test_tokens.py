"""Which tokens are taken: by their bytes, from every kind of tokenizer, and never by id."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from huref.artefacts import tokens as lists
from huref.errors import InputError, ModelError, NotFoundError
from huref.model import Model, open_model
from huref.model.tokenizer import LETTERS, Token, read_vocabulary
from huref.profile import Profile, named
from huref.stages import tokens
from tests.support import models

RULES = named("robust-1")
FEW = Profile("robust-1", tokens=50, sketch=32, outputs=512, weight_bits=12, scale=4096)


def texts(folder: Path) -> dict[bytes, list[int]]:
    found: dict[bytes, list[int]] = {}
    for token in read_vocabulary(folder)[0]:
        found.setdefault(token.text, []).append(token.id)
    return found


def write_tokenizer(folder: Path, model: dict[str, Any], **parts: Any) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps({"model": model, "added_tokens": [], **parts}))
    return folder


def toy(tmp_path: Path, vocabulary: dict[str, int], rows: int = 40, **parts: Any) -> Model:
    """A model with a WordPiece tokenizer of just that vocabulary."""
    net = models.network("bert", layers=1)
    net.words = net.words[:rows]
    tmp_path.mkdir(exist_ok=True)
    folder = net.write(tmp_path / "toy")
    write_tokenizer(folder, {"type": "WordPiece", "vocab": vocabulary, "unk_token": "[UNK]"}, **parts)
    return open_model(folder)


# Bytes of tokens


@pytest.mark.parametrize("family", models.FAMILIES)
def test_bytes_are_what_the_tokenizer_decodes_to(family: str, tmp_path: Path) -> None:
    """Of single tokens, in the middle of a text, with the tokenizer's own decoder as judge."""
    net = models.network(family, layers=1)
    tokenizer = Tokenizer.from_str(json.dumps(net.tokenizer))
    ordinary = read_vocabulary(net.write(tmp_path / "m"))[0]
    frame = next(token.id for token in ordinary if len(token.text) > 2 and token.text.isalpha())
    start = tokenizer.decode([frame])
    seen = 0
    for token in ordinary:
        try:
            text = token.text.decode()
        except UnicodeDecodeError:
            continue  # part of a character: decoded to a replacement mark
        text = " " + text if family == "bert" and not text.startswith("##") else text.removeprefix("##")
        if family == "bert" and text.strip() in ".":
            continue  # its decoder tidies punctuation up
        assert tokenizer.decode([frame, token.id]) == start + text
        seen += 1
    assert seen > 700


@pytest.mark.parametrize(("family", "left_out"), [("llama", 3), ("bert", 5), ("gpt2", 1)])
def test_control_tokens_are_left_out(family: str, left_out: int, tmp_path: Path) -> None:
    net = models.network(family, layers=1)
    found = read_vocabulary(net.write(tmp_path / "m"))[0]
    assert {token.id for token in found} == set(range(left_out, len(net.words)))


def test_added_tokens_are_left_out_special_or_not(tmp_path: Path) -> None:
    added = [{"id": 2, "content": "b", "special": False}, {"id": 7, "content": "<tool>", "special": True}]
    folder = write_tokenizer(tmp_path, {"type": "WordLevel", "vocab": {"a": 1, "b": 2, "c": 3}}, added_tokens=added)
    assert texts(folder) == {b"a": [1], b"c": [3]}


def test_byte_level(tmp_path: Path) -> None:
    vocabulary = {"Ġthe": 0, "Ã": 1, "©": 2, "Ċ": 3, "日": 4, "": 5}
    decoder = {"type": "Sequence", "decoders": [{"type": "ByteLevel"}]}
    folder = write_tokenizer(tmp_path, {"type": "BPE", "vocab": vocabulary, "merges": []}, decoder=decoder)
    assert texts(folder) == {b" the": [0], b"\xc3": [1], b"\xa9": [2], b"\n": [3], b"": [5]}
    assert sorted(LETTERS.values()) == list(range(256))


@pytest.mark.parametrize("fallback", [True, False])
def test_sentencepiece_marks_and_byte_fallback(fallback: bool, tmp_path: Path) -> None:
    vocabulary = [["<unk>", 0.0], ["▁the", -1.0], ["<0x0A>", -2.0], ["▁", -3.0], ["ä", -4.0]]
    model = {"type": "Unigram", "unk_id": 0, "vocab": vocabulary, "byte_fallback": fallback}
    folder = write_tokenizer(tmp_path, model, pre_tokenizer={"type": "Metaspace", "replacement": "▁"})
    newline = {b"\n": [2]} if fallback else {b"<0x0A>": [2]}
    assert texts(folder) == {b" the": [1], b" ": [3], "ä".encode(): [4]} | newline


def test_continuation_pieces_keep_their_mark(tmp_path: Path) -> None:
    folder = write_tokenizer(tmp_path, {"type": "WordPiece", "vocab": {"ing": 0, "##ing": 1}})
    assert texts(folder) == {b"ing": [0], b"##ing": [1]}


# Files other than tokenizer.json


def test_vocab_txt_is_the_same_as_tokenizer_json(tmp_path: Path) -> None:
    net = models.network("bert", layers=1)
    folder = net.write(tmp_path / "m")
    expected = texts(folder)
    pieces = sorted(net.tokenizer["model"]["vocab"].items(), key=lambda item: item[1])
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_bytes("".join(f"{piece}\n" for piece, _ in pieces).encode())
    assert texts(folder) == expected


def test_vocab_json_is_the_same_as_tokenizer_json(tmp_path: Path) -> None:
    net = models.network("gpt2", layers=1)
    folder = net.write(tmp_path / "m")
    expected = texts(folder)
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.json").write_text(json.dumps(net.tokenizer["model"]["vocab"]))
    assert texts(folder) == expected
    piece = next(iter(expected))
    (folder / "special_tokens_map.json").write_text(json.dumps({"pad_token": {"content": piece.decode()}}))
    assert texts(folder).keys() == expected.keys() - {piece}


def test_sentencepiece_model(tmp_path: Path) -> None:
    import sentencepiece

    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["the cat sat on the mat", "a cat, a mat, and the sea"] * 50),
        model_prefix=str(tmp_path / "tokenizer"),
        vocab_size=300,
        byte_fallback=True,
        hard_vocab_limit=False,
        user_defined_symbols=["<tool>"],
        minloglevel=2,
    )
    processor = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / "tokenizer.model"))
    found = read_vocabulary(tmp_path)[0]
    by_id = {token.id: token for token in found}
    assert by_id.keys().isdisjoint({processor.unk_id(), processor.bos_id(), processor.eos_id()})
    assert sorted(token.text for token in found if token.fallback) == [bytes([byte]) for byte in range(256)]
    marked = next(i for i in by_id if len(processor.id_to_piece(i)) > 1 and processor.id_to_piece(i)[0] == "▁")
    assert by_id[marked] == Token(marked, b" " + processor.id_to_piece(marked)[1:].encode())


# Selection


def test_selection_is_the_smallest_hashes_in_their_order(tmp_path: Path) -> None:
    net = models.network("gpt2", layers=1)
    model = open_model(net.write(tmp_path / "m"))
    selection = tokens.select(model, FEW)
    hashes = [hashlib.sha256(b"huref/robust-1/tokens" + text).digest() for text in selection.tokens]
    assert len(hashes) == 50
    assert hashes == sorted(hashes)
    everything = texts(model.path)
    others = (
        hashlib.sha256(b"huref/robust-1/tokens" + text).digest() for text in everything.keys() - {*selection.tokens}
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
        return sorted(texts, key=lambda text: hashlib.sha256(b"huref/robust-1/tokens" + text).digest())

    first = replace(FEW, words_first=True)
    assert list(tokens.select(model, first).tokens) == by_hash(words) + by_hash(others)
    assert list(tokens.select(model, replace(first, tokens=4)).tokens) == by_hash(words)[:4]
    assert list(tokens.select(model, replace(first, tokens=9)).tokens) == by_hash(words) + by_hash(others)[:3]
    assert list(tokens.select(model, FEW).tokens) == by_hash([*words, *others])
    ours, theirs, smaller = tokens.shared(model, model, replace(first, tokens=4))
    assert list(ours.tokens) == list(theirs.tokens) == by_hash(words)[:4]
    assert smaller == len(vocabulary)
    assert not RULES.words_first


def test_a_cut_vocabulary_keeps_the_short_words(tmp_path: Path) -> None:
    """Long pieces go first where a vocabulary is cut: what is left of the list is what the copy's own list has."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    short = [a + b for a in letters for b in letters[:4]]
    long = [f"{word}-{i}" for word in short for i in range(5)]
    whole = toy(tmp_path / "whole", {text: i for i, text in enumerate((*long, *short))}, rows=700)
    cut = toy(tmp_path / "cut", {text: i for i, text in enumerate((*short, *long[:20]))}, rows=700)
    first = replace(FEW, words_first=True)
    assert tokens.select(whole, first).tokens == tokens.select(cut, first).tokens
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


# Tokenizers that do not fit


def test_tokenizer_of_a_larger_model(tmp_path: Path) -> None:
    model = toy(tmp_path, {"a": 0, "b": 40}, rows=40)
    with pytest.raises(ModelError, match=r"tokenizer.json: token id 40 has no row in the embedding, which has 40"):
        tokens.select(model, RULES)


def test_added_tokens_without_a_row_are_no_harm(tmp_path: Path) -> None:
    model = toy(tmp_path, {"a": 0}, added_tokens=[{"id": 99, "content": "<pad>", "special": True}])
    assert tokens.select(model, RULES).tokens == (b"a",)


def test_no_tokenizer(tmp_path: Path) -> None:
    model = toy(tmp_path, {"a": 0})
    (model.path / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match="no tokenizer"):
        tokens.select(model, RULES)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"model": 1}',
        '{"model": {}}',
        '{"model": {"vocab": {}}}',
        '{"model": {"vocab": {"a": "1"}}}',
        '{"model": {"vocab": {"a": -1}}}',
        '{"model": {"vocab": {"a": true}}}',
        '{"model": {"vocab": {"a": 1, "a": 2}}}',
        '{"model": {"vocab": {"\\ud800": 1}}}',
        '{"model": {"vocab": [1, 2]}}',
        '{"model": {"vocab": [[]]}}',
        '{"model": {"vocab": {"a": 1}}, "added_tokens": 5}',
        '{"model": {"vocab": {"a": 1}}, "added_tokens": [5]}',
    ],
)
def test_tokenizer_that_makes_no_sense(text: str, tmp_path: Path) -> None:
    model = toy(tmp_path, {"a": 0})
    (model.path / "tokenizer.json").write_text(text)
    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        tokens.select(model, RULES)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)
PARTS = {"vocab": JSON, "unk_token": JSON, "unk_id": JSON, "byte_fallback": JSON}


@settings(deadline=None, max_examples=300)
@given(
    st.fixed_dictionaries(
        {"model": st.fixed_dictionaries(PARTS) | JSON},
        optional={
            "added_tokens": st.lists(st.dictionaries(st.sampled_from(["id", "content"]), JSON)) | JSON,
            "decoder": JSON,
        },
    )
)
def test_any_json_as_tokenizer(whole: Any) -> None:
    """Tokens or ModelError, nothing else."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "tokenizer.json").write_text(json.dumps(whole))
        try:
            found, _ = read_vocabulary(Path(folder))
        except ModelError as why:
            assert folder in str(why)
        else:
            assert all(token.id >= 0 for token in found)


def test_deep_nesting(tmp_path: Path) -> None:
    deep = "[" * 190 + "]" * 190
    (tmp_path / "tokenizer.json").write_text(f'{{"model": {{"vocab": {{"a": 1}}}}, "decoder": {deep}}}')
    assert texts(tmp_path) == {b"a": [1]}


@pytest.mark.parametrize("name", ["tokenizer.model", "vocab.txt", "vocab.json"])
def test_other_files_that_make_no_sense(name: str, tmp_path: Path) -> None:
    model = toy(tmp_path, {"a": 0})
    (model.path / "tokenizer.json").unlink()
    (model.path / name).write_bytes(b"\xff\xfe\x00nonsense")
    with pytest.raises(ModelError, match=name):
        tokens.select(model, RULES)


# Lists


@given(st.lists(st.binary(min_size=1), min_size=1, max_size=20, unique=True))
def test_lists_come_back_as_they_were_written(listed: list[bytes]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.json"
        lists.write(path, listed)
        assert lists.read(path) == tuple(listed)


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
    lists.write(path, [b"aa", b"bb"])
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError, match=r"list\.json"):
        lists.read(path)


def test_no_list(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        lists.read(tmp_path / "none")


def test_match_keeps_the_order_of_the_list(tmp_path: Path) -> None:
    model = toy(tmp_path, {"a": 0, "b": 1, "c": 2})
    found = tokens.match(model, [b"c", b"x", b"a"])
    assert found.tokens == (b"c", b"a")
    np.testing.assert_array_equal(found.ids, [2, 0])


def test_tokens_of_a_list_file(tmp_path: Path) -> None:
    model, path = toy(tmp_path, {"a": 0, "b": 1, "c": 2}), tmp_path / "list"
    lists.write(path, [b"c", b"x", b"a"])
    assert tokens.chosen(model, path, RULES).tokens == (b"c", b"a")
    lists.write(path, [b"x"])
    with pytest.raises(ModelError, match="none of the tokens"):
        tokens.chosen(model, path, RULES)


def test_ids_of_the_authors_files(tmp_path: Path) -> None:
    """Most frequent first; the last K of them that are ordinary tokens, each once."""
    model, path = toy(tmp_path, {f"t{i}": i for i in range(40)}), tmp_path / "ids.txt"
    path.write_text("\n".join(map(str, [39, 7, 5, 5, 99, 3, *range(10, 20), *range(20, 38), *range(0, 30)])) + "\n")
    order = [39, 7, 5, 3, *range(10, 38), 0, 1, 2, 4, 6, 8, 9]
    assert tokens.chosen(model, path, RULES).ids.tolist() == order
    few = Profile("robust-1", tokens=5, sketch=32, outputs=512, weight_bits=12, scale=4096)
    selection = tokens.chosen(model, path, few)
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
    """The hash order is part of the profile: these bytes and no others."""
    listed = [b"the", b" the", b"##ing", b"\n", "ä".encode()]
    ranked = sorted(listed, key=lambda text: hashlib.sha256(b"huref/robust-1/tokens" + text).digest())
    assert tokens._ranked(listed, RULES) == ranked
