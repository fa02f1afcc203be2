"""Profiles: named, complete sets of the numbers that define a fingerprint and its proof (specification, "profiles").

Nothing here ever comes from a prover. The transcript absorbs the numbers themselves beside the name.
"""

from dataclasses import astuple, dataclass, replace


@dataclass(frozen=True)
class Numbers:
    """The numbers of a profile, in the order in which the transcript absorbs them (specification, "profiles")."""

    log_n: int
    weight_bits: int
    tokens: int
    sketch: int
    outputs: int
    q_bits: int
    log_norm: int
    log_scale: int
    fraction_bits: int
    z_fraction_bits: int
    slack_bits: int
    max_log_a: int
    min_log_c: int
    max_log_c: int
    projection: int
    projection_z: int
    projection_loss: int


@dataclass(frozen=True)
class Labels:
    """Names of the streams that the sketch matrices and the encoder's matrix are read from."""

    sketch: bytes
    encoder: bytes


@dataclass(frozen=True)
class Profile(Numbers):
    """One complete set of parameters: its numbers, its name, labels of its draws, and the digest of its generators."""

    name: str
    common: Labels
    """Of the draw that is the same for every model."""
    fresh: Labels
    """Of draws that have a seed, which follows the label."""
    generators: bytes
    protocol: bytes
    """The transcript's protocol and its version."""
    network: bytes | None = None
    """Id of the network that encodes the common draw; without one, a matrix does."""

    @property
    def n(self) -> int:
        """Columns of a commitment row."""
        return 1 << self.log_n

    @property
    def entries(self) -> int:
        """Entries of a sketch, r^2."""
        return self.sketch**2

    @property
    def y_rows(self) -> int:
        """Commitment rows of the projection Y."""
        return -(-(self.projection**2) // self.n)

    def numbers(self) -> tuple[int, ...]:
        """The numbers in the order in which the transcript absorbs them."""
        return astuple(self)[: len(Numbers.__dataclass_fields__)]


ROBUST_2 = Profile(
    name="robust-2",
    common=Labels(b"huref/robust-2/sketch", b"huref/robust-2/encoder/linear"),
    fresh=Labels(b"huref/robust-2/fresh/sketch", b"huref/robust-2/fresh/encoder/linear"),
    log_n=15,
    weight_bits=12,
    tokens=4096,
    sketch=32,
    outputs=512,
    q_bits=27,
    log_norm=26,
    log_scale=40,
    fraction_bits=64,
    z_fraction_bits=12,
    slack_bits=70,
    max_log_a=22,
    min_log_c=10,
    max_log_c=40,
    projection=256,
    projection_z=160,
    projection_loss=676,
    generators=bytes.fromhex("ae296cf46e37c5c592fd9edc653e852d94751ddfbec461326e1517b5ec6e9d8d"),
    protocol=b"huref/fingerprint/v2",
)

#: For tests and vectors: the same relations where everything takes milliseconds, and **no** security.
TOY_2 = Profile(
    name="toy-2",
    common=Labels(b"huref/toy-2/sketch", b"huref/toy-2/encoder/linear"),
    fresh=Labels(b"huref/toy-2/fresh/sketch", b"huref/toy-2/fresh/encoder/linear"),
    log_n=9,
    weight_bits=12,
    tokens=64,
    sketch=4,
    outputs=8,
    q_bits=27,
    log_norm=26,
    log_scale=40,
    fraction_bits=64,
    z_fraction_bits=12,
    slack_bits=70,
    max_log_a=22,
    min_log_c=10,
    max_log_c=40,
    projection=16,
    projection_z=12,
    projection_loss=1,
    generators=bytes.fromhex("cadabaf7b9d8d8d725a6634863d492cf32521a2078289964006f6fd07fb63e61"),
    protocol=b"huref/fingerprint/v2",
)

#: The sketches of robust-2, those of the common draw encoded by a trained network.
ROBUST_2_CNN = replace(
    ROBUST_2,
    name="robust-2-cnn",
    common=replace(ROBUST_2.common, encoder=b"huref/robust-2/encoder/cnn"),
    network=bytes.fromhex("4e14de3150dd52ca01e546edae4dfb1ab2452276702a24f9fac4b9494e0a6584"),
    protocol=b"huref/fingerprint/cnn/v2",
)

TOY_2_CNN = replace(
    TOY_2,
    name="toy-2-cnn",
    common=replace(TOY_2.common, encoder=b"huref/toy-2/encoder/cnn"),
    network=bytes.fromhex("ac900884dbc85c1fbe36f3cf99e59a4dbe55ba1075d2d05a541dbd2d4125d06c"),
    protocol=b"huref/fingerprint/cnn/v2",
)

PROFILES = {profile.name: profile for profile in (ROBUST_2, ROBUST_2_CNN, TOY_2, TOY_2_CNN)}
