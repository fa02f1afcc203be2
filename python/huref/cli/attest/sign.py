"""`huref attest sign`: by a key in a file, a key that is kept elsewhere, or an identity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...artefacts import policy as policies
from ...artefacts.bundle import Bundle
from ...artefacts.document import RESULTS, Result
from ...extras import require
from ...progress import Progress
from .. import options
from ..app import Command
from ..bar import progress
from ..files import check_writable, load_bundle, place, write
from ..show import Out, formatted
from .key import passphrase

if TYPE_CHECKING:
    from ...attest.envelope import Envelope

_PATH = click.Path(path_type=Path)


@dataclass(frozen=True, kw_only=True)
class Signed(Result):
    """What `huref attest sign` prints: the file, the signer, whether the proof names them, and how many subjects."""

    schema: str = f"{RESULTS}/attest-sign/v1"
    attestation: str
    signer: str
    bound: bool
    subjects: int


@dataclass(frozen=True)
class _Choice:
    """Who signs, as the options say it."""

    key: Path | None
    kept: str | None
    public: Path | None
    keyless: bool
    identity_token: Path | None
    browser: bool
    trust: Path | None

    def must_fit(self, tsa: Sequence[str]) -> None:
        """click.UsageError: not one signer, or options of some other."""
        if sum((self.key is not None, self.kept is not None, self.keyless)) != 1:
            raise click.UsageError("say who signs: --key PEM, --key-uri URI or --keyless, one of them")
        if (self.kept is None) != (self.public is None):
            raise click.UsageError("--key-uri and --public belong together: a key elsewhere, and its public half here")
        if not self.keyless and (self.identity_token or self.browser or self.trust):
            raise click.UsageError("--identity-token, --browser and --trust-config belong to --keyless")
        if self.keyless and tsa:
            raise click.UsageError("--tsa belongs to keys; Sigstore's own authorities date what an identity signs")


@click.command("sign", cls=Command)
@click.argument("bundle_path", metavar="BUNDLE", type=click.Path(allow_dash=True))
@click.option("--key", type=_PATH, metavar="PEM", help="The private key of the publisher.")
@click.option("--key-uri", "kept", metavar="URI", help="A key in an HSM or a service, such as awskms:alias/release.")
@click.option("--public", type=_PATH, metavar="PEM", help="The public half of the key of --key-uri.")
@click.option("--keyless", is_flag=True, help="Sign by an identity, with a certificate of Sigstore; uses the network.")
@click.option("--identity-token", type=_PATH, metavar="FILE", help="Who signs.  [default: what a pipeline offers]")
@click.option("--browser", is_flag=True, help="Sign in with a browser to say who signs.")
@click.option("--trust-config", "trust", type=_PATH, metavar="FILE", help="A Sigstore of your own.")
@click.option("--files", type=_PATH, metavar="DIR", help="The folder of the release; every file in it is signed too.")
@options.tsa(required=False)
@options.authorities
@options.commitments
@options.output(required=True, text="The attestation: public.")
@formatted
def command(
    *,
    bundle_path: str,
    files: Path | None,
    tsa: tuple[str, ...],
    authorities: Path | None,
    commitments: tuple[Path, ...],
    output: Path,
    out: Out,
    **choice: Path | str | bool | None,
) -> None:
    """Sign a bundle, which must verify, and with --files the files of a release.

    Where the bundle claims to be made from a file of the release, the file must be that one. If the proof names a key
    or an identity as its owner, that one must sign. With --tsa, authorities date the signature of a key.
    """
    require("cryptography")
    from ...attest import envelope, statement

    who = _Choice(**choice)  # type: ignore[arg-type]
    who.must_fit(tsa)
    check_writable(output)
    bundle = load_bundle(bundle_path, policies.DEFAULT.max_bundle_bytes, commitments)
    with progress(out) as stages:
        if who.keyless:
            made, name, check = _by_identity(who, bundle, files, stages)
        else:
            made, name, check = _by_key(who, bundle, files, stages)
        if tsa:
            from ...attest.authorities import read
            from ...attest.stamping import stamped

            trusted = None if authorities is None else read(authorities)
            made = replace(made, tokens=stamped(made.signature, tsa, trusted, stages).tokens)
    write(output, envelope.dump(made))
    bound = bundle.statement.context.owner == name
    subjects = len(statement.parse(made.payload, str(output)).subjects)
    document = Signed(attestation=str(output), signer=name, bound=bound, subjects=subjects)
    lines = [
        ("signer", name),
        ("", "named by the proof as its owner" if bound else "not named by the proof: this shows who signs, no more"),
        ("subjects", str(subjects)),
        ("check it", f"huref verify {bundle_path} --attestation {output} {check}"),
    ]
    out.result(document, f"Attestation in {place(output)}", ("", lines))


def _by_key(who: _Choice, bundle: Bundle, files: Path | None, stages: Progress) -> tuple[Envelope, str, str]:
    """What a key signed, its name, and the options that check it."""
    from ...attest import keys
    from ...attest.signing import sign

    if who.key is not None:
        key: keys.Signing = keys.read_private(who.key, passphrase())
        public = f"{who.key}.pub"
    else:
        require("securesystemslib")
        from ...attest.kept import KeptKey

        key, public = KeptKey(keys.read_public(Path(who.public or "")), who.kept or ""), str(who.public)
    return sign(bundle, key, files, stages), key.public.name, f"--key {public}"


def _by_identity(who: _Choice, bundle: Bundle, files: Path | None, stages: Progress) -> tuple[Envelope, str, str]:
    """What an identity signed, its name, and the options that check it."""
    require("sigstore")
    from ...attest import keyless
    from ...attest.signing import payload

    trust = keyless.configuration(who.trust)
    token = keyless.identified(who.identity_token, who.browser, trust)
    made = keyless.signed(payload(bundle, keyless.name(token), files, stages), token, trust)
    check = f"--identity {token.identity} --issuer {token.federated_issuer}"
    return made, keyless.name(token), check
