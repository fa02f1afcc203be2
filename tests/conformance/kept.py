"""Bundles of released formats, kept for ever: makes the folder of a format, once.

    python -m tests.conformance.kept proofs/vectors/bundles/v2

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
from huref.artefacts import timestamps
from huref.artefacts.bundle import Bundle
from huref.artefacts.context import Context
from huref.artefacts.timestamps import Timestamps
from huref.attest import envelope, keys, statement
from huref.attest.signing import sign
from tests.support import bundles
from tests.support.authority import Authority
from tests.support.sigstore_world import ISSUER, SUBJECT, World

FILES = {"config.json": b"{}", "model.safetensors": b"weights"}


def main(folder: Path) -> None:
    """Write all of it. FileExistsError if there is such a folder."""
    folder.mkdir(parents=True)
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
    text = (folder / "small.huref.json").read_text()
    at = text.index('"proof": "') + 500
    (folder / "spoilt.huref.json").write_text(f"{text[:at]}{'b' if text[at] == 'a' else 'a'}{text[at + 1 :]}")
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
    document = {
        "files": {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        },
        "digests": {f"{name}.huref.json": bundle.digest for name, bundle in kept.items()},
        "runs": [{"arguments": arguments, "exit": code} for arguments, code in runs],
    }
    (folder / "kept.json").write_text(json.dumps(document, indent=1) + "\n")


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
