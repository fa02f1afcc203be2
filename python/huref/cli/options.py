"""Options and arguments that several verbs share."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from ..artefacts.claims import is_file_name
from ..errors import shown
from ..image import RENDERERS
from ..place import allow_pickles, reading_as
from ..profile import DEFAULT
from .streams import STDOUT

Layers = tuple[int, ...] | Literal["all"] | None


def _layers(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Layers:
    """`4,5` -> (4, 5): numbers of layers, counted from 0, strictly ascending; or `all`."""
    if value is None:
        return None
    if value == "all":
        return "all"
    parts = value.split(",")
    if not all(part.isascii() and part.isdigit() and len(part) < 7 for part in parts):
        raise click.BadParameter(f"{value!r} is not a list of layers; write for example 4,5, or all")
    numbers = tuple(map(int, parts))
    if any(a >= b for a, b in pairwise(numbers)):
        raise click.BadParameter(f"{value!r}: layers must be in ascending order, each once")
    return numbers


Command = TypeVar("Command", bound=Callable[..., Any])
_PATH = click.Path(path_type=Path)


def _allow(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        ctx.with_resource(allow_pickles())


pickles = click.option(
    "--allow-pickle-format",
    is_flag=True,
    expose_value=False,
    callback=_allow,
    help="Read pickled weights (*.bin, *.pth) too, by torch, which makes nothing but tensors of them.",
)


def _read_as(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    if value is not None:
        ctx.with_resource(reading_as(value))


family = click.option(
    "--family",
    metavar="NAME",
    expose_value=False,
    callback=_read_as,
    help="Read a model whose type is not known as one of this family, such as llama.",
)


def stored(command: Command) -> Command:
    """How models are stored: pickled, of which family."""
    return pickles(family(command))


def model(command: Command) -> Command:
    """The argument MODEL, and how it is stored."""
    return click.argument("model", type=_PATH)(stored(command))


profile = click.option("--profile", default=DEFAULT, help="The set of rules; see 'huref profiles'.")
layers = click.option(
    "--layers",
    callback=_layers,
    metavar="LIST",
    help="Layers, counted from 0, such as 4,5; or 'all' for all active layers.  [default: the last two of them]",
)
layers_demanded = click.option(
    "--layers",
    callback=_layers,
    metavar="LIST",
    help="Layers, counted from 0, that both sides must answer for.  [default: all that both committed to]",
)
tokens = click.option(
    "--tokens",
    type=_PATH,
    metavar="FILE",
    help="Token list, or fingerprint whose list is used.  [default: the profile's choice]",
)
commitments = click.option(
    "--commitment",
    "commitments",
    type=_PATH,
    metavar="FILE",
    multiple=True,
    help="That of a bundle which names it by its id alone; can be given several times.",
)
device = click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    help="Where sketches and full terms are computed; the result is the same. cuda needs torch.",
)
aligned_to = click.option(
    "--aligned-to", type=_PATH, metavar="BASE", help="The base that the commitment was aligned to, if it was."
)
opening = click.option("--opening", type=_PATH, metavar="SECRET", help="Secret file written by 'huref commit'.")


def image_by(command: Command) -> Command:
    """What draws the image: options --image-by and --generator."""
    by = click.option(
        "--image-by", type=click.Choice(list(RENDERERS)), default="portrait", help="What draws the image of the vector."
    )
    return by(generator(command))


generator = click.option(
    "--generator", type=_PATH, metavar="FILE", help="The generator of images by stylegan2, a *.safetensors file."
)


encoder_file = click.option(
    "--encoder-file",
    type=_PATH,
    metavar="FILE",
    help="A network of your own, which is not of this release, in place of the common encoder.",
)


def hexadecimal(_ctx: click.Context, _param: click.Parameter, value: str | None) -> bytes | None:
    """Bytes from hexadecimal digits, as beacons are published: lower or upper case, without separators."""
    if value is None:
        return None
    try:
        return bytes.fromhex(value if value.isalnum() else "?")
    except ValueError:
        raise click.BadParameter(f"{value[:60]!r} is not an even number of hexadecimal digits") from None


def owner(text: str, name: str = "--owner") -> Callable[[Command], Command]:
    """An owner."""
    return click.option(name, default="", metavar="OWNER", help=text)


def audience(text: str, name: str = "--audience") -> Callable[[Command], Command]:
    """An audience."""
    return click.option(name, default="", metavar="TEXT", help=text)


def nonce(text: str, name: str = "--nonce") -> Callable[[Command], Command]:
    """A nonce."""
    return click.option(name, callback=hexadecimal, metavar="HEX", help=text)


def tsa(*, required: bool) -> Callable[[Command], Command]:
    """Time-stamp authorities."""
    text = "A time-stamp authority (RFC 3161); can be given several times."
    return click.option("--tsa", metavar="URL", multiple=True, required=required, help=text)


authorities = click.option(
    "--authorities", type=_PATH, metavar="PEM", help="Certificates of the time-stamp authorities that you trust."
)


def only_file(_ctx: click.Context, _param: click.Parameter, value: Path | None) -> Path | None:
    """A file that is never standard output: it is secret, or not written from start to end."""
    if value == STDOUT:
        raise click.BadParameter("this output needs a file, not standard output")
    return value


def _named(_ctx: click.Context, _param: click.Parameter, value: Path) -> Path:
    if value == STDOUT:
        raise click.BadParameter("the output names the bundle's file; give the file, not standard input")
    if not is_file_name(value.name):
        raise click.BadParameter(f"the output names the bundle's file; {shown(value.name)} cannot be printed as it is")
    return value


named_bundle = click.argument("bundle_path", metavar="BUNDLE", type=_PATH, callback=_named)


def output(
    required: bool, text: str, metavar: str = "FILE", callback: Callable[..., Path | None] | None = None
) -> Callable[[Command], Command]:
    """The option -o."""
    return click.option("-o", "--output", type=_PATH, metavar=metavar, required=required, callback=callback, help=text)
