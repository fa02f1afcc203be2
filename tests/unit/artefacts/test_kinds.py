"""A file that stands in the wrong place is named for what it is."""

import gzip
import io
import json
import pickle
import zipfile
from pathlib import Path

import pytest

from huref import disk
from huref.artefacts import bundle, commitment, fingerprint, kinds, tokens
from huref.artefacts.kinds import Kind
from huref.errors import InputError, MalformedBundleError, ModelError, NotFoundError, UnsupportedVersionError
from huref.model import open_model
from huref.stages.commit import commit_whole
from huref.stages.encode import encode
from huref.stages.sketch import sketch
from tests.support import models
from tests.support.bundles import robust, toy
from tests.support.schemas import FOLDER
from tests.support.toys import quantised


def archive(name: str) -> bytes:
    """A zip file with one file in it."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr(name, "x")
    return data.getvalue()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[Kind, Path]:
    folder = tmp_path_factory.mktemp("kinds")
    model = quantised()
    made = {
        kinds.BUNDLE: bundle.dump(toy()),
        kinds.COMMITMENT: commitment.dump(commit_whole(model)[0]),
        kinds.TOKENS: tokens.dump(model.shape.tokens),
        kinds.FINGERPRINT: fingerprint.dump(encode(model, *sketch(model, "cpu"))),
    }
    paths = {kind: folder / kind.name for kind in made}
    for kind, data in made.items():
        paths[kind].write_bytes(data)
    return paths


def test_every_kind_has_a_schema_of_its_media_type() -> None:
    for kind in set(kinds.KINDS.values()) - {kinds.WORK}:
        schema = json.loads((FOLDER / f"{kind.name}.v{kind.version}.json").read_bytes())
        assert schema["properties"]["mediaType"] == {"const": kind.media_type}


def test_one_of_several_kinds_is_read(files: dict[Kind, Path]) -> None:
    for kind, path in files.items():
        assert kinds.at(path) is kind
        assert kinds.load(path, *files) == kind.parse(path.read_bytes(), "x")


def test_another_kind_is_named_with_the_verb_that_reads_it(files: dict[Kind, Path]) -> None:
    for kind, path in files.items():
        others = [other for other in files if other is not kind]
        with pytest.raises(InputError) as several:
            kinds.load(path, *others)
        sentence = f"{path}: this is {kind.words}; {kind.used}; expected {' or '.join(k.words for k in others)}"
        assert str(several.value) == sentence
        for other in others:
            error = MalformedBundleError if other is kinds.BUNDLE else InputError
            with pytest.raises(error, match=f"x: this is {kind.words}; .*; expected {other.words}"):
                other.parse(path.read_bytes(), "x")


def test_the_place_of_the_media_type_decides_nothing() -> None:
    document = json.loads(bundle.dump(toy()))
    text = json.dumps({key: document[key] for key in reversed(document)}).encode()
    assert kinds.one_of(text, "x", kinds.BUNDLE) is kinds.BUNDLE
    assert bundle.parse(text) == toy()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (robust().image.png if robust().image else b"", "this is a PNG picture; `huref verify --image`"),
        (
            (70).to_bytes(8, "little") + b'{"a":{}}',
            "this is a file of weights; verbs that read a model take its folder",
        ),
        (b"GGUF\x03\0\0\0", "this is a GGUF model"),
        (archive("model.bin"), "this is a zip archive; unpack it first"),
        (archive("data.pkl"), "this is a file of pickled weights"),
        (archive("model/data.pkl"), "this is a file of pickled weights; they can run code"),
        (pickle.dumps({"a": 1}), "this is a file of pickled weights"),
        (b"<!DOCTYPE html>\n<html>", "this is a web page; download"),
        (b"\n<HTML lang=en>", "this is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "git lfs pull"),
        (b"\x89HDF\r\n\x1a\n", "this is an HDF5 file"),
        (b"a" * 257 + b"ustar\x00", "this is a tar archive"),
        (b'{\n  "architectures": ["BertModel"],\n  "a": 0.1', "this is the config.json of a model; .* folder"),
        (b'{\n  "version": "1.0",\n  "truncation": null', "this is the file of a tokenizer"),
        (gzip.compress(b"{}", mtime=0), "this is a gzip file; unpack it first"),
        (b"\xff\xfe", "not JSON in UTF-8"),
        (b'{"abcd":{"a":1}}', "'mediaType' is missing"),
        (b'{"mediaType":"text/plain"}', "the media type is 'text/plain'; expected a bundle"),
        (b'{"mediaType":1}', "'mediaType' must be a string"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_files_of_others_are_named(data: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    assert kinds.at(path) is None
    with pytest.raises(InputError, match=words):
        kinds.load(path, kinds.BUNDLE)
    with pytest.raises(MalformedBundleError, match=words):
        bundle.load(path)


def test_other_versions_of_a_kind_are_not_malformed(tmp_path: Path) -> None:
    other = bundle.dump(toy()).replace(b"bundle.v2+json", b"bundle.v9+json")
    with pytest.raises(UnsupportedVersionError, match=r"bundle\.v9\+json' is of a version"):
        kinds.one_of(other, "x", kinds.BUNDLE)
    with pytest.raises(InputError, match="expected a commitment"):
        kinds.one_of(other, "x", kinds.COMMITMENT)
    with pytest.raises(NotFoundError):
        kinds.load(tmp_path / "x", kinds.BUNDLE)
    assert kinds.at(tmp_path / "x") is None


def test_files_too_large_for_a_bundle_are_named_too(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"GGUF" + bytes(1000))
    with pytest.raises(MalformedBundleError, match=r"this is a GGUF model; .*; expected a bundle"):
        bundle.load(path, max_bytes=100)
    with pytest.raises(InputError, match="this is a GGUF model"):
        disk.read(path, 100)


def test_a_model_that_is_a_file_is_named(files: dict[Kind, Path], tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"\x1f\x8b" + bytes(100))
    with pytest.raises(ModelError, match=r"x: this is a gzip file; .*; expected a model folder"):
        open_model(path)
    for kind, file in files.items():
        with pytest.raises(ModelError, match=f"this is {kind.words}; {kind.used}; expected a model folder"):
            open_model(file)
    path.write_bytes(b"hello")
    with pytest.raises(ModelError, match="x: a file; expected a model folder"):
        open_model(path)


def test_weights_that_are_something_else_are_named(tmp_path: Path) -> None:
    folder = models.network("llama").write(tmp_path / "model")
    (folder / "model.safetensors").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    with pytest.raises(ModelError, match=r"model\.safetensors: this is a pointer of Git LFS"):
        open_model(folder)
