"""Encoder `cnn`: the kind of the HuRef paper, trained, in integers. Its home is `huref fingerprint --encoder cnn`.

    network     inference in numpy, and the file; what a fingerprint uses is the same in the Rust core

The encoder of this release lies beside this file. `lab/encoder` made it; docs/reference/encoder.md says how.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from .. import disk
from ..errors import InputError

if TYPE_CHECKING:
    from .network import Network

FILE = Path(__file__).with_name("robust-1.safetensors")
#: SHA-256 of that file. Vectors of another one cannot be compared with those of this.
DIGEST = "d948447b9599eb2daf76e061d0135039ce4946bdda7df6669ca5900a70e42537"
MAX_BYTES = 1 << 20


@functools.cache
def shipped() -> Network:
    """The encoder of this release, for sketches of profile robust-1.

    Raises:
        NotFoundError, InputError: the encoder's file is missing or was changed.

    """
    from .network import Network

    data = disk.read(FILE, MAX_BYTES)
    if hashlib.sha256(data).hexdigest() != DIGEST:
        raise InputError(f"{FILE}: not the encoder of this release; install huref again")
    return Network.from_bytes(data, str(FILE))
