"""Dates: which tokens hold, for which file, by whom; and every way in which one does not."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from huref import Bundle
from huref.artefacts import commitment as commitments
from huref.artefacts.bundle import dump
from huref.artefacts.policy import Policy
from huref.artefacts.timestamps import Timestamps
from huref.attest import authorities, dates, envelope, keys
from huref.attest.authorities import Authorities
from huref.attest.checking import attested
from huref.attest.signing import sign
from huref.errors import InputError, NotFoundError, TimestampError
from huref.verifier.check import check, must_be_dated
from tests.support import bundles
from tests.support.authority import DAY, NOW, Authority

ONE, TWO = Authority("Authority One", clock=NOW), Authority("Authority Two", clock=NOW - DAY)
TRUSTED = Authorities((ONE.root, TWO.root))


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return bundles.robust()


def tokens(bundle: Bundle, *by: Authority) -> Timestamps:
    """What these say about the file of the bundle's commitment."""
    data = commitments.dump(bundle.statement.commitment)
    return Timestamps(_digest(data), tuple(authority.stamp(data) for authority in by))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def refusal(bundle: Bundle, made: Timestamps, trusted: Authorities = TRUSTED) -> str:
    report = dates.with_date(check(bundle), bundle, made, trusted)
    assert (report.ok, report.code, report.verified.dates) == (False, "timestamp-rejected", None)
    assert report.failure is not None
    assert report.failure.check == "timestamp"
    with pytest.raises(TimestampError):
        report.raise_for_status()
    return report.failure.detail


def test_the_latest_of_all_dates_holds(bundle: Bundle) -> None:
    found = dates.dated(bundle, tokens(bundle, ONE, TWO), TRUSTED)
    assert (found.what, found.source, found.tokens) == ("commitment", "authorities", 2)
    assert found.by == f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
    assert [name.partition(" (")[0] for name in found.authorities] == ["Authority One", "Authority Two"]
    report = dates.with_date(check(bundle), bundle, tokens(bundle, ONE), TRUSTED)
    assert report.ok
    assert "order" not in {entry.what for entry in report.not_checked}


def test_the_bundle_can_be_stamped_too_and_its_portrait_cannot(bundle: Bundle) -> None:
    assert bundle.image is not None
    data, png = dump(bundle), bundle.image.png
    assert dates.dated(bundle, Timestamps(_digest(data), (ONE.stamp(data),)), TRUSTED).what == "bundle"
    assert "neither this bundle nor" in refusal(bundle, Timestamps(_digest(png), (ONE.stamp(png),)))


def test_authorities_that_nobody_trusts_do_not_count(bundle: Bundle) -> None:
    found = dates.dated(bundle, tokens(bundle, ONE, Authority("Stranger")), TRUSTED)
    assert (len(found.authorities), found.tokens) == (1, 2)
    assert "no token is of an authority" in refusal(bundle, tokens(bundle, Authority("Stranger")))


def test_one_authority_counts_once(bundle: Bundle) -> None:
    found = dates.dated(bundle, tokens(bundle, ONE, ONE), TRUSTED)
    assert (len(found.authorities), found.tokens) == (1, 2)


def test_a_name_alone_is_no_authority(bundle: Bundle) -> None:
    made = tokens(bundle, Authority("Authority One"))
    assert "does not hold under the certificates" in refusal(bundle, made)
    both = Authorities((Authority("Authority One").root, ONE.root))
    assert dates.dated(bundle, tokens(bundle, ONE), both).authorities == (authorities.named(ONE.root),)


def test_tokens_of_other_files(bundle: Bundle) -> None:
    other = tokens(bundles.toy(), ONE)
    assert "neither this bundle nor its commitment" in refusal(bundle, other)
    assert "over another file" in refusal(bundle, Timestamps(tokens(bundle, ONE).sha256, other.tokens))


def test_certificates_out_of_date(bundle: Bundle) -> None:
    ended = Authority(clock=NOW, until=NOW - 2 * DAY)
    assert "out of date" in refusal(bundle, tokens(bundle, ended), Authorities((ended.root,)))
    early = Authority(clock=NOW - 40 * DAY)
    assert "out of date" in refusal(bundle, tokens(bundle, early), Authorities((early.root,)))
    since_ended = Authority(clock=NOW - 20 * DAY, until=NOW - 2 * DAY)
    assert dates.dated(bundle, tokens(bundle, since_ended), Authorities((since_ended.root,)))


def test_a_clock_that_is_wrong(bundle: Bundle) -> None:
    ahead = Authority(clock=NOW + timedelta(hours=1))
    assert "one clock is wrong" in refusal(bundle, tokens(bundle, ahead), Authorities((ahead.root,)))


