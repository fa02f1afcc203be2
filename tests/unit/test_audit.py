"""Bundles against the caller's own files: a picture, a model folder, an opening."""

from pathlib import Path

import numpy as np
import pytest

import huref
from huref import image
from huref.artefacts.bundle import Bundle
from huref.artefacts.opening import Opening
from huref.audit import same_image, same_weights
from huref.errors import ImageMismatchError, InputError, NotFoundError, UsageError, WeightsMismatchError
from tests.support import models
from tests.support.bundles import robust, toy


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return models.network("llama").write(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def made(folder: Path) -> tuple[Bundle, Opening]:
    _, opening = huref.commit(folder, profile="toy-2")
    return huref.prove(folder, profile="toy-2", opening=opening), opening


def test_the_files_of_the_proof(made: tuple[Bundle, Opening], folder: Path) -> None:
    bundle, opening = made
    assert not same_weights(bundle, folder, None).commitment
    assert same_weights(bundle, folder, opening).commitment


def test_an_opening_of_the_same_weights_and_another_commitment(made: tuple[Bundle, Opening], folder: Path) -> None:
    _, other = huref.commit(folder, profile="toy-2")
    with pytest.raises(WeightsMismatchError, match="does not belong to the commitment"):
        same_weights(made[0], folder, other)


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ({"seed": 1}, "the files give other vectors; the least cosine with the bundle's is"),
        ({"ffn": 80}, "not those of the bundle: ffn 80 instead of 96"),
        ({"hidden": 32, "kv_heads": 4}, "hidden 32 instead of 64, kv_heads 4 instead of 2"),
        ({"layers": 2}, "it has 2 layers, but the bundle is about layer 2"),
        ({"vocab": 300}, r"its tokenizer lacks \d+ of the 64 tokens"),
    ],
)
def test_other_models(sizes: dict[str, int], words: str, made: tuple[Bundle, Opening], tmp_path: Path) -> None:
    other = models.network("llama", **sizes).write(tmp_path / "other")
    with pytest.raises(WeightsMismatchError, match=words):
        same_weights(made[0], other, None)


def test_the_portrait(tmp_path: Path) -> None:
    path, pixels = tmp_path / "portrait.png", image.render(robust().statement.vector or ())
    path.write_bytes(image.png(pixels))
    assert same_image(robust(), path).sha256 == image.rgb_digest(pixels)
    changed = np.array(pixels)
    changed[200, 300, 1] ^= 1
    path.write_bytes(image.png(changed))
    with pytest.raises(ImageMismatchError, match="is not the portrait"):
        same_image(robust(), path)


def test_what_is_no_portrait(tmp_path: Path) -> None:
    path = tmp_path / "portrait.png"
    with pytest.raises(NotFoundError):
        same_image(robust(), path)
    path.write_bytes(b"not a picture")
    with pytest.raises(InputError, match=r"portrait\.png"):
        same_image(robust(), path)
    with pytest.raises(UsageError, match="nothing to compare"):
        same_image(toy(), path)
