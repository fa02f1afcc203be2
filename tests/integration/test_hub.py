"""`hf:OWNER/NAME`: models read in part from a server on loopback that speaks as the Hub does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import huref
from huref.errors import HubError, ModelError, NotFoundError
from huref.model import open_model
from huref.model.hub import remote, requests
from tests.support import adapters, gguf_files, hub, models
from tests.support.cli import Here, assert_sentence

constants = pytest.importorskip("huggingface_hub.constants")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Large enough that its parts matter: 12 layers and 10 MB."""
    return models.network("llama", 1, ffn=700, layers=12).write(tmp_path_factory.mktemp("hub") / "m", shards=3)


@pytest.fixture
def server(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[hub.Hub]:
    with hub.serving(hub.Hub({"org/name": folder})) as server:
        monkeypatch.setattr(constants, "ENDPOINT", server.address)
        template = server.address + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "library"))
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
        monkeypatch.delenv("HF_TOKEN", raising=False)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        monkeypatch.setattr(requests, "_places", {})
        yield server


def weight(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.safetensors"))


def test_the_fingerprint_of_the_folder(server: hub.Hub, folder: Path) -> None:
    """From a part of its bytes; a second run asks for nothing but the list of files."""
    expected = huref.fingerprint(folder)
    assert huref.fingerprint("hf:org/name") == expected
    assert 0 < server.sent < weight(folder)
    sent, parts = server.sent, len(server.parts())
    for name in ("hf:org/name@main", f"hf:org/name@{hub.COMMIT}", "hf:org/name@v1"):
        assert huref.fingerprint(name) == expected
    assert (server.sent, len(server.parts())) == (sent, parts)
    assert huref.fingerprint("hf:org/name", layers="all") == huref.fingerprint(folder, layers="all")
    assert server.sent <= weight(folder) + remote.BLOCK * 3


def test_only_what_is_needed(server: hub.Hub, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A header, and rows of the embedding: near ones in one request, far ones in requests of their own."""
    import numpy as np

    monkeypatch.setattr(remote, "GAP", 0)
    model = open_model("hf:org/name")
    headers = server.sent
    assert headers < 100_000
    expected = open_model(folder).embedding(np.array([1, 2, 3, 900]))
    np.testing.assert_array_equal(model.embedding(np.array([1, 2, 3, 900])), expected)
    assert server.sent - headers <= 4 * remote.BLOCK
    np.testing.assert_array_equal(model.layer(3).q.values, open_model(folder).layer(3).q.values)


def test_offline(server: hub.Hub, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is here is enough: parts that were fetched before, or all that the library has fetched."""
    import huggingface_hub

    expected = huref.fingerprint("hf:org/name")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    before = len(server.parts())
    assert huref.fingerprint("hf:org/name") == expected
    assert huref.fingerprint(f"hf:org/name@{hub.COMMIT}") == expected
    with pytest.raises(HubError, match="HF_HUB_OFFLINE is set"):
        huref.fingerprint("hf:org/name", layers="all")
    with pytest.raises(HubError, match="HF_HUB_OFFLINE is set, and the model is not in the cache"):
        huref.fingerprint("hf:org/other")
    assert len(server.parts()) == before
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "another library"))
    for file in folder.iterdir():
        huggingface_hub.hf_hub_download("org/name", file.name, cache_dir=tmp_path / "another library")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert huref.fingerprint("hf:org/name") == expected
    assert huref.fingerprint("hf:org/name", layers="all") == huref.fingerprint(folder, layers="all")


def test_what_a_plan_says(server: hub.Hub, folder: Path, huref: Here) -> None:
    """Bytes that will come, before they do: `plan` itself fetches headers."""
    ran = huref("plan", "hf:org/name", "--json")
    assert ran.code == 0, ran.err
    fetching, headers = json.loads(ran.out)["fetching"], server.sent
    assert headers < 100_000
    assert fetching["weights"] == weight(folder)
    assert "to fetch" in huref("plan", "hf:org/name").out
    ran = huref("fingerprint", "hf:org/name")
    assert ran.code == 0
    assert "fetching from the Hub: " in ran.err
    assert server.sent - headers == pytest.approx(fetching["bytes"], rel=0.05)
    assert json.loads(huref("plan", "hf:org/name", "--json").out)["fetching"]["bytes"] < 50_000
    assert "fetching" not in json.loads(huref("plan", folder, "--json").out)


