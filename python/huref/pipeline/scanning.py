"""Whose model is this, among all that a folder or a service has?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import disk
from ..artefacts.fingerprint import Fingerprint
from ..artefacts.policy import DEFAULT as DEFAULT_POLICY
from ..artefacts.policy import Policy
from ..errors import HurefError, UsageError
from ..extras import require
from ..profile import named
from ..progress import Progress, silent
from . import given
from .comparing import compared, vectors
from .given import Folder, Place

if TYPE_CHECKING:
    from ..similarity.scan import Scan
    from ..stages.quantise import Source


def scan(
    model: Folder,
    database: Folder,
    *,
    log_policy: Place | None = None,
    policy: Policy = DEFAULT_POLICY,
    device: str = "auto",
    progress: Progress = silent,
) -> Scan:
    """Whose model is this? A model folder against all bundles and fingerprints in a folder and the folders in it, or
    against those that the service at an address keeps.

    The verdicts are those of `compare` with each of them; the model is sketched once for each profile, token list and
    own draw, and nothing of it leaves this process. Entries that may be more than strangers are verified, under
    `policy`; what does not verify is left out. A service is not asked about the model: its files are mirrored
    (`huref.registry.mirror`) in the user's cache, under `log_policy`, a file with the key of its log.

    Raises:
        NotFoundError, InputError: the database is missing or no folder.
        ModelError: as for `fingerprint`.
        UsageError: an address without a policy, or a folder with one.
        ServiceError, LogError, SplitViewError, StoreError: as for `huref.registry.mirror.pull`.

    """
    from ..similarity import database as files
    from ..similarity import scan as search
    from ..similarity.compare import read_side
    from ..similarity.verdict import null_width
    from ..stages.tokens import match

    opened = given.opened(model)
    folder, withheld = _folder(database, log_policy, progress)
    base = files.read(folder, policy)
    made: dict[tuple[str, tuple[bytes, ...], bytes | None], Fingerprint] = {}

    def once(source: Source, seeds: Sequence[bytes | None], *how: Any) -> list[Fingerprint]:
        keys = {seed: (source.profile.name, source.shape.tokens, seed) for seed in seeds}
        new = [seed for seed in seeds if keys[seed] not in made]
        if new:
            made.update(zip((keys[seed] for seed in new), vectors(source, new, *how), strict=True))
        return [made[keys[seed]] for seed in seeds]

    entries, found = 0, []
    left_out = [*(files.LeftOut(name, "the service does not give it") for name in withheld), *base.left_out]
    for group in base.groups:
        profile, selection = named(group.profile), match(opened, group.tokens)
        reach, width = len(selection.tokens) / len(group.tokens), null_width(profile)
        doubt = search.doubt(selection.tokens, len(group.tokens), reach, profile)
        if doubt is not None:
            left_out.extend(files.LeftOut(str(file), doubt) for file in group.files)
            continue
        (common,) = once(given.source(opened, profile, "all", selection), [None], device, progress)
        entries += len(group.files)
        for file in group.candidates(common.vectors, search.least(len(common.layers), reach, width)):
            try:
                side = read_side(file, policy, base.commitments)
            except HurefError as why:
                entries -= 1
                left_out.append(files.LeftOut(str(file), str(why).removeprefix(f"{file}: ")))
                continue
            comparison = compared(opened, side, device, progress, once)
            if comparison.verdict in search.ORDER:
                found.append(search.Found(str(file), comparison))
    return search.concluded(model, database, entries, found, left_out)


def _folder(database: Folder, log_policy: Place | None, progress: Progress) -> tuple[Path, Sequence[str]]:
    """Where a database is on this machine, once it is brought up to date; what a service withholds."""
    address = str(database)
    if "://" not in address:
        if log_policy is not None:
            raise UsageError("a policy of logs is for the database of a service, not for a folder")
        return Path(database), ()
    if log_policy is None:
        raise UsageError("what a service gives is checked against its log; give a policy with the log's key too")
    require("filelock")
    require("cryptography")
    from ..registry import policy
    from ..registry.mirror import pull

    folder = disk.cache() / "databases" / hashlib.sha256(address.encode()).hexdigest()[:32]
    found = pull(address, folder, policy.read(Path(log_policy)), progress)
    return folder / "objects", found.withheld
