"""What the service answers under load: `make load` prints figures, and fails below a bar.

    python -m benchmarks.load [BUNDLE] [--seconds 60] [--clients 32]

Client and service share the machine. The bundle is that of MiniLM, which the demo proves; each request of the first
part has other claims, so that none is answered from memory.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing import Process, Queue
from pathlib import Path
from typing import Any

import httpx

from . import measure

JSON = {"Content-Type": "application/json"}
#: What must be reached: seconds, answers a second, growth of memory.
HEALTH, AGAIN, GROWTH = 0.1, 500, 1.2


class Service:
    """A service of its own, with the rates lifted."""

    def __init__(self, data: Path) -> None:
        rates = {"HUREF_SERVE_RATE": "1000000/second", "HUREF_SERVE_WRITE_RATE": "1000000/second"}
        self._log = (data.parent / "log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "huref", "serve", "--open", "--port", "0", "--data", str(data)],
            stderr=self._log,
            env=os.environ | rates,
        )
        while (found := re.search(r"http://[\d.:]+", Path(self._log.name).read_text())) is None:
            assert self.process.poll() is None, Path(self._log.name).read_text()
            time.sleep(0.05)
        self.address = found[0]
        httpx.get(f"{self.address}/healthz", timeout=60).raise_for_status()

    def resident(self) -> int:
        """Bytes of memory of the service itself, without its workers."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) << 10  # type: ignore[index]

    def processor(self) -> float:
        """Seconds of processor time of the service itself, without its workers."""
        return measure.processor(self.process.pid)

    def end(self) -> None:
        """Stop it."""
        self.process.terminate()
        self.process.wait(30)
        self._log.close()


def post(address: str, bodies: Callable[[], bytes], clients: int, seconds: float, answers: Queue[Any]) -> None:
    """Post bundles from many connections at once, with little work: statuses, and whether 503 says when."""
    host, _, port = address.removeprefix("http://").partition(":")

    async def client(found: Counter[int], retry: list[bool]) -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        while time.monotonic() < end:
            body = bodies()
            writer.write(b"POST /verify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
            writer.write(b"Content-Length: %d\r\n\r\n" % len(body))
            writer.write(body)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(re.search(rb"content-length: (\d+)", head)[1]))  # type: ignore[index]
            status = int(head.split()[1])
            found[status] += 1
            if status == 503:
                retry.append(b"retry-after: " in head)
                await asyncio.sleep(0.2)
        writer.close()

    async def all_of_them() -> tuple[dict[int, int], bool]:
        found, retry = Counter[int](), list[bool]()
        await asyncio.gather(*(client(found, retry) for _ in range(clients)))
        return dict(found), all(retry)

    end = time.monotonic() + seconds
    answers.put(asyncio.run(all_of_them()))


def ask(service: Service, bodies: Callable[[], bytes], clients: int, seconds: float) -> dict[str, Any]:
    """Statuses, answers a second, health beside it, the service's memory in the first and the last third."""
    answers: Queue[Any] = Queue()
    asking = Process(target=post, args=(service.address, bodies, clients, seconds, answers))
    waits, memory = list[float](), list[int]()
    used = service.processor()
    asking.start()
    with httpx.Client(base_url=service.address, timeout=120) as http:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            start = time.perf_counter()
            http.get("/healthz").raise_for_status()
            waits.append(time.perf_counter() - start)
            memory.append(service.resident())
            time.sleep(0.05)
    statuses, retry = answers.get(timeout=120)
    asking.join()
    third = len(memory) // 3
    return {
        "statuses": statuses,
        "perSecond": round(statuses.get(200, 0) / seconds, 1),
        "processorPerAnswer": round((service.processor() - used) / sum(statuses.values()), 5),
        "retryAfter": retry,
        "healthP99": round(statistics.quantiles(waits, n=100)[98], 4),
        "memory": [max(memory[:third]), max(memory[-third:])],
    }


def varied(data: bytes) -> Callable[[], bytes]:
    """That bundle under another name each time."""
    head, tail = re.split(rb'"modelName":"[^"]*"', data, maxsplit=1)
    count = iter(range(1 << 40))
    return lambda: head + b'"modelName":"model %d"' % next(count) + tail


def main() -> int:
    """Exit status 1 if a bar is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("bundle", nargs="?", default="build/demo/minilm.huref.json", type=Path)
    parser.add_argument("--seconds", default=60.0, type=float)
    parser.add_argument("--clients", default=32, type=int)
    given = parser.parse_args()
    data = given.bundle.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder) / "data")
        try:
            fresh = ask(service, varied(data), given.clients, given.seconds)
            again = ask(service, lambda: data, given.clients, min(20.0, given.seconds))
        finally:
            service.end()
    print(json.dumps({"bytes": len(data), "fresh": fresh, "again": again}, indent=2))
    first, last = fresh["memory"]
    bars = {
        "no answer but 200, 429, 503 with Retry-After": set(fresh["statuses"]) <= {200, 429, 503}
        and fresh["retryAfter"],
        f"/healthz p99 < {HEALTH} s": fresh["healthP99"] < HEALTH,
        "memory flat": last < GROWTH * first,
        f"the same bundle again: {AGAIN} answers a second": again["perSecond"] >= AGAIN,
    }
    missed = [name for name, met in bars.items() if not met]
    print("missed: " + "; ".join(missed) if missed else "every bar is met")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
