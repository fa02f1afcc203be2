"""The base install is the verifier: what it does without one optional package, and what it says where one is needed."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from huref.artefacts import bundle as bundles
from huref.artefacts import challenge as challenges
from huref.artefacts import fingerprint as fingerprints
from huref.artefacts.fingerprint import Fingerprint
from huref.extras import EXTRAS
from tests.support import bundles as ready
from tests.support import models
from tests.support.cli import Ran

ROOT = Path(__file__).parents[2]
_PROGRAM = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in %r:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
from huref.cli import main
main(sys.argv[1:])
"""


def base(*arguments: object) -> Ran:
    """`huref` in a process that can import no optional package."""
    command = [sys.executable, "-c", _PROGRAM % {*EXTRAS, "starlette", "torchvision"}, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return Ran(done.returncode, done.stdout, done.stderr)


def test_the_table_is_that_of_the_metadata() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = {
        "cyclonedx-python-lib": "cyclonedx",
        "prometheus-client": "prometheus_client",
        "pydantic-settings": "pydantic_settings",
    }  # where the package's name is not that of its module
    wanted = ((package, extra) for extra, packages in extras.items() for package in packages if "[" not in package)
    found = {package.partition(">=")[0]: extra for package, extra in wanted}
    assert {named.get(name, name): extra for name, extra in found.items()} == EXTRAS


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("compare", "--help"),
        ("version",),
        ("doctor",),
        ("profiles",),
        ("completion", "bash"),
        ("completion", "zsh"),
    ],
    ids=" ".join,
)
def test_verbs_without_files(arguments: tuple[str, ...]) -> None:
    ran = base(*arguments)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bundles, and fingerprint files of the same vectors."""
    folder = tmp_path_factory.mktemp("files")
    for name, bundle in {"robust": ready.robust(), "one": ready.toy(1), "two": ready.toy(2)}.items():
        (folder / f"{name}.huref.json").write_bytes(bundles.dump(bundle))
        statement = bundle.statement
        shape = statement.shape
        found = Fingerprint(statement.profile, shape.layers, shape.tokens, statement.outputs[0])
        (folder / f"{name}.json").write_bytes(fingerprints.dump(found))
    return folder


def test_verify_and_inspect(folder: Path) -> None:
    assert base("verify", folder / "robust.huref.json").out.startswith("VERIFIED")
    assert base("verify", folder / "robust.huref.json", folder / "one.huref.json").code == 5  # toy-2 has no security
    assert base("verify", folder / "one.huref.json").code == 5
    assert base("verify", folder / "one.json").code == 3
    assert base("inspect", folder / "one.huref.json").code == 0


@pytest.mark.parametrize(
    ("a", "b", "sides"),
    [
        ("robust.json", "robust.json", ["fingerprint", "fingerprint"]),
        ("robust.huref.json", "robust.json", ["verified bundle", "fingerprint"]),
        ("robust.huref.json", "robust.huref.json", ["verified bundle", "verified bundle"]),
        ("one.json", "two.json", ["fingerprint", "fingerprint"]),
    ],
)
def test_compare(folder: Path, a: str, b: str, sides: list[str]) -> None:
    ran = base("compare", folder / a, folder / b, "--json")
    assert ran.code == 0, ran
    assert ran.json["sides"] == sides
    assert ran.json["cosine"] == (1 if a.partition(".")[0] == b.partition(".")[0] else pytest.approx(0, abs=0.99))


def test_a_table_of_many(folder: Path) -> None:
    ran = base("compare", "--table", *(folder / name for name in ("one.json", "two.json", "one.json")), "--json")
    assert (ran.code, len(ran.json["pairs"])) == (0, 3)


def test_challenge(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "challenge"
    ran = base("challenge", folder / "one.huref.json", folder / "two.huref.json", "--beacon", "07" * 32, "-o", output)
    assert ran.code == 0, ran
    assert challenges.read(output).beacon == bytes([7] * 32)


@pytest.mark.parametrize(
    ("verb", "extra"),
    [
        (("fingerprint", "MODEL"), "prove"),
        (("compare", "MODEL", "MODEL"), "prove"),
        (("scan", "MODEL", "--database", "BASE"), "prove"),
        (("commit", "MODEL", "-o", "COMMITMENT", "--opening", "OPENING", "--engine", "ray"), "prove"),
        (("prove", "MODEL", "-o", "OUTPUT", "--image-by", "stylegan2", "--generator", "GENERATOR"), "torch"),
        (("serve",), "serve"),
        (("registry", "fsck", "--log", "LOG"), "registry"),
    ],
)
def test_what_is_missing_and_how_to_get_it(verb: tuple[str, ...], extra: str, tmp_path: Path) -> None:
    model = models.network("llama").write(tmp_path / "model")
    ran = base(*(str(model) if word == "MODEL" else str(tmp_path / word) if word.isupper() else word for word in verb))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("huref: this needs the package ")
    assert ran.err.endswith(f'which is not installed: pip install "huref[{extra}]"\n')
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_the_command_needs_no_index() -> None:
    """Pip finds the huref that is installed, here from a clone; an index is asked for the extra's packages alone."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--dry-run", "--no-index"]
    done = subprocess.run([*pip, "huref[prove]"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Requirement already satisfied: huref[prove]" in done.stdout
