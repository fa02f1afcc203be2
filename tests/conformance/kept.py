"""Bundles, nearness and drift files of released formats, kept for ever: makes the folder of a format, once.

    python -m tests.conformance.kept proofs/vectors/bundles/v2
    python -m tests.conformance.kept proofs/vectors/bundles/nearness-v1
    python -m tests.conformance.kept proofs/vectors/bundles/drift-v1

After a release of that format the folder is never written again. `kept.json` names every file with its SHA-256, and
what `huref verify` must say: the arguments, the exit code, and the content digest of each bundle that is verified.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

from huref.artefacts import bundle as bundle_files
from huref.artefacts import challenge as challenges
from huref.artefacts import commitment as commitments
from huref.artefacts import drift, nearness, timestamps
from huref.artefacts.bundle import Bundle
from huref.artefacts.context import Context
from huref.artefacts.timestamps import Timestamps
from huref.attest import envelope, keys, statement
from huref.attest.signing import sign
from tests.support import bundles
from tests.support.authority import Authority
from tests.support.sigstore_world import ISSUER, SUBJECT, World

#: The content digest of each file, and command lines of `huref verify` with their exit codes.
Kept = tuple[dict[str, str], list[tuple[list[str], int]]]
FILES = {"config.json": b"{}", "model.safetensors": b"weights"}


def main(folder: Path) -> None:
    """Write all of it. FileExistsError if there is such a folder."""
    folder.mkdir(parents=True)
    makes = {"nearness": of_nearness, "drift": of_drift}
    digests, runs = makes.get(folder.name.partition("-")[0], of_bundles)(folder)
    document = {
        "files": {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        },
        "digests": {f"{name}.huref.json": digest for name, digest in digests.items()},
        "runs": [{"arguments": arguments, "exit": code} for arguments, code in runs],
    }
    (folder / "kept.json").write_text(json.dumps(document, indent=1) + "\n")


def of_nearness(folder: Path) -> Kept:
    """A file for each kind of answer, and the other side's answer to the same challenge."""
    made = {"rounded": bundles.nearness(context=bundles.CONTEXT), "below": bundles.nearness("below", 256)}
    made["refers"] = replace(bundles.nearness(), by_reference=True)
    theirs = bundles.answer()
    for name, file in made.items():
        (folder / f"{name}.huref.json").write_bytes(nearness.dump(file))
    (folder / "theirs.huref.json").write_bytes(bundle_files.dump(theirs))
    (folder / "other.huref.json").write_bytes(bundle_files.dump(bundles.answer(beacon=bytes(32))))
    (folder / "refers.commitment.json").write_bytes(commitments.dump(made["refers"].statement.committed))
    (folder / "challenge.json").write_bytes(challenges.dump(bundles.toy_challenge()))
    (folder / "toys.toml").write_text(bundles.TOY_RULES)
    (folder / "bounded.toml").write_text(f"{bundles.TOY_RULES}thresholds = [32, 64, 128, 192]\n")
    spoil(folder, "rounded")
    toys, near = ["--policy", "toys.toml"], ["--near", "theirs.huref.json"]
    return {name: file.digest for name, file in made.items()} | {"theirs": theirs.digest}, [
        (["rounded.huref.json", *toys], 0),
        (["rounded.huref.json", *toys, *near, "--challenge", "challenge.json"], 0),
        (["rounded.huref.json", *toys, "--near", "other.huref.json"], 1),
        (["rounded.huref.json", *toys, "--expect-owner", "name:Mallory"], 1),
        (["rounded.huref.json"], 5),
        (["below.huref.json", *toys, *near], 0),
        (["below.huref.json", "--policy", "bounded.toml"], 5),
        (["refers.huref.json", *toys, *near, "--commitment", "refers.commitment.json"], 0),
        (["refers.huref.json", *toys], 2),
        (["spoilt.huref.json", *toys], 1),
        (["theirs.huref.json", *toys], 0),
    ]


def of_drift(folder: Path) -> Kept:
    """Between two commitments, for somebody; commitments named by their ids; and to a public model, without which
    nothing is verified.
    """
    made = {"between": bundles.drift(context=bundles.CONTEXT), "public": bundles.drift(public=True)}
    made["refers"] = replace(bundles.drift(), by_reference=True)
    for name, file in made.items():
        (folder / f"{name}.huref.json").write_bytes(drift.dump(file))
    names = ("earlier", "later")
    for name, commitment in zip(names, made["refers"].statement.commitments, strict=True):
        (folder / f"{name}.commitment.json").write_bytes(commitments.dump(commitment))
    (folder / "toys.toml").write_text(bundles.TOY_RULES)
    spoil(folder, "between")
    toys = ["--policy", "toys.toml"]
    both = [word for name in names for word in ("--commitment", f"{name}.commitment.json")]
    return {name: file.digest for name, file in made.items()}, [
        (["between.huref.json", *toys, "--expect-owner", bundles.CONTEXT.owner], 0),
        (["between.huref.json", *toys, "--expect-owner", "name:Mallory"], 1),
        (["between.huref.json"], 5),
        (["refers.huref.json", *toys, *both], 0),
        (["refers.huref.json", *toys, *both[:2]], 2),
        (["public.huref.json", *toys], 2),
        (["spoilt.huref.json", *toys], 1),
    ]


