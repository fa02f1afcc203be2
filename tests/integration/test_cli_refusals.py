"""Bad input: an exit code of the table, one sentence that says what and where, no traceback, nothing written."""

from __future__ import annotations

import base64
import json
import os
import random
import resource
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from huref.artefacts import bundle as bundles
from huref.artefacts import strict
from huref.artefacts.commitment import to_fields
from tests.support import bundles as ready
from tests.support import models
from tests.support.cli import HUREF, Here, assert_sentence, contents, process, running

# Models


def _edit_weights(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    def edit(model: Path) -> None:
        tensors = load_file(model / "model.safetensors")
        change(tensors)
        save_file(tensors, model / "model.safetensors")

    return edit


def _edit_config(**fields: object) -> Callable[[Path], None]:
    def edit(model: Path) -> None:
        path = model / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | fields))

    return edit


def _edit_tokenizer(model: Path) -> None:
    path = model / "tokenizer.json"
    tokenizer = json.loads(path.read_text())
    tokenizer["model"]["vocab"] = {piece: number + 10**6 for piece, number in tokenizer["model"]["vocab"].items()}
    path.write_text(json.dumps(tokenizer))


def _truncate(model: Path) -> None:
    path = model / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-7])


UP = "model.layers.2.mlp.up_proj.weight"
BAD_MODELS: dict[str, tuple[Callable[[Path], None], str]] = {
    "no config": (lambda model: (model / "config.json").unlink(), "config.json"),
    "config is no JSON": (lambda model: (model / "config.json").write_text("{"), "config.json"),
    "unknown family": (_edit_config(model_type="nonsense", architectures=["Nonsense"]), "nonsense"),
    "no weights": (lambda model: (model / "model.safetensors").unlink(), "safetensors"),
    "truncated weights": (_truncate, "model.safetensors"),
    "NaN": (_edit_weights(lambda tensors: tensors[UP].__setitem__((5, 7), np.nan)), UP),
    "infinity": (_edit_weights(lambda tensors: tensors[UP].__setitem__((5, 7), -np.inf)), UP),
    "NaN in the embedding": (
        _edit_weights(lambda tensors: tensors["model.embed_tokens.weight"].fill(np.nan)),
        "model.embed_tokens.weight",
    ),
    "tensor missing": (_edit_weights(lambda tensors: tensors.pop(UP)), UP),
    "shape against config": (_edit_weights(lambda tensors: tensors.update({UP: tensors[UP][:-1].copy()})), UP),
    "all-zero matrix": (_edit_weights(lambda tensors: tensors[UP].fill(0)), UP),
    "no tokenizer": (lambda model: (model / "tokenizer.json").unlink(), "tokenizer"),
    "tokenizer beyond the embedding": (_edit_tokenizer, "tokenizer.json"),
    "fewer layers than wanted": (_edit_config(num_hidden_layers=1), "layers"),
}


@pytest.mark.parametrize("case", BAD_MODELS)
@pytest.mark.parametrize("verb", ["fingerprint", "prove"])
def test_bad_models(case: str, verb: str, huref: Here, tmp_path: Path) -> None:
    model = models.network("llama").write(tmp_path / "model")
    spoil, word = BAD_MODELS[case]
    spoil(model)
    ran = huref(verb, model, "--profile", "toy-2", "-o", tmp_path / "output", "--format", "quiet")
    assert_sentence(ran, 3, word)
    assert contents(tmp_path) == {"model"}


def test_a_type_that_is_not_known_with_a_layout_that_is(huref: Here, toys: Path, tmp_path: Path) -> None:
    """The message says which option reads it, on every verb that reads models; a type that is known stays itself."""
    known = models.network("llama").write(tmp_path / "known")
    model = models.network("llama").write(tmp_path / "model")
    _edit_config(model_type="llamoid")(model)
    for command in (("fingerprint", model), ("plan", model), ("compare", model, known)):
        assert_sentence(huref(*command, "--format", "quiet"), 3, "'llamoid' is not known", "--family llama reads it so")
        assert huref(*command, "--family", "llama", "--format", "quiet").code == 0
    assert_sentence(huref("fingerprint", known, "--family", "lama"), 2, "'lama' is not known; known are", "llama, ")
    assert huref("fingerprint", known, "--family", "bert", "--format", "quiet").code == 0
    bundle = tmp_path / "bundle"
    prove = ("prove", model, "--profile", "toy-2", "-o", bundle, "--format", "quiet")
    assert huref(*prove, "--family", "llama").code == 0
    verify = ("verify", bundle, "--weights", model, "--policy", toys, "--format", "quiet")
    assert huref(*verify, "--family", "llama").code == 0
    assert_sentence(huref(*verify), 3, "--family llama")


