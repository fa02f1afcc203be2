"""The whole story, to be read from top to bottom. The command line uses the same words.

    fingerprint   model -> tokens -> quantise and sketch, layer by layer -> encode
    commit        model -> tokens -> quantise, layer by layer -> rows: a commitment to publish, an opening to keep
    challenge     two commitments, beacon -> the seed of fresh sketches, for two owners who do not trust each other
    plan          model -> tokens -> sizes, time and memory of a proof
    prove         model -> tokens -> quantise -> rows -> proof -> bundle: one file that anyone can check
    verify        bundle -> report; with the model's files, the fingerprint is computed again from them
    verify_many   bundles -> the outcome of each
    compare       two models, fingerprints or bundles -> cosine, p-value, verdict
    scan          a model, a folder of bundles and fingerprints -> whose model it is

Stages that read a model, and what compares, are imported where they are used: the base install verifies without the
ones, and a verification starts sooner without the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from .artefacts.bundle import Bundle, load
from .artefacts.challenge import Challenge
from .artefacts.challenge import read as read_challenge
from .artefacts.commitment import Commitment
from .artefacts.commitment import read as read_commitment
from .artefacts.context import NOBODY, Context, checked
from .artefacts.dispute import Dispute
from .artefacts.dispute import read as read_dispute
from .artefacts.draw import COMMON, Draw
from .artefacts.draw import FEWEST as FEWEST_BYTES
from .artefacts.draw import MOST as MOST_BYTES
from .artefacts.fingerprint import Fingerprint
from .artefacts.opening import Opening
from .artefacts.opening import read as read_opening
from .artefacts.policy import DEFAULT as DEFAULT_POLICY
from .artefacts.policy import Policy
from .artefacts.report import Report
from .artefacts.timestamps import Timestamps
from .audit import generator_of, same_image, same_weights
from .dispute import must_answer, must_be_for, must_name_commitment, must_settle, two_sides
from .errors import (
    HurefError,
    ImageMismatchError,
    IncomparableError,
    InputError,
    UsageError,
    WeightsMismatchError,
)
from .extras import require
from .image import PORTRAIT, Renderer
from .planning.memory import must_suffice, proving, streaming
from .planning.sizes import Sizes
from .profile import DEFAULT, Profile, named
from .progress import Progress, silent
from .verifier.batch import Outcome, check_many
from .verifier.both import Choice
from .verifier.check import Left, check, must_be_dated

if TYPE_CHECKING:
    from .model import Model
    from .planning.comparison import ComparisonPlan
    from .planning.plan import Plan
    from .similarity import Comparison
    from .similarity.card import CardCheck
    from .similarity.compare import Fixed
    from .similarity.decompose import Decomposition
    from .similarity.scan import Scan
    from .stages.quantise import Source
    from .stages.tokens import Selection

#: Where a model folder is.
Folder = str | Path
#: Where a file is, or, for what may be either, a folder.
Place = str | Path
#: Which layers, counted from 0: these, all active ones, or the profile's choice among those (`huref.model.idle`).
Layers = Sequence[int] | Literal["all"] | None
Engine = Literal["local", "ray"]
Value = TypeVar("Value")
#: Called before the work with about the most bytes that the file of its result will have.
Reserve = Callable[[int], object]


def fingerprint(
    model: Folder,
    *,
    profile: str = DEFAULT,
    layers: Layers = None,
    tokens: Place | Sequence[bytes] | None = None,
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
    (sketches,) = streamed(source, device, progress)
    return encode(source, sketches)


def commit(
    model: Folder,
    *,
    profile: str = DEFAULT,
    layers: Layers = None,
    tokens: Place | Sequence[bytes] | None = None,
    engine: Engine = "local",
    address: str | None = None,
    work: Folder | None = None,
    written: Place | None = None,
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

    source = _source(_open(model), named(profile), layers, tokens)
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
    tokens: Place | Sequence[bytes] | None = None,
) -> Plan:
    """What commitment and proof of a model would cost on this machine, in bytes, seconds and memory.

    Reads no weights; measures the machine once. Arguments and errors as for `fingerprint`.
    """
    from .planning import fetching
    from .planning.plan import plan as planned

    opened, rules = _open(model), named(profile)
    return planned(*fetching.planned(opened, lambda: _source(opened, rules, layers, tokens)))


def prove(
    model: Folder,
    *,
    opening: Opening | Place | None = None,
    commitment: Commitment | Place | None = None,
    challenge: Challenge | Place | None = None,
    own: bool = True,
    beacon: bytes = b"",
    context: Context = NOBODY,
    profile: str = DEFAULT,
    layers: Layers = None,
    tokens: Place | Sequence[bytes] | None = None,
    image: Renderer | None = PORTRAIT,
    reserve: Reserve | None = None,
    progress: Progress = silent,
) -> Bundle:
    """A bundle: vectors, commitment, zero-knowledge proof and portrait of a model. `huref.artefacts.bundle.dump` writes
    it.

    `opening`: prove against the commitment made with it; profile, layers and tokens are those of that commitment. With
    `commitment` too, its rows are taken and not made again. Without an opening the commitment is new, and its seed is
    forgotten when the proof is done. `own`: prove own vectors beside the common ones, under `beacon` if there is one.
    `challenge`: prove the answer to it instead; it has no portrait. `context`: whom the proof is for. `image`: what
    draws the image (`huref.image.renderer`); None leaves it out, and verifiers draw the portrait. `reserve`: keeps
    room for the bundle's file. Other arguments and errors as for `fingerprint`.

    Raises:
        WeightsMismatchError: the model does not give the opening's commitment.
        UnsupportedVersionError: the profile is unknown, or that of the paper.
        UsageError: a challenge or a commitment without an opening; layers or tokens beside an opening; a beacon or a
            context that no proof can have.
        ChallengeMismatchError: the challenge does not name the opening's commitment.

    """
    from .stages.claims import claims
    from .stages.commit import commit_whole, recommit
    from .stages.prove import prove as make_proof

    secret, answered = _loaded(opening, read_opening), _loaded(challenge, read_challenge)
    known = _loaded(commitment, read_commitment)
    if secret is None and known is not None:
        raise UsageError("a commitment is proved against with its opening; give the opening too")
    if secret is not None and (layers is not None or tokens is not None):
        raise UsageError("the opening says which layers and tokens were committed to; leave both out")
    if answered is not None:
        must_name_commitment(answered, secret)
    if beacon and (answered is not None or not own):
        raise UsageError("a beacon is for own vectors, of which there are none here; leave it out")
    if beacon and not FEWEST_BYTES <= len(beacon) <= MOST_BYTES:
        raise UsageError(f"a beacon has {FEWEST_BYTES} to {MOST_BYTES} bytes, this one has {len(beacon)}")
    checked(context)
    folder = _open(model)
    if secret is None:
        source = _source(folder, named(profile), layers, tokens)
    else:
        source = _source(folder, named(secret.profile), secret.layers, _all_of(folder, secret))
    sizes = _sizes(source, draws=2 if own and answered is None else 1)
    must_suffice(proving(sizes), f"a proof about {model}")
    if reserve is not None:
        reserve(sizes.bundle_file(0 if image is None or answered is not None else image.side))
    claimed = claims(folder)
    quantised = source.whole(progress)
    files = claimed(progress)
    if secret is None:
        made, secret = commit_whole(quantised, progress)
    else:
        made = known or recommit(quantised, secret, progress)
    draws: tuple[Draw, ...] = (COMMON, Draw("own", beacon)) if own else (COMMON,)
    if answered is not None:
        draws = (answered.draw(made.id),)
    statement, proof, portrait = make_proof(quantised, secret, made, draws, context, progress, image=image)
    return Bundle(statement, files, proof, portrait)


def verify(
    bundle: Bundle | Place,
    *,
    policy: Policy = DEFAULT_POLICY,
    commitments: Sequence[Commitment | Place] = (),
    weights: Folder | None = None,
    opening: Opening | Place | None = None,
    challenge: Challenge | Place | None = None,
    dispute: Dispute | Place | None = None,
    expected: Context = NOBODY,
    image: Place | None = None,
    generator: Place | None = None,
    attestation: Place | None = None,
    key: Place | None = None,
    identity: tuple[str, str] | None = None,
    trusted_root: Place | None = None,
    files: Folder | None = None,
    timestamps: Timestamps | Place | None = None,
    authorities: Place | None = None,
    log_proof: Place | None = None,
    log_policy: Place | None = None,
    verifier: Choice = "rust",
    progress: Progress = silent,
) -> Report:
    """Check a bundle; `report.ok` is the answer and `report.raise_for_status()` an error for scripts.

    Needs no weights and no secret. `commitments`: among them that of a bundle which names it by id alone. `weights`: a
    model folder; its vectors are computed again and every public output compared, which shows that these files have
    these vectors. With `opening` the commitment is made again as well, row by row, which shows that it was made from
    these files. `challenge`: the one that the bundle must answer, or `dispute`: a closed one, in which it must.
    `expected`: owner, audience and nonce that the proof must have been made for; only those given are compared.
    `image`: a PNG whose pixels are compared with the image of the vector. `generator`: the file of the generator that
    the bundle's image names, with which it is drawn again. `attestation`: a publisher's signature over the bundle,
    by the public `key` in a PEM file, or by an `identity`, a subject and its issuer, under the `trusted_root` of
    Sigstore in a file or the one that comes with it; with `files`, the folder of a release, over each of its files.
    `timestamps`: what time-stamp authorities signed about the bundle or its commitment; `authorities`: a PEM file with
    the certificates of those that the caller trusts, also for tokens beside the signature of a key. `log_proof`: that a
    log has the bundle or its commitment; `log_policy`: a file with the logs and witnesses that the caller trusts.
    `verifier`: what checks the proof: the core ("rust"), the independent verifier in pure Python ("python"), or "both".

    Raises:
        MalformedBundleError, BundleTooLargeError, UnsupportedVersionError, NotFoundError, InputError: a file is missing
            or cannot be read. A bundle that can be read but is wrong gives a report with `ok == False`.
        ModelError: the model folder cannot be used.
        UsageError: `opening` without `weights`, `image` for a bundle without a portrait, a `generator` that is not the
            one of the bundle's image, a bundle that names a commitment that was not given.
        InternalError: a bug; or one of both verifiers accepts what the other refuses.

    """
    if opening is not None and weights is None:
        raise UsageError("an opening is checked together with the weights; give the model folder too")
    signers = sum(given is not None for given in (key, identity))
    if signers != (attestation is not None) or (files is not None and attestation is None):
        raise UsageError(
            "an attestation is checked with its signer's public key or identity, and files with both; give all of them"
        )
    if trusted_root is not None and identity is None:
        raise UsageError("a trusted root of Sigstore says whose certificates of an identity count; give the identity")
    if timestamps is not None and authorities is None:
        raise UsageError("timestamps are checked with the certificates of authorities that you trust; give them too")
    if (log_proof is None) != (log_policy is None):
        raise UsageError("a proof of a log is checked with a policy, which names logs and witnesses; give both")
    secret, demanded = _loaded(opening, read_opening), _loaded(challenge, read_challenge)
    loaded = (
        bundle if isinstance(bundle, Bundle) else load(Path(bundle), policy.max_bundle_bytes, _committed(commitments))
    )
    given: dict[Left, bool] = {
        "attestation": attestation is not None,
        "date": timestamps is not None or attestation is not None or log_proof is not None,
    }
    artist = None if generator is None else generator_of(loaded, Path(generator))
    left: list[Left] = [what for what, is_given in given.items() if is_given]
    report = check(loaded, policy, verifier, left=left, generator=artist)
    if demanded is not None:
        report = must_answer(report, loaded.statement, demanded)
    if dispute is not None:
        report = must_settle(report, loaded.statement, _loaded(dispute, read_dispute))
    if expected:
        report = must_be_for(report, loaded.statement.context, expected)
    if attestation is not None:
        from .attest.given import attested

        signer = (key, identity, trusted_root)
        report = attested(report, loaded, attestation, signer, files, authorities, policy, progress)
    if timestamps is not None and authorities is not None:
        from .attest.given import with_date

        report = with_date(report, loaded, timestamps, authorities)
    if log_proof is not None and log_policy is not None:
        require("cryptography")
        from .registry.dating import with_log

        report = with_log(report, loaded, Path(log_proof), Path(log_policy))
    report = must_be_dated(report, policy)
    try:
        if report.ok and image is not None:
            report = report.with_verified(given_image=same_image(loaded, Path(image), artist))
    except ImageMismatchError as why:
        report = report.refused(why, "image")
    if weights is None:
        return report
    if not report.ok:
        return report.not_reached("files")
    try:
        return report.with_verified(weights=same_weights(loaded, Path(weights), secret, progress))
    except WeightsMismatchError as why:
        return report.refused(why, "weights", "files")


def verify_many(
    bundles: Sequence[Bundle | Place],
    *,
    policy: Policy = DEFAULT_POLICY,
    commitments: Sequence[Commitment | Place] = (),
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
    known = _committed(commitments)

    def source(bundle: Bundle | Place) -> tuple[str, Callable[[], Bundle]]:
        if isinstance(bundle, Bundle):
            return bundle.digest, lambda: bundle
        return str(bundle), lambda: load(Path(bundle), policy.max_bundle_bytes, known)

    outcomes: list[Outcome] = []
    for outcome in check_many(map(source, bundles), policy, verifier):
        outcomes.append(outcome)
        progress("verify", len(outcomes), len(bundles))
    return outcomes


def compare(
    a: Place | Fingerprint | Bundle,
    b: Place | Fingerprint | Bundle,
    *,
    policy: Policy = DEFAULT_POLICY,
    commitments: Sequence[Commitment | Place] = (),
    device: str = "auto",
    progress: Progress = silent,
) -> Comparison:
    """How related two models are. Each is a model folder, a fingerprint or a bundle, in a file or at hand.

    Bundles are verified first, under `policy`; `commitments` has those that bundles name by id alone. Two folders are
    compared over the tokens that both have, chosen as the profile demands, by their vectors and by all that
    `huref.similarity.evidence` sees in their layers. A folder and a fixed side are compared over those of its tokens
    that the folder has, all active layers of the folder against its layers; if it is a bundle with own vectors, also
    under that own draw. Bundles that answer a challenge are compared only under this challenge, also with folders,
    which are sketched under it.

    Raises:
        ProofRejectedError, ImageMismatchError, PolicyError: a bundle that does not verify.
        IncomparableError: the profiles or draws differ, or the token lists of two fixed sides too much; or both bundles
            answer for one commitment.
        NotFoundError, InputError, MalformedBundleError, ModelError: as for `verify` and `fingerprint`.

    """
    from .similarity.compare import Fixed, read_side

    known = _committed(commitments)
    left, right = read_side(a, policy, known), read_side(b, policy, known)
    if isinstance(left, Fixed) and isinstance(right, Fixed):
        two_sides(left, right)
    try:
        return _compared(left, right, device, progress, _vectors)
    except IncomparableError as why:
        raise (why.within(f"{a} and {b}") if isinstance(a, str | Path) and isinstance(b, str | Path) else why) from None


def scan(
    model: Folder,
    database: Folder,
    *,
    policy: Policy = DEFAULT_POLICY,
    device: str = "auto",
    progress: Progress = silent,
) -> Scan:
    """Whose model is this? A model folder against all bundles and fingerprints in a folder and the folders in it.

    The verdicts are those of `compare` with each of them; the model is sketched once for each profile, token list and
    own draw, and nothing of it leaves this process. Entries that may be more than strangers are verified, under
    `policy`; what does not verify is left out.

    Raises:
        NotFoundError, InputError: the database is missing or no folder.
        ModelError: as for `fingerprint`.

    """
    from .similarity import database as files
    from .similarity import scan as search
    from .similarity.compare import read_side
    from .similarity.verdict import null_width
    from .stages.tokens import match

    opened, base = _open(model), files.read(Path(database), policy)
    made: dict[tuple[str, tuple[bytes, ...], bytes | None], Fingerprint] = {}

    def once(source: Source, seeds: Sequence[bytes | None], *how: Any) -> list[Fingerprint]:
        keys = {seed: (source.profile.name, source.shape.tokens, seed) for seed in seeds}
        new = [seed for seed in seeds if keys[seed] not in made]
        if new:
            made.update(zip((keys[seed] for seed in new), _vectors(source, new, *how), strict=True))
        return [made[keys[seed]] for seed in seeds]

    entries, found, left_out = 0, [], list(base.left_out)
    for group in base.groups:
        profile, selection = named(group.profile), match(opened, group.tokens)
        reach, width = len(selection.tokens) / len(group.tokens), null_width(profile)
        doubt = search.doubt(selection.tokens, len(group.tokens), reach, profile)
        if doubt is not None:
            left_out.extend(files.LeftOut(str(file), doubt) for file in group.files)
            continue
        (common,) = once(_source(opened, profile, "all", selection), [None], device, progress)
        entries += len(group.files)
        for file in group.candidates(common.vectors, search.least(len(common.layers), reach, width)):
            try:
                side = read_side(file, policy, base.commitments)
            except HurefError as why:
                entries -= 1
                left_out.append(files.LeftOut(str(file), str(why).removeprefix(f"{file}: ")))
                continue
            comparison = _compared(opened, side, device, progress, once)
            if comparison.verdict in search.ORDER:
                found.append(search.Found(str(file), comparison))
    return search.concluded(model, database, entries, found, left_out)


def plan_comparison(a: Folder, b: Folder) -> ComparisonPlan:
    """What `compare` on two folders would cost on this machine, in seconds and bytes.

    Reads no weights; measures the machine. Errors as for `fingerprint`.
    """
    from .planning.comparison import plan as planned

    return planned(_open(a), _open(b))


def decompose(
    suspect: Folder, parents: Sequence[Folder], *, base: Folder | None = None, progress: Progress = silent
) -> Decomposition:
    """Of what a merged model is made: the weights of its parents in every layer, by least squares.

    With `base`, what the parents were made from, the weights are those of their changes.

    Raises:
        IncomparableError: the models have different sizes.
        NotFoundError, ModelError: as for `fingerprint`.

    """
    from .similarity.decompose import decompose as find

    return find(_open(suspect), [_open(parent) for parent in parents], None if base is None else _open(base), progress)


def check_card(model: Folder, parent: Folder, *, device: str = "auto", progress: Progress = silent) -> CardCheck:
    """The parent that the card of a model names, checked against the folder of that parent.

    Raises:
        NotFoundError, InputError, ModelError: as for `compare`; there is no card, or it cannot be read.

    """
    from .similarity.card import claimed, judged

    names = claimed(_open(model).files()[0].parent)  # the folder of its config.json, also of a model on a hub
    return judged(names, model, parent, compare(model, parent, device=device, progress=progress))


def _compared(
    left: Model | Fixed,
    right: Model | Fixed,
    device: str,
    progress: Progress,
    vectors: Callable[..., list[Fingerprint]],
) -> Comparison:
    """`compare` of two sides that were read; `vectors`: `_vectors`, or what remembers its results."""
    from .similarity import compare_vectors
    from .similarity.compare import Fixed, common_tokens, not_checked, side_of

    fixed = [side for side in (left, right) if isinstance(side, Fixed)]
    profile = named(fixed[0].vectors.profile if fixed else DEFAULT)
    first, second, vocabulary = common_tokens(left, right, profile)
    draws: list[tuple[Draw, bytes | None]] = [(COMMON, None)]
    if fixed:
        draws = [(fixed[0].draw, fixed[0].vectors.seed)]
    if len(fixed) == 1 and fixed[0].own is not None:
        draws.append((fixed[0].own[0], fixed[0].own[1].seed))

    def of(side: Model | Fixed, selection: Selection | None) -> list[Fingerprint]:
        """Those of a side under each draw."""
        if isinstance(side, Fixed):
            return [side.vectors, *([side.own[1]] if side.own is not None else [])]
        source = _source(side, profile, "all" if fixed else None, selection)
        return vectors(source, [seed for _, seed in draws], device, progress)

    if not isinstance(left, Fixed) and not isinstance(right, Fixed):
        from .similarity.full import MOST

        if max(left.architecture.ffn, right.architecture.ffn) > MOST:
            return _folders(_without_vectors(left, right, profile), left, right, profile, device, progress)
    pairs = list(zip(of(left, first), of(right, second), strict=not fixed))
    draw = draws[0][0]
    found = compare_vectors(
        *pairs[0],
        vocabulary,
        sides=(side_of(left), side_of(right)),
        draw=draw.kind,
        beacon=bool(draws[-1][0].beacon),
        own=pairs[1] if len(draws) > 1 else None,
    )
    found = replace(found, not_checked=not_checked(left, right, found))
    if isinstance(left, Fixed) or isinstance(right, Fixed):
        return found
    return _folders(found, left, right, profile, device, progress)


def _vectors(source: Source, seeds: Sequence[bytes | None], device: str, progress: Progress) -> list[Fingerprint]:
    """The vectors of a model under each of these seeds."""
    from .stages.encode import encode
    from .stages.sketch import streamed

    must_suffice(streaming(_sizes(source)), f"a comparison with {source.model.path}")
    sketches = streamed(source, device, progress, seeds)
    return [encode(source, *of_draw) for of_draw in zip(sketches, seeds, strict=True)]


def _folders(found: Comparison, a: Model, b: Model, profile: Profile, device: str, progress: Progress) -> Comparison:
    """The comparison of two folders with all evidence."""
    from .similarity.embedding import shared_tokens
    from .similarity.evidence import examine
    from .similarity.weigh import weigh

    wide = shared_tokens(a, b, profile) if found.tokens_shared >= found.tokens_needed else None
    seen = examine(a, b, wide, profile, progress, device)
    return weigh(replace(found, pcs=seen.pcs), seen.evidence, seen.shared)


def _without_vectors(a: Model, b: Model, profile: Profile) -> Comparison:
    from .similarity.vectors import without_vectors
    from .stages.tokens import shared

    selection, _, vocabulary = shared(a, b, profile)
    return without_vectors(selection.tokens, vocabulary, profile)


def _open(folder: Folder) -> Model:
    from .model import open_model

    return open_model(folder)


def _sizes(source: Source, draws: int = 2) -> Sizes:
    return Sizes(source.profile.name, source.shape, draws)


def _source(
    model: Model, profile: Profile, layers: Layers, tokens: Place | Sequence[bytes] | Selection | None
) -> Source:
    from .stages.quantise import choose

    selection = _selection(model, profile, tokens)
    return choose(model, selection, model.chosen_layers(layers, profile.layers), profile)


def _selection(model: Model, profile: Profile, tokens: Place | Sequence[bytes] | Selection | None) -> Selection:
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


def _all_of(model: Model, opening: Opening) -> Selection:
    """The tokens of an opening, of which the model must have every one."""
    from .stages.tokens import match_all

    try:
        return match_all(model, opening.tokens)
    except WeightsMismatchError as why:
        name = opening.commitment[:16]
        raise WeightsMismatchError(
            f"{why} of commitment {name}...; give the model folder given to `huref commit`"
        ) from None


def _loaded(given: Value | str | Path, read: Callable[[Path], Value]) -> Value:
    """What was given, or what is in the file that was given."""
    return read(Path(given)) if isinstance(given, str | Path) else given


def _committed(commitments: Sequence[Commitment | Place]) -> list[Commitment]:
    return [_loaded(commitment, read_commitment) for commitment in commitments]
