"""The container, as far as a machine without one can tell: the steps of the Dockerfile, run on this system.

The wheel with the extra `serve` is installed into an empty environment; the service is started by the image's own entry
point, without rights, on a disk that cannot be written, and by the user of the image where that user can run this
Python; and the image's own health check asks it. What is left out: the base images, and what Debian adds to them.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from huref.artefacts.kinds import BUNDLE
from tests.support.installed import ROOT, Installed, install

DOCKERFILE = re.sub(r"\\\n\s*", "", (ROOT / "docker" / "Dockerfile").read_text())
#: The user of the image; this one where Python lies in a folder that is closed to others.
CLOSED = [path for path in Path(sys.executable).resolve().parents if not path.stat().st_mode & 0o001]
USER = str(os.getuid()) if CLOSED else re.findall(r"^USER (\d+)$", DOCKERFILE, re.MULTILINE)[-1]
#: A mount namespace of its own, whose root cannot be written; then that user, without a way to more rights.
CONFINED = (
    *("unshare", "--mount", "sh", "-c", 'mount --bind / / && mount -o remount,ro,bind / && exec "$@"', "sh"),
    *("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--no-new-privs"),
    *("--inh-caps=-all", "--bounding-set=-all"),
)


def instruction(name: str) -> list[str]:
    """The words of the last instruction of that name in exec form."""
    found = re.findall(rf"^{name} .*?(\[.*\])$", DOCKERFILE, re.MULTILINE)
    words: list[str] = json.loads(found[-1])
    return words


@pytest.fixture(scope="session")
def image(wheel: Path) -> Iterator[Installed]:
    """The environment of the image, in a folder that the image's user can enter."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield install(wheel, Path(folder) / "environment", "serve")


def confined() -> bool:
    """Whether this user may do what a container engine does."""
    if sys.platform != "linux":
        return False
    return subprocess.run([*CONFINED, "true"], capture_output=True, check=False).returncode == 0


@pytest.fixture
def service(image: Installed) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The service as the image starts it, on a free port: port and process."""
    if not confined():
        pytest.skip("this system lets nobody but the administrator change users and mounts")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*instruction("ENTRYPOINT"), *instruction("CMD")]
    assert command[-2:] == ["--port", "8000"]
    environment = {"PATH": f"{image.folder / 'bin'}:{os.environ['PATH']}", **variables()}
    with subprocess.Popen([*CONFINED, *command[:-1], str(port)], env=environment, stderr=subprocess.PIPE) as process:
        try:
            yield port, process
        finally:
            process.terminate()


def variables() -> dict[str, str]:
    found = re.findall(r"^ENV (.*)$", DOCKERFILE, re.MULTILINE)
    return dict(word.split("=", 1) for line in found for word in shlex.split(line))


def healthy(port: int, image: Installed) -> bool:
    """What the image's own health check says."""
    program, *arguments = instruction("HEALTHCHECK")
    assert "127.0.0.1:8000" in arguments[-1]
    ran = image.run(program, *arguments[:-1], arguments[-1].replace(":8000", f":{port}"))
    return ran.returncode == 0


def test_the_service_runs_without_rights_and_without_a_disk(
    service: tuple[int, subprocess.Popen[bytes]], image: Installed, bundle: Path
) -> None:
    port, process = service
    end = time.monotonic() + 60
    while not healthy(port, image):
        assert process.poll() is None, process.stderr.read().decode() if process.stderr else ""
        assert time.monotonic() < end
        time.sleep(0.2)
    status = Path(f"/proc/{process.pid}/status").read_text()
    assert re.search(rf"^Uid:(\s+{USER}){{4}}$", status, re.MULTILINE)
    assert re.search(r"^CapEff:\s+0+$", status, re.MULTILINE)
    assert re.search(r"^NoNewPrivs:\s+1$", status, re.MULTILINE)
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/verify", bundle.read_bytes(), {"Content-Type": BUNDLE.media_type}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert (answer.status, json.load(answer)["ok"]) == (200, True)


def test_the_health_check_can_fail(image: Installed) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert not healthy(free.getsockname()[1], image)


def test_the_image_copies_all_that_a_wheel_is_built_from() -> None:
    """Everything that the build needs is copied, and nothing that is copied is kept from it."""
    ignored = (ROOT / "docker" / "Dockerfile.dockerignore").read_text().splitlines()
    copied = [
        word for line in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE) for word in line.split()
    ]
    assert all((ROOT / name).exists() and f"!{name}" in ignored for name in copied)
    assert {"pyproject.toml", "Cargo.toml", "Cargo.lock", "LICENSE", "rust", "python", "proofs/schemas"} <= set(copied)