def test_verbs(server: hub.Hub, tmp_path: Path, huref: Here) -> None:
    """Claims name the revision, and digests as the Hub states them, which are those of the files."""
    folder, name = models.network("llama", 1).write(tmp_path / "small", shards=2), "hf:org/small"
    server.folders["org/small"] = folder
    ran = huref("compare", folder, name)
    assert ran.code == 0, ran.err
    assert ran.out.startswith("Related: ")
    assert huref("plan", name).code == 0
    assert huref("commit", name, "-o", tmp_path / "c.json", "--opening", tmp_path / "o.json").code == 0
    assert huref("prove", name, "--opening", tmp_path / "o.json", "-o", tmp_path / "b.json").code == 0
    claims = json.loads((tmp_path / "b.json").read_text())["claims"]
    assert claims["modelName"] == f"hf:org/small@{hub.COMMIT}"
    assert huref("commit", folder, "-o", tmp_path / "c2.json", "--opening", tmp_path / "o2.json").code == 0
    assert huref("prove", folder, "--opening", tmp_path / "o2.json", "-o", tmp_path / "b2.json").code == 0
    assert claims["files"] == json.loads((tmp_path / "b2.json").read_text())["claims"]["files"]
    assert huref("verify", tmp_path / "b.json", "--weights", name).code == 0


def test_gguf_and_adapters(server: hub.Hub, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "gguf").mkdir()
    single = models.network("llama", 1).write(tmp_path / "one")
    gguf_files.write(single, tmp_path / "gguf" / "a.gguf")
    adapters.write(single, tmp_path / "adapter", ("q_proj",))
    server.folders |= {"org/gguf": tmp_path / "gguf", "org/lora": tmp_path / "adapter", "org/one": tmp_path / "one"}
    expected = huref.fingerprint(tmp_path / "gguf")
    assert huref.fingerprint("hf:org/gguf") == huref.fingerprint("hf:org/gguf/a.gguf") == expected
    both = f"{tmp_path / 'one'}+{tmp_path / 'adapter'}"
    assert huref.fingerprint("hf:org/one+hf:org/lora") == huref.fingerprint(both)
    assert open_model("hf:org/one+hf:org/lora").name == f"hf:org/one@{hub.COMMIT}+hf:org/lora@{hub.COMMIT}"


def test_model_cards(server: hub.Hub, tmp_path: Path, huref: Here) -> None:
    """The card of a model on the Hub is read there."""
    parent = models.network("llama", 1).write(tmp_path / "parent")
    child = models.network("llama", 1).write(tmp_path / "child")
    (child / "README.md").write_text("---\nbase_model: org/parent\n---\n")
    server.folders["org/child"] = child
    ran = huref("check-card", "hf:org/child", "--parent", parent, "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["model"] == "hf:org/child"


@pytest.mark.parametrize("fail", [429, 503, "broken"])
def test_it_is_tried_again(fail: int | str, server: hub.Hub, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda _: None)
    server.fail = [fail, fail]
    assert huref.fingerprint("hf:org/name") == huref.fingerprint(folder)


def test_what_came_is_kept(server: hub.Hub, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that fails half way is taken up where it was."""
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda _: None)
    monkeypatch.setattr(remote, "LARGEST", 1 << 16)
    monkeypatch.setattr(remote, "THREADS", 1)
    model = open_model("hf:org/name")
    server.fail = [*("none",) * 10, *(503,) * 1000]
    with pytest.raises(HubError, match="503"):
        [list(model.parameter(name, 1 << 20)) for name in model.parameters()]
    server.fail, before = [], server.sent
    assert before > 300_000
    model = open_model("hf:org/name")
    for name in model.parameters():
        list(model.parameter(name, 1 << 20))
    assert server.sent - before < weight(folder) - 300_000


def test_a_place_that_is_no_longer_valid(server: hub.Hub, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Hub names places for some time; then it is asked again."""
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda _: None)
    model = open_model("hf:org/name")
    server.fail = [403]
    assert (model.layer(0).q.values == open_model(folder).layer(0).q.values).all()
    for url in requests._places:
        requests._places[url] = "http://127.0.0.1:9/gone"
    assert (model.layer(5).q.values == open_model(folder).layer(5).q.values).all()


def test_a_server_without_parts(server: hub.Hub) -> None:
    server.fail = ["whole"] * 100
    with pytest.raises(HubError, match="does not send the part"):
        open_model("hf:org/name")


def test_tokens(server: hub.Hub, monkeypatch: pytest.MonkeyPatch, huref: Here) -> None:
    """Read by the Hub's library, sent to the Hub alone, and in no message."""
    server.token = "hf_secret"
    ran = huref("fingerprint", "hf:org/name")
    assert_sentence(ran, 4, "org/name", "hf auth login")
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    ran = huref("fingerprint", "hf:org/name")
    assert_sentence(ran, 4, "hf auth login")
    assert "hf_wrong" not in ran.err
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert huref("fingerprint", "hf:org/name").code == 0


GATED = {"X-Error-Code": "GatedRepo", "X-Error-Message": "Access to model org/name is restricted."}
INVALID = {"X-Error-Message": "Invalid credentials in Authorization header"}
CLOSED = {"X-Error-Message": "Access to this resource is disabled."}
BUSY = {"Retry-After": "77"}


@pytest.mark.parametrize("path", ["/api/", "/config.json", ".safetensors"])
@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (401, GATED, "agree to terms first"),
        (403, GATED, "agree to terms first"),
        (401, INVALID, "the token that is set is not valid (401): hf auth login, or unset HF_TOKEN"),
        (403, {}, "may not read this"),
        (403, CLOSED, "the Hub has closed this model"),
        (429, BUSY, "too many requests (429); try again in 77 seconds"),
        (500, {}, "the Hub answers 500; try again later"),
    ],
)
def test_what_the_hub_refuses(
    path: str,
    status: int,
    headers: dict[str, str],
    words: str,
    server: hub.Hub,
    monkeypatch: pytest.MonkeyPatch,
    huref: Here,
) -> None:
    """The list of files, a small file, weights: each in the words of its reason."""
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda _: None)
    server.refusals = [(path, status, headers)]
    ran = huref("fingerprint", "hf:org/name")
    assert ran.code in (4, 7)
    assert words in ran.err