def spoil(folder: Path, name: str) -> None:
    """A file whose proof has one letter changed."""
    text = (folder / f"{name}.huref.json").read_text()
    at = text.index('"proof": "') + 500
    (folder / "spoilt.huref.json").write_text(f"{text[:at]}{'b' if text[at] == 'a' else 'a'}{text[at + 1 :]}")


def of_bundles(folder: Path) -> Kept:
    """Bundles of every kind, with what can stand beside them."""
    key = keys.fresh("ed25519")
    whole = bundles.robust(Context(key.public.name))
    claims = replace(bundles.CLAIMS, files={name: hashlib.sha256(data).hexdigest() for name, data in FILES.items()})
    whole = replace(whole, claims=claims)
    refers = replace(bundles.whole(), by_reference=True)
    kept: dict[str, Bundle] = {"whole": whole, "refers": refers, "answer": bundles.answer(), "small": bundles.toy()}
    for name, bundle in kept.items():
        (folder / f"{name}.huref.json").write_bytes(bundle_files.dump(bundle))
    (folder / "model").mkdir()
    for name, data in FILES.items():
        (folder / "model" / name).write_bytes(data)
    (folder / "whole.sigstore.json").write_bytes(envelope.dump(sign(whole, key, folder / "model")))
    (folder / "release.pem.pub").write_bytes(key.public.pem)
    by_others(folder, whole, kept["small"])
    (folder / "refers.commitment.json").write_bytes(commitments.dump(refers.statement.commitment))
    (folder / "challenge.json").write_bytes(challenges.dump(bundles.toy_challenge()))
    (folder / "toys.toml").write_text(bundles.TOY_RULES)
    rules = (
        f'name = "release"\nowners = ["{key.public.name}"]\nsigners = ["{key.public.name}"]\nfiles = ["config.json"]\n'
    )
    (folder / "release.toml").write_text(rules)
    spoil(folder, "small")
    attestation = ["--attestation", "whole.sigstore.json", "--key", "release.pem.pub", "--files", "model"]
    toys = ["--policy", "toys.toml"]
    dated = ["--timestamp", "whole.timestamps.json", "--authorities"]
    identity = ["--attestation", "small.sigstore.json", "--identity", SUBJECT, "--issuer", ISSUER]
    runs = [
        (["whole.huref.json"], 0),
        (["whole.huref.json", *attestation], 0),
        (["whole.huref.json", *attestation, "--policy", "release.toml"], 0),
        (["whole.huref.json", "--policy", "release.toml"], 5),
        (["whole.huref.json", *dated, "authorities.pem"], 0),
        (["whole.huref.json", *dated, "others.pem"], 1),
        (["small.huref.json", *toys, *identity, "--trusted-root", "root.json"], 0),
        (["small.huref.json", *toys, *identity], 1),
        (["spoilt.huref.json", *toys], 1),
        (["small.huref.json", *toys], 0),
        (["small.huref.json"], 5),
        (["refers.huref.json", *toys, "--commitment", "refers.commitment.json"], 0),
        (["refers.huref.json", *toys], 2),
        (["answer.huref.json", *toys, "--challenge", "challenge.json"], 0),
    ]
    return {name: bundle.digest for name, bundle in kept.items()}, runs


def by_others(folder: Path, dated: Bundle, signed: Bundle) -> None:
    """The date of one bundle by two authorities, and what an identity signed about the other."""
    one, two, world = Authority("One"), Authority("Two"), World()
    data = commitments.dump(dated.statement.commitment)
    tokens = Timestamps(hashlib.sha256(data).hexdigest(), (one.stamp(data), two.stamp(data)))
    (folder / "whole.timestamps.json").write_bytes(timestamps.dump(tokens))
    (folder / "authorities.pem").write_bytes(one.pem + two.pem)
    (folder / "others.pem").write_bytes(Authority("One").pem)
    made = world.attestation(statement.dump(statement.about(signed)))
    (folder / "small.sigstore.json").write_text(json.dumps(made, indent=1))
    (folder / "root.json").write_text(json.dumps(world.trusted_root(), indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
