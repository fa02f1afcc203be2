"""Whether a service can work with its settings on this machine. Nothing that is kept is changed; a service may run."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from ..artefacts.claims import time_text
from ..doctor.finding import Finding, found
from ..errors import LogError, MachineError, ServiceError, StoreError
from ..registry import checkpoint, keys, note, policy
from ..registry.blobs import Blobs, Folder, opened
from ..registry.feed import Feed
from ..registry.note import Note
from ..registry.reader import CHECKPOINT
from .settings import Settings
from .store import key_of, log_of, objects_of
from .store.database import Database, address_of, revision
from .store.entries import Entries
from .store.vectors import Vectors

#: Less room than this is a fault, in bytes.
ROOM = 1 << 30
#: Clocks of two machines may differ by so much.
_APART = timedelta(minutes=1)
#: Open files of a process beside its connections: database, log, workers.
_OTHERS = 128
#: So many writers try to give one name at the same time.
_AT_ONCE = 8


def findings(settings: Settings, now: datetime | None = None) -> Iterator[Finding]:
    """Every check of a service's set-up, one after the other. `now`: what the clock says; by default, the machine's."""
    doctor = _Doctor(settings, now or datetime.now(UTC))
    yield found("open files", doctor.files)
    if settings.data is None:
        yield found("data", lambda: "nothing is kept, since there is no folder")
        return
    yield found("disk", doctor.disk)
    yield found("database", doctor.database)
    yield found("objects", doctor.objects)
    yield found("log", doctor.log)
    yield found("clock", doctor.clock)
    yield found("witnesses", doctor.witnesses)


class _Doctor:
    """The checks; each returns a sentence or raises what is wrong."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self.settings, self.now = settings, now
        self.folder = settings.data or Path()

    def files(self) -> str:
        """The process may open a file for each connection."""
        try:
            from resource import RLIMIT_NOFILE, getrlimit
        except ImportError:
            return "this system has no such limit"
        most, wanted = getrlimit(RLIMIT_NOFILE)[0], self.settings.connections + _OTHERS
        if 0 <= most < wanted:
            raise MachineError(f"{most} files can be open at once, and {wanted} are needed; raise it with ulimit -n")
        return f"{most} can be open at once, {wanted} are needed"

    def disk(self) -> str:
        """There is room where the folder is, or will be."""
        there = next(folder for folder in (self.folder, *self.folder.absolute().parents) if folder.exists())
        free = shutil.disk_usage(there).free
        if free < ROOM:
            raise MachineError(f"{there}: {free / 1e9:.1f} GB are free, less than {ROOM / 1e9:.1f} GB")
        return f"{free / 1e9:.0f} GB are free"

    def database(self) -> str:
        """It can be reached, and is not of a newer release."""
        now, ours = revision(address_of(self.settings))
        if now is None:
            return "revision none; the next start makes what is missing"
        if now > ours:
            raise StoreError(f"it was written by a newer release (revision {now}, here {ours}); install that one")
        return f"revision {now}" if now == ours else f"revision {now}; the next start makes it {ours}"

    def objects(self) -> str:
        """What is written is there, and a write on a condition happens only under it, also among several at once."""
        if self.settings.objects is not None or Path(objects_of(self.settings)).exists():
            return _tried(opened(objects_of(self.settings)))
        if not self.folder.exists():
            return f"{self.folder} is not there yet; the first start makes it"
        try:
            with TemporaryDirectory(prefix=".doctor-", dir=self.folder) as passing:  # and the folder is as it was
                return _tried(Folder(Path(passing)))
        except OSError as why:
            raise StoreError(f"{self.folder}: cannot be written ({why.strerror})") from None

    def log(self) -> str:
        """It has a checkpoint that its key signed, and the rows know of no entry behind that."""
        head, key = self._head(), key_of(self.settings)
        if head is None and not key.exists():
            return "there is none yet; the first start begins it"
        secret = keys.read_secret(key)
        if head is None:
            self._must_reach(0)
            return f"{secret.name}: there is a key and no log yet; the first start begins it"
        if not head.times([secret.key]):
            raise LogError(f"its checkpoint is not signed by the key in {key}")
        size = checkpoint.parse(head.text).size
        self._must_reach(size)
        return f"{secret.name}, {size:,} entries, signed by its key"

    def clock(self) -> str:
        """It is not behind the times that entries and cosignatures have."""
        accepted = self._known()[1]
        times = [int(datetime.fromisoformat(accepted).timestamp())] if accepted else []
        head, feed = self._head(), self._feed()
        if head is not None and feed is not None:
            times += head.times([one.key for one in feed.policy.witnesses.values()]).values()
        last = datetime.fromtimestamp(max(times, default=0), UTC)
        if self.now + _APART < last:
            raise MachineError(f"it says {time_text(self.now)}, and something here is of {time_text(last)}; set it")
        return f"{time_text(self.now)}, not behind what is kept"

    def witnesses(self) -> str:
        """The published checkpoint has the cosignatures that the policy demands."""
        head, feed = self._head(), self._feed()
        if feed is None:
            return "nobody is asked; HUREF_SERVE_LOG_POLICY names a policy"
        if head is None:
            return f"{len(feed.policy.witnesses)} in the policy, nothing to cosign yet"
        if not feed.suffice(head):
            raise ServiceError("the published checkpoint lacks cosignatures; `huref registry feed` says why")
        return "the published checkpoint has the cosignatures that the policy demands"

    def _head(self) -> Note | None:
        """The published checkpoint, if there is one. LogError: it cannot be read."""
        data = log_of(self.settings).get(CHECKPOINT)
        return None if data is None else note.parse(data)

    def _feed(self) -> Feed | None:
        return None if self.settings.log_policy is None else Feed(policy.read(self.settings.log_policy))

    def _must_reach(self, size: int) -> None:
        """LogError if the rows know of more entries than the log has."""
        end = self._known()[0]
        if size < end:
            raise LogError(f"it has {size} entries, and the rows know of {end}; restore the log that belongs to them")

    def _known(self) -> tuple[int, str]:
        """How far the rows lead in the log, and when the last was accepted; 0 and "" if there are none to be read."""
        if len(set(revision(address_of(self.settings)))) > 1:
            return 0, ""
        database = Database(address_of(self.settings))
        try:
            rows = Entries(database, Vectors(database))
            last = rows.page(max(0, rows.end() - 1), 1)
            return rows.end(), last[0].accepted if last else ""
        finally:
            database.close()


def _tried(blobs: Blobs) -> str:
    """What is written there is there, and writes on a condition keep it."""
    name = f"doctor-{secrets.token_hex(8)}"
    with ThreadPoolExecutor(_AT_ONCE) as threads:  # some stores look at a condition too early
        made = list(threads.map(blobs.create, [name] * _AT_ONCE, [b"1"] * _AT_ONCE))
    steps = [
        made.count(True) == 1,
        not blobs.create(name, b"2"),
        not blobs.swap(name, b"2", b"3"),
        blobs.swap(name, b"1", b"4"),
        blobs.get(name) == b"4",
    ]
    blobs.delete(name)
    if not all(steps) or blobs.get(name) is not None:
        raise StoreError("a write on a condition (If-Match, If-None-Match) did not do what it must")
    return "can be written, on conditions too"
