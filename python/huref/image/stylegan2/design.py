"""Sizes of a StyleGAN2 generator, and with them the name and shape of each of its tensors.

The names are those of the public checkpoints for PyTorch, without what follows from the sizes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

#: Numbers that enter: all of a portrait's vector.
INPUTS = 512
#: Bounds of what a file may say.
MAX_BLOCKS, MAX_CHANNELS, MAX_LAYERS = 9, 1024, 16
COLOURS = 3


@dataclass(frozen=True)
class Design:
    """Sizes of a generator.

    `channels`: feature maps of each block, at 4 x 4 pixels first, twice as many pixels along a side in each next one.
    `latent`: numbers of a style w; `layers`: of the mapping network; `clamp`: features stay within +-clamp, or None.

    Raises:
        ValueError: a size is out of range.

    """

    channels: tuple[int, ...]
    latent: int
    layers: int
    clamp: float | None = None

    def __post_init__(self) -> None:
        if not 0 < len(self.channels) <= MAX_BLOCKS:
            raise ValueError(f"1 to {MAX_BLOCKS} blocks are possible, not {len(self.channels)}")
        if not all(0 < size <= MAX_CHANNELS for size in (*self.channels, self.latent)):
            raise ValueError(f"channels and latent lie between 1 and {MAX_CHANNELS}")
        if not 0 < self.layers <= MAX_LAYERS:
            raise ValueError(f"1 to {MAX_LAYERS} layers of the mapping network are possible, not {self.layers}")
        if self.clamp is not None and not 0 < self.clamp <= 1e6:
            raise ValueError("clamp lies between 0 and 10^6")

    @property
    def resolution(self) -> int:
        """Pixels along a side of the image."""
        return 2 << len(self.channels)

    @property
    def sides(self) -> tuple[int, ...]:
        """Pixels along a side of each block: 4, 8, .. up to the resolution."""
        return tuple(4 << i for i in range(len(self.channels)))

    def cut(self, side: int) -> Design:
        """The sizes of its first blocks, up to images of `side` pixels; all of them if they are not larger."""
        return replace(self, channels=tuple(c for s, c in zip(self.sides, self.channels, strict=True) if s <= side))

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each tensor by its name."""
        found: dict[str, tuple[int, ...]] = {}
        for i in range(self.layers):
            found[f"mapping.fc{i}.weight"] = (self.latent, self.latent if i else INPUTS)
            found[f"mapping.fc{i}.bias"] = (self.latent,)
        found["synthesis.b4.const"] = (self.channels[0], 4, 4)
        before = 0
        for side, size in zip(self.sides, self.channels, strict=True):
            block = f"synthesis.b{side}"
            if before:
                found |= self._convolution(f"{block}.conv0", before, size, 3) | self._noise(f"{block}.conv0", side)
            found |= self._convolution(f"{block}.conv1", size, size, 3) | self._noise(f"{block}.conv1", side)
            found |= self._convolution(f"{block}.torgb", size, COLOURS, 1)
            before = size
        return found

    def _convolution(self, name: str, inputs: int, outputs: int, size: int) -> dict[str, tuple[int, ...]]:
        return {
            f"{name}.affine.weight": (inputs, self.latent),
            f"{name}.affine.bias": (inputs,),
            f"{name}.weight": (outputs, inputs, size, size),
            f"{name}.bias": (outputs,),
        }

    def _noise(self, name: str, side: int) -> dict[str, tuple[int, ...]]:
        return {f"{name}.noise_const": (side, side), f"{name}.noise_strength": ()}
