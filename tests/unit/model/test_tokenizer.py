"""The bytes of every token, from every kind of tokenizer, and never by id."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from huref.errors import ModelError
from huref.model.tokenizer import LETTERS, Token, read_vocabulary
from tests.support import models
from tests.support.tokenizers import texts, toy, write_tokenizer


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


def test_no_tokenizer(tmp_path: Path) -> None:
    model = toy(tmp_path, {"a": 0})
    (model.path / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match="no tokenizer"):
        read_vocabulary(model.path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"model": 1}',
        '{"model": {}}',
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
        read_vocabulary(model.path)


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
        read_vocabulary(model.path)
