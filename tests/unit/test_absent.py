"""What is said of a name that is no file or folder here."""

from __future__ import annotations

from pathlib import Path

import pytest

from huref import disk
from huref.artefacts import bundle
from huref.errors import ModelError, NotFoundError
from huref.model import open_model

HUB = "download it first: hf download owner/model-2.5-7b --local-dir model-2.5-7b"


@pytest.mark.parametrize(
    "name", ["owner/model-2.5-7b", "models--owner--model-2.5-7b", "/c/models--owner--model-2.5-7b"]
)
def test_names_of_a_hub(name: str) -> None:
    for use in (open_model, disk.read, bundle.load):
        with pytest.raises(NotFoundError) as found:
            use(Path(name))
        assert str(found.value).startswith(f"{name}: no such ")
        assert str(found.value).endswith(HUB)


@pytest.mark.parametrize("name", ["https://example.org/a/b", "https://example.org/x.huref.json", "s3://bucket/model"])
def test_addresses(name: str) -> None:
    for use in (open_model, disk.read, bundle.load):
        with pytest.raises(NotFoundError, match="nothing is fetched from an address: download it first") as found:
            use(Path(name))
        assert str(found.value).startswith(f"{name}: no such ")


@pytest.mark.parametrize("name", ["model", "./model", "a/b/c", "a/b.json", "/a/b", "../a", "C:/a"])
def test_names_that_mean_nothing_else(name: str) -> None:
    with pytest.raises(NotFoundError, match=r"no such folder$"):
        open_model(name)


def test_a_misspelt_name_in_a_folder_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("models").mkdir()
    with pytest.raises(NotFoundError, match=r"models/llama: no such folder$"):
        open_model("models/llama")


def test_a_folder_of_a_download_cache(tmp_path: Path) -> None:
    cache = tmp_path / "models--owner--model"
    snapshot = cache / "snapshots" / "0123abcd"
    snapshot.mkdir(parents=True)
    with pytest.raises(ModelError, match="without a model in it; download the model again"):
        open_model(cache)
    for revision in ("0123abcd", "00000000"):
        (cache / "snapshots" / revision).mkdir(exist_ok=True)
        (cache / "snapshots" / revision / "config.json").write_text("{}")
    with pytest.raises(ModelError, match=f"2 revisions; give one of them: {snapshot}$"):
        open_model(cache)
