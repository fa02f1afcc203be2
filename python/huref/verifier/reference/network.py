"""Networks that encode: convolutions with ReLU, public and fixed (specification, "encoder cnn").

A verifier has the networks of its release and knows them by their ids: SHA-256 of their canonical bytes. A bundle never
brings one. That of a custom draw comes from whoever asks, and is judged by the same rules.
"""

import functools
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from .curve import P
from .draw import Draw
from .error import Rejected, ensure
from .poly import log2_ceil
from .profile import Profile

INPUT_BITS = 12
"""`|x| <= 2^12` of every input."""
RAISE_BITS = 20
"""Outputs are raised by that many bits."""
LIMIT_BITS = 44
"""No sum reaches `2^44`."""
FORMAT = b"huref/cnn/v1"
KINDS = 3
MAX_CONVOLUTIONS, MAX_WEIGHTS, MAX_SUMS, MAX_PRODUCTS = 8, 1 << 22, 1 << 16, 1 << 26
"""What a network may have: convolutions, weights, hidden sums of a layer, products of a forward pass."""
TRAINED = Path(__file__).parents[2] / "cnn" / "robust-2-cnn.safetensors"


@dataclass(frozen=True)
class Convolution:
    """A convolution at its place: `channels` x `side` x `side` numbers go in, `out` x `windows` x `windows` come out.

    `weights` out x channels x size x size, flat; `bias` out; `reach`: no sum exceeds it in magnitude.
    """

    weights: list[int]
    bias: list[int]
    size: int
    stride: int
    shift: int
    channels: int
    side: int
    reach: int

    @property
    def windows(self) -> int:
        """Windows in one direction."""
        return (self.side - self.size) // self.stride + 1

    @property
    def sums(self) -> int:
        """Sums that come out."""
        return int(len(self.bias) * self.windows**2)

    @property
    def half(self) -> int:
        """What rounding adds before it shifts."""
        return (1 << self.shift) >> 1

    @property
    def width(self) -> int:
        """Bits of `y + half + 2^(width - 1)`."""
        return (self.reach + self.half).bit_length() + 1

    def back(self, e: list[int]) -> tuple[list[int], int]:
        """Weights e on the sums as weights on the inputs, and what the biases add: `<e, y> = <back, x> + bias`."""
        x = [0] * (self.channels * self.side**2)
        windows = list(product(range(self.windows), repeat=2))
        places = list(product(range(self.channels), range(self.size), range(self.size)))
        bias = 0
        for o, b in enumerate(self.bias):
            kernel = self.weights[o * len(places) : (o + 1) * len(places)]
            for weight, (i, j) in zip(e[o * len(windows) : (o + 1) * len(windows)], windows, strict=True):
                bias += weight * b
                for w, (c, u, v) in zip(kernel, places, strict=True):
                    x[(c * self.side + self.stride * i + u) * self.side + self.stride * j + v] += weight * w
        return [value % P for value in x], bias % P


@dataclass(frozen=True)
class Network:
    """Convolutions one after another. All but the last have hidden sums, which are rounded and go through a ReLU."""

    convolutions: list[Convolution]

    @property
    def hidden(self) -> list[Convolution]:
        """All but the last."""
        return self.convolutions[:-1]

    @property
    def hidden_sums(self) -> int:
        """Hidden sums of one layer of a model."""
        return sum(c.sums for c in self.hidden)


def variables(network: Network, layers: int) -> tuple[int, int]:
    """Variables that say which of so many layers, and which sum of one."""
    return log2_ceil(layers), log2_ceil(network.hidden_sums)


def network_of(profile: Profile, draws: Sequence[Draw] = ()) -> Network | None:
    """The network of a custom draw, else that of a profile whose encoder is one. Rejected if none fits."""
    custom = next((draw.network for draw in draws if draw.kind == "custom"), None)
    if custom is not None:
        return _read(custom, profile.sketch, profile.outputs)
    return None if profile.network is None else _known(profile.network, profile.sketch, profile.outputs)


@functools.cache
def _known(network_id: bytes, side: int, outputs: int) -> Network:
    for data in (_ruled(), _trained()):
        if hashlib.sha256(data).digest() == network_id:
            return _read(data, side, outputs)
    raise Rejected("encoder", f"no network of this release has the id {network_id.hex()}")


