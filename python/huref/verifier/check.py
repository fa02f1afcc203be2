"""The check of a bundle from top to bottom: policy, proof, image. It knows nothing of weights."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from typing import Literal, NamedTuple

from .. import _native, image
from ..artefacts import draw as draws
from ..artefacts.bundle import Bundle
from ..artefacts.commitment import Commitment
from ..artefacts.context import Context
from ..artefacts.fingerprint import FOREIGN
from ..artefacts.outputs import Outputs, Vector
from ..artefacts.policy import DEFAULT, Policy
from ..artefacts.portrait import portrayed
from ..artefacts.report import (
    Dated,
    Drawing,
    Drawn,
    Failure,
    Identity,
    MadeFor,
    NotChecked,
    PolicyUsed,
    Proof,
    Report,
    Verified,
    Verifier,
)
from ..artefacts.statement import Statement
from ..beside import alone, beside
from ..errors import (
    HurefError,
    ImageMismatchError,
    MalformedBundleError,
    PolicyError,
    ProofRejectedError,
    UnsupportedVersionError,
    shown,
)
from ..image import Renderer
from ..profile import named
from ..recent import Recent
from .both import Choice, Rejection, rejection

#: What a policy can demand that a bundle alone does not have.
Left = Literal["attestation", "date"]
#: Refusals of the core that concern the form of a statement. Every other rejection is a check of the proof that failed.
FORM = frozenset({"shape", "context", "commitment rows"})


def check(
    bundle: Bundle,
    policy: Policy = DEFAULT,
    verifier: Choice = "rust",
    *,
    left: Collection[Left] = (),
    generator: Renderer | None = None,
) -> Report:
    """Verify a bundle under a policy. `verifier`: what checks the proof, the core ("rust"), "python" or "both".

    `left`: what is left to the caller to check, under the same policy; one that demands more is not met. `generator`:
    what draws the image again of a bundle that names its generator; without it that image is not checked. The order is:
    what the policy accepts (profile, bits of security, image), the proof, the image. The first failure ends the check,
    and the report names the check that failed.

    Raises:
        MalformedBundleError: the statement has no possible shape.
        UnsupportedVersionError: the image comes from a renderer that this release does not know.
        InternalError: a bug; or one of both verifiers accepts what the other refuses.

    """
    judge = partial(_judge, verifier)
    return report(bundle, policy, judge, left=left, generator=generator)


def _judge(verifier: Choice, bundle: Bundle) -> Rejection | None:
    return rejection(bundle.statement, bundle.proof, verifier)


def report(
    bundle: Bundle,
    policy: Policy,
    judge: Callable[[Bundle], Rejection | None],
    already: float | None = None,
    *,
    left: Collection[Left] = (),
    generator: Renderer | None = None,
) -> Report:
    """What `check` reports, given the judge of the proof. `already`: seconds that this took before, with the proofs
    of others; without it the judge decides now, and the portrait is drawn meanwhile if there is a thread for it.
    """
    start = time.perf_counter()
    verified, failure, code = Verified(), None, "verified"
    try:
        bits = meet(bundle, policy, left=left, generator=generator)
        drawn_there = None if already is not None or alone() else beside(lambda: redraw(bundle, generator))
        refused = judge(bundle)
        if refused is not None:
            raise _error(refused)
        shape = bundle.statement.shape
        verified = Verified(
            Proof(
                named(bundle.statement.profile).protocol,
                bundle.statement.profile,
                bits,
                shape.layers,
                len(shape.tokens),
            ),
            commitment=bundle.statement.commitment.id,
            draws=drawn(bundle.statement),
            made_for=made_for(bundle.statement.context),
            vector_digest=bundle.statement.vector_digest,
        )
        drawing = redraw(bundle, generator) if drawn_there is None else drawn_there.result()
        verified = replace(verified, image=drawing)
    except ProofRejectedError as why:
        code, failure = why.code, Failure(why.check, str(why))
    except PolicyError as why:
        code, failure = why.code, Failure("policy", str(why))
    except ImageMismatchError as why:
        code, failure = why.code, Failure("image", str(why))
    return Report(
        ok=failure is None,
        code=code,
        bundle=Identity(bundle.digest, bundle.file_digest, bundle.version),
        verified=verified,
        claimed=bundle.claims,
        not_checked=_not_checked(bundle, verified, generator),
        policy=PolicyUsed(policy.name, policy.digest),
        verifier=Verifier(_native.RELEASE, round((already or 0.0) + time.perf_counter() - start, 3)),
        failure=failure,
    )


def security_bits(statement: Statement) -> int:
    """The least term of the soundness error in whole bits. Errors as for `security_terms`."""
    return int(min(bits for _, bits in security_terms(statement)))


#: Terms by profile, shape and number of draws: bundles about models of one shape have the same ones.
_TERMS: Recent[list[tuple[str, float]]] = Recent(16)


def security_terms(statement: Statement) -> list[tuple[str, float]]:
    """Terms of the soundness error: what would have to fail, and -log2 of its probability or of the work.

    Computed by the core from profile, shape, number of draws, and the network of a custom one if it is at hand.

    Raises:
        MalformedBundleError: no statement of this profile can have that shape.
        ProofRejectedError: the network of a custom draw is none of this profile.

    """
    profile, shape, count = statement.profile, statement.shape, len(statement.draws)
    try:
        if statement.custom is not None:
            return _native.security(profile, shape, count, statement.custom.network or None)
        key = (profile, replace(shape, tokens=()), shape.token_digest, count)
        return _TERMS.get(key, lambda: _native.security(profile, shape, count, None))
    except ValueError as why:
        raise ProofRejectedError("encoder", f"encoder: {why}") from None
    except _native.Rejected as why:
        raise _error(Rejection(*why.args)) from None
    except TypeError as why:
        if not isinstance(why.__cause__, OverflowError):
            raise
        raise MalformedBundleError("bundle, statement: a size of the shape is outside the range of its type") from None


def redraw(bundle: Bundle, generator: Renderer | None = None) -> Drawing | None:
    """Draw the image, and compare every pixel of the bundle's; None if it has none, or its generator is not at hand.

    `generator`: that of the bundle's image, if it has one that is not the portrait.

    Raises:
        ImageMismatchError: digest or pixels are those of a different picture, or the bytes are not a PNG file.
        UnsupportedVersionError: the image comes from a renderer that this release does not know.

    """
    vector = portrayed(bundle.statement)
    if vector is None:
        return None
    if bundle.image is None:
        return Drawing(portrait_digest(vector), in_bundle=False)
    renderer = bundle.image.renderer
    if renderer not in (image.PORTRAIT.name, image.STYLEGAN2):
        known = f"{image.PORTRAIT.name!r} and {image.STYLEGAN2!r}"
        raise UnsupportedVersionError(f"bundle, image.renderer: {renderer!r} is not known to this release, {known} are")
    if renderer == image.PORTRAIT.name:
        side, digest = image.SIZE, portrait_digest(vector)
    elif generator is None:
        return None
    else:
        side, digest = generator.side, image.rgb_digest(generator.draw(vector))
    if digest != bundle.image.rgb_sha256:
        what = "portrait" if generator is None else "image by the generator"
        raise ImageMismatchError(f"the bundle's digest of the image is not {digest}, that of the vector's {what}")
    try:
        found = _picture(bundle.image.png)
    except ValueError as why:
        raise ImageMismatchError(str(why)) from None
    if found != _Picture((side, side, 3), digest):
        what = "the portrait of its vector" if generator is None else "what the generator draws of its vector"
        raise ImageMismatchError(f"the image of the bundle is not {what}")
    return Drawing(digest, in_bundle=True, generator=bundle.image.generator)


class _Picture(NamedTuple):
    """Height, width and colours of a picture; SHA-256 of its pixels, in hexadecimal digits."""

    shape: tuple[int, ...]
    digest: str


#: Pictures by the SHA-256 of their PNG files: bundles about one model have the same one.
_PICTURES: Recent[_Picture] = Recent(64)


def _picture(png: bytes) -> _Picture:
    """The picture in a PNG file. ValueError as for `image.decode`."""

    def decoded() -> _Picture:
        pixels = image.decode(png)
        return _Picture(pixels.shape, image.rgb_digest(pixels))

    return _PICTURES.get(hashlib.sha256(png).digest(), decoded)


#: SHA-256 of portraits' pixels by vectors: bundles about one model have the same one.
_PORTRAITS: Recent[str] = Recent(64)


def portrait_digest(vector: Vector) -> str:
    """SHA-256 of the pixels of a vector's portrait."""
    return _PORTRAITS.get(vector, lambda: image.rgb_digest(image.render(vector)))


