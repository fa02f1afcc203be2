"""Counts of tokens in texts."""

import os
import threading
from collections import Counter
from pathlib import Path

import pytest

from huref.errors import InputError, NotFoundError
from huref.model import open_model
from huref.stages import frequency
from tests.support import models


@pytest.mark.parametrize("family", models.FAMILIES)
def test_count(family: str, tmp_path: Path) -> None:
    """Counted is what the tokenizer makes of the texts, in the authors' order, without unseen and control tokens."""
    model = open_model(models.network(family).write(tmp_path / "model"))
    text = " ".join(models.sentences()[:40])
    (tmp_path / "one").write_text(text + "\n" + text, encoding="utf-8")
    (tmp_path / "two").write_text("a\r\nb", encoding="utf-8")
    ids, counted = frequency.count(model, [tmp_path / "one", tmp_path / "two"])
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(tmp_path / "model" / "tokenizer.json"))
    lines = [text + "\n", text, "a\r\n", "b"]
    seen = [number for line in lines for number in tokenizer.encode(line, add_special_tokens=False).ids]
    assert counted == len(seen)
    controls = {"<unk>", "<s>", "</s>", "<|endoftext|>", "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
    counts = Counter(number for number in seen if tokenizer.id_to_token(number) not in controls)
    ordered = sorted(counts.items(), key=lambda item: (item[1], item[0]), reverse=True)
    assert ids == [number for number, _ in ordered]
    assert ordered[0][1] > ordered[-1][1] == 1


def test_corpus_that_cannot_be_read(tmp_path: Path) -> None:
    model = open_model(models.network("gpt2").write(tmp_path / "model"))
    (tmp_path / "latin").write_bytes("gr\u00fc\u00dfe".encode("latin-1"))
    with pytest.raises(InputError, match="UTF-8"):
        frequency.count(model, [tmp_path / "latin"])
    with pytest.raises(NotFoundError):
        frequency.count(model, [tmp_path / "none"])
    with pytest.raises(InputError, match="directory"):
        frequency.count(model, [tmp_path])
    (tmp_path / "empty").touch()
    with pytest.raises(InputError, match="no ordinary token"):
        frequency.count(model, [tmp_path / "empty"])


def test_corpus_from_a_pipe(tmp_path: Path) -> None:
    """What a shell writes as `<(command)`: it can be read only once."""
    model = open_model(models.network("gpt2").write(tmp_path / "model"))
    pipe, text = tmp_path / "pipe", "in the beginning\n"
    (tmp_path / "text").write_text(text)
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(text,))
    writer.start()
    assert frequency.count(model, [pipe]) == frequency.count(model, [tmp_path / "text"])
    writer.join()
