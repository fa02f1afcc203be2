"""Engine "ray": the workers of a Ray cluster, each of which reads the model from a folder that all of them share.

The driver sends a worker the description of the model once, then number after number: of pieces to read, of blocks to
sum. What comes back are digests of rows, the leaves of the digest of all weights (docs/decisions/0005), and sums.
Neither the seed nor an integer is ever sent. At the end a fresh worker sums one block again, so that a machine that
computes wrongly is likely to be noticed before anything is dated.
"""

from __future__ import annotations

import heapq
import logging
import os
import secrets
import socket
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Thread
from typing import Any

from ... import _native
from ...artefacts.commitment import POINT
from ...errors import ClusterError, HurefError
from ...extras import require
from ...model import open_model
from ...place import allow_pickles, pickles_allowed, resolved
from ...profile import named
from ...progress import Progress
from ..quantise import Source, choose
from ..tokens import Selection
from .work import BLOCK, Store, blocks

#: Processor cores of one worker, and bytes of memory for each integer of its piece.
CORES, BYTES = 2, 12
#: Workers that may be lost over one piece before that is more than bad luck.
LOSSES = 3
#: Seconds until at least one worker must be at work.
PATIENCE = 300.0
#: Seconds without any news after which a second worker is given the first piece that is not finished.
STILL = 300.0
#: Seconds after which a thread that waits for Ray looks whether it is still needed.
POLL = 1.0
#: Least memory that Ray accepts for its object store, which is not used here.
_OBJECT_STORE = 80 << 20


@dataclass(frozen=True)
class Description:
    """A source without its open files."""

    folder: Path
    selection: Selection
    layers: tuple[int, ...]
    profile: str
    family: str
    pickles: bool

    def open(self) -> Source:
        """The source, of the files as this machine sees them. NotFoundError, ModelError."""
        with allow_pickles() if self.pickles else nullcontext():
            return choose(open_model(self.folder, self.family), self.selection, self.layers, named(self.profile))


class Worker:
    """Lives in a process of the cluster and holds one piece at a time."""

    def __init__(self, description: Description) -> None:
        # read once, by the first parallel step of the core
        os.environ["RAYON_NUM_THREADS"] = str(CORES)
        self._description = description
        self._source: Source | None = None
        self._piece: _native.Piece | None = None

    def ready(self) -> None:
        """Returns once the worker has been placed somewhere."""

    def load(self, index: int) -> list[bytes]:
        """Reads a piece; its leaves of the digest of all weights."""
        self._piece = None  # memory is for one
        if self._source is None:
            self._source = self._description.open()
        self._piece = self._source.piece(index)
        return self._piece.digests()

    def sums(self, number: int) -> bytes:
        """The sums of a block of the piece."""
        return self._held.sums(number * BLOCK, (number + 1) * BLOCK)

    @property
    def _held(self) -> _native.Piece:
        if self._piece is None:
            raise RuntimeError("no piece has been read")
        return self._piece


@dataclass(frozen=True)
class Cluster:
    """An `Engine`: the Ray cluster at an address; without one, a cluster on this machine for the time of the work."""

    address: str | None

    def __call__(self, model: Source, store: Store, progress: Progress) -> tuple[bytes, list[bytes]]:
        """See `Engine`.

        Raises:
            UsageError: Ray is not installed.
            ClusterError: the cluster cannot be reached, gives no worker, or loses one worker after the other.
        NotFoundError, ModelError: a worker cannot find or use the model.

        """
        require("ray")
        import ray

        options: dict[str, Any] = {"address": self.address}
        if self.address is None:
            os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # or Ray tells its makers
            options = {"address": "local", "include_dashboard": False, "object_store_memory": _OBJECT_STORE}
        try:
            _reach(self.address)
            ray.init(**options, log_to_driver=False, logging_level=logging.ERROR)
        except Exception as why:  # Ray's are bare where a busy machine does not start it in time
            raise ClusterError(f"Ray at {self.address or 'this machine'}: {_line(why)}") from None
        with redirect_stdout(sys.stderr):  # where Ray says that a host is lost, whatever it was asked to log
            try:
                return _Run(ray, model, store).result(progress)
            finally:
                ray.shutdown()