def meet(bundle: Bundle, policy: Policy, *, left: Collection[Left] = (), generator: Renderer | None = None) -> int:
    """The bits of security of a bundle that meets the policy. What is `left` to the caller is not looked at.
    `generator`: that of the bundle's image, if it is at hand.

    Raises:
        PolicyError: the bundle does not meet the policy.
        MalformedBundleError: the statement has no possible shape.

    """
    demand = partial(must_meet, policy)
    demand("attestation" in left or not policy.demands_attestation, "no attestation was checked, which")
    demand("date" in left or not policy.demands_date, "no date was checked, which")
    statement = bundle.statement
    commitment_meets(statement.commitment, policy)
    encoder_meets(statement, policy)
    bits = security_bits(statement)
    bits_meet(bits, policy)
    if bundle.image is not None and len(bundle.image.png) > policy.max_image_bytes:
        raise PolicyError(
            f"the image has more than the {policy.max_image_bytes} bytes that policy {policy.name!r} allows"
        )
    if policy.images:
        unseen, drawn_by = _image_unseen(bundle, generator), _drawn_by(bundle)
        demand(unseen is None, f"the image is not checked ({unseen}), which")
        demand(drawn_by in policy.images, f"the image is by {drawn_by}, not what")
    for draw, sides in zip(statement.draws, statement.sides, strict=True):
        sides_meet(draw.kind, sides, policy)
    demand(not policy.own_vectors or statement.drawn("own") is not None, "no own vectors, which")
    context_meets(statement.context, policy)
    return bits


