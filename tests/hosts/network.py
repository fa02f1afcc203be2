"""Hosts on one machine: network namespaces on a bridge, each with its own name, shared memory and temporary folder.

It takes root, `ip` (iproute2), `unshare` and `nsenter` (util-linux). What hosts share is the disk, where the model is.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.processes import descendants

#: Ray finds a host dead after about this many seconds without an answer; its defaults take half a minute.
HEALTH = json.dumps(
    {
        "health_check_initial_delay_ms": 5000,
        "health_check_period_ms": 1000,
        "health_check_timeout_ms": 2000,
        "health_check_failure_threshold": 3,
    }
)
#: A host: a folder $1 and shared memory of its own, its name $2, a table that has its address $3.
START = """
mount -t tmpfs tmpfs "$1"; mount -t tmpfs tmpfs /dev/shm
hostname "$2"; echo "$3 $2" > "$1/hosts"; mount --bind "$1/hosts" /etc/hosts
shift 3; exec "$@"
"""
#: Ray gives itself half a minute to start, which is not enough on a busy machine.
TRIES = 4


def missing() -> str | None:
    """Why this machine can have no hosts; None if it can."""
    tools = [tool for tool in ("ip", "unshare", "nsenter") if shutil.which(tool) is None]
    if tools or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return f"network namespaces need root and {', '.join(tools) or 'nothing more'}"
    tried = subprocess.run(["unshare", "--net", "--mount", "--uts", "true"], capture_output=True, check=False)
    return tried.stderr.decode().strip() or None


def ip(*arguments: object) -> None:
    """Runs `ip`; CalledProcessError."""
    subprocess.run(["ip", *map(str, arguments)], check=True, capture_output=True)


@dataclass
class Host:
    """A namespace with an address; `started`: the process above all of its processes."""

    name: str
    address: str
    folder: Path
    started: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[str], env: dict[str, str]) -> None:
        """Runs Ray there, until it says that it runs. AssertionError."""
        inside = ["ip", "netns", "exec", self.name, "unshare", "--mount", "--uts", "bash", "-ec", START, "host"]
        whole = [*inside, str(self.folder), self.name, self.address, *command]
        for _ in range(TRIES):
            self.started = subprocess.Popen(
                whole, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=os.environ | env
            )
            assert self.started.stdout is not None
            said = []
            for line in self.started.stdout:
                said.append(line.decode())
                if b"Ray runtime started" in line:
                    return
            self.kill()
        raise AssertionError("".join(said))

    def run(self, command: Sequence[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
        """A process on that host, beside those that it has, with their file systems."""
        assert self.started is not None
        enter = ["nsenter", f"--target={self.started.pid}", "--net", "--mount", "--uts", f"--wd={Path.cwd()}"]
        pipe = subprocess.PIPE
        return subprocess.Popen([*enter, *command], stdout=pipe, stderr=pipe, env=os.environ | env)

    def workers(self) -> list[int]:
        """Processes there that hold a worker of huref."""
        if self.started is None:
            return []
        return [pid for pid, line in descendants(self.started.pid).items() if line.startswith("ray::Worker")]

    def link(self, state: str) -> None:
        """Takes the cable out ("down") or plugs it in ("up")."""
        ip("-n", self.name, "link", "set", "eth0", state)

    def kill(self) -> None:
        """Ends all processes of the host at once, as a loss of power does."""
        if self.started is not None:
            for pid in [*descendants(self.started.pid), self.started.pid]:
                if Path(f"/proc/{pid}").exists():
                    os.kill(pid, signal.SIGKILL)
            self.started.wait(20)
            self.started = None


@dataclass
class Network:
    """Hosts at one bridge, the first of which is the head of a Ray cluster."""

    hosts: list[Host] = field(default_factory=list)
    port: int = 6379

    @property
    def address(self) -> str:
        """Of the cluster."""
        return f"{self.hosts[0].address}:{self.port}"

    def join(self, host: Host, cores: int, env: dict[str, str]) -> None:
        """Starts Ray on a host: the head if it is the first."""
        first = host is self.hosts[0]
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", f"--num-cpus={cores}"]
        command += [f"--node-ip-address={host.address}", "--object-store-memory=80000000"]
        command.append("--include-log-monitor=false")
        head = [
            "--head",
            f"--port={self.port}",
            "--include-dashboard=false",
            "--no-monitor",
            f"--temp-dir={host.folder}",
        ]
        head.append(f"--system-config={HEALTH}")
        host.start([*command, *(head if first else [f"--address={self.address}"])], env)


@contextmanager
def network(count: int) -> Iterator[Network]:
    """So many hosts, on which nothing runs; everything on them is ended, and they are removed, whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix="ray", dir="/run"))  # sockets have short names
    name = folder.name.replace("_", "-")  # of a host
    switch = f"{name}-switch"
    made = Network([Host(f"{name}-{i}", f"10.77.0.{i + 1}", folder) for i in range(count)])
    names = [switch, *(host.name for host in made.hosts)]
    try:
        for name in names:
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        ip("-n", switch, "link", "add", "bridge", "type", "bridge")
        ip("-n", switch, "link", "set", "bridge", "up")
        for i, host in enumerate(made.hosts):
            ip("-n", host.name, "link", "add", "eth0", "type", "veth", "peer", f"port{i}", "netns", switch)
            ip("-n", switch, "link", "set", f"port{i}", "master", "bridge", "up")
            ip("-n", host.name, "addr", "add", f"{host.address}/24", "dev", "eth0")
            ip("-n", host.name, "link", "set", "eth0", "up")
        yield made
    finally:
        for host in made.hosts:
            host.kill()
        for name in names:
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)
        folder.rmdir()
