"""What reads a model to make something of it: fingerprint, commitment, plan, proof."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..artefacts.bundle import Bundle
from ..artefacts.challenge import Challenge
from ..artefacts.challenge import read as read_challenge
from ..artefacts.commitment import Commitment
from ..artefacts.commitment import read as read_commitment
from ..artefacts.context import NOBODY, Context, checked
from ..artefacts.draw import COMMON, Draw
from ..artefacts.draw import FEWEST as FEWEST_BYTES
from ..artefacts.draw import MOST as MOST_BYTES
from ..artefacts.fingerprint import Fingerprint
from ..artefacts.opening import Opening
from ..artefacts.opening import read as read_opening
from ..dispute import must_name_commitment
from ..errors import (
    UsageError,
)
from ..image import PORTRAIT, Renderer
from ..planning.memory import must_suffice, proving, streaming
from ..profile import DEFAULT, named
from ..progress import Progress, silent
from . import given
from .given import Folder, Layers, Place

if TYPE_CHECKING:
    from ..planning.plan import Plan

Engine = Literal["local", "ray"]
#: Called before the work with about the most bytes that the file of its result will have.
Reserve = Callable[[int], object]


def fingerprint(
    model: Folder,
    *,
    profile: str = DEFAULT,
    layers: Layers = None,
    tokens: Place | Sequence[bytes] | None = None,
    encoder: Place | None = None,
    device: str = "auto",
    progress: Progress = silent,
) -> Fingerprint:
    """The fingerprint of a model folder, without a proof.

    `layers`: which layers, counted from 0, or "all" active ones (default: the last two of them); `tokens`: byte
    strings, or the file of a token list or fingerprint (default: the profile's choice); `encoder`: the
    file of a network of your own, which encodes instead of the profile's encoder; `device`: where to compute, see
    `huref.stages.sketch`.

    Raises:
        NotFoundError, ModelError: the folder is missing or cannot be used; the message names file and tensor.
        InputError: the token list or the encoder cannot be read.
        UnsupportedVersionError: the profile is unknown.
        UsageError: the device is unknown or cannot be used.
        MemoryLimitError: this process can certainly not have the memory that the work needs.

    """
    from ..stages.encode import encode
    from ..stages.sketch import streamed

    rules = named(profile)
    network = b"" if encoder is None else given.network(encoder, profile)
    source = given.source(given.opened(model), rules, layers, tokens)
    must_suffice(streaming(given.sizes(source)), f"a fingerprint of {model}")
    (sketches,) = streamed(source, device, progress)
    return encode(source, sketches, network=network)


def commit(
    model: Folder,
    *,
    profile: str = DEFAULT,
    layers: Layers = None,
    tokens: Place | Sequence[bytes] | None = None,
    aligned_to: Folder | None = None,
    engine: Engine = "local",
    address: str | None = None,
    work: Folder | None = None,
    written: Place | None = None,
    reserve: Reserve | None = None,
    progress: Progress = silent,
) -> tuple[Commitment, Opening]:
    """A commitment to a model's weights, to be published, and the opening that proves against it later, to be kept.

    Write them with `huref.artefacts.commitment.write` and `huref.artefacts.opening.write`. The model is read layer by
    layer: memory does not grow with their number. `aligned_to`: a base, such as the first release, towards which each
    group of attention is turned before it is rounded, so that the two commitments differ as little as the models do;
    terms stay what they are. What makes this commitment again needs the base too. `engine`: what does the work, this
    process ("local") or the Ray cluster at `address` ("ray"). `work`: a private folder that keeps finished parts, so
    that the same call resumes where an interrupted one left off; `huref.stages.commit.work.discard` removes it when
    both results are stored. `written`: the opening, if the interrupted call has stored that already. `reserve`: keeps
    room for the commitment's file. All else as for `fingerprint`.

    Raises:
        WeightsMismatchError: the model does not give the commitment of the opening `written`.
        ModelError: the base cannot be used, or its attention has other sizes.
        UsageError: as for `huref.stages.commit.commit`.
        OutputError: the work folder cannot be written.
        ClusterError: the cluster cannot be reached, or does not do the work.

    """
    from ..stages.commit import commit as commit_streamed

    source = given.source(given.opened(model), named(profile), layers, tokens)
    if aligned_to is not None:
        source = source.aligned_to(given.opened(aligned_to))
    sizes = given.sizes(source)
    if engine == "local":
        must_suffice(streaming(sizes), f"a commitment to {model}")
    if reserve is not None:
        reserve(sizes.commitment_file)
    folder, stored = (None if path is None else Path(path) for path in (work, written))
    return commit_streamed(source, engine=engine, address=address, work=folder, written=stored, progress=progress)


def plan(
    model: Folder,
    *,
    profile: str = DEFAULT,
    layers: Layers = None,
    tokens: Place | Sequence[bytes] | None = None,
) -> Plan:
    """What commitment and proof of a model would cost on this machine, in bytes, seconds and memory.

    Reads no weights; measures the machine once. Arguments and errors as for `fingerprint`.
    """
    from ..planning import fetching
    from ..planning.plan import plan as planned

    opened, rules = given.opened(model), named(profile)
    return planned(*fetching.planned(opened, lambda: given.source(opened, rules, layers, tokens)))


def prove(
    model: Folder,
    *,
    opening: Opening | Place | None = None,
    commitment: Commitment | Place | None = None,
    aligned_to: Folder | None = None,
    challenge: Challenge | Place | None = None,
    own: bool = True,
    beacon: bytes = b"",
    context: Context = NOBODY,
    profile: str = DEFAULT,
    layers: Layers = None,
    tokens: Place | Sequence[bytes] | None = None,
    encoder: Place | None = None,
    image: Renderer | None = PORTRAIT,
    reserve: Reserve | None = None,
    progress: Progress = silent,
) -> Bundle:
    """A bundle: vectors, commitment, zero-knowledge proof and portrait of a model. `huref.artefacts.bundle.dump` writes
    it.

    `opening`: prove against the commitment made with it; profile, layers and tokens are those of that commitment. With
    `commitment` too, its rows are taken and not made again. `aligned_to`: the base that the commitment was aligned to,
    if it was. Without an opening the commitment is new, and its seed is
    forgotten when the proof is done. `own`: prove own vectors beside the common ones, under `beacon` if there is one.
    `challenge`: prove the answer to it instead; it has no portrait. `encoder`: the file of a network of your own, which
    encodes in place of the common encoder: then there are custom vectors instead of common ones, which nobody can
    compare, search or draw, and which only a verifier with that file accepts. `context`: whom the proof is for.
    `image`: what draws the image (`huref.image.renderer`); None leaves it out, and verifiers draw the portrait.
    `reserve`: keeps room for the bundle's file. Other arguments and errors as for `fingerprint`.

    Raises:
        WeightsMismatchError: the model does not give the opening's commitment, or the base is not that of it.
        UnsupportedVersionError: the profile is unknown, or that of the paper.
        InputError: the encoder cannot be read, or is none for the profile.
        UsageError: a challenge, a commitment or a base without an opening; a challenge and an encoder; layers or tokens
            beside an opening; a base that is missing or that there was none of; a beacon or a context that no proof
            can have.
        ChallengeMismatchError: the challenge does not name the opening's commitment.

    """
    from ..stages.claims import claims
    from ..stages.commit import commit_whole, recommit
    from ..stages.prove import prove as make_proof

    secret, answered = given.loaded(opening, read_opening), given.loaded(challenge, read_challenge)
    known = given.loaded(commitment, read_commitment)
    if secret is None and known is not None:
        raise UsageError("a commitment is proved against with its opening; give the opening too")
    if secret is None and aligned_to is not None:
        raise UsageError("only the opening says that a commitment was aligned; give the opening too")
    if secret is not None and (layers is not None or tokens is not None):
        raise UsageError("the opening says which layers and tokens were committed to; leave both out")
    if answered is not None:
        must_name_commitment(answered, secret)
    if answered is not None and encoder is not None:
        raise UsageError("an answer to a challenge has an encoder that nobody knew before; leave out yours")
    if beacon and (answered is not None or not own):
        raise UsageError("a beacon is for own vectors, of which there are none here; leave it out")
    if beacon and not FEWEST_BYTES <= len(beacon) <= MOST_BYTES:
        raise UsageError(f"a beacon has {FEWEST_BYTES} to {MOST_BYTES} bytes, this one has {len(beacon)}")
    checked(context)
    first = COMMON
    if encoder is not None:
        first = Draw.custom(given.network(encoder, named(profile).name if secret is None else secret.profile))
    folder = given.opened(model)
    if secret is None:
        source = given.source(folder, named(profile), layers, tokens)
    else:
        source = given.reopened(folder, secret, aligned_to)
    sizes = given.sizes(source, draws=2 if own and answered is None else 1)
    must_suffice(proving(sizes), f"a proof about {model}")
    if reserve is not None:
        reserve(sizes.bundle_file(0 if image is None or answered is not None or encoder is not None else image.side))
    claimed = claims(folder)
    quantised = source.whole(progress)
    files = claimed(progress)
    if secret is None:
        made, secret = commit_whole(quantised, progress)
    else:
        made = known or recommit(quantised, secret, progress)
    draws: tuple[Draw, ...] = (first, Draw("own", beacon)) if own else (first,)
    if answered is not None:
        draws = (answered.draw(made.id),)
    statement, proof, portrait = make_proof(quantised, secret, made, draws, context, progress, image=image)
    return Bundle(statement, files, proof, portrait)