def commitment_meets(commitment: Commitment, policy: Policy) -> None:
    """Return if a bundle of this commitment can meet the policy by its profile and shape. PolicyError: none can."""
    demand, shape = partial(must_meet, policy), commitment.shape
    if commitment.profile not in policy.profiles:
        raise PolicyError(
            f"profile {commitment.profile!r}: policy {policy.name!r} accepts {', '.join(policy.profiles)} only"
        )
    demand(shape.hidden >= policy.hidden, f"hidden size {shape.hidden}, fewer than the {policy.hidden} that")
    demand(len(shape.tokens) >= policy.tokens, f"{len(shape.tokens)} tokens, fewer than the {policy.tokens} that")
    demand(len(shape.layers) <= policy.layers, f"{len(shape.layers)} layers, more than the {policy.layers} that")


def encoder_meets(statement: Statement, policy: Policy) -> None:
    """PolicyError: the network of a custom draw is not at hand, or not one that the policy names."""
    draw = statement.custom
    if draw is None:
        return
    name = draw.network_id.hex()
    if not draw.network:
        raise PolicyError(
            f"the network of this bundle is not of this release; give its file, of SHA-256 {name}: "
            "huref verify BUNDLE --encoder-file FILE"
        )
    must_meet(policy, not policy.networks or name in policy.networks, f"the network is {name}, not one that")


def bits_meet(bits: int, policy: Policy) -> None:
    """PolicyError: a proof has fewer bits of security than the policy demands."""
    why = f"{bits} bits of security, fewer than the {policy.security_bits} that"
    must_meet(policy, bits >= policy.security_bits, why)


def sides_meet(kind: draws.Kind, sides: tuple[int, int], policy: Policy) -> None:
    """PolicyError: a side of that draw has too few tokens."""
    counts = " and ".join(map(str, sides))
    enough = 100 * min(sides) >= policy.side_percent * sum(sides)
    must_meet(policy, enough, f"the {kind} draw has {counts} tokens on its sides, not what")


def context_meets(context: Context, policy: Policy) -> None:
    """PolicyError: the proof names another owner or audience than the policy demands."""
    demand = partial(must_meet, policy)
    who = "the owner that" if len(policy.owners) == 1 else "one of the owners that"
    demand(not policy.owners or context.owner in policy.owners, f"the proof names {_named(context.owner)}, not {who}")
    demand(policy.audience in (None, context.audience), f"the proof is for {_named(context.audience)}, not what")


def must_meet(policy: Policy, met: bool, why: str) -> None:
    """PolicyError unless what a policy demands is met; `why`: what there is instead."""
    if not met:
        raise PolicyError(f"{why} policy {policy.name!r} demands")


def must_be_dated(report: Report, policy: Policy) -> Report:
    """The report, refused if no date that was checked is early enough, or by the authorities that the policy names."""
    dates, wanted = _dates(report), policy.dated_before
    named = [date for date in dates if set(policy.authorities) <= set(date.authorities)]
    if not report.ok or not policy.demands_date or any(wanted is None or date.by <= wanted for date in named):
        return report
    if named:
        why = f"it existed by {min(date.by for date in named)}; policy {policy.name!r} demands {wanted} or earlier"
    elif dates:
        why = f"no date is by all authorities that policy {policy.name!r} demands: {', '.join(policy.authorities)}"
    else:
        why = f"no date was found, which policy {policy.name!r} demands"
    return report.refused(PolicyError(why), "policy")


def _dates(report: Report) -> tuple[Dated, ...]:
    """All dates that were checked, that of a log among them."""
    logged = report.verified.logged
    found = () if logged is None or logged.by is None else (Dated(logged.what, logged.by, "log"),)
    return (*(report.verified.dates or ()), *found)


def ordered(report: Report, bundle: Bundle) -> Report:
    """The report after a date was found to hold: since when the commitment exists is known, unless a beacon, whose own
    date is not known here, must be later.
    """
    draws = bundle.statement.draws
    return report if any(draw.beacon for draw in draws) else report.now_checked("order")


