"""The frame of the command line: usage, formats, exit codes, completion, signals, broken pipes."""

from __future__ import annotations

import inspect
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from huref import errors
from huref.cli import app, failure
from tests.support.cli import HUREF, Here, assert_sentence, process, running


def test_help_lists_every_verb_and_goes_to_stdout(huref: Here) -> None:
    ran = huref("--help")
    assert ran.code == 0
    assert all(re.search(rf"^  {verb} ", ran.out, re.MULTILINE) for verb in app.VERBS)
    assert ran.err == ""


@pytest.mark.parametrize("verb", app.VERBS)
def test_every_verb_has_help_whose_first_line_is_that_of_the_list(huref: Here, verb: str) -> None:
    ran = huref(verb, "--help")
    assert ran.code == 0
    assert app.VERBS[verb] in " ".join(ran.out.split())


def test_without_a_verb_help_goes_to_stderr_and_it_is_a_usage_error(huref: Here) -> None:
    ran = huref()
    assert (ran.code, ran.out) == (2, "")
    assert "Verbs:" in ran.err


def test_all_missing_options_in_one_message(huref: Here) -> None:
    assert_sentence(huref("commit"), 2, "missing: MODEL, --output, --opening (given: nothing)")
    assert_sentence(huref("commit", "folder", "-o", "x"), 2, "missing: --opening (given: folder -o x)")
    assert_sentence(huref("prove"), 2, "MODEL, --output")


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("version", "--nonsense"),
        ("prove", "m", "-o", "x", "--layers", "5,4"),
        ("prove", "m", "-o", "x", "--layers", "a"),
        ("fingerprint", "m", "--device", "tpu"),
        ("version", "--format", "xml"),
        ("serve", "--port", "70000"),
        ("verify", "b.json", "--opening", "secret"),
    ],
)
def test_usage_errors(huref: Here, arguments: tuple[str, ...]) -> None:
    assert_sentence(huref(*arguments), 2, "--help'")


def test_a_mistyped_word_is_met_with_the_one_that_may_be_meant(huref: Here) -> None:
    assert_sentence(huref("verfy", "x"), 2, "there is no verb 'verfy'; did you mean 'verify'?")
    assert_sentence(huref("help", "verfy"), 2, "did you mean 'verify'?")
    assert_sentence(huref("verify", "--wieghts", "x", "y"), 2, "--wieghts", "Did you mean", "--weights")
    assert "did you mean" not in huref("nonsense").err


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_version_as_an_option(huref: Here, flag: str) -> None:
    assert (huref(flag).code, huref(flag).out) == (0, f"huref {huref('version', '--json').json['huref']}\n")


def test_help_as_a_verb(huref: Here) -> None:
    for words, same in ((("help", "prove"), ("prove", "--help")), (("help",), ("--help",))):
        assert (huref(*words).code, huref(*words).out) == (0, huref(*same).out)


def test_usage_errors_in_json(huref: Here) -> None:
    for arguments in (("prove", "--json"), ("prove", "--format", "json"), ("--json", "nonsense")):
        ran = huref(*arguments)
        assert (ran.code, ran.err) == (2, "")
        assert (ran.json["ok"], ran.json["code"]) == (False, "usage")


def test_json_on_failure_is_whole(huref: Here) -> None:
    ran = huref("inspect", "no-such-file", "--json")
    assert (ran.code, ran.err) == (4, "")
    found = {"ok": False, "code": "not-found", "detail": "no-such-file: no such file"}
    assert ran.json == {"schema": "https://huref.example/schemas/results/failure/v1", **found}


