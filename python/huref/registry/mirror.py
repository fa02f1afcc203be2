"""A mirror of a service's database: its log, and every file that the log names, in a folder that anybody can read.

Nothing is taken at the service's word. The log's head is signed by a key of the policy, and goes on from the last one
that was seen; the log's entries lead to that head, and each says the digest of a file. What is there already is not
fetched again, so that an interrupted pull goes on where it was. Claims of a bundle, such as the name of its model, are
covered by no digest: they are what the service gives.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from ..artefacts import bundle as bundles
from ..artefacts import commitment as commitments
from ..errors import CommitmentMissingError, HurefError, LogError, ServiceError
from ..progress import Progress, silent
from ..web import ask, must_be_address
from . import checkpoint, entry, note, tree
from .blobs import Folder
from .checkpoint import Checkpoint, digest
from .entry import Entry
from .feed import Feed
from .monitor import Monitor
from .policy import Policy
from .reader import CHECKPOINT
from .tiles import WIDTH, Tiles, grown

#: A log with more entries is not pulled.
MOST = 1 << 22
#: Most bytes of a tile of entries, each of which has fewer than 256; of a file, what a service accepts.
_TILE, _FILE = WIDTH * 256, bundles.MAX_BYTES
#: Seconds for a file; between two times that a busy service is asked, and how often it is.
SECONDS, _PAUSE, _TRIES = 60.0, 2.0, 30
_THREADS = 4


@dataclass(frozen=True)
class Pulled:
    """The `head` of the log; how many files its entries name, and how many of them are `new` here. `withheld`: those
    that the service does not give, by kind and digest.
    """

    head: Checkpoint
    files: int
    new: int
    withheld: tuple[str, ...]


def pull(address: str, folder: Path, policy: Policy, progress: Progress = silent) -> Pulled:
    """Bring a folder up to what the service at an address has. `policy`: the keys of its log, and which witnesses must
    have cosigned the head.

    Raises:
        UsageError: this is no address.
        SplitViewError: the log signed two histories, or shows less than before; both heads are kept as evidence.
        LogError: the head is not signed as the policy demands, or the entries do not lead to it.
        ServiceError: the service cannot be reached, or sends other bytes than those of an entry.
        StoreError: the folder cannot be read or written.

    """
    must_be_address(address, "a service")
    root = address.rstrip("/")
    head = _head(f"{root}/log", folder, policy)
    log = Folder(folder / "log")
    entries = _entries(f"{root}/log", log, head)
    seen = Folder(folder / "seen").get(f"{digest(head.origin)}/{CHECKPOINT}")
    log.put(CHECKPOINT, seen or b"")
    files = {_name(one): one for one in entries}
    missing = [one for one in files.values() if not _path(folder, one).exists()]
    withheld = _fetch(root, folder, missing, progress)
    return Pulled(head, len(files), len(missing) - len(withheld), withheld)


def _head(address: str, folder: Path, policy: Policy) -> Checkpoint:
    """The head of the log, signed and cosigned, which goes on from the one seen before."""
    shown = _got(f"{address}/{CHECKPOINT}", note.MAX_BYTES)
    if shown is None:
        raise ServiceError(f"{address}: there is no log of a service")
    origin = checkpoint.parse(note.parse(shown).text).origin
    known = [replace(log, address=address) for log in policy.logs if log.key.name == origin]
    if not known:
        raise LogError(f"{address}: log {origin} is not one of the policy")
    kept = Folder(folder / "seen")
    head, _ = Monitor(replace(policy, logs=tuple(known)), kept).follow(known[0])
    signed = note.parse(kept.get(f"{digest(origin)}/{CHECKPOINT}") or b"")
    if not Feed(policy).suffice(signed):
        raise LogError(f"{address}: its head lacks cosignatures that the policy demands")
    if head.size > MOST:
        raise LogError(f"{address}: the log has {head.size:,} entries; more than {MOST:,} are not pulled")
    return head


def _entries(address: str, log: Folder, head: Checkpoint) -> list[Entry]:
    """All entries of the log, whose files are brought up to that head."""
    there = log.get(CHECKPOINT)
    known = 0 if there is None else checkpoint.parse(note.parse(there).text).size
    remote = Tiles(lambda name: _got(f"{address}/{name}", _TILE), head.size)
    for size in (min(known, head.size), 0):  # what is here may have been damaged
        behind = [data for number in range(size // WIDTH, -(-head.size // WIDTH)) for data in remote.entries(number)][
            size % WIDTH :
        ]
        try:
            changed, tiles = grown(Tiles(log.get, size), behind)
            leads = tree.root(tiles.size, tiles.node) == head.root
        except LogError:
            leads = False
        if leads:
            break
    else:
        raise LogError(f"{address}: its entries do not lead to the head of size {head.size} that it signed")
    for name, data in changed.items():
        log.put(name, data, lasting=False)
    for name in changed:
        if ".p/" not in name:
            log.delete(*log.names(f"{name}.p"))
    local = Tiles(log.get, head.size)
    try:
        return [entry.parse(data) for number in range(-(-head.size // WIDTH)) for data in local.entries(number)]
    except HurefError as why:
        raise LogError(f"{address}: {why}") from None


def _fetch(root: str, folder: Path, missing: Sequence[Entry], progress: Progress) -> tuple[str, ...]:
    """Fetch these files, commitments first, since bundles may name them; those that the service does not give."""
    withheld, done = [], 0
    waiting = iter(sorted(missing, key=lambda one: one.kind != "commitment"))
    with ThreadPoolExecutor(_THREADS) as threads:
        while part := list(islice(waiting, 16 * _THREADS)):
            for kind in (True, False):
                some = [one for one in part if (one.kind == "commitment") is kind]
                came = threads.map(lambda one: _file(root, folder, one), some)
                withheld += [f"{one.kind} {one.sha256}" for one, given in zip(some, came, strict=True) if not given]
            done += len(part)
            progress("pull", done, len(missing))
    return tuple(withheld)


def _file(root: str, folder: Path, one: Entry) -> bool:
    """Fetch the file of an entry, and keep it if it is that; False: the service does not give it."""
    address = f"{root}/v1/{one.kind}s/{one.sha256}"
    data = _got(address, _FILE)
    if data is None:
        return False
    try:
        right = _is(one, data, folder)
    except HurefError as why:
        raise ServiceError(f"{address}: {why}") from None
    if not right:
        raise ServiceError(f"{address}: these bytes are not the {one.kind} that the log names")
    Folder(folder / "objects").put(_name(one), data)
    return True


def _is(one: Entry, data: bytes, folder: Path) -> bool:
    """Whether a file is that of an entry. HurefError: it is none at all."""
    if one.kind == "attestation":
        return hashlib.sha256(data).hexdigest() == one.sha256
    if one.kind == "commitment":
        return commitments.parse(data).id == one.sha256
    try:
        found = bundles.parse(data)
    except CommitmentMissingError as why:
        path = _path(folder, Entry("commitment", why.commitment))
        if not path.exists():
            raise
        found = bundles.parse(data, commitments=[commitments.read(path)])
    return found.digest == one.sha256 and one.vector in ("", found.statement.vector_digest)


def _name(one: Entry) -> str:
    """Where a file stands, as in the folder of a service."""
    return f"{one.kind}/{one.sha256[:2]}/{one.sha256}"


def _path(folder: Path, one: Entry) -> Path:
    return folder / "objects" / _name(one)


def _got(address: str, limit: int) -> bytes | None:
    """The bytes at an address; None if there are none. ServiceError: it does not answer, or has too many of them."""
    for _ in range(_TRIES):
        answer = ask(address, limit=limit, seconds=SECONDS)
        if answer.status not in (429, 503):
            break
        time.sleep(_PAUSE)
    if answer.status == 404:
        return None
    if answer.status != 200:
        raise ServiceError(f"{address}: answered with {answer.status}")
    return answer.body