def test_models_that_are_not_there(huref: Here, tmp_path: Path) -> None:
    assert_sentence(huref("fingerprint", tmp_path / "none"), 4, "none")
    assert_sentence(huref("plan", tmp_path / "none"), 4, "none")
    assert_sentence(huref("compare", tmp_path / "none", tmp_path), 4, "none")
    (tmp_path / "file").write_text("x")
    assert_sentence(huref("fingerprint", tmp_path / "file"), 3, "file")


@pytest.mark.parametrize(
    ("options", "code", "word"),
    [
        (("--layers", "2,3"), 3, "layer 3"),
        (("--profile", "none"), 3, "'none'"),
        (("--tokens", "none"), 4, "none"),
        (("--tokens", "/dev/null"), 3, "/dev/null"),
    ],
)
def test_options_that_do_not_fit_the_model(
    options: tuple[str, ...], code: int, word: str, huref: Here, tmp_path: Path
) -> None:
    model = models.network("llama").write(tmp_path / "model")
    for verb in ("fingerprint", "plan"):
        assert_sentence(huref(verb, model, *options, "--format", "quiet"), code, word)


def test_openings_that_cannot_be_used(huref: Here, tmp_path: Path) -> None:
    model = models.network("llama").write(tmp_path / "model")
    opening = tmp_path / "opening"
    command = ("prove", model, "--opening", opening, "-o", tmp_path / "bundle")
    assert_sentence(huref(*command), 4, "opening")
    opening.write_text("{}")
    assert_sentence(huref(*command), 3, "opening")
    assert contents(tmp_path) == {"model", "opening"}


# Outputs


@pytest.mark.parametrize("verb", ["fingerprint", "prove", "commit"])
@pytest.mark.parametrize("place", ["no-folder/output", ".", "/proc/output", "/dev/full"])
def test_unwritable_outputs(verb: str, place: str, huref: Here, tmp_path: Path) -> None:
    model = models.network("llama").write(tmp_path / "model")
    secret = ("--opening", tmp_path / "secret") if verb == "commit" else ()
    ran = huref(verb, model, "--profile", "toy-2", "-o", tmp_path / place, *secret, "--format", "quiet")
    assert_sentence(ran, 6, str(tmp_path / place))
    assert contents(tmp_path) == {"model"}


@pytest.mark.parametrize("verb", ["fingerprint", "commit"])
def test_outputs_that_no_file_can_have(verb: str, huref: Here, tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    for name in ("circle", "x" * 300):
        secret = ("--opening", tmp_path / name) if verb == "commit" else ()
        for output in (tmp_path / name, tmp_path / "output"):
            if output.name == name or secret:
                assert_sentence(huref(verb, tmp_path / "none", "-o", output, *secret), 6, name)
    assert contents(tmp_path) == {"circle"}


def test_unwritable_outputs_are_found_before_the_work(huref: Here, tmp_path: Path) -> None:
    """The model is not there either, but that would come later."""
    assert_sentence(huref("prove", tmp_path / "none", "-o", tmp_path / "no-folder" / "x"), 6, "no-folder")
    assert_sentence(huref("fingerprint", tmp_path / "none", "--image", tmp_path), 6, "folder")


def test_vectors_without_a_portrait(huref: Here, tmp_path: Path) -> None:
    ran = huref("fingerprint", "model", "--profile", "toy-2", "--image", tmp_path / "x.png")
    assert_sentence(ran, 2, "no portrait")


def test_one_file_for_secret_and_commitment(huref: Here, tmp_path: Path) -> None:
    assert_sentence(huref("commit", "model", "-o", tmp_path / "x", "--opening", tmp_path / "x"), 2, "same file")


def test_one_file_for_fingerprint_and_portrait(huref: Here, tmp_path: Path) -> None:
    assert_sentence(huref("fingerprint", "model", "-o", tmp_path / "x", "--image", tmp_path / "x"), 2, "same file")


@pytest.mark.parametrize("verb", ["fingerprint", "prove", "commit"])
def test_full_disk(verb: str, tmp_path: Path) -> None:
    """The kernel refuses to let a file of the process grow beyond a few bytes, which is like a disk that is full."""
    model = models.network("llama").write(tmp_path / "model")
    secret = ("--opening", tmp_path / "secret") if verb == "commit" else ()
    command = [*HUREF, verb, str(model), "--profile", "toy-2", "-o", str(tmp_path / "output"), *map(str, secret)]

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (150, 150))

    # the interpreter may write its byte code nowhere under such a limit
    env = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=env, preexec_fn=limit, check=False)
    assert done.returncode == 6, done.stderr
    assert done.stderr.splitlines()[-1].startswith("huref: ")
    assert "Traceback" not in done.stderr
    assert contents(tmp_path) == {"model"}


