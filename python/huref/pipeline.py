"""The whole story, to be read from top to bottom. The command line uses the same words.

    fingerprint   model -> tokens -> quantise and sketch, layer by layer -> encode
    commit        model -> tokens -> quantise, layer by layer -> rows: a commitment to publish, an opening to keep
    challenge     two commitments, beacon -> the seed of fresh sketches, for two owners who do not trust each other
    plan          model -> tokens -> sizes, time and memory of a proof
    prove         model -> tokens -> quantise -> rows -> proof -> bundle: one file that anyone can check
    verify        bundle -> report; with the model's files, the fingerprint is computed again from them
    verify_many   bundles -> the outcome of each
    compare       two models, fingerprints or bundles -> cosine, p-value, verdict

Stages that read a model are imported where they are used: the base install verifies without them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from . import image as images
from .artefacts.bundle import Bundle, Image, has_portrait, load
from .artefacts.challenge import Challenge
from .artefacts.challenge import read as read_challenge
from .artefacts.commitment import Commitment
from .artefacts.fingerprint import Fingerprint
from .artefacts.opening import Opening
from .artefacts.opening import read as read_opening
from .artefacts.policy import DEFAULT as DEFAULT_POLICY
from .artefacts.policy import Policy
from .artefacts.report import Report
from .artefacts.statement import Statement
from .audit import same_image, same_weights
from .dispute import answers, must_name, two_sides
from .errors import (
    ImageMismatchError,
    IncomparableError,
    InputError,
    UsageError,
    WeightsMismatchError,
)
from .planning.memory import comparing, must_suffice, proving, streaming
from .planning.sizes import Sizes
from .profile import DEFAULT, Profile, named, provable
from .progress import Progress, silent
from .similarity import Comparison, compare_vectors
from .similarity.compare import common_tokens, layer_choices, read_side
from .verifier.batch import Outcome, check_many
from .verifier.both import Choice
from .verifier.check import check

if TYPE_CHECKING:
    from .model import Model
    from .planning.plan import Plan
    from .stages.quantise import Source
    from .stages.tokens import Selection

Folder = str | Path
#: Which layers, counted from 0: these, all active ones, or the profile's choice. A layer is active unless its o and
#: down are both exactly zero.
Layers = Sequence[int] | Literal["all"] | None
Engine = Literal["local", "ray"]
#: Called before the work with about the most bytes that the file of its result will have.
Reserve = Callable[[int], object]


def fingerprint(
    model: Folder,
    *,
    profile: str = DEFAULT,
    layers: Layers = None,
    tokens: Folder | Sequence[bytes] | None = None,
    device: str = "auto",
    progress: Progress = silent,
) -> Fingerprint:
    """The fingerprint of a model folder, without a proof.

    `layers`: which layers, counted from 0, or "all" active ones (default: the last two of them); `tokens`: byte
    strings, or the file of a token list or fingerprint (default: the profile's choice); `device`: where to
    compute, see `huref.stages.sketch`.

    Raises:
        NotFoundError, ModelError: the folder is missing or cannot be used; the message names file and tensor.
        InputError: the token list cannot be read.
        UnsupportedVersionError: the profile is unknown.
        UsageError: the device is unknown or cannot be used.
        MemoryLimitError: this process can certainly not have the memory that the work needs.

    """
    from .stages.encode import encode
    from .stages.sketch import streamed

    source = _source(_open(model), named(profile), layers, tokens)
    must_suffice(streaming(_sizes(source)), f"a fingerprint of {model}")
    return encode(source, streamed(source, device, progress))


def commit(
    model: Folder,
    *,
    profile: str = DEFAULT,
    layers: Layers = None,
    tokens: Folder | Sequence[bytes] | None = None,
    engine: Engine = "local",
    address: str | None = None,
    work: Folder | None = None,
    written: Folder | None = None,
    reserve: Reserve | None = None,
    progress: Progress = silent,
) -> tuple[Commitment, Opening]:
    """A commitment to a model's weights, to be published, and the opening that proves against it later, to be kept.

    Write them with `huref.artefacts.commitment.write` and `huref.artefacts.opening.write`. The model is read layer by
    layer: memory does not grow with their number. `engine`: what does the work, this process ("local") or the Ray
    cluster at `address` ("ray"). `work`: a private folder that keeps finished parts, so that the same call resumes
    where an interrupted one left off; `huref.stages.commit.work.discard` removes it when both results are stored.
    `written`: the opening, if the interrupted call has stored that already. `reserve`: keeps room for the commitment's
    file. All else as for `fingerprint`.

    Raises:
        WeightsMismatchError: the model does not give the commitment of the opening `written`.
        UsageError: as for `huref.stages.commit.commit`.
        OutputError: the work folder cannot be written.
        ClusterError: the cluster cannot be reached, or does not do the work.

    """
    from .stages.commit import commit as commit_streamed

    source = _source(_open(model), provable(profile), layers, tokens)
    sizes = _sizes(source)
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
    tokens: Folder | Sequence[bytes] | None = None,
) -> Plan:
    """What commitment and proof of a model would cost on this machine, in bytes, seconds and memory.

    Reads no weights; measures the machine once. Arguments and errors as for `fingerprint`.
    """
    from .planning.plan import plan as planned

    return planned(_source(_open(model), provable(profile), layers, tokens))


def prove(
    model: Folder,
    *,
    opening: Opening | Folder | None = None,
    challenge: Challenge | Folder | None = None,
    profile: str = DEFAULT,
    layers: Layers = None,
    tokens: Folder | Sequence[bytes] | None = None,
    image: bool = True,
    reserve: Reserve | None = None,
    progress: Progress = silent,
) -> Bundle:
    """A bundle: fingerprint, commitment, zero-knowledge proof and portrait of a model. `huref.artefacts.bundle.dump`
    writes it.

    `opening`: prove against the commitment made with it; profile, layers and tokens must be those of that commitment.
    Without it the commitment is new, and its seed is forgotten when the proof is done. `challenge`: the one to answer;
    the vector then comes from fresh sketches of the committed weights, and has no portrait. `image`: False leaves the
    portrait out, which verifiers draw from the vector. `reserve`: keeps room for the bundle's file. Other arguments and
    errors as for `fingerprint`.

    Raises:
        WeightsMismatchError: the model does not give the opening's commitment.
        UnsupportedVersionError: the profile is unknown or cannot be proved.
        UsageError: a challenge without an opening.
        ChallengeMismatchError: the challenge does not name the opening's commitment.

    """
    from .stages.claims import claims
    from .stages.commit import commit_whole, recommit
    from .stages.prove import prove as make_proof

    rules = provable(profile)
    secret, answered = _opening(opening), _challenge(challenge)
    if answered is not None:
        must_name(answered, secret)
    folder = _open(model)
    source = _source(folder, rules, layers, tokens)
    sizes = _sizes(source)
    must_suffice(proving(sizes), f"a proof about {model}")
    if reserve is not None:
        reserve(sizes.bundle_file(image and answered is None))
    claimed = claims(folder, progress)
    quantised = source.whole(progress)
    if secret is None:
        commitment, secret = commit_whole(quantised, progress)
    else:
        commitment = recommit(quantised, secret, progress)
    statement, proof = make_proof(quantised, secret, commitment, progress, answered)
    return Bundle(statement, claimed, proof, _portrait(statement, progress) if image else None)


def verify(
    bundle: Bundle | Folder,
    *,
    policy: Policy = DEFAULT_POLICY,
    weights: Folder | None = None,
    opening: Opening | Folder | None = None,
    challenge: Challenge | Folder | None = None,
    image: Folder | None = None,
    verifier: Choice = "rust",
    progress: Progress = silent,
) -> Report:
    """Check a bundle; `report.ok` is the answer and `report.raise_for_status()` an error for scripts.

    Needs no weights and no secret. `weights`: a model folder; its fingerprint is computed again and every public output
    compared, which shows that these files have this fingerprint. With `opening` the commitment is made again as well,
    row by row, which shows that it was made from these files. `challenge`: the one that the bundle must answer.
    `image`: a PNG whose pixels are compared with the portrait. `verifier`: what checks the proof: the core ("rust"),
    the independent verifier in pure Python ("python"), or "both".

    Raises:
        MalformedBundleError, BundleTooLargeError, UnsupportedVersionError, NotFoundError, InputError: a file is missing
            or cannot be read. A bundle that can be read but is wrong gives a report with `ok == False`.
        ModelError: the model folder cannot be used.
        UsageError: `opening` without `weights`, `image` for a vector without a portrait.
        InternalError: a bug; or one of both verifiers accepts what the other refuses.

    """
    if opening is not None and weights is None:
        raise UsageError("an opening is checked together with the weights; give the model folder too")
    secret, demanded = _opening(opening), _challenge(challenge)
    loaded = bundle if isinstance(bundle, Bundle) else load(Path(bundle), policy.max_bundle_bytes)
    report = check(loaded, policy, verifier)
    if demanded is not None:
        report = answers(report, loaded.statement, demanded)
    try:
        if report.ok and image is not None:
            report = report.with_verified(given_image=same_image(loaded, Path(image)))
    except ImageMismatchError as why:
        report = report.refused(why, "image")
    if weights is None:
        return report
    if not report.ok:
        return report.not_reached("weights")
    try:
        return report.with_verified(weights=same_weights(loaded, Path(weights), secret, progress))
    except WeightsMismatchError as why:
        return report.refused(why, "weights")


def verify_many(
    bundles: Sequence[Bundle | Folder],
    *,
    policy: Policy = DEFAULT_POLICY,
    verifier: Choice = "rust",
    progress: Progress = silent,
) -> list[Outcome]:
    """Check many bundles, each a file or at hand: `verify` on each, in a fraction of the time, on all cores.

    The core decides all proofs together, with random weights from the operating system; each outcome is what `verify`
    gives for that bundle alone, except with a probability of 2^-255. Where `verify` raises, the error is the outcome,
    and affects no other bundle. Outcomes are named by the file or the bundle's digest.

    Raises:
        InternalError: a bug.

    """

    def source(bundle: Bundle | Folder) -> tuple[str, Callable[[], Bundle]]:
        if isinstance(bundle, Bundle):
            return bundle.digest, lambda: bundle
        return str(bundle), lambda: load(Path(bundle), policy.max_bundle_bytes)

    outcomes: list[Outcome] = []
    for outcome in check_many(map(source, bundles), policy, verifier):
        outcomes.append(outcome)
        progress("verify", len(outcomes), len(bundles))
    return outcomes


def compare(
    a: Folder | Fingerprint | Bundle,
    b: Folder | Fingerprint | Bundle,
    *,
    policy: Policy = DEFAULT_POLICY,
    device: str = "auto",
    progress: Progress = silent,
) -> Comparison:
    """How related two models are. Each is a model folder, a fingerprint or a bundle, in a file or at hand.

    Bundles are verified first, under `policy`. Two folders are compared over the tokens that both have, chosen as the
    profile demands, by their vectors and by all that `huref.similarity.evidence` sees in their layers. A folder and a
    fixed vector are compared over those of the vector's tokens that the folder has, with the vector's layers or the
    folder's own default, whichever is more alike. Bundles that answer a challenge are compared only under this
    challenge, also with folders, which are sketched under it.

    Raises:
        ProofRejectedError, ImageMismatchError, PolicyError: a bundle that does not verify.
        IncomparableError: the profiles or challenges differ, or the token lists of two fixed vectors too
            much; or both bundles answer for one commitment.
        NotFoundError, InputError, MalformedBundleError, ModelError: as for `verify` and `fingerprint`.

    """
    (left, kind, mine), (right, other, yours) = read_side(a, policy), read_side(b, policy)
    fixed = next((side for side in (left, right) if isinstance(side, Fingerprint)), None)
    profile = named(DEFAULT if fixed is None else fixed.profile)
    answered = None if fixed is None else fixed.challenge
    two_sides(answered, mine, yours)
    first, second, vocabulary = common_tokens(left, right, profile)

    def vector(side: Model | Fingerprint, selection: Selection | None, layers: tuple[int, ...] | None) -> Fingerprint:
        if isinstance(side, Fingerprint):
            return side
        from .stages.encode import encode
        from .stages.sketch import sketch

        source = _source(side, profile, layers, selection)
        must_suffice(comparing(_sizes(source)), f"a comparison with {side.path}")
        quantised = source.whole(progress)
        return encode(quantised, sketch(quantised, device, progress, answered), answered)

    tries = layer_choices(left, right, profile)
    pairs = [(vector(left, first, layers), vector(right, second, layers)) for layers in tries]
    try:
        found = max((compare_vectors(*pair, vocabulary, len(tries)) for pair in pairs), key=attrgetter("cosine"))
    except IncomparableError as why:
        raise (why.within(f"{a} and {b}") if isinstance(a, str | Path) and isinstance(b, str | Path) else why) from None
    found = replace(found, sides=(kind, other))
    if isinstance(left, Fingerprint) or isinstance(right, Fingerprint) or first is None or second is None:
        return found
    from .similarity.evidence import examine
    from .similarity.pcs import pcs
    from .similarity.verdict import weigh

    found = replace(found, pcs=pcs(left, right, progress))
    return weigh(found, examine(left, right, (first, second), profile, progress, device))


def _open(folder: Folder) -> Model:
    from .model import open_model

    return open_model(folder)


def _sizes(source: Source) -> Sizes:
    return Sizes(source.profile.name, source.shape)


def _source(
    model: Model, profile: Profile, layers: Layers, tokens: Folder | Sequence[bytes] | Selection | None
) -> Source:
    from .stages.quantise import choose

    selection = _selection(model, profile, tokens)
    return choose(model, selection, model.chosen_layers(layers, profile.layers), profile)


def _selection(model: Model, profile: Profile, tokens: Folder | Sequence[bytes] | Selection | None) -> Selection:
    from .stages.tokens import Selection, chosen, match, select

    if tokens is None:
        return select(model, profile)
    if isinstance(tokens, Selection):
        return tokens
    if isinstance(tokens, str | Path):
        return chosen(model, Path(tokens), profile)
    found = match(model, tokens)
    if not found.tokens:
        raise InputError(f"{model.path}: its tokenizer has none of the {len(tokens)} tokens that were asked for")
    return found


def _opening(opening: Opening | Folder | None) -> Opening | None:
    return read_opening(Path(opening)) if isinstance(opening, str | Path) else opening


def _challenge(challenge: Challenge | Folder | None) -> Challenge | None:
    return read_challenge(Path(challenge)) if isinstance(challenge, str | Path) else challenge


def _portrait(statement: Statement, progress: Progress) -> Image | None:
    """The portrait of a vector; None if it has none."""
    if not has_portrait(statement):
        return None
    progress("image", 0, 1)
    rgb = images.render(statement.public.z)
    return Image(images.png(rgb), images.rgb_digest(rgb), images.RENDERER)
