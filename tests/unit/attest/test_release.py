"""Digests of a release, and the root digest of model signing."""

import hashlib
from pathlib import Path

import pytest
from model_signing._signing.signing import Payload
from model_signing.hashing import Config

from huref.attest import release
from huref.errors import InputError, NotFoundError


def files(folder: Path) -> Path:
    (folder / "sub").mkdir(parents=True)
    for name, text in (
        ("b", "2"),
        ("a", "1"),
        ("sub/c", "3"),
        ("model.sig", "s"),
        ("x.sigstore.json", "s"),
        (".gitignore", "g"),
    ):
        (folder / name).write_text(text)
    return folder


def test_every_file_but_those_of_signatures(tmp_path: Path) -> None:
    found = release.digests(files(tmp_path / "model"))
    assert found == {
        name: hashlib.sha256(text).hexdigest() for name, text in (("a", b"1"), ("b", b"2"), ("sub/c", b"3"))
    }


def test_the_root_is_over_raw_digests_in_order_of_names(tmp_path: Path) -> None:
    found = release.digests(files(tmp_path / "model"))
    expected = hashlib.sha256(b"".join(hashlib.sha256(text).digest() for text in (b"1", b"2", b"3"))).hexdigest()
    assert release.root(found) == expected
    assert release.root(dict(reversed(found.items()))) == expected


def test_model_signing_gives_a_folder_the_same_digest(tmp_path: Path) -> None:
    """Names that sort in one way as texts and in another as paths among them."""
    folder = files(tmp_path / "model")
    for name in ("model.sig", "x.sigstore.json"):  # which model signing would count
        (folder / name).unlink()
    for name in ("sub.x", "sub-y", "Z", "ä", "sub/.hidden", "sub/deep/er"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(name)
    signed = Payload(Config().hash(folder)).statement.pb.subject[0]
    assert dict(signed.digest) == {"sha256": release.root(release.digests(folder))}


def test_links_and_folders_that_are_not_there(tmp_path: Path) -> None:
    (files(tmp_path / "model") / "link").symlink_to("a")
    with pytest.raises(InputError, match="a link"):
        release.digests(tmp_path / "model")
    with pytest.raises(NotFoundError):
        release.digests(tmp_path / "none")
