"""Trained encoders, in integers: convolutions with ReLU, the kind of the HuRef paper. A profile names its network.

    network     inference in numpy, and the file; fingerprints and proofs use the same network in the Rust core

The file of each trained network lies beside this one. `lab/encoder` made it; docs/reference/encoder.md says how.
"""

from __future__ import annotations

import functools
from pathlib import Path

from .. import disk
from ..errors import InputError
from ..profile import Profile
from .network import Network

FOLDER = Path(__file__).parent
MAX_BYTES = 1 << 20


@functools.cache
def network_of(profile: Profile) -> Network:
    """The network of a profile whose encoder is trained.

    Raises:
        NotFoundError, InputError: the encoder's file is missing or was changed.

    """
    path = FOLDER / f"{profile.name}.safetensors"
    network = Network.from_bytes(disk.read(path, MAX_BYTES), str(path))
    if network.id != profile.network:
        raise InputError(f"{path}: not the network of profile {profile.name}; install huref again")
    return network
