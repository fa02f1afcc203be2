"""`huref attest`: a publisher's signature over a bundle and the files of a release."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from ... import disk
from ...artefacts import policy as policies
from ...artefacts.document import RESULTS, Result
from ...errors import UsageError
from ...extras import require
from ...verifier.check import check
from .. import options
from ..app import Command
from ..bar import progress
from ..files import check_writable, load_bundle, place, write
from ..show import Out, formatted

_PATH = click.Path(path_type=Path)
#: Where the passphrase of an encrypted key stands: an argument would be seen by everybody on the machine.
PASSPHRASE = "HUREF_KEY_PASSPHRASE"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, kw_only=True)
class KeyMade(Result):
    """What `huref attest key` prints: where both halves are, and the name of the key."""

    schema: str = f"{RESULTS}/attest-key/v1"
    private: str
    public: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Signed(Result):
    """What `huref attest sign` prints: the file, the signer, whether the proof names them, and how many subjects."""

    schema: str = f"{RESULTS}/attest-sign/v1"
    attestation: str
    signer: str
    bound: bool
    subjects: int


@dataclass(frozen=True, kw_only=True)
class Stamped(Result):
    """What `huref attest stamp` prints: the file of tokens, the digest they are over, and how many there are.

    `checked`: whether the certificates of the authorities were at hand, and each token is one of theirs.
    """

    schema: str = f"{RESULTS}/attest-stamp/v1"
    timestamps: str
    sha256: str
    tokens: int
    checked: bool


@dataclass(frozen=True, kw_only=True)
class Predicate(Result):
    """What `huref attest predicate` prints: the file, the type that belongs to it, and the file of the subjects."""

    schema: str = f"{RESULTS}/attest-predicate/v1"
    predicate: str
    predicate_type: str
    subjects: str | None = None


@dataclass(frozen=True, kw_only=True)
class Listed(Result):
    """What `huref attest sbom` prints: the file, and how many files of the release it lists."""

    schema: str = f"{RESULTS}/attest-sbom/v1"
    sbom: str
    files: int


@click.group()
def command() -> None:
    """Sign a bundle and the files of a release, so that others can see who publishes them.

    'huref verify BUNDLE --attestation FILE --key PEM' checks what is signed here.
    """


@command.command("key", cls=Command)
@options.output(required=True, text="The private key, a secret; the public half goes to FILE.pub.")
@click.option(
    "--type",
    "kind",
    type=click.Choice(["p256", "ed25519"]),
    default="p256",
    show_default=True,
    help="An ed25519 key can be named by a proof: 'huref prove --owner ed25519:HEX'.",
)
@formatted
def key(*, output: Path, kind: Literal["p256", "ed25519"], out: Out) -> None:
    """Make a key that signs. With a passphrase in HUREF_KEY_PASSPHRASE it is encrypted."""
    require("cryptography")
    from ...attest import keys

    public = output.with_name(output.name + ".pub")
    check_writable(output)
    check_writable(public)
    made = keys.fresh(kind)
    disk.write(output, made.pem(_passphrase()), private=True)
    write(public, made.public.pem)
    document = KeyMade(private=str(output), public=str(public), name=made.public.name)
    lines = [
        ("public", place(public)),
        ("name", made.public.name),
        ("then", f"huref attest sign --key {output} BUNDLE"),
    ]
    out.result(document, f"Key in {place(output)}: keep it secret", ("", lines))


@command.command("sign", cls=Command)
@click.argument("bundle_path", metavar="BUNDLE", type=click.Path(allow_dash=True))
@click.option("--key", "key_path", type=_PATH, metavar="PEM", required=True, help="The private key of the publisher.")
@click.option("--files", type=_PATH, metavar="DIR", help="The folder of the release; every file in it is signed too.")
@options.commitments
@options.output(required=True, text="The attestation: public.")
@formatted
def sign(
    *, bundle_path: str, key_path: Path, files: Path | None, commitments: tuple[Path, ...], output: Path, out: Out
) -> None:
    """Sign a bundle, which must verify, and with --files the files of a release.

    Where the bundle claims to be made from a file of the release, the file must be that one.
    """
    require("cryptography")
    from ...attest import envelope, keys, statement
    from ...attest.signing import sign as signed

    check_writable(output)
    bundle = load_bundle(bundle_path, policies.DEFAULT.max_bundle_bytes, commitments)
    key = keys.read_private(key_path, _passphrase())
    with progress(out) as stages:
        made = signed(bundle, key, files, stages)
    write(output, envelope.dump(made))
    name = key.public.name
    bound = bundle.statement.context.owner == name
    subjects = len(statement.parse(made.payload, str(output)).subjects)
    document = Signed(attestation=str(output), signer=name, bound=bound, subjects=subjects)
    lines = [
        ("signer", name),
        ("", "named by the proof as its owner" if bound else "not named by the proof: this shows who signs, no more"),
        ("subjects", str(subjects)),
        ("check it", f"huref verify {bundle_path} --attestation {output} --key {key_path}.pub"),
    ]
    out.result(document, f"Attestation in {place(output)}", ("", lines))


@command.command("stamp", cls=Command)
@click.argument("path", metavar="FILE", type=_PATH)
@options.tsa(required=True)
@options.authorities
@options.output(required=True, text="The tokens of all authorities in one file: public.")
@formatted
def stamp(*, path: Path, tsa: tuple[str, ...], authorities: Path | None, output: Path, out: Out) -> None:
    """Ask time-stamp authorities to sign the SHA-256 of FILE: a commitment, a bundle, a portrait.

    That shows later that the file existed by then. Only the digest is sent (RFC 3161). A date counts as much as the
    authorities do that signed it, so name several. If one of them fails, nothing is written.

    'huref verify BUNDLE --timestamp OUTPUT --authorities PEM' checks the date, without the network.
    """
    require("rfc3161_client")
    from ...artefacts import timestamps
    from ...attest.authorities import read
    from ...attest.stamping import stamped

    check_writable(output)
    trusted = None if authorities is None else read(authorities)
    with progress(out) as stages:
        made = stamped(disk.read(path), tsa, trusted, stages)
    write(output, timestamps.dump(made))
    document = Stamped(timestamps=str(output), sha256=made.sha256, tokens=len(made.tokens), checked=trusted is not None)
    unchecked = "answered; who signed is checked where the date is: give --authorities to check it now"
    lines = [
        ("sha256", made.sha256),
        ("authorities", f"{len(made.tokens)}, {'all of them trusted' if document.checked else unchecked}"),
    ]
    out.result(document, f"Timestamps in {place(output)}", ("", lines))


@command.command("predicate", cls=Command)
@click.argument("bundle_path", metavar="BUNDLE", type=click.Path(allow_dash=True))
@click.option("--files", type=_PATH, metavar="DIR", help="The folder of the release, whose files are subjects too.")
@click.option(
    "--subjects",
    type=_PATH,
    metavar="FILE",
    callback=options.only_file,
    help="Where the subjects are written, a line for each, as sha256sum does.",
)
@options.commitments
@options.output(required=True, text="The predicate, for programs that sign by themselves.")
@formatted
def predicate(
    *,
    bundle_path: str,
    files: Path | None,
    subjects: Path | None,
    commitments: tuple[Path, ...],
    output: Path,
    out: Out,
) -> None:
    """Write the predicate about a bundle, for a pipeline whose own program makes and signs the statement.

    With --subjects, the subjects of the statement too. Nothing is checked here: run 'huref verify' first.
    """
    from ...artefacts import strict
    from ...attest import release, statement

    if files is not None and subjects is None:
        raise UsageError("--files needs --subjects, which says where their digests are written")
    check_writable(output, subjects)
    bundle = load_bundle(bundle_path, policies.DEFAULT.max_bundle_bytes, commitments)
    with progress(out) as stages:
        found = None if files is None else release.digests(files, stages)
    about = statement.about(bundle, found, "model" if files is None else files.resolve().name)
    if subjects is not None:
        write(subjects, statement.checksums(about))
    write(output, strict.dump(dict(about.predicate)))
    document = Predicate(
        predicate=str(output),
        predicate_type=statement.PREDICATE,
        subjects=None if subjects is None else str(subjects),
    )
    out.result(document, f"Predicate in {place(output)}")


@command.command("sbom", cls=Command)
@options.named_bundle
@click.option("--files", type=_PATH, metavar="DIR", help="The folder of the release; every file in it is listed.")
@click.option("--attestation", type=_PATH, metavar="FILE", help="An attestation of the bundle, to refer to.")
@options.commitments
@options.output(required=True, text="The bill of materials, in JSON.")
@formatted
def sbom(
    *,
    bundle_path: Path,
    files: Path | None,
    attestation: Path | None,
    commitments: tuple[Path, ...],
    output: Path,
    out: Out,
) -> None:
    """Write a bill of materials (CycloneDX 1.7) for the model of a bundle, which must verify.

    It lists the files with their digests, and refers to bundle, commitment and attestation by their file names. That
    the bundle's proof is about these files it does not say: 'huref verify BUNDLE --weights MODEL' shows that.
    """
    require("cyclonedx")
    from ...attest import envelope, release
    from ...attest import sbom as boms

    check_writable(output)
    bundle = load_bundle(str(bundle_path), policies.DEFAULT.max_bundle_bytes, commitments)
    check(bundle).raise_for_status()
    refer = None
    if attestation is not None:
        data = disk.read(attestation, envelope.MAX_BYTES)
        refer = (attestation.name, hashlib.sha256(data).digest(), envelope.parse(data, str(attestation)))
    with progress(out) as stages:
        found = None if files is None else release.digests(files, stages)
    write(output, boms.of(bundle, bundle_path.name, found, refer))
    count = len(found or ())
    out.result(
        Listed(sbom=str(output), files=count), f"Bill of materials in {place(output)}", ("", [("files", f"{count}")])
    )


def _passphrase() -> bytes | None:
    value = os.environ.get(PASSPHRASE)
    if value == "":
        raise UsageError(f"{PASSPHRASE} is empty; set it to the passphrase, or do not set it")
    return value.encode() if value is not None else None
