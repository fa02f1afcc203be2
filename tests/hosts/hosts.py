"""Commitments by a Ray cluster on several hosts: the bytes of one process, whatever happens to a host on the way.

`make test-hosts` runs this; `make test` does not, because it takes root and minutes. Hosts are network namespaces, so a
cut cable, a lost host and a lie are real; that they share two cores is why times say little.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from huref.artefacts.commitment import dump as dump_commitment
from huref.artefacts.opening import read as read_opening
from huref.errors import WeightsMismatchError
from huref.stages.commit import recommit
from huref.stages.commit.work import SUMS, _records
from tests.hosts.driver import source_of
from tests.hosts.network import Host, Network, missing, network
from tests.support import models

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))
#: No reports to Ray's makers; nobody else may join.
APART = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(16)}
#: A worker that changes the sign of points at random: valid points, wrong sums.
LIAR = """
import random
import huref.stages.commit.ray as cluster
honest = cluster.Worker.sums
def lie(self, number):
    sums = bytearray(honest(self, number))
    for row in range(0, len(sums), 33):
        sums[row] ^= random.getrandbits(1)
    return bytes(sums)
cluster.Worker.sums = lie
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return models.network("llama", 7, layers=40).write(tmp_path_factory.mktemp("hosts") / "model")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Network]:
    """Three hosts, the first of which is up; the others join when a test needs them."""
    with network(3) as hosts:
        hosts.join(hosts.hosts[0], 2, APART)
        yield hosts


def up(cluster: Network, count: int) -> None:
    """So many hosts are up, with room for one worker each, and no more."""
    for host in cluster.hosts[count:]:
        host.kill()
    for host in cluster.hosts[:count]:
        if host.started is None:
            cluster.join(host, 2, APART)


@contextmanager
def committing(
    hosts: Network, model: Path, folder: Path, patience: float = 300, still: float = 300
) -> Iterator[subprocess.Popen[bytes]]:
    """The driver on the first host."""
    command = [sys.executable, "-m", "tests.hosts.driver", model, hosts.address, folder, patience, still]
    with hosts.hosts[0].run(list(map(str, command)), APART) as program:
        try:
            yield program
        finally:
            program.kill()


def half_way(program: subprocess.Popen[bytes], folder: Path, size: int = 20_000) -> None:
    """Waits until so many of 66,000 bytes of sums are there, and stops the driver, so that it stays half way."""
    sums = folder / "work" / SUMS
    while not (sums.exists() and sums.stat().st_size > size):
        assert program.poll() is None, program.communicate()
        time.sleep(0.001)
    program.send_signal(signal.SIGSTOP)


def finished(program: subprocess.Popen[bytes], seconds: float = 240) -> float:
    """Seconds that the commitment took by its own clock."""
    out, err = program.communicate(timeout=seconds)
    assert program.returncode == 0, err.decode()
    return float(out)


def right(folder: Path, model: Path) -> None:
    """The commitment is that of one process with the same seed; every block was summed and kept once."""
    source = source_of(model)
    made = read_opening(folder / "opening")
    assert (folder / "commitment").read_bytes() == dump_commitment(recommit(source.whole(), made))
    digests = [digest for digest, _, _ in _records((folder / "work" / SUMS).read_bytes())]
    assert len(digests) == len(set(digests)) == source.count