@dataclass
class _Run:
    """One commitment: which worker has which piece, and what is known."""

    ray: Any
    source: Source
    store: Store
    #: Whether workers may read pickled weights: asked in the thread that was allowed to.
    pickles: bool = field(default_factory=pickles_allowed)
    #: Pieces that nobody has, smallest first.
    todo: list[int] = field(default_factory=list)
    #: The leaves of each piece that is finished, and sums of blocks by digest.
    leaves: dict[int, list[bytes]] = field(default_factory=dict)
    known: dict[bytes, bytes] = field(default_factory=dict)
    losses: dict[int, int] = field(default_factory=dict)
    workers: int = 0
    failure: Exception | None = None
    changed: Condition = field(default_factory=Condition)

    def result(self, progress: Progress) -> tuple[bytes, list[bytes]]:
        """All sums in order, and all leaves. Reports from this thread alone."""
        self.todo = list(range(self.source.count))
        cores = self.ray.cluster_resources().get("CPU", 0)
        count = min(self.source.count, max(1, int(cores // CORES)))
        threads = [Thread(target=self._guarded, daemon=True) for _ in range(count)]
        for thread in threads:
            thread.start()
        try:
            self._watch(progress)
            self._spot_check()
        finally:
            with self.changed:  # no thread may ask anything of Ray from now on
                self.failure = self.failure or ClusterError("stopped")
                self.changed.notify_all()
            for thread in threads:  # Ray ends the whole process if one of them is still in it when it is shut down
                thread.join(10 * POLL)
        progress("commit", self.source.rows, self.source.rows)
        leaves = [self.leaves[index] for index in range(self.source.count)]
        sums = b"".join(self.known[digest] for of_piece in leaves for digest in blocks(of_piece))
        return sums, [leaf for of_piece in leaves for leaf in of_piece]

    def _watch(self, progress: Progress) -> None:
        waited, news, since = 0.0, (0, 0), time.monotonic()
        with self.changed:
            while not self._over():
                progress("commit", sum(map(len, self.known.values())) // POINT, self.source.rows)
                self.changed.wait(0.2)
                waited = 0 if self.workers else waited + 0.2
                if news != (len(self.leaves), len(self.known)):
                    news, since = (len(self.leaves), len(self.known)), time.monotonic()
                elif time.monotonic() - since > STILL and not self.todo and not self._over():
                    # a worker that stands still is not lost, so nothing else would ever end this
                    self._give_back(min(set(range(self.source.count)) - self.leaves.keys()))
                    since = time.monotonic()
                if waited > PATIENCE:
                    raise ClusterError(
                        f"no worker could be started in {PATIENCE:.0f} seconds: each needs {CORES} cores and "
                        f"{self._memory() / 1e9:.1f} GB of memory"
                    )
            if self.failure is not None:
                raise self.failure

    def _spot_check(self) -> None:
        """One block, which nobody could know before, is summed once more by a worker that has summed nothing else."""
        index = secrets.randbelow(self.source.count)
        digests = blocks(self.leaves[index])
        number = secrets.randbelow(len(digests))
        digest = digests[number]
        again = self._patiently(lambda: self._summed(self._hire(), index, number))
        if again != (digest, self.known[digest]):
            raise ClusterError(
                f"two workers disagree about block {number} of piece {index}: one of them computes wrongly, or reads "
                "other files; nothing was written"
            )

    def _summed(self, worker: Any, index: int, number: int) -> tuple[bytes, bytes]:
        """Digest and sums of one block of a piece."""
        return blocks(self._get(worker.load, index))[number], self._get(worker.sums, number)

    def _patiently(self, attempt: Callable[[], Any]) -> Any:
        """What an attempt returns that may meet a host which is lost just then: it has as many tries as a piece."""
        for _ in range(LOSSES):
            try:
                return attempt()
            except self.ray.exceptions.RayError:
                continue
        try:
            return attempt()
        except self.ray.exceptions.RayError as why:
            raise ClusterError(_line(why)) from None

    def _guarded(self) -> None:
        try:
            self._serve()
        except Exception as why:
            with self.changed:
                self.failure = self.failure or (why if isinstance(why, HurefError) else ClusterError(_line(why)))
                self.changed.notify_all()

    def _serve(self) -> None:
        """Piece after piece with one worker, and with a new one if it is lost."""
        worker = self._hire()
        while (index := self._take()) is not None:
            try:
                self._sum(worker, index)
            except self.ray.exceptions.RayError as why:
                self._lost(index, why)
                worker = self._hire()

    def _hire(self) -> Any:
        source = self.source
        model, profile = source.model, source.profile.name
        description = Description(
            resolved(model.path), source.selection, source.layers, profile, model.family, self.pickles
        )
        actor = self.ray.remote(num_cpus=CORES, memory=self._memory())(Worker)

        def placed() -> Any:
            worker = actor.remote(description)
            self._get(worker.ready)
            return worker

        worker = self._patiently(placed)
        with self.changed:
            self.workers += 1
        return worker

    def _memory(self) -> int:
        shape = self.source.shape
        layer = 2 * (shape.heads * shape.head_dim + shape.kv_heads * shape.head_dim + shape.ffn)
        return BYTES * shape.hidden * max(len(shape.tokens), layer)

    def _take(self) -> int | None:
        """The smallest piece that nobody has; waits for one, because workers may be lost; None when all is done."""
        with self.changed:
            self.changed.wait_for(lambda: self.todo or self._over())
            return None if self._over() else heapq.heappop(self.todo)

    def _over(self) -> bool:
        return len(self.leaves) == self.source.count or self.failure is not None

    def _give_back(self, index: int) -> None:
        with self.changed:
            heapq.heappush(self.todo, index)
            self.changed.notify_all()

    def _sum(self, worker: Any, index: int) -> None:
        leaves = self._get(worker.load, index)
        for number, digest in enumerate(blocks(leaves)):
            sums = self.known.get(digest) or self.store.find(digest)
            if sums is None:
                sums = self._get(worker.sums, number)
                with self.changed:
                    if digest not in self.known:
                        self.store.add(digest, sums)
            with self.changed:
                self.known[digest] = sums
        with self.changed:
            self.leaves.setdefault(index, leaves)  # or a second worker was quicker
            self.changed.notify_all()

    def _lost(self, index: int, why: Exception) -> None:
        with self.changed:
            self.workers -= 1
            self.losses[index] = self.losses.get(index, 0) + 1
            if self.losses[index] > LOSSES:
                raise ClusterError(f"{LOSSES + 1} workers were lost over piece {index}, the last: {_line(why)}")
        self._give_back(index)

    def _get(self, method: Any, *arguments: object) -> Any:
        """What a worker answers. Its errors are raised as they are, those of huref with a hint where they come from."""
        if self.failure is not None:
            raise self.failure
        try:
            answer = method.remote(*arguments)
            while True:
                try:
                    return self.ray.get(answer, timeout=POLL)
                except self.ray.exceptions.GetTimeoutError:
                    if self.failure is not None:
                        raise self.failure from None
        except self.ray.exceptions.RayTaskError as why:
            cause = why.cause
            raise cause.within("a worker of the cluster") if isinstance(cause, HurefError) else cause from None


def _reach(address: str | None) -> None:
    """OSError unless something listens at host and port; Ray itself would try for minutes."""
    host, _, port = (address or "").removeprefix("ray://").rpartition(":")
    if port.isdigit():
        socket.create_connection((host, int(port)), 10).close()


def _line(why: Exception) -> str:
    """The first line of a message."""
    return (str(why).strip() or type(why).__name__).splitlines()[0]