def test_no_bit_of_a_token_changes_a_date(bundle: Bundle) -> None:
    made, changed = tokens(bundle, ONE), 0
    (token,) = made.tokens
    expected = dates.dated(bundle, made, TRUSTED)
    for place in range(len(token)):
        other = token[:place] + bytes([token[place] ^ 1]) + token[place + 1 :]
        try:
            found = dates.dated(bundle, Timestamps(made.sha256, (other,)), TRUSTED)
        except TimestampError:
            changed += 1
        else:  # some bytes are not covered by the signature; they say nothing about the date
            assert found == expected
    assert changed > len(token) - 20


def test_what_is_no_token(bundle: Bundle) -> None:
    (token,) = tokens(bundle, ONE).tokens
    for data in (b"", b"text", token[:100], token + b"\0", b"\x30\x03\x02\x01\x02", b"\x30\x05\x30\x03\x02\x01\x02"):
        with pytest.raises(TimestampError):
            dates.dated(bundle, Timestamps(tokens(bundle, ONE).sha256, (data,)), TRUSTED)


def test_beside_the_signature_of_a_key(bundle: Bundle) -> None:
    key = keys.fresh("ed25519")
    made = sign(bundle, key)
    dated = replace(made, tokens=(ONE.stamp(made.signature),))
    again = envelope.parse(envelope.dump(dated), "file")
    assert again.tokens == dated.tokens
    report = attested(check(bundle), bundle, again, key.public, authorities=TRUSTED)
    assert report.ok
    (found,) = report.verified.dates or ()
    assert found.what == "attestation"
    other = replace(made, tokens=(ONE.stamp(b"another signature"),))
    report = attested(check(bundle), bundle, other, key.public, authorities=TRUSTED)
    assert (report.ok, report.code) == (False, "timestamp-rejected")
    report = attested(check(bundle), bundle, other, key.public)
    assert report.verified.dates is None
    (left,) = (entry for entry in report.not_checked if entry.what == "timestamp")
    assert "1 token" in left.why


def test_a_bundle_that_is_refused_keeps_its_failure(bundle: Bundle) -> None:
    toy = bundles.toy()
    report = dates.with_date(check(toy), toy, tokens(bundle, ONE), TRUSTED)
    assert report.code == "policy-not-met"
    assert "timestamp" in {entry.what for entry in report.not_checked}


def test_files_of_certificates(tmp_path: Path) -> None:
    path = tmp_path / "authorities.pem"
    with pytest.raises(NotFoundError):
        authorities.read(path)
    for data, words in ((b"text", "no certificates"), (ONE.leaf.public_bytes(Encoding.PEM), "is a root")):
        path.write_bytes(data)
        with pytest.raises(InputError, match=words):
            authorities.read(path)
    path.write_bytes(ONE.pem + ONE.leaf.public_bytes(Encoding.PEM) + TWO.pem)
    found = authorities.read(path)
    assert found.roots == (ONE.root, TWO.root)
    assert found.others == (ONE.leaf,)


def test_times_are_rounded_up_to_the_second() -> None:
    assert authorities.stamp(datetime(2026, 1, 1, 0, 0, 0, 1, UTC)) == "2026-01-01T00:00:01Z"
    assert authorities.stamp(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00Z"


def test_a_policy_names_a_time_and_authorities(bundle: Bundle) -> None:
    one, two = (authorities.named(authority.root) for authority in (ONE, TWO))
    now, before = f"{NOW:%Y-%m-%dT%H:%M:%SZ}", f"{NOW - DAY:%Y-%m-%dT%H:%M:%SZ}"

    def under(policy: Policy, *by: Authority) -> str:
        """What a bundle that these have dated is refused for; empty if it is not."""
        report = dates.with_date(check(bundle, policy, left=["date"]), bundle, tokens(bundle, *by), TRUSTED)
        report = must_be_dated(report, policy)
        assert report.code == ("verified" if report.ok else "policy-not-met")
        return "" if report.failure is None else report.failure.detail

    assert under(Policy(dated_before=now), ONE) == ""
    assert under(Policy(dated_before=before), TWO) == ""
    assert (
        under(Policy(dated_before=before), ONE) == f"it existed by {now}; policy 'default' demands {before} or earlier"
    )
    assert under(Policy(authorities=(one,)), ONE, TWO) == ""
    assert "by all authorities that policy 'default' demands" in under(Policy(authorities=(one, two)), ONE)
    # the latest of the dates counts
    assert "or earlier" in under(Policy(authorities=(one, two), dated_before=before), ONE, TWO)
    unchecked = must_be_dated(check(bundle, left=["date"]), Policy(dated_before=now)).failure
    assert unchecked is not None
    assert "no date was found" in unchecked.detail
    left_out = check(bundle, Policy(dated_before=now)).failure
    assert left_out is not None
    assert left_out.detail == "no date was checked, which policy 'default' demands"