def _named(text: str) -> str:
    return shown(text) if text else "nobody"


def _drawn_by(bundle: Bundle) -> str:
    """What draws the image of a bundle, as policies name it."""
    generator = None if bundle.image is None else bundle.image.generator
    return "portrait" if generator is None else f"stylegan2:{generator}"


def _image_unseen(bundle: Bundle, generator: Renderer | None) -> str | None:
    """Why the image of a bundle cannot be drawn again; None if it can."""
    if portrayed(bundle.statement) is None:
        return no_portrait(bundle.statement)
    if bundle.image is not None and bundle.image.generator is not None and generator is None:
        return f"generator not at hand, of SHA-256 {bundle.image.generator}"
    return None


def no_portrait(statement: Statement) -> str:
    """Why a statement has no portrait."""
    if statement.drawn("common") is None:
        return "only common vectors have a portrait"
    return f"the vectors of this bundle have no portrait (profile {statement.profile})"


def _error(refused: Rejection) -> HurefError:
    if refused.check in FORM:
        return MalformedBundleError(f"bundle, statement: {refused.detail}")
    return ProofRejectedError(refused.check, refused.detail)


def drawn(statement: Statement) -> tuple[Drawn, ...]:
    """The draws of a statement, for a report."""

    def one(draw: draws.Draw, outputs: Outputs, sides: tuple[int, int]) -> Drawn:
        fields = draws.to_fields(draw, statement.commitment.id)
        named = fields.get("commitments")
        return Drawn(
            draw.kind,
            outputs.digest,
            sides,
            fields.get("seed"),
            fields.get("beacon"),
            None if named is None else tuple(named),
            fields.get("network"),
        )

    return tuple(map(one, statement.draws, statement.outputs, statement.sides))


def made_for(context: Context) -> MadeFor | None:
    """The context of a statement, for a report."""
    if not context:
        return None
    return MadeFor(context.owner or None, context.audience or None, context.nonce.hex() or None)


def _not_checked(bundle: Bundle, verified: Verified, generator: Renderer | None) -> tuple[NotChecked, ...]:
    statement, entries = bundle.statement, []
    if verified.proof is None:
        entries.append(NotChecked("image", "the bundle was refused before this check"))
    elif (unseen := _image_unseen(bundle, generator)) is not None:
        how = None if portrayed(statement) is None else "huref verify BUNDLE --generator FILE"
        entries.append(NotChecked("image", unseen, how))
    if statement.challenge is not None:
        how = "huref verify BUNDLE --challenge FILE"
        entries.append(NotChecked("challenge", "nobody said which one must be answered", how))
    if statement.drawn("common") is not None:
        entries.append(_fitted(statement))
    if statement.custom is not None:
        entries.append(NotChecked("encoder", FOREIGN))
    entries += [owner_not_checked(statement.context), _order(statement), _layers(statement)]
    weights = "huref verify BUNDLE --weights MODEL"
    entries.append(NotChecked("files", "no model was given, so nothing is known about any file", weights))
    signed = "huref verify BUNDLE --attestation FILE --key PEM"
    entries.append(NotChecked("publisher", "no attestation was given", signed))
    return tuple(entries)


def _fitted(statement: Statement) -> NotChecked:
    why = "the common sketches are public, so weights can be made that have these vectors and this portrait"
    if statement.drawn("own") is None:
        return NotChecked("fitted", why, "huref prove, which adds own vectors, or a challenge")
    return NotChecked(
        "fitted",
        f"{why}; the own vectors follow from the commitment, so nobody can fit weights to them",
        "huref compare MODEL BUNDLE",
    )


def owner_not_checked(context: Context, verb: str = "prove") -> NotChecked:
    """That nobody knows who made a proof, as far as its context tells; `verb`: that which makes such proofs."""
    if not context.owner:
        why = "the proof names nobody, so those who show the bundle need not have made it"
        return NotChecked("owner", why, f"huref {verb} --owner NAME --nonce HEX, over your nonce")
    return NotChecked("owner", "the name is what the prover wrote; no signature of that owner was checked")


def _order(statement: Statement) -> NotChecked:
    if statement.challenge is not None:
        return NotChecked("order", "that both commitments were published before the beacon was known")
    if any(draw.beacon for draw in statement.draws):
        return NotChecked("order", "that the commitment was published before the beacon was known")
    how = "huref verify BUNDLE --timestamp FILE --authorities PEM"
    return NotChecked("order", "since when the commitment exists", how)


def _layers(statement: Statement) -> NotChecked:
    count = len(statement.shape.layers)
    return NotChecked(
        "layers", f"the prover chose {count} of the model's layers and numbered them; nothing is said of others"
    )