def on(host: Host, seconds: float = 60) -> list[int]:
    """Workers of a host, once there is one."""
    end = time.monotonic() + seconds
    while not (found := host.workers()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


@pytest.mark.parametrize("count", [1, 2, 3])
def test_so_many_hosts(
    count: int, cluster: Network, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    up(cluster, count)
    with committing(cluster, model, tmp_path) as program:
        half_way(program, tmp_path)
        for host in cluster.hosts[:count]:  # each of them takes part
            on(host)
        program.send_signal(signal.SIGCONT)
        seconds = finished(program)
    right(tmp_path, model)
    with capsys.disabled():
        sys.stderr.write(f"\n{count} hosts: {seconds:.1f} s, at a load of {os.getloadavg()[0]:.1f}\n")


def test_a_slow_host(cluster: Network, model: Path, tmp_path: Path) -> None:
    """Its workers run for a tenth of the time."""
    up(cluster, 2)
    with committing(cluster, model, tmp_path) as program:
        half_way(program, tmp_path, 5_000)
        slow, done = on(cluster.hosts[1]), threading.Event()

        def slowed() -> None:
            while not done.wait(0.02):
                for pid in slow:
                    stopped(pid, 0.18)

        thread = threading.Thread(target=slowed)
        thread.start()
        try:
            program.send_signal(signal.SIGCONT)
            finished(program)
        finally:
            done.set()
            thread.join()
    right(tmp_path, model)


def test_a_worker_that_stands_still(cluster: Network, model: Path, tmp_path: Path) -> None:
    """Its host is there, and so is it, but it answers nothing: what it holds is given to another worker."""
    up(cluster, 2)
    with committing(cluster, model, tmp_path, still=5) as program:
        half_way(program, tmp_path, 5_000)
        (still,) = on(cluster.hosts[1])
        os.kill(still, signal.SIGSTOP)
        program.send_signal(signal.SIGCONT)
        finished(program)
    right(tmp_path, model)


def stopped(pid: int, seconds: float) -> None:
    """Stops a process for a while, if it is still there."""
    try:
        os.kill(pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.kill(pid, signal.SIGCONT)
    except ProcessLookupError:
        pass


@pytest.mark.parametrize("seconds", [1, 20], ids=["before it is missed", "after it is given up"])
def test_a_host_is_cut_off_and_comes_back(seconds: float, cluster: Network, model: Path, tmp_path: Path) -> None:
    up(cluster, 2)
    away = cluster.hosts[1]
    with committing(cluster, model, tmp_path) as program:
        half_way(program, tmp_path)
        on(away)
        away.link("down")
        program.send_signal(signal.SIGCONT)
        time.sleep(seconds)
        away.link("up")
        finished(program)
    right(tmp_path, model)


def test_a_host_is_lost_and_joins_anew(cluster: Network, model: Path, tmp_path: Path) -> None:
    up(cluster, 1)  # Ray ends itself on a host that was given up
    for number, lost in enumerate([True, False]):
        up(cluster, 2)
        folder = tmp_path / str(number)
        folder.mkdir()
        with committing(cluster, model, folder) as program:
            half_way(program, folder)
            on(cluster.hosts[1])
            if lost:
                cluster.hosts[1].kill()
            program.send_signal(signal.SIGCONT)
            finished(program)
        right(folder, model)


def test_a_host_is_lost_that_nobody_misses_yet(cluster: Network, model: Path, tmp_path: Path) -> None:
    """Ray still sends workers there when the commitment begins."""
    up(cluster, 2)
    cluster.hosts[1].kill()
    with committing(cluster, model, tmp_path) as program:
        finished(program)
    right(tmp_path, model)


@pytest.fixture
def lying(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "lies").mkdir()
    (tmp_path / "lies" / "sitecustomize.py").write_text(LIAR)
    return APART | {"PYTHONPATH": os.pathsep.join([str(tmp_path / "lies"), os.environ.get("PYTHONPATH", "")])}


def test_a_lie_that_the_spot_check_misses_opens_to_nothing(
    cluster: Network, model: Path, tmp_path: Path, lying: dict[str, str]
) -> None:
    """One of two hosts lies: the block that is summed again, or the worker that does it, may both be honest."""
    up(cluster, 1)
    cluster.join(cluster.hosts[1], 2, lying)
    with committing(cluster, model, tmp_path) as program:
        half_way(program, tmp_path, 5_000)
        on(cluster.hosts[1])
        program.send_signal(signal.SIGCONT)
        _, said = program.communicate(timeout=240)
    cluster.hosts[1].kill()
    if program.returncode == 1:
        assert b"two workers disagree about block" in said
    else:
        with pytest.raises(WeightsMismatchError):
            recommit(source_of(model).whole(), read_opening(tmp_path / "opening"))


def test_no_room_and_a_lying_host_that_is_found_by_the_spot_check(
    model: Path, tmp_path: Path, lying: dict[str, str]
) -> None:
    with network(2) as hosts:
        hosts.join(hosts.hosts[0], 0, APART)
        with committing(hosts, model, tmp_path, patience=3) as program:
            _, said = program.communicate(timeout=240)
        assert b"no worker could be started in 3 seconds" in said
        hosts.join(hosts.hosts[1], 2, lying)
        with committing(hosts, model, tmp_path) as program:
            _, said = program.communicate(timeout=240)
    assert program.returncode == 1
    assert b"two workers disagree about block" in said
    assert not (tmp_path / "commitment").exists()
    assert not (tmp_path / "opening").exists()