def test_options_from_the_environment(huref: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUREF_VERSION_FORMAT", "json")
    assert huref("version").json["ok"]
    monkeypatch.delenv("HUREF_VERSION_FORMAT")
    monkeypatch.setenv("HUREF_INSPECT_JSON", "1")
    assert huref("inspect", "no-such-file").json["code"] == "not-found"


def test_quiet_says_nothing_on_success(huref: Here) -> None:
    ran = huref("version", "--format", "quiet")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_version_and_profiles(huref: Here) -> None:
    version = huref("version", "--json").json
    assert set(version["generators"]) == {"robust-2", "robust-2-cnn", "toy-2", "toy-2-cnn"}
    assert version["huref"] in huref("version").out
    profiles = {profile["name"]: profile for profile in huref("profiles", "--json").json["profiles"]}
    assert profiles["robust-2"]["default"]
    assert (profiles["robust-2"]["tokens"], profiles["robust-2"]["outputs"]) == (4096, 512)
    assert [name for name, profile in profiles.items() if not profile["provable"]] == ["paper"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(huref: Here, shell: str) -> None:
    assert "_HUREF_COMPLETE" in huref("completion", shell).out


def test_completion_of_verbs_and_options() -> None:
    def complete(words: str, index: int) -> str:
        env = {"_HUREF_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(index)}
        return process(env=env).out

    assert "plain,verify" in complete("huref ver", 1).splitlines()
    assert "plain,--weights" in complete("huref verify --w", 2).splitlines()
    assert "file,bundle" in complete("huref verify bundle", 2).splitlines()


def test_the_installed_program_and_the_module_are_the_same() -> None:
    program = Path(sys.executable).with_name("huref")
    installed = subprocess.run([program, "version", "--json"], capture_output=True, check=True)
    assert json.loads(installed.stdout) == process("version", "--json").json


def test_every_code_of_the_table_reaches_the_shell() -> None:
    for error in _subclasses(errors.HurefError):
        # some say more than the sentence, which comes last: the check that failed, a commitment, seconds to wait
        more = error.__init__.__code__.co_argcount - 2 if inspect.isfunction(error.__init__) else 0
        raised = error(*["more"] * more, "detail")
        explained, exit_code = failure.explain(raised)
        assert (explained.code, exit_code) == (error.code, errors.TABLE[error.code].exit)
        assert explained.detail == "detail"


def _subclasses(kind: type[errors.HurefError]) -> list[type[errors.HurefError]]:
    return [sub for child in kind.__subclasses__() for sub in (child, *_subclasses(child))]


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (MemoryError(), 6, "memory"),
        (OSError(12, "Cannot allocate memory", "x"), 6, "memory"),
        (RuntimeError("can't start new thread"), 6, "memory"),
        (ImportError("libx.so: failed to map segment from shared object"), 6, "memory"),
        (RuntimeError("the core panicked"), 70, "bug"),
        (ImportError("no such name"), 70, "bug"),
        (OSError(28, "No space left on device", "x"), 6, "No space left"),
        (FileNotFoundError(2, "No such file or directory", "x"), 4, "x"),
        (PermissionError(13, "Permission denied", "x"), 3, "x: Permission denied"),
        (ModuleNotFoundError("No module named 'torch'", name="torch"), 2, 'pip install "huref[torch]"'),
        (ModuleNotFoundError("No module named 'nonsense'", name="nonsense"), 70, "bug"),
        (ZeroDivisionError("the secret is 42"), 70, "report"),
        (KeyboardInterrupt(), 130, "stopped"),
    ],
)
def test_foreign_exceptions(error: BaseException, code: int, words: str) -> None:
    explained, exit_code = failure.explain(error)
    assert exit_code == code
    assert words in explained.detail
    assert "42" not in explained.detail


def test_internal_errors_show_a_traceback_only_when_asked(huref: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    from huref.artefacts import proved

    def broken(*_arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(proved, "load", broken)
    assert_sentence(huref("inspect", "x"), 70, "internal error (ZeroDivisionError at test_cli.py:", "bug")
    monkeypatch.setenv("HUREF_DEBUG", "1")
    assert "Traceback" in huref("inspect", "x").err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("version",), 0),
        (("version", "--json"), 0),
        (("--help",), 0),
        (("help", "prove"), 0),
        (("completion", "bash"), 0),
        (("inspect", "no-such-file", "--json"), 4),
        (("inspect", "no-such-file"), 4),
        (("prove",), 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
@pytest.mark.parametrize("both", [False, True])
def test_a_reader_that_leaves_changes_no_exit_code(arguments: tuple[str, ...], code: int, both: bool) -> None:
    """As of `huref ... | head -1`, and of `2>&1 | head -1`."""
    reader, writer = os.pipe()
    os.close(reader)
    streams = {"stdout": writer, "stderr": writer if both else subprocess.PIPE}
    done = subprocess.run([*HUREF, *arguments], **streams, check=False)
    os.close(writer)
    assert done.returncode == code
    assert both or b"Traceback" not in done.stderr
    assert both or b"roken" not in done.stderr


@pytest.mark.parametrize("arguments", [("version",), ("version", "--json")])
def test_a_full_disk_behind_stdout(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*HUREF, *arguments], stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 6
    assert done.stderr.decode().splitlines() == ["huref: cannot write: No space left on device"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_the_program_at_once(number: signal.Signals, code: int) -> None:
    """Stdin never ends, so without the signal the program would wait for ever."""
    with running("inspect", "-", stdin=True) as program:
        assert program.stdin is not None
        program.stdin.write(b" " * (1 << 20))  # more than a pipe holds: afterwards the program is reading
        program.send_signal(number)
        assert program.wait(timeout=60) == code
        assert program.stderr is not None
        assert program.stderr.read().decode().splitlines() == ["huref: stopped"]


@pytest.mark.parametrize("closed", ["0", "1", "2", "012"])
def test_closed_streams(closed: str) -> None:
    def close() -> None:
        for number in closed:
            os.close(int(number))

    command = [*HUREF, "verify", "-"]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    done = subprocess.run(command, input=b"", **streams, preexec_fn=close, check=False)
    assert done.returncode == 3
    assert b"Traceback" not in done.stderr


def test_without_a_terminal_text_is_plain() -> None:
    assert "\x1b" not in process("version").out


@pytest.mark.parametrize("no_color", [False, True])
def test_no_color_is_respected_on_a_terminal(no_color: bool) -> None:
    main, child = os.openpty()
    env = {key: value for key, value in os.environ.items() if key != "NO_COLOR"} | (
        {"NO_COLOR": "1"} if no_color else {}
    )
    subprocess.run([*HUREF, "profiles"], stdout=child, env=env, check=True)
    os.close(child)
    assert (b"\x1b[1m" in os.read(main, 4096)) is not no_color
    os.close(main)