@pytest.mark.parametrize("verb", ["prove", "commit"])
def test_a_full_disk_is_noticed_before_the_work(verb: str, tmp_path: Path) -> None:
    """There is room for the secret, and not for the file that the work would make."""
    model = models.network("llama").write(tmp_path / "model")
    secret = ("--opening", tmp_path / "secret") if verb == "commit" else ()
    command = [*HUREF, verb, str(model), "--profile", "toy-2", "-o", str(tmp_path / "output"), *map(str, secret)]

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    env = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=env, preexec_fn=limit, check=False)
    assert done.returncode == 6
    (sentence,) = done.stderr.splitlines()  # no stage was reported
    assert sentence.startswith(f"huref: {tmp_path}/output: there is no room for the 0.")
    assert contents(tmp_path) == {"model"}


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGKILL])
def test_however_a_proof_ends_no_part_of_its_file_stays(signum: signal.Signals, tmp_path: Path) -> None:
    model = models.network("llama", hidden=256, ffn=1024, heads=8, head_dim=32).write(tmp_path / "model")
    with running("prove", model, "-o", tmp_path / "bundle") as program:
        assert program.stderr is not None
        program.stderr.readline()  # the work has begun
        program.send_signal(signum)
        program.wait(timeout=10)
    assert contents(tmp_path) == {"model"}


def test_ctrl_c_while_proving_leaves_nothing_behind(tmp_path: Path) -> None:
    model = models.network("llama", hidden=256, ffn=1024, heads=8, head_dim=32).write(tmp_path / "model")
    with running("prove", model, "-o", tmp_path / "bundle") as program:
        assert program.stderr is not None
        for line in program.stderr:
            if line.startswith(b"huref: committing"):  # from here on it proves, for seconds
                break
        time.sleep(0.5)
        program.send_signal(signal.SIGINT)
        assert program.wait(timeout=60) == 130
        assert b"Traceback" not in program.stderr.read()
    assert contents(tmp_path) == {"model"}


def test_files_that_a_bundle_cannot_list_are_found_before_the_work(huref: Here, tmp_path: Path) -> None:
    model = models.network("llama").write(tmp_path / "model")
    (model / "model.safetensors").rename(model / "part:1.safetensors")
    ran = huref("prove", model, "--profile", "toy-2", "-o", tmp_path / "output")
    assert_sentence(ran, 3, "part:1.safetensors")
    assert contents(tmp_path) == {"model"}


# Words of strangers


def test_messages_neither_steer_the_terminal_nor_flood_it(huref: Here, tmp_path: Path) -> None:
    model = models.network("llama").write(tmp_path / "model")
    (model / "model.safetensors").unlink()
    (model / "\x1b[2J\u202e.safetensors").write_bytes(b"")
    ran = huref("fingerprint", model)
    assert_sentence(ran, 3, r"\x1b[2J\u202e.safetensors")
    other = models.network("llama").write(tmp_path / "other")
    _edit_config(model_type="x" * 10**6)(other)
    ran = huref("fingerprint", other)
    assert_sentence(ran, 3, "'xxx")
    assert len(ran.err) < 2000


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437"])
def test_letters_that_a_terminal_lacks(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "bundle").write_bytes(bundles.dump(ready.robust()))
    ran = process("verify", tmp_path / "bundle", env={"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"})
    assert ran.code == 0, ran.err
    assert "VERIFIED" in ran.out


# Bundles


def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(bundles.dump(ready.robust()))
    return document


def _changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    document = _document()
    change(document)
    return strict.dump(document)


def _proof(change: Callable[[bytes], bytes]) -> bytes:
    def edit(document: dict[str, Any]) -> None:
        document["proof"] = base64.b64encode(change(base64.b64decode(document["proof"]))).decode()

    return _changed(edit)


def _other_commitment(document: dict[str, Any]) -> None:
    """Rows of another commitment, under their right name."""
    honest = ready.robust().statement.commitment
    other = replace(honest, rows=honest.rows[-33:] + honest.rows[:-33])
    document["statement"]["commitment"] = to_fields(other)


def _other_image(document: dict[str, Any]) -> None:
    from huref import image

    pixels = image.render([-value for value in ready.robust().statement.vector or ()])
    document["image"] |= {"png": base64.b64encode(image.png(pixels)).decode(), "rgbSha256": image.rgb_digest(pixels)}