def _read(data: bytes, side: int, outputs: int) -> Network:
    """The network of canonical bytes, for inputs 3 x side x side and so many outputs. Rejected if there is none."""
    at, channels, bound = len(FORMAT) + 1, KINDS, 1 << INPUT_BITS
    found: list[Convolution] = []
    products = 0

    def demand(ok: bool, what: str) -> None:
        ensure(ok, "encoder", f"encoder: {what}")

    def numbers(how_many: int, size: int, *, signed: bool) -> list[int]:
        nonlocal at
        at += how_many * size
        demand(at <= len(data), "its bytes are not those of a network")
        places = range(at - how_many * size, at, size)
        return [int.from_bytes(data[i : i + size], "big", signed=signed) for i in places]

    demand(data.startswith(FORMAT) and len(data) >= at, "its bytes are not those of a network")
    count = data[len(FORMAT)]
    for _ in range(count):
        out, fan, size, stride, shift = numbers(5, 4, signed=False)
        weights, bias = numbers(out * fan * size**2, 1, signed=True), numbers(out, 4, signed=True)
        fits = fan == channels and out > 0 and 0 < size <= side and stride > 0 and shift < 32
        demand(fits, f"a convolution does not fit {channels} channels of side {side}")
        per = fan * size**2
        reach = max(bound * sum(map(abs, weights[o * per : (o + 1) * per])) + abs(b) for o, b in enumerate(bias))
        demand(reach >> LIMIT_BITS == 0, f"a sum could reach 2^{LIMIT_BITS}")
        found.append(Convolution(weights, bias, size, stride, shift, channels, side, reach))
        products += len(weights) * found[-1].windows ** 2
        bound, channels, side = (reach + found[-1].half) >> shift, out, found[-1].windows
    demand(at == len(data) and 2 <= count <= MAX_CONVOLUTIONS and found[-1].shift == 0, "its convolutions are none")
    network = Network(found)
    size = sum(len(convolution.weights) for convolution in found)
    demand(
        size <= MAX_WEIGHTS and products <= MAX_PRODUCTS and network.hidden_sums <= MAX_SUMS,
        "it has more weights, sums or products than a verifier computes",
    )
    demand(found[-1].sums == outputs, f"{found[-1].sums} numbers come out, not {outputs}")
    return network


def _canonical(convolutions: list[tuple[tuple[int, ...], bytes, list[int]]]) -> bytes:
    """(out, in, kernel, stride, shift), weights and biases of each convolution in canonical bytes."""
    out = FORMAT + bytes([len(convolutions)])
    for sizes, weights, bias in convolutions:
        out += b"".join(x.to_bytes(4, "big") for x in sizes) + weights
        out += b"".join(x.to_bytes(4, "big", signed=True) for x in bias)
    return out


def _ruled() -> bytes:
    """The network of the toy, which a rule determines (specification, "encoder cnn")."""
    shapes = [(4, 3, 2, 1, 7), (3, 4, 2, 1, 5), (2, 3, 1, 1, 0)]
    stream = hashlib.shake_128(b"huref/toy-2/network").digest(1 << 10)
    found: list[tuple[tuple[int, ...], bytes, list[int]]] = []
    for out, fan, size, *rest in shapes:
        count = out * fan * size**2
        weights, biases, stream = stream[:count], stream[count : count + 2 * out], stream[count + 2 * out :]
        bias = [int.from_bytes(biases[i : i + 2], "big", signed=True) for i in range(0, 2 * out, 2)]
        found.append(((out, fan, size, *rest), weights, bias))
    return _canonical(found)


def _trained() -> bytes:
    """The trained network, from the safetensors file of the package: 8 bytes of length, a JSON header, the tensors."""
    data = TRAINED.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    facts = json.loads(header["__metadata__"]["huref"])

    def tensor(name: str) -> bytes:
        low, high = header[name]["data_offsets"]
        return data[start + low : start + high]

    found: list[tuple[tuple[int, ...], bytes, list[int]]] = []
    for i, (stride, shift) in enumerate(zip(facts["strides"], facts["shifts"], strict=True)):
        out, fan, size, _ = header[f"{i}.weight"]["shape"]
        bias = tensor(f"{i}.bias")
        biases = [int.from_bytes(bias[k : k + 4], "little", signed=True) for k in range(0, len(bias), 4)]
        found.append(((out, fan, size, stride, shift), tensor(f"{i}.weight"), biases))
    return _canonical(found)