def test_it_waits_as_long_as_it_is_asked_to(server: hub.Hub, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", waited.append)
    server.fail, server.wait = [429], "5"
    assert huref.fingerprint("hf:org/name") == huref.fingerprint(folder)
    assert waited
    assert min(waited) >= 5


def test_a_model_that_has_another_name_now(server: hub.Hub, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Hub leads from the old name to the new one; the token goes no further than the Hub."""
    server.moved, server.token = {"org/old": "org/name"}, "hf_secret"
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert huref.fingerprint("hf:org/old") == huref.fingerprint(folder)


def test_files_stored_with_xet(server: hub.Hub, folder: Path) -> None:
    """They are read by ranges where the Hub says that they are too."""
    server.headers = {"X-Xet-Hash": "0" * 64, "X-Xet-Refresh-Route": "/api/models/org/name/xet-read-token/main"}
    assert huref.fingerprint("hf:org/name") == huref.fingerprint(folder)
    assert not [path for _, path, _ in server.asked if "xet" in path]


@pytest.mark.parametrize("header", [{"X-Linked-Etag": f'"{"0" * 64}"'}, {"X-Linked-Size": "5"}])
def test_a_file_that_is_not_the_listed_one(header: dict[str, str], server: hub.Hub, huref: Here) -> None:
    server.headers = header
    assert_sentence(huref("fingerprint", "hf:org/name"), 7, "another file there than it lists")


def test_what_is_not_there(server: hub.Hub, folder: Path, huref: Here) -> None:
    assert_sentence(huref("fingerprint", "hf:org/other"), 4, "hf:org/other", "no such model on the Hub")
    assert_sentence(huref("fingerprint", "hf:org/name@v9"), 4, "no such revision")
    assert_sentence(huref("fingerprint", "hf:org/name/x.gguf"), 4, "x.gguf")
    assert_sentence(huref("fingerprint", "org/name"), 4, "hf:org/name")
    server.folders["org/empty"] = folder.parent / "empty"
    (folder.parent / "empty").mkdir()
    assert_sentence(huref("fingerprint", "hf:org/empty"), 3, "no config.json")
    with pytest.raises(NotFoundError):
        open_model("hf:org")


def test_nobody_answers(server: hub.Hub, monkeypatch: pytest.MonkeyPatch, huref: Here) -> None:
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda _: None)
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    assert_sentence(huref("fingerprint", "hf:org/name"), 7, "cannot be reached")


def test_the_folder_that_is_kept_is_no_model(server: hub.Hub, tmp_path: Path) -> None:
    """Given by its path, its weights are what they are, pointers; nothing is fetched behind somebody's back."""
    huref.fingerprint("hf:org/name")
    (kept,) = (tmp_path / "cache" / "huref" / "hub" / "org--name").iterdir()
    monkey = dict(remote._known)
    remote._known.clear()
    try:
        with pytest.raises(ModelError, match="pointer of Git LFS"):
            open_model(kept)
    finally:
        remote._known.update(monkey)