def _vector(document: dict[str, Any]) -> None:
    document["statement"]["draws"][0]["vectors"][0][17] += 1


BAD_BUNDLES: dict[str, tuple[Callable[[], bytes], int]] = {
    "empty": (lambda: b"", 3),
    "not JSON": (lambda: b"bundle", 3),
    "a list": (lambda: b"[]", 3),
    "not UTF-8": (lambda: b"\xff\xfe{}", 3),
    "deep nesting": (lambda: b"[" * 10**6, 3),
    "duplicate key": (lambda: _changed(lambda _: None).replace(b'"claims"', b'"proof"', 1), 3),
    "unknown field": (lambda: _changed(lambda document: document.update(extra=1)), 3),
    "unknown field inside": (lambda: _changed(lambda document: document["statement"].update(extra=1)), 3),
    "field missing": (lambda: _changed(lambda document: document.pop("proof")), 3),
    "other version": (lambda: _changed(lambda document: document["statement"].update(version=1)), 3),
    "other media type": (lambda: _changed(lambda document: document.update(mediaType="text/plain")), 3),
    "other profile": (
        lambda: _changed(lambda document: document["statement"]["commitment"].update(profile="toy-2")),
        3,
    ),
    "truncated file": (lambda: bundles.dump(ready.robust())[:-100], 3),
    "proof truncated": (lambda: _proof(lambda proof: proof[:-1]), 1),
    "proof extended": (lambda: _proof(lambda proof: proof + b"\0"), 1),
    "proof empty": (lambda: _proof(lambda _: b""), 1),
    "other commitment": (lambda: _changed(_other_commitment), 1),
    "vector changed by one": (lambda: _changed(_vector), 1),
    "image swapped": (lambda: _changed(_other_image), 1),
    "profile without security": (lambda: bundles.dump(ready.toy()), 5),
}


@pytest.mark.parametrize("case", BAD_BUNDLES)
def test_bad_bundles(case: str, huref: Here, tmp_path: Path) -> None:
    make, code = BAD_BUNDLES[case]
    path = tmp_path / "bundle"
    path.write_bytes(make())
    assert_sentence(huref("verify", path, "--format", "quiet"), code, f"huref: {path}")
    answer = huref("verify", path, "--json")
    assert (answer.code, answer.json["ok"]) == (code, False)


def test_every_part_of_the_proof_counts(huref: Here, tmp_path: Path) -> None:
    path, rng = tmp_path / "bundle", random.Random(5)
    size = len(ready.robust().proof)
    for place in {0, size - 1, *rng.sample(range(size), 6)}:
        bit = 1 << rng.randrange(8)
        path.write_bytes(_proof(lambda proof, i=place, b=bit: proof[:i] + bytes([proof[i] ^ b]) + proof[i + 1 :]))
        assert_sentence(huref("verify", path, "--format", "quiet"), 1)


def test_nothing_to_verify(huref: Here, tmp_path: Path) -> None:
    assert_sentence(huref("verify", tmp_path / "none"), 4, "none")
    assert_sentence(huref("verify", tmp_path), 3, str(tmp_path))
    assert process("verify", "-", stdin=b"").code == 3


def test_a_gigabyte_of_spaces_is_not_read(tmp_path: Path) -> None:
    """From a pipe, and from a file with a hole, as long as no more is read than a bundle may have."""
    with running("verify", "-", stdin=True) as program:
        assert program.stdin is not None
        assert program.stderr is not None
        sent, spaces = 0, b" " * (1 << 20)
        try:
            while sent < 1 << 30:
                sent += program.stdin.write(spaces)
        except BrokenPipeError:
            pass
        assert sent <= bundles.MAX_BYTES + (2 << 20)
        assert len(program.stderr.read().decode().splitlines()) == 1
        program.stdin = None
        assert program.wait() == 3
    with (tmp_path / "hole").open("wb") as file:
        file.truncate(1 << 30)
    assert_sentence(process("verify", tmp_path / "hole"), 3, str(bundles.MAX_BYTES))


def test_compare_names_the_bundle_that_is_refused(huref: Here, tmp_path: Path) -> None:
    (tmp_path / "good").write_bytes(bundles.dump(ready.robust()))
    (tmp_path / "bad").write_bytes(_changed(_vector))
    (tmp_path / "ugly").write_bytes(_changed(lambda document: document.pop("proof")))
    assert_sentence(huref("compare", tmp_path / "good", tmp_path / "bad"), 1, str(tmp_path / "bad"))
    assert_sentence(huref("compare", tmp_path / "ugly", tmp_path / "good"), 3, str(tmp_path / "ugly"))
