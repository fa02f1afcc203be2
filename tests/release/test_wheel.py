"""The wheel, installed into an empty environment without a compiler: what is in it, how large it is, what it can do."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from huref import _native
from tests.support.installed import ROOT, Installed, alone, install

#: What the base install may have.
BYTES, PACKAGES = 130_000_000, 13


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return install(wheel, tmp_path_factory.mktemp("environment"))


def test_one_wheel_is_for_every_python_from_here_on(wheel: Path) -> None:
    assert wheel.name.startswith(f"huref-{_native.RELEASE}-cp311-abi3-")


def test_what_is_in_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (bom,) = (name for name in names if name.endswith(".cyclonedx.json"))
        listed = {part["name"] for part in json.loads(archive.read(bom))["components"]}
        native = archive.read("huref/_native.abi3.so")
    package = {name.split("/", 1)[1] for name in names if name.startswith("huref/")}
    files = (path for ending in ("py", "js", "html") for path in (ROOT / "python/huref").rglob(f"*.{ending}"))
    here = {path.relative_to(ROOT / "python/huref").as_posix() for path in files}
    assert package > here
    assert {name.split("/")[0] for name in names} == {"huref", f"huref-{_native.RELEASE}.dist-info"}
    assert not [name for name in names if name.endswith((".pyc", ".rs"))]
    # what is linked in: the bill of materials that installers and scanners read
    assert listed >= {"huref-circuits", "ark-secp256k1", "pyo3", "rayon", "sha2"}
    assert f"{Path.home()}/".encode() not in native


def test_it_is_small(installed: Installed, record_testsuite_property: Callable[[str, object], None]) -> None:
    record_testsuite_property("base install", f"{len(installed.packages)} packages, {installed.size / 1e6:.0f} MB")
    assert len(installed.packages) <= PACKAGES
    assert installed.size <= BYTES


def test_it_needs_no_compiler(installed: Installed, bundle: Path) -> None:
    assert not [name for name in ("cc", "gcc", "rustc", "cargo") if shutil.which(name, path=installed.folder / "bin")]
    ran = installed.run("huref", "verify", bundle, "--json")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["ok"]
    spoilt = bundle.with_name("spoilt")
    data = bytearray(bundle.read_bytes())
    at = data.index(b'"proof": "') + 500
    data[at] = ord("b" if data[at] == ord("a") else "a")
    spoilt.write_bytes(data)
    assert installed.run("huref", "verify", spoilt).returncode == 1
    assert installed.run("huref", "card", bundle, "-o", "card.md").returncode == 0
    ran = installed.run("huref", "attest", "key", "-o", "key")
    assert (ran.returncode, "huref[attest]" in ran.stderr) == (2, True)


def test_it_needs_no_network(installed: Installed, bundle: Path) -> None:
    without = alone()
    if not without:
        pytest.skip("this system lets nobody make a network of their own")
    connect = "import socket; socket.create_connection(('127.0.0.1', 1), 1)"
    assert "Network is unreachable" in installed.run("python", "-c", connect, around=without).stderr
    ran = installed.run("huref", "verify", bundle, "--verifier", "both", around=without)
    assert (ran.returncode, ran.stdout[:8]) == (0, "VERIFIED")


def test_its_functions(installed: Installed, bundle: Path) -> None:
    ran = installed.run("python", "-c", f"import huref; huref.verify({str(bundle)!r}).raise_for_status()")
    assert (ran.returncode, ran.stderr) == (0, "")
